# What shells, make and small tools say about the machine, the session and themselves.

### uname
uname -a
uname -m
uname -p
uname -i
uname -o
uname -s -r
uname --version

### arch
arch
hostname
hostid | wc -c
nproc
nproc --all
getconf _NPROCESSORS_ONLN

### getconf
getconf LONG_BIT
getconf -a | grep -v -E "AVPHYS|OPEN_MAX"
getconf PAGE_SIZE
getconf GNU_LIBC_VERSION

### proc-self-exe
ls -l /proc/self/exe | sed "s/.*-> /-> /"
readlink /proc/self/exe
realpath /proc/self/exe

### proc-cmdline
cat /proc/self/cmdline | tr "\0" "|"
tr "\0" "|" </proc/$$/cmdline
tr "\0" "|" </proc/self/environ | grep -c XBUILD

### proc-version
cat /proc/version /proc/sys/kernel/ostype /proc/sys/kernel/osrelease
cat /proc/sys/kernel/arch
cat /proc/filesystems | head -3

### cpuinfo
grep -v -E "MHz|bogomips" /proc/cpuinfo
grep -c processor /proc/cpuinfo

### mounts
cut -d" " -f2-4 /proc/mounts | cut -d, -f1
cat /proc/self/mountinfo | wc -l
df / | tail -1 | cut -d" " -f1
stat -f -c "%T %s %S %l" / /dev /proc
findmnt -n -o FSTYPE /

### bash
bash -c 'echo $HOSTTYPE $MACHTYPE $OSTYPE; echo ${BASH_VERSINFO[@]} $BASH_VERSION $BASH; echo $0 $- $SHELLOPTS $BASHOPTS'
bash --version
readlink -f /bin/sh

### bash-set
bash -c set | grep -v -E "^(BASHPID|PPID|_=|RANDOM|SRANDOM|EPOCH|SECONDS|BASH_ARG)"
env | sort

### bash-empty
env -i bash -c "export; set" | grep -v -E "^(PPID|_)"
env -i bash -c env | sort
env -i sh -c "export; set" | grep -v PPID

### bash-limits
bash -c "ulimit -a; ulimit -Ha"
sh -c "ulimit -a"

### signal-names
kill -l
bash -c 'kill -l 32 33 34 63 64'
bash -c "kill -l; trap -l"
/bin/kill -l
/bin/kill -L
timeout --version | head -1

### bash-builtins
bash -c "help; enable; type -a printf test; shopt; set -o"
bash -c "printf %q\\\\n 'a b' $(printf "\\303\\251")"

### bash-arithmetic
bash -c 'echo $((2**63)) $((1<<64)) $((-7/2)) $((0xffffffffffffffff)) $((10#099)); [[ abc =~ ^a(.)c$ ]]; echo ${BASH_REMATCH[@]}; x=$(printf "\303\251"); echo ${#x} ${x^^}'
echo $((9223372036854775807 + 1))

### bash-errors
bash -c "no-such-command"
bash -c "/etc/passwd"
bash -c "/"
bash -c "cd /nowhere; ("
sh -c "no-such-command"
sh -c /etc/passwd
sh -c "exec nothing"
bash no-file
echo $?

### dash-test
test -t 0
echo $?
[ 9223372036854775807 -eq 9223372036854775808 ]
echo $?
printf "%d %x %o %e %.17g\n" 12 255 8 1.5 0.1
echo "a\tb\0101"
times | wc -l

### time-format
bash -c "TIMEFORMAT=%l; time true" 2>&1 | sed "s/[0-9]/0/g"
bash -c "time -p true" 2>&1 | sed "s/[0-9]/0/g"

### killed-by-signal
bash -c 'sh -c "kill -SEGV \$\$"; echo $?; sh -c "kill -9 \$\$"; echo $?; sh -c "kill -PIPE \$\$"; echo $?'
timeout 0.2 sleep 9
echo $?
timeout -s KILL 0.2 sleep 9
echo $?
env --block-signal=USR1 sh -c 'kill -USR1 $$; echo alive'
# Whether dash says "Killed" as well depends on when it hears of it.
sh -c 'sleep 1 & kill -STOP $!; kill -KILL $!; wait $!; echo $?' 2>/dev/null

