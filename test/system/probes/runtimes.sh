# Interpreters and build systems, on themselves and the machine that they prepare a build for.

### perl
perl -v
perl --version
perl -V
perl -V:archname -V:ivsize -V:longdblsize -V:byteorder -V:cc

### perl-identity
perl -e 'print "$^X $^O $0 $^V @INC\n"'
perl -MConfig -e 'print join "\n", map { "$_=" . ($Config{$_} // "") } sort keys %Config'

### perl-modules
perl -MPOSIX -e 'print join(",", POSIX::uname()), " ", POSIX::DBL_MAX, " ", POSIX::LONG_MAX, " ", POSIX::CLK_TCK, "\n"'
perl -MErrno -e 'print join ",", map { "$_=" . Errno->can($_)->() } sort keys %!'
perl -MSocket -MFcntl -e 'print SOCK_STREAM, ",", SOL_SOCKET, ",", O_NONBLOCK, ",", F_SETLK, ",", SO_REUSEADDR'
perl -MPOSIX -e 'print SIGUSR1, SIGCHLD, ENOSYS, ELOOP, " ", strerror(89)'
perl -MStorable -e 'print unpack("H*", Storable::freeze([1, "a", 2.5]))'

### perl-numbers
perl -e 'printf "%.20g %d %s %s %x\n", 0.1, 2**53, 2**64, 1/3, ~0; print unpack("H*", pack("LQdfl!nN", 1, 2, 1.5, 0.1, 3, 4, 5)), "\n"; print 9**9**9, " ", -9**9**9, " ", -sin(9**9**9), " ", 9**9**9 - 9**9**9, "\n"; srand(1); print rand(), "\n"; print join ",", unpack("%32C*", "abc"), 18446744073709551615 + 1, 0xffffffffffffffff, int(-7 / 2), -7 % 3'
perl -e 'my %h = map { $_ => 1 } "a" .. "z"; print sort(keys %h)'
PERL_HASH_SEED=0 perl -e 'my %h = map { $_ => 1 } "a" .. "z"; print keys %h'

### perl-text
perl -CS -e 'print uc("\x{e9}"), lc("\x{130}"), "\x{1F600}\n"'
perl -MEncode -e 'print unpack("H*", encode("UTF-16", "a\x{20ac}"))'
perl -MPOSIX=locale_h,setlocale -e 'print setlocale(LC_ALL, ""), localeconv()->{decimal_point}'
perl -e 'print scalar(gmtime(2**33)), " ", (stat "/")[7] >= 0, " ", $!{ENOENT} // "", $( , " ", $>, "\n"; kill "TERM", $$'
echo $?
perl -e 'die "x\n"'
echo $?
perl -e 'system "kill -9 \$\$"; print $?'
perl -we 'use strict; $x'
perl nothing.pl

### perl-architecture
perl -MDpkg::Arch=get_host_arch,debarch_to_gnutriplet -e 'print get_host_arch(), debarch_to_gnutriplet(get_host_arch())'
perl -MDigest::MD5=md5_hex -MDigest::SHA=sha1_hex -e 'print md5_hex("a"), sha1_hex("b")'
perl -MList::Util=sum,shuffle -MTime::HiRes=time -MFile::Spec -e 'print sum(1 .. 10), File::Spec->tmpdir'
pod2man --version
h2ph -h
xsubpp -v
perldoc -V
perl -MExtUtils::Embed -e ldopts
perl -MExtUtils::Embed -e ccopts

