# build.sh DIRECTORY: builds the module that it lies in, and leaves in the directory what was made and what Go says of itself.
set -eu
out=$1
mkdir -p "$out"
export HOME=/nonexistent GOCACHE=/tmp/cache GOPROXY=off
# Without the compiler's revision string, which a twin may have another of.
export CGO_CFLAGS='-g -O2 -fno-ident'
tools=$(go env GOTOOLDIR)
{
	go version
	go env | grep -v '^GOGCCFLAGS=' # it names a directory for once
	go list -f '{{.ImportPath}} {{.Target}} {{.Stale}}' runtime net
	go tool dist list
	go tool -n compile
} >"$out/says"
go build -o "$out/program" .
go build -gcflags=-S -o "$out/sub.a" ./sub 2>"$out/listing"
go vet ./... 2>"$out/vetted"
go test -c -o "$out/tests" ./sub
"$out/program" >"$out/ran"
"$out/tests" >"$out/tested"
CGO_ENABLED=0 go build -o "$out/static" ./other
# Without the go command, which would say what to compile for; and for another machine.
cd other
"$tools/compile" -p main -complete -o "$out/direct.o" main.go
GOARCH=arm64 "$tools/compile" -p main -complete -o "$out/arm64.o" main.go
for tool in asm cgo compile cover link vet; do "$tools/$tool" -V=full; done >"$out/versions"
