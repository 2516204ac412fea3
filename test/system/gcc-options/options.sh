# Uses the compiler's rarer options; the directory $1 gets what must be the same however the compiler ran.
set -e
out=$1
mkdir "$out"
work=/tmp/options
mkdir "$work"
cp -- *.c *.cc *.S *.h "$work"
cd "$work"

# What is left of an object without the revision string of a skewed twin, and the build id that follows from it.
keep() {
	for file in "$@"; do
		objcopy --remove-section=.comment --remove-section=.note.gnu.build-id "$file" "$out/$(basename "$file")"
	done
}
# Commands that fail must do so alike.
answer() {
	name=$1
	shift
	"$@" >"$out/$name.answer" 2>&1 && status=0 || status=$?
	echo "status $status" >>"$out/$name.answer"
	sed -i 's,/tmp/cc[A-Za-z0-9]\{6\},/tmp/cc,' "$out/$name.answer"
}

# Headers in /usr/local/include, for C, and for C++, where they must not be taken for C.
cp local.h /usr/local/include
gcc -c -O2 local.c -o local-c.o
g++ -c -O2 local.cc -o local-cc.o
mkdir "/usr/local/include/$(gcc -print-multiarch)"
echo '#define WHERE "multiarch"' >"/usr/local/include/$(gcc -print-multiarch)/where.h"
echo '#include <where.h>' | gcc -E -P - >"$out/where"

# Programs of one's own by -B, and what they are told.
mkdir own
for tool in as ld; do
	printf '#!/bin/sh\necho "$0 $*" >>%s/own/log\nexec /usr/bin/%s "$@"\n' "$work" "$tool" >own/$tool
	chmod +x own/$tool
done
gcc -Bown/ main.c -o with-own
sed 's,/tmp/cc[A-Za-z0-9]\{6\},/tmp/cc,g' own/log >"$out/own-log"

# Specs, response files in response files, quoting.
printf '*cc1:\n+ -DSPEC=5\n\n' >more.specs
gcc -specs=more.specs -c spec.c -o spec.o
printf -- '-DTEXT="\\"a b\\"" -O1\n' >inner.response
printf "@inner.response\n'-DOTHER=7' -c response.c\n-o response.o\n" >outer.response
gcc @outer.response

gcc -pipe -O2 -c main.c -o pipe.o
mkdir saved
# One in PATH is taken.
mkdir path
cp own/ld path
answer path-ld env PATH="$PWD/path:$PATH" gcc main.c -o with-path
grep -c path/ld own/log >"$out/path-ld"
(cd saved && gcc -save-temps -O2 ../main.c -o main && ls) >"$out/saved-names"
grep -v .ident saved/main.s >"$out/saved-s"
cp saved/main.i "$out/saved-i"
gcc -wrapper env,WRAPPED=1 -c main.c -o wrapped.o
gcc -c assembly.S -DVALUE=42 -o assembly.o
gcc -c -x assembler-with-cpp -DVALUE=43 - -o assembly-stdin.o <assembly.S
gcc -MMD -MP -MF main.d -MT target -c main.c -o dependencies.o
gcc -M local.c >"$out/all-dependencies"
cp main.d "$out"

# Coverage and profiles, which an emulated program writes and a compiler or gcov reads.
gcc --coverage -frandom-seed=1 -O0 main.c -o covered
./covered >/dev/null
gcov -n covered-main.gcda >"$out/gcov"
gcov covered-main.gcda >/dev/null
cp main.c.gcov "$out"
gcc -fprofile-generate -frandom-seed=1 -O2 -c main.c -o profiled.o
gcc -fprofile-generate profiled.o -o profiled
./profiled >/dev/null
mv profiled.gcda profile-used.gcda
gcc -fprofile-use -frandom-seed=1 -O2 -c main.c -o profile-used.o
answer undefined gcc -fsanitize=undefined main.c -o undefined
answer address gcc -fsanitize=address main.c -o address

# Precompiled headers: used by a compiler of the same mode, and by one of the other. A variable that reaches into
# every program makes one command emulated.
emulated='env GCONV_PATH=/nowhere'
gcc -O2 -x c-header big.h -o big.h.gch
gcc -O2 -c precompiled.c -o precompiled.o
$emulated gcc -O2 -c precompiled.c -o precompiled-crosswise.o
$emulated gcc -O2 -x c-header big.h -o big.h.gch
gcc -O2 -c precompiled.c -o precompiled-back.o
cmp precompiled-crosswise.o precompiled-back.o >/dev/null || true

# Kinds of programs.
gcc -shared -fPIC main.c -o libmain.so
gcc -static main.c -o static
answer static-pie gcc -static-pie main.c -o static-pie
gcc -no-pie -Wl,--gc-sections -ffunction-sections main.c -o no-pie
for flag in -m32 -m31 -mabi=32 -mabi=n32 -msoft-float -mno-such -mthumb -march=native; do answer "flag$flag" gcc "$flag" -c main.c -o /dev/null; done
answer plugin gcc -fplugin=no-such-plugin -c main.c
answer plugin-file gcc -fplugin=./main.c -c main.c

# Links through every linker, and link-time optimisation in its variants.
seed='-frandom-seed=1 -O2'
for linker in bfd gold; do answer "linker-$linker" gcc -fuse-ld=$linker main.c -o linked-$linker; done
gcc $seed -flto -c main.c -o slim.o
gcc $seed -flto -c part.c -o slim-part.o
gcc $seed -flto -ffat-lto-objects -c part.c -o fat-part.o
gcc $seed -flto slim.o slim-part.o -o lto
gcc $seed -flto=2 slim.o fat-part.o -o lto-parallel
answer lto-without-plugin gcc $seed -flto -fno-use-linker-plugin slim.o slim-part.o -o lto-without-plugin
gcc $seed fat-part.o main.c -o fat-without-lto
gcc-ar crD gcc.a slim-part.o
ar crD plain.a slim-part.o
ranlib plain.a
nm -s plain.a >"$out/nm"
gcc-nm slim-part.o >"$out/gcc-nm"
gcc $seed -flto slim.o gcc.a -o lto-gcc-ar
gcc $seed -flto slim.o plain.a -o lto-ar
# Not gold: emulated, it dies of a bus error with link-time optimisation (qemu 7.2).

# Objects of both modes in one program.
$emulated gcc $seed -flto -c part.c -o emulated-part.o
gcc $seed -flto slim.o emulated-part.o -o lto-mixed
$emulated gcc $seed -flto slim.o slim-part.o -o lto-linked-emulated
$emulated gcc $seed -c part.c -o emulated-plain.o
gcc $seed main.c emulated-plain.o -o mixed

for program in with-own static no-pie linked-bfd lto lto-parallel lto-gcc-ar lto-ar lto-mixed lto-linked-emulated mixed; do
	printf '%s: ' "$program"
	"./$program"
done >"$out/ran"
keep *.o
keep with-own libmain.so static no-pie linked-bfd lto lto-parallel lto-gcc-ar lto-ar lto-mixed lto-linked-emulated mixed
