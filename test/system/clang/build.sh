# Builds all kinds of things with clang into the directory $1, and says what clang says of itself. Run where the sources are.
set -eu
out=$1
mkdir "$out"

for level in -O0 '-O1 -g' -O2 -O3 -Os; do
    name=$(printf %s "$level" | tr -d ' -')
    clang $level -c numbers.c -o "$out/numbers-$name.o"
    clang++ $level -c shapes.cc -o "$out/shapes-$name.o"
done
clang -O2 -S numbers.c -o "$out/numbers.s"
clang -c "$out/numbers.s" -o "$out/assembled.o"
clang -O2 -fno-integrated-as -c numbers.c -o "$out/gas.o"
clang -O2 -S -emit-llvm numbers.c -o "$out/numbers.ll"

clang++ -O2 -g numbers.c shapes.cc -o "$out/plain" 2>"$out/warned"
clang++ -O2 -stdlib=libc++ -x c++ numbers.c shapes.cc -o "$out/libc++"
clang++ -O2 -flto -x c++ numbers.c shapes.cc -o "$out/lto"
clang++ -O1 -fsanitize=address -x c++ numbers.c shapes.cc -o "$out/asan"
clang -O2 -fuse-ld=lld -shared -fPIC numbers.c -lm -o "$out/lld.so"
clang++ -x c++-header shapes.h -o "$out/shapes.pch"
clang++ -include-pch "$out/shapes.pch" -c shapes.cc -o "$out/with-pch.o"

# bytecode in archives, of binutils and of LLVM
clang -flto -O2 -c numbers.c -o numbers.bc
ar rcs "$out/binutils.a" numbers.bc
llvm-ar-14 rcs "$out/llvm.a" numbers.bc
nm "$out/binutils.a" >"$out/nm"
llvm-nm-14 "$out/llvm.a" >"$out/llvm-nm"
rm numbers.bc

llc-14 -O3 "$out/numbers.ll" -o "$out/llc.s"
opt-14 -O3 -S "$out/numbers.ll" -o "$out/opt.ll"
llvm-objdump-14 -d "$out/numbers-O3.o" >"$out/objdump"
llvm-strip-14 "$out/plain" -o "$out/stripped"
clang-tidy --checks='*' numbers.c -- >"$out/tidy" 2>&1 || true
clang-format shapes.cc >"$out/format"

{
    for say in --version -v -dumpmachine -print-search-dirs -print-targets -print-target-triple -print-resource-dir \
        -print-libgcc-file-name -print-prog-name=ld '-E -dM -x c' '-E -dM -x c++' '-v -E -x c++' '-### -c -o x.o -x c' \
        '--target=x86_64-linux-gnu -### -c -o x.o -x c'; do
        for compiler in clang clang-14 clang++; do
            echo "== $compiler $say"
            $compiler $say /dev/null || echo "exit status $?"
        done
    done
    ld.lld --version
    LIBRARY_PATH=/tmp clang -### -o x numbers.o
} >"$out/says" 2>&1

"$out/plain" >"$out/ran"
