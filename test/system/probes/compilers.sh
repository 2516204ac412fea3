# What gcc and binutils say about themselves, and what they make of sources that ask about the machine.

### gcc-v
gcc -v

### gcc-version
gcc --version
gcc -dumpversion
gcc -dumpfullversion
g++ --version
cpp --version

### gcc-options-of-others
for compiler in gcc g++ cpp; do for option in -V -qversion -version; do $compiler $option </dev/null; echo $?; done; done

### gcc-dumpmachine
gcc -dumpmachine
g++ -dumpmachine
cpp -dumpmachine

### gcc-dumpspecs
gcc -dumpspecs

### gcc-search-dirs
gcc -print-search-dirs
g++ -print-search-dirs

### gcc-prog-name
for p in cc1 cc1plus as ld collect2 ar nm ranlib strip nothing; do gcc -print-prog-name=$p; done

### gcc-file-name
for f in crt1.o crtbegin.o libgcc.a libc.so libstdc++.so liblto_plugin.so plugin include none; do gcc -print-file-name=$f; done

### gcc-print
for w in libgcc-file-name multi-lib multi-directory multi-os-directory multiarch sysroot sysroot-headers-suffix; do gcc -print-$w; done

### gcc-one-by-one
gcc -print-libgcc-file-name -m32
gcc --print-multiarch
gcc --print-search-dirs
gcc -dumpmachine -dumpversion

### gcc-help
gcc --help
gcc --target-help
gcc --help=target
gcc --help=common | head -50

### gcc-help-target
gcc -Q --help=target
gcc -Q -O2 --help=optimizers
gcc -Q --help=warnings,c++

### gcc-native
gcc -march=native -E -x c /dev/null
gcc -mcpu=native -c -x c /dev/null -o x.o
gcc -mtune=native -S -x c /dev/null -o -

### gcc-verbose-compile
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc -v -c h.c -o h.o

### gcc-dry-run
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc -### h.c -o h
g++ -### -x c++ h.c
gcc -### -c -flto h.c

### gcc-no-input
gcc
g++
cpp </dev/null
cc1
/usr/lib/gcc/*/*/collect2
gcc nothing.c
gcc -o
gcc -fno-such-option -c x.c

### gcc-headers-c
gcc -xc -E -v /dev/null

### gcc-headers-c++
g++ -xc++ -E -v /dev/null

### gcc-linker-search
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc h.c -o h -Wl,--verbose | grep -E 'attempt|SEARCH_DIR'

### gcc-link-map
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc -fno-ident h.c -o h -Wl,-Map=h.map
sed 's,/tmp/cc[A-Za-z0-9]*,/tmp/cc,' h.map

### gcc-environment
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
C_INCLUDE_PATH=/a:/tmp LIBRARY_PATH=/b:/tmp CPATH=/usr gcc -E -v h.c
COMPILER_PATH=/tmp LIBRARY_PATH=/tmp gcc -print-search-dirs
GCC_EXEC_PREFIX=/no/ gcc -print-search-dirs

### gcc-errors
printf 'int f( { return "\303\251" + x; }\n' >e.c
gcc -c e.c
g++ -x c++ -c e.c
gcc -fdiagnostics-format=json -c e.c
gcc -c e.c -fdiagnostics-color=always

### gcc-ice-signal
printf 'int x;\n' >i.c
(ulimit -c 0; gcc -c -x c -wrapper sh,-c,'kill -SEGV $$' i.c; echo $?)

### cpp-macros
echo | cpp -dM
echo | gcc -O2 -dM -E -
echo | gcc -std=c89 -ffast-math -pthread -fPIC -dM -E -x c -

### cpp-macros-c++
echo | g++ -x c++ -dM -E -
echo | g++ -std=c++20 -fopenmp -dM -E -x c++ -

### cpp-asm
echo "#ifdef __ASSEMBLER__
asm __mips__ __s390x__ __arm__
#endif" | gcc -E -x assembler-with-cpp -

### cpp-date
printf 'char *s = __DATE__ __TIME__ __FILE__ __BASE_FILE__;\n' >d.c
SOURCE_DATE_EPOCH=1234567890 gcc -E d.c
touch -d @1000000000 d.c
echo __TIMESTAMP__ >>d.c
touch -d @1000000000 d.c
SOURCE_DATE_EPOCH=1234567890 gcc -E d.c

### cpp-features
printf '__has_include(<stdio.h>) __has_builtin(__builtin_trap) __has_attribute(target) __INT64_TYPE__ __CHAR_BIT__\n#if __has_include(<x86intrin.h>)\nx86\n#endif\n' | gcc -E -

### gcc-local-headers
echo 'from_local' >/usr/local/include/probe.h
mkdir -p /usr/include/probe
echo 'from_usr' >/usr/include/probe.h
echo '#include <probe.h>' | gcc -E -
echo '#include <probe.h>' | g++ -x c++ -E -
echo '#include_next <probe.h>' >q.h
printf '#include "q.h"\n' | gcc -I. -E -
echo '#include <probe.h>' | gcc -nostdinc -E -
echo '#include <probe.h>' | g++ -nostdinc++ -x c++ -E -
echo '#include <probe.h>' | gcc -isystem /usr/include -E -
echo '#include <probe.h>' | gcc -I/usr/local/include -E -
rm /usr/local/include/probe.h /usr/include/probe.h
rmdir /usr/include/probe