### pkg-configuration
pkg-config --variable pc_path pkg-config
pkgconf --version
pkgconf --variable pc_path pkg-config
pkgconf --dump-personality
pkg-config --cflags no-such
pkg-config --list-all
pkg-config --variable pc_system_libdirs pkg-config
ls -l /usr/bin/*-pkg-config /usr/bin/pkg-config | sed "s/.* -> /-> /"

### python-identity needs python3
python3 -c 'import platform, sys, sysconfig, os, struct, time, locale
print(platform.machine(), platform.platform(), platform.architecture(), platform.uname(), platform.processor())
print(sys.platform, sys.maxsize, sys.byteorder, sys.implementation._multiarch, sys.executable, sys.version)
print(sys.path, sys.prefix, sys.float_info, sys.hash_info, sys.int_info, sys.thread_info)
print(struct.calcsize("P"), struct.calcsize("l"), struct.pack("l", 1), struct.calcsize("d"))
print(sysconfig.get_platform(), sysconfig.get_config_var("EXT_SUFFIX"), sysconfig.get_config_var("MULTIARCH"), sysconfig.get_config_var("SIZEOF_LONG_DOUBLE"))
print(os.uname(), os.sysconf("SC_PAGE_SIZE"), os.cpu_count(), locale.getpreferredencoding(), sys.getfilesystemencoding(), time.gmtime(2**31))
print(sorted(sysconfig.get_config_vars().items()))'

### python-modules needs python3
python3 -c 'import os, sys; print(sorted(sys.builtin_module_names), sys.flags, os.path.realpath(sys.executable), sys.base_prefix); import _ctypes' 
python3 -c 'import ctypes; print(ctypes.sizeof(ctypes.c_long), ctypes.sizeof(ctypes.c_longdouble), ctypes.CDLL(None).getpid() > 0)'
python3 -c 'import zlib, bz2, lzma, hashlib, math; print(zlib.crc32(b"a"), hashlib.sha256(b"a").hexdigest(), len(lzma.compress(b"a" * 1000)), math.sin(1e10), 0.1 + 0.2, float("nan"), -float("nan"), 2.675.hex())'
python3 --version
python3 -m sysconfig >all
head -30 all
python3 -m site
PYTHONHASHSEED=0 python3 -c 'print({"a", "b", "c", "d"})'
python3 -c 'import signal, errno, os; print(sorted(signal.valid_signals()), errno.errorcode); os.kill(os.getpid(), 15)'
echo $?
python3 -c 'import marshal, pickle; print(marshal.dumps([1, 2.5, "a"]), pickle.dumps([1, 2.5, "a"]))'
python3 nothing.py
python3 -c 'import no_such'
echo 'x = 1' >m.py
SOURCE_DATE_EPOCH=1 python3 -m py_compile m.py
find . -name '*.pyc' | xargs sha256sum

### config-guess needs /usr/share/misc/config.guess
CC_FOR_BUILD=cc sh /usr/share/misc/config.guess
env -i PATH=/usr/bin sh /usr/share/misc/config.guess
bash /usr/share/misc/config.guess
sh /usr/share/misc/config.sub $(sh /usr/share/misc/config.guess)
sh /usr/share/misc/config.guess --time-stamp

### cmake needs cmake
printf 'cmake_minimum_required(VERSION 3.10)\nproject(p C CXX)\nforeach(v CMAKE_SYSTEM CMAKE_SYSTEM_PROCESSOR CMAKE_HOST_SYSTEM CMAKE_SIZEOF_VOID_P CMAKE_C_BYTE_ORDER CMAKE_LIBRARY_ARCHITECTURE CMAKE_C_COMPILER CMAKE_C_COMPILER_VERSION CMAKE_C_COMPILER_ID CMAKE_C_COMPILER_ABI CMAKE_C_IMPLICIT_INCLUDE_DIRECTORIES CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES CMAKE_C_IMPLICIT_LINK_DIRECTORIES CMAKE_CXX_IMPLICIT_LINK_LIBRARIES CMAKE_C_PLATFORM_ID CMAKE_C_COMPILE_FEATURES CMAKE_AR CMAKE_C_COMPILER_AR CMAKE_LINKER CMAKE_ROOT CMAKE_COMMAND CMAKE_VERSION CMAKE_CROSSCOMPILING CMAKE_SYSTEM_PREFIX_PATH)\n  message(STATUS "${v}=${${v}}")\nendforeach()\ncmake_host_system_information(RESULT r QUERY NUMBER_OF_LOGICAL_CORES)\nmessage(STATUS "${r}")\nadd_executable(h h.c)\n' >CMakeLists.txt
echo 'int main(void) { return 0; }' >h.c
cmake -B b -G 'Unix Makefiles' . 
cmake --build b -v
sed '/^[ \t]*set(CMAKE_HOST_SYSTEM/d' b/CMakeFiles/*/CMakeSystem.cmake | head -20
cat b/CMakeFiles/*/CMakeCCompiler.cmake

### cmake-platform needs cmake
printf '%s\n' 'cmake_host_system_information(RESULT r QUERY OS_PLATFORM)' 'message("${r}")' >p.cmake
cmake -P p.cmake

### cmake-64-bit needs cmake
printf '%s\n' 'cmake_host_system_information(RESULT r QUERY IS_64BIT)' 'message("${r}")' >p.cmake
cmake -P p.cmake

### cmake-itself needs cmake
cmake --version
cmake -E capabilities
cmake -E environment | grep -c PATH
cmake --help-variable-list | head -20
cmake -P nothing
echo 'message("${CMAKE_ROOT} ${CMAKE_HOST_SYSTEM_PROCESSOR} ${CMAKE_COMMAND}") math(EXPR x "1 << 40") message("${x}") string(SHA256 s "a") message("${s}") string(TIMESTAMP t "%Y" UTC) file(READ /proc/self/comm c) message("${c}") execute_process(COMMAND uname -m OUTPUT_VARIABLE u) message("${u}") find_program(g gcc) message("${g}") find_library(m m) message("${m}")' >x.cmake
cmake -P x.cmake
cmake -E tar cf x.tar --format=gnutar --mtime=1970-01-01 x.cmake
sha256sum x.tar
cmake -E md5sum x.cmake
ctest --version
cpack --version

### meson needs meson
printf "project('p', 'c', 'cpp')\nforeach m : [build_machine, host_machine, target_machine]\nmessage(m.system(), m.cpu_family(), m.cpu(), m.endian())\nendforeach\ncc = meson.get_compiler('c')\nmessage(cc.get_id(), cc.version(), cc.sizeof('long'), cc.sizeof('long double'), cc.alignment('double'), cc.get_linker_id(), cc.get_define('__SIZEOF_LONG__'))\nexecutable('h', 'h.c')\n" >meson.build
echo 'int main(void) { return 0; }' >h.c
meson setup b | grep -v -E '^(Build|Source) dir'
meson introspect b --machines
meson introspect b --compilers
ninja -C b -v
ninja --version
meson --version
ls -l b | cut -c1-10