### killed-by-user-signal
sh -c 'kill -USR1 $$'
echo $?
bash -c 'kill -BUS $$'
echo $?
kill -l 138
kill -l 144
bash -c 'kill -l 10 16'

### real-time-signals
bash -c 'kill -34 $$'
echo $?
bash -c 'trap "echo caught" RTMIN+2; kill -RTMIN+2 $$'
bash -c 'sh -c "kill -64 \$\$"; echo $?'
env --list-signal-handling true
bash -c 'trap - RTMIN RTMAX; trap -p'

### pipe-status
bash -c 'yes | head -1; echo ${PIPESTATUS[@]}; set -o pipefail; false | true; echo $?'
seq 100000 | head -1
cat /dev/full >/dev/full
echo x >/dev/full
echo $?

### make
printf "all:\n\t@echo \$(MAKE_HOST) \$(MAKE_VERSION) \$(.FEATURES) \$(SHELL) \$(MAKE) \$(.INCLUDE_DIRS) \$(.LIBPATTERNS)\n" >Makefile
make
make --version

### make-database
make -p -f /dev/null | grep -v -E "^# (Make data base|.*[Ff]inished|files hash|.* hash-table|/dev \\(device)|pid"
make -h

### order-of-variables
env -i B=1 A=2 C=3 env
env -i B=1 A=2 C=3 bash -c env | sed "/^_=/d"

### make-environment
printf "all:\n\t@env | sort\n" >Makefile
make -j2 | grep -v -E "^(MAKEFLAGS|_)="
env -i /usr/bin/make | grep -v _=
printf "all:\n\texit 3\n\n\tkill -SEGV \$\$\n" >m2
make -f m2
make -k -f nothing
make -l 0.1 --dry-run -f m2

### make-functions
printf "\$(info \$(sort b a c B _ -) \$(wildcard /etc/ho*) \$(realpath /bin/sh) \$(shell echo \$\$0) \$(abspath ../x) \$(words \$(wildcard /usr/bin/g*)))\nall:;\n" | make -f - | head -5

### make-dump
printf "a.o: a.c\n%%.o: %%.c\n\t\$(CC) -c \$<\n" >Makefile
touch a.c
make -n
make -d -n | tail -30
make -q
echo $?

### directory-order
mkdir d
cd d
for i in 1 2 3 4 5 6 7 8 9 a b c d e f g; do : >f$i; done
ls -U
find .
ls -f
echo *

### file-names
printf "x" >"$(printf "a\\303\\251")"
printf y >"$(printf "b\\351")"
printf z >"$(printf "c\\nd")"
ls
ls -b
ls -Q
ls --quoting-style=shell-escape
LC_ALL=C ls -b
find . -type f | sort
echo *
for f in *; do echo "${#f}"; done

### ls-formats
umask 022
touch -d "2001-02-03 04:05:06.789" a
mkdir d
ln -s a l
mkfifo p
touch -h -d @1000000000 d l p
ls -l --time-style=full-iso | sed 1d
ls -lis | cut -d" " -f3-5
stat -c "%n %F %A %a %h %s %B %o %U %y %Y %t %T" *
stat -c "%N %i" /dev/null /dev/tty | cut -d" " -f1
ls -laZ 2>&1 | tail -1 | cut -c1-20
ls -l /dev | cut -c1-22

### errors
ls /nonexistent
cat /
rm /etc
mkdir /etc
rmdir /
cp a b
mv a b
ln /etc /x
chmod zz a
sed -n x
sed --expression
grep -E "("
find -foo
tar xf nothing
ls --no
head -n x
cut
tr
expr 1 +
expr 1 / 0
sort -k 0
dd if=/no
touch /no/no
chown nobody-x a
kill 999999
env -u
xargs -x
cmp
diff
patch </dev/null
gzip -d x
make no

### versions
for p in sed grep mawk tar gzip bzip2 xz find xargs diff diff3 cmp sdiff patch make bash ls cat sort cut tr head tail od cksum md5sum sha1sum stat touch date dd df du install cp mv ln rm mkdir chmod chown env expr test nice nohup who id tee uniq wc basename dirname realpath readlink mktemp timeout tsort shuf split csplit join paste fold fmt pr nl tac comm expand unexpand factor base64 b2sum; do $p --version </dev/null; done