### gcc-local-libraries
mkdir l
echo 'int own(void) { return 7; }' >l/o.c
gcc -shared -fPIC -nostdlib -o /usr/local/lib/libprobe.so l/o.c
printf 'int own(void); int main(void) { return own(); }' >m.c
gcc m.c -lprobe -o m -Wl,-t
LD_LIBRARY_PATH=/usr/local/lib ./m
echo $?
rm /usr/local/lib/libprobe.so

### gcc-numbers
cat >n.c <<'END'
long double third = 1.0L / 3, tiny = 1e-300L * 1e-20L, big = 1e30L + 1;
double pi = 3.141592653589793238462643383279502884L, half = 0.1 + 0.2;
float f = 16777217.0f;
long sizes[] = {sizeof(long), sizeof(void *), sizeof(long double), sizeof(wchar_t), (char)-1 < 0};
END
sed -i '1i #include <stddef.h>' n.c
gcc -c n.c -o n.o && objcopy --remove-section=.comment --remove-section=.note.gnu.build-id n.o && objdump -s n.o

### gcc-numbers-c++
printf '#include <limits>\nextern const long double e, m;\nconst long double e = std::numeric_limits<long double>::epsilon(), m = std::numeric_limits<long double>::max();\nconstexpr double s = __builtin_sin(1e10), p = __builtin_pow(1.1, 300); extern const double t; const double t = s + p;\n' >n.cc
g++ -O2 -c n.cc && objcopy --remove-section=.comment --remove-section=.note.gnu.build-id n.o && objdump -s n.o

### gcc-dwarf
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc -g3 -O2 -c h.c -o h.o && readelf -wi h.o

### gcc-assembly
cat >n.c <<'END'
long double third = 1.0L / 3, tiny = 1e-300L * 1e-20L, big = 1e30L + 1;
double pi = 3.141592653589793238462643383279502884L, half = 0.1 + 0.2;
float f = 16777217.0f;
long sizes[] = {sizeof(long), sizeof(void *), sizeof(long double), sizeof(wchar_t), (char)-1 < 0};
END
sed -i '1i #include <stddef.h>' n.c
gcc -O2 -S -fverbose-asm n.c -o -

### gcc-dumps
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc -O2 -c h.c -fdump-tree-optimized -fdump-rtl-final -fopt-info -fstack-usage -da
cat h.c.*optimized h.su
ls

### gcc-record
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc -frecord-gcc-switches -c h.c && strings -a h.o | grep -v Debian
readelf -p .GCC.command.line h.o

### gcc-lto-dump
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc -flto -frandom-seed=1 -c h.c
lto-dump -list h.o
lto-dump --version

### ld-verbose
ld --verbose
ld -shared --verbose | tail -20
ld -V
ld -v
ld --version

### ld-help
ld --help
ld.gold --help
ld.gold --version
ld --print-output-format
ld.bfd --print-sysroot
ld -m no

### ld-errors
ld
ld no.o
ld -lnothing
echo x >x.o
ld x.o
ld /bin/true /bin/false -o x

### as-version
as --version
as --help
as --target-help
echo | as -v -o x.o -

### as-errors
printf '\t.foo\n\tbogus r1\n' | as -
printf '\t.double 0.1, 1e-310\n\t.single 1.5\n' | as -o f.o - && objdump -s f.o

### objdump-formats
objdump -i
objdump --version
objdump -f /bin/sh
objdump -x /bin/true
objdump -p /bin/ls

### binutils-versions
for p in ar nm ranlib strip objcopy size strings addr2line c++filt elfedit gprof readelf dwp gcov gcov-tool gcov-dump gcc-ar gcc-nm gcc-ranlib; do $p --version; $p -V </dev/null; done

### binutils-info
strip --info
objcopy --info
nm --help
ar --help
ar -V
size --help
strings --help
readelf --help
addr2line --help

### readelf
readelf -aW /bin/true
readelf -n /bin/sh
size /bin/sh
nm -D /bin/true
strings -n 12 /bin/true

### disassembly
objdump -d /bin/true | head -300

### addr2line-demangle
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc -g h.c -o h
addr2line -f -e h main
nm h | sed 's/^[0-9a-f]* //'
c++filt _ZNSt6vectorIiSaIiEE9push_backERKi
ldd h
ldd /bin/sh | sed 's/(0x.*)//'

### ar-archives
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc -c h.c
objcopy --remove-section=.comment h.o
ar rcD d.a h.o
ar rcU u.a h.o
ar t d.a
ar tvO d.a
ar p d.a | sha256sum
nm -s d.a
ranlib -D d.a
sha256sum d.a
ar crT thin.a h.o
cat thin.a
printf 'create s.a\naddmod h.o\nsave\nend\n' | ar -M
sha256sum s.a

### gcc-include-trace
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >h.c
gcc -H -fsyntax-only h.c
gcc -M h.c
gcc -MM h.c
gcc -E -Wp,-MD,h.d h.c -o /dev/null
cat h.d

### getauxval-of-built
printf '#include <sys/auxv.h>\n#include <sys/utsname.h>\n#include <stdio.h>\n#include <string.h>\nint main(void) { struct utsname u; uname(&u); char *p = (char *)getauxval(AT_PLATFORM); return printf("%%s %%s %%lx %%s\\n", u.machine, p ? p : "-", getauxval(AT_HWCAP), (char *)getauxval(AT_EXECFN)) < 0; }\n' >a.c && gcc a.c -o a && ./a

### gcc-Wp-v
gcc -E -Wp,-v -xc /dev/null
g++ -E -Wp,-v -xc++ /dev/null

### ccache needs ccache
ccache --version
ccache -p | grep -v cache_dir
ccache -s | head -3
ls -l /usr/lib/ccache | sed "s/.* -> /-> /"