### bzip2-version
bzip2 --help
gzip --help
gzip -L
mawk -W version
mawk -W dump "BEGIN{print 1}"

### help
for p in sort ls cp stat date od touch tail sed grep find tar diff patch dd install; do $p --help; done

### id
id
whoami
groups
id -u
logname
tty
who
users
stty -a
pwd
umask
nice
echo $HOME
getent passwd root
id nobody
id 12345
stat -c "%u %g" /* | sort | uniq -c | sort -n | tail -1

### mktemp
mktemp -u | wc -c
mktemp -d XXXXXX | wc -c
f=$(mktemp)
ls -l $f | cut -c1-10
rm $f
mktemp -p /nowhere

### mknod
mknod p p
stat -c %F p
mknod c c 1 3
stat -c "%F %t %T" c
ls -l c | cut -c1-10
cat c
truncate -s 50M big
touch -d @1000000000 big
stat -c "%s %b" big
ls -lh big
du -a --apparent-size
cp --sparse=always big b2
du b2
cmp big b2
tail -c 1 big | wc -c

### apt-config
apt-config dump
apt-get --version
dpkg --version
dpkg-deb --version

### dpkg
dpkg --print-architecture
dpkg --print-foreign-architectures
dpkg-architecture
dpkg -l | tail -3
dpkg -L dash
dpkg -S /bin/sed
dpkg-query -W gcc
dpkg -s libc6 | head -20

### dpkg-deb
mkdir -p p/DEBIAN p/usr/share
printf "Package: probe\nVersion: 1\nArchitecture: all\nMaintainer: a\nDescription: b\n" >p/DEBIAN/control
echo x >p/usr/share/x
touch -d @1000000000 p p/DEBIAN p/usr p/usr/share p/usr/share/x p/DEBIAN/control
SOURCE_DATE_EPOCH=1000000000 dpkg-deb --root-owner-group -b p p.deb
sha256sum p.deb
dpkg-deb -I p.deb
dpkg-deb -c p.deb
for z in gzip none zstd; do SOURCE_DATE_EPOCH=1000000000 dpkg-deb -Z$z --root-owner-group -b p $z.deb >/dev/null; sha256sum $z.deb; done

### loader-variables
LD_LIBRARY_PATH=/usr/lib/$(gcc -dumpmachine) ls -d /usr
LD_BIND_NOW=1 ls -d /usr
LD_LIBRARY_PATH=/lib:/usr/lib sh -c "echo a; ls -d /etc"
LD_ASSUME_KERNEL=9 ls -d /usr
LD_WARN=1 ls -d /usr
LD_PRELOAD=/no/lib.so ls -d /usr
GLIBC_TUNABLES=glibc.malloc.check=1 ls -d /usr
LD_ORIGIN_PATH=/x ls -d /usr
LD_PROFILE=libc.so.6 ls -d /usr
LD_HWCAP_MASK=0 ls -d /usr
LD_USE_LOAD_BIAS=1 ls -d /usr
MALLOC_PERTURB_=5 ls -d /usr

### tunables-output
GLIBC_TUNABLES=glibc.rtld.nns=x ls -d /usr
LD_DEBUG=help ls -d /usr
LD_DEBUG=nothing ls -d /usr
LD_VERBOSE=1 LD_TRACE_LOADED_OBJECTS=1 /bin/ls | sed "s/(0x.*)//"

### loader-preload
echo 'int chmod(const char *p, unsigned m) { (void)p; (void)m; return 0; }' >c.c
gcc -shared -fPIC -o c.so c.c
: >f
chmod 600 f
LD_PRELOAD=$PWD/c.so chmod 644 f
stat -c %a f
echo $PWD/c.so >/etc/ld.so.preload
chmod 640 f
stat -c %a f
rm /etc/ld.so.preload

### loader-itself
/lib*/ld*.so.1 --version 2>/dev/null || /lib/ld-linux*.so.? --version
ldd --version
ldconfig -p | sed 1d | sort | head -40
ldconfig --version

### file needs file
file -b /bin/ls /usr/bin/gcc /etc/passwd
file --version
file -L /bin/sh

### proc-other-process
readlink /proc/$$/exe
cat /proc/$$/comm /proc/self/comm

### proc-maps
cat /proc/self/maps
cat /proc/self/auxv | wc -c
