# Numbers, text, times and archives: what depends on arithmetic, byte order or locale, if anything does.

### locale
locale
locale -a
locale -k LC_CTYPE LC_COLLATE LC_NUMERIC LC_TIME LC_MESSAGES | head -80
locale -m | head -20
locale charmap
LC_ALL=C locale charmap
LC_ALL=xx_YY locale charmap

### iconv
iconv -l
printf 'a\303\251\342\202\254' | iconv -f UTF-8 -t UTF-16 | od -An -tx1
printf 'a\303\251' | iconv -t ISO-8859-1 | od -An -tx1
printf '\344' | iconv -f latin1 -t ASCII//TRANSLIT
printf 'x\377' | iconv -f UTF-8 -t EUC-JP
printf abc | iconv -t UCS-4 | od -An -tx1
printf abc | iconv -t WCHAR_T | od -An -tx1
iconv -f no -t UTF-8

### sort
printf '%s\n' b A a B _x -y 10 9 1e3 0x10 Zo\303\253 zoe \303\244 \303\204 z '' ' a' 'a b' ab 'a-b' >w
for l in C C.UTF-8 en_US.UTF-8 de_DE.UTF-8 xx_YY POSIX; do echo $l; LC_ALL=$l sort w; LC_ALL=$l sort -f w; LC_ALL=$l ls -d /etc/[A-Za-c]*; done
sort -n w
sort -h w
sort -V w
sort -g w
sort -d w
sort -R w | wc -l
sort --debug w | head -3
sort -c w
sort -u -f w
sort -M w

### sort-general
printf '%s\n' 1.00000000000000000001 1.00000000000000000002 1 0.1 0.10000000000000000001 nan -nan inf 1e400 1e5000 -1e-4940 0x1p-3 >g
sort -g g
sort -gu g
sort -k1g g
sort -k 1,1g -u g
sort --general-numeric-sort -u g
sort --sort=general-numeric -u g
sort -ug g
sort -u -k 1rg g

### locale-made
localedef -i de_DE -f UTF-8 de_DE.UTF-8
locale -a
printf '%s\n' b A a B _x -y 10 9 1e3 0x10 Zo\303\253 zoe \303\244 \303\204 z '' ' a' 'a b' ab 'a-b' >w
LC_ALL=de_DE.UTF-8 sort w
LC_ALL=de_DE.UTF-8 date -d @0 +%A,%x,%c
LC_ALL=de_DE.UTF-8 ls -l /etc/hostname | cut -c1-10
LC_ALL=de_DE.UTF-8 sh -c "printf %.2f 1,5"
LC_ALL=de_DE.UTF-8 grep -c "[[:upper:]]" w
LC_ALL=de_DE.UTF-8 awk "BEGIN{print toupper(\"\303\244\"), 1.5}"
LC_ALL=de_DE.UTF-8 bash -c 'echo [a-z]*; printf "%.1f\n" 1,5'
mkdir L
localedef -i fr_FR -f ISO-8859-1 ./L/fr_FR
sha256sum L/fr_FR/LC_COLLATE L/fr_FR/LC_CTYPE
LOCPATH=$PWD/L LC_ALL=fr_FR sort w | od -c

### locale-bytes
printf '%s\n' b A a B _x -y 10 9 1e3 0x10 Zo\303\253 zoe \303\244 \303\204 z '' ' a' 'a b' ab 'a-b' >w
for l in C C.UTF-8; do export LC_ALL=$l; wc -m w; grep -c '^.$' w; sed 's/./x/g' w; awk '{print length, toupper($0)}' w; tr a-z A-Z <w; cut -c1 w; expr length "$(printf '\303\244')"; printf '%-5s|\n' "$(printf '\303\244')"; grep -i 'ZO' w; sed 's/\w/&./g;s/.*/\U&/' w; ls -l w | wc -m; fold -w 2 w; case ä in ?) echo one;; *) echo more;; esac; bash -c 'case ä in ?) echo one;; *) echo more;; esac'; done

### grep
printf '%s\n' b A a B _x -y 10 9 1e3 0x10 Zo\303\253 zoe \303\244 \303\204 z '' ' a' 'a b' ab 'a-b' >w
grep -P '^\p{Lu}' w
grep -P '(?<=a).' w
grep -E '[[:alpha:]]{2,}' w
grep -F -x a w
grep -o . w | sort | uniq -c
grep -Pc '\d' w
printf 'a\0b\n\377\n' | grep b
printf '\377\n' | grep -a -c .
grep -E 'a{1,70000}' w
grep -V

### sed
printf '%s\n' b A a B _x -y 10 9 1e3 0x10 Zo\303\253 zoe \303\244 \303\204 z '' ' a' 'a b' ab 'a-b' >w
sed -n 'l;=;$p' w
sed -E 's/(.)(.)/\2\1/g' w
sed 's/[[:space:]]/_/;y/ab/xy/' w
echo abc | sed 's/b/\n/;s/c/\o101\x42\d067/'
sed --debug -n '1p' w
sed --posix 's/a\|b/x/' w
echo | sed 's/^/\cA/' | od -c
sed -i.bak 1d w
ls
sed 's/\(/x/'
sed --version | head -2

### awk
awk 'BEGIN { printf "%.17g %.30g %d %i %c %c %x %e\n", 0.1, 1/3, 2^53, -2^31, 65, 256, 255, 1e300*10; print 2^53+1, 1e6, 1e17, 123456789012, 0.1+0.2, 100000 * 100000, 1/7, -0; print int(-3.7), int("12abc"), substr("hello", 0, 3), index("abc", "c"), length("\303\251"); srand(42); print rand(), rand(), srand(); print toupper("a\303\251"), match("xay", /a/), RSTART; print sin(1), cos(1e10), exp(1), log(10), sqrt(2), atan2(1, -1), exp(710); print "10" < "9", 10 < 9; print 1e300*1e300, -1e300*1e300 }'

### awk-nan
awk 'BEGIN { x = log(-1); print x, -x, sqrt(-1), int(x), x == x; printf "%f %d %s %g\n", x, x, x, x; inf = 1e300 * 1e300; print inf - inf, "nan" + 0, "-nan" + 0, inf % 2; printf "%d %x %c\n", 2^63, 2^64, 2^40; print int(2^63), int(-2^63 - 1) }'

### awk-integers
awk 'BEGIN { printf "%d %d %d %d\n", 2^31, 2^32, 2^62, -2^62; printf "%x %o %u\n", 2^32, 2^32, 2^32; printf "%x %u\n", -1, -1; print 2147483648, 4294967296, 9007199254740993, 2^31 % 7; for (i = 2147483646; i < 2147483650; i++) print i; a[2^40] = 1; for (k in a) print k; printf "%s\n", 2^31; printf "%5c|%-5d|%+.3d|%#x|% d\n", "xyz", 3, 4, 5, 6; print substr("hello", 2147483648), substr("hello", -1, 3) }'

### awk-order
awk 'BEGIN { for (i = 0; i < 50; i++) a["k" i] = i; for (k in a) printf "%s ", k; n = split("a:b:c", p, ":"); for (i in p) print i, p[i] }'
awk -W version 2>&1 | head -5
awk --version | head -3
awk 'BEGIN { for (i in ENVIRON) n++; print ENVIRON["HOME"], ARGV[0] }'
awk 'BEGIN { printf "%s", substr("x", 1' 
echo $?

### date
date -u -d @0
date -u -d @2147483648
date -u -d @-1
date -u -d @99999999999
date -d "2040-01-01" +%s
date -u -d "1901-12-13" +%s
date -u -d "3000-01-01 +3 days" +%F
TZ=Europe/Berlin date -d @1700000000
TZ=America/New_York date -d @1700000000 +%Z%z
date -R -d @0
date -I -d @1e9
date +%N | wc -c
date -d nonsense
date --resolution

### touch
touch -d 2100-01-01 a; echo $?; stat -c "%y %Y" a; ls -l --time-style=full-iso a; touch -d 1900-01-01 b; stat -c %Y b; touch -t 203801190314.08 c; stat -c %Y c; touch -d @4294967296 e; find . -name '?' -newermt 2030-01-01 | sort; find . -type f -printf '%f %T@ %TY-%Tm %s %m %u %y\n' | sort; touch -r a d; stat -c %Y d; [ a -nt b ]; echo $?; cp -p a a2; stat -c %Y a2; tar -cf t.tar a; tar -tvf t.tar; date -r a +%s; bash -c '[[ a -nt c ]]; echo $?'; sh -c '[ a -nt c ]; echo $?'; make -f - a 2>&1 <<'END' | sed 's/time [0-9]* s/time N s/'
a: c
	echo older
END

### printf-floats
printf '%.20f %.2f %.2f %e %g %a %.40g\n' 0.1 2.675 1.005 1e-5000 1e400 1.5 1e23
/usr/bin/printf '%.20f %.2f %a %.40g\n' 0.1 2.675 1.5 0.1
/usr/bin/printf '%d %u %x\n' -1 -1 -1
printf '%d\n' 0x7fffffffffffffff 9223372036854775808 -9223372036854775809
printf '%x %o %u\n' -1 -1 -1
printf '%c|%5.1s|%b\n' abc def 'a\0101'

### seq
seq 0 0.1 1
seq 1 3
seq -w 8 11
seq 1e5 1e5
seq 0.1 0.000001 0.100003
seq 9007199254740991 9007199254740994
seq 18446744073709551614 18446744073709551617
seq -f %.20g 0.1 0.1 0.3
seq nan
seq 3 -1 1
numfmt --to=iec 1234567 18446744073709551616
numfmt --from=si 1.5K 1Y
numfmt --to=si --format=%.3f 1e20

### sleep
sleep 0.01
echo $?
sleep 1e-400
echo $?
sleep 0x1p-5
echo $?
sleep nan
sleep -1
sleep 1e5000x
timeout 1e-3 sleep 3
echo $?
sleep inf & p=$!
sleep 1
kill $p
{ wait $p; echo $?; } 2>/dev/null

### expr
expr 9223372036854775807 + 1
expr 2 \* 3
expr 99999999999999999999 \* 99999999999
expr abc : 'a\(.\)'
expr substr hello 2 3
expr index abc c
factor 18446744073709551557
test 1 -lt 99999999999999999999
echo $?

### od
printf 'abcdefghijklmnopqrstuvwxyz012345' >x
od -x x
od -An -td4 x
od -tf4 x
od -tf8 x
od -tfL x
od -t fL -A n x
od -t f16 x
od --format=fL x
od -tfF -tfD x
od -to8 -tu8 x
od -c -j3 -N5 x
od --endian=big -x x
od -a x
od --version | head -1
od -tdL -tdI -tdS -tdC x
hexdump -C x
dd if=x bs=8 count=1 conv=swab status=none

### sums
printf '%s\n' b A a B _x -y 10 9 1e3 0x10 Zo\303\253 zoe \303\244 \303\204 z '' ' a' 'a b' ab 'a-b' >w
cksum w
sum w
sum -s w
md5sum w
sha1sum w
sha256sum w
sha512sum w
b2sum w
cksum -a crc w
cksum -a sysv w
cksum -a sm3 w
base64 w
base32 w
basenc --z85 -w 0 /dev/null
sha256sum /usr/bin/sed
head -c 1000003 /bin/bash >b
cksum b
md5sum b
sum b

### archives
mkdir -p t/a
echo one >t/a/one
printf 'two%.0s' 1 2 3 4 5 >t/two
ln -s two t/link
ln t/two t/hard
find t -exec touch -h -d @1000000000 {} +
for f in gnu ustar v7 oldgnu; do tar --format=$f --sort=name --owner=0 --group=0 --numeric-owner -cf - t | sha256sum; done
tar --format=pax --pax-option=exthdr.name=%d/%f,delete=atime,delete=ctime --sort=name --owner=0 --group=0 -cf p.tar t
tar -tvf p.tar
tar -xvf p.tar -C /tmp/
tar --version | head -1
tar --show-defaults
truncate -s 1M s
tar -S -cf - --mtime=@0 --owner=0 --group=0 --format=gnu s | sha256sum
cd t
find . | sort | cpio -o -H newc --reproducible 2>/dev/null | wc -c

### compressors-machine
xz --info-memory
xz --robot --info-memory
xz -H | tail -5
zstd --version

### compressors
head -c 3000000 /bin/bash >b
for c in 'gzip -n' 'gzip -n9' 'gzip -n1' bzip2 'bzip2 -1' 'xz' 'xz -9' 'xz -T2' 'xz -T0' 'xz -e6' 'zstd -q' 'zstd -q -19' 'zstd -q -T0'; do echo "$c"; $c -c b | sha256sum; done
gzip -c b >z.gz
gzip -lv z.gz | tail -1 | cut -c1-20
xz -k b
xz -lvv b.xz | tail -5
gzip -dc z.gz | cmp - b
bzip2 -c b | bzip2 -dc | cmp - b
xz -dc b.xz | cmp - b

### diff
printf '1\n2\n3\n' >a
printf '1\nzwei\n3\n4' >b
touch -d @1000000000 a b
diff a b
diff -u a b
diff -c a b
diff -y -W 30 a b
diff -e a b
diff -r /etc/apt /etc/dpkg | head -5
diff3 a b a
cmp a b
cmp -l a b
diff -u a b >p
patch -R --dry-run b <p
patch <p
cat a
patch --version | head -1
patch <p
ls
sdiff -s a b
diff --color=always a b
printf '\377\0' >c
diff a c
echo $?

### text-tools
printf '%s\n' b A a B _x -y 10 9 1e3 0x10 Zo\303\253 zoe \303\244 \303\204 z '' ' a' 'a b' ab 'a-b' >w
touch -d @1000000000 w
join w w; comm w w; paste w w | head -3; pr -l 20 w | sed 1,5d; nl w; fmt -w 10 w; ptx w | head; tsort <<'END'
a b
b c
END
csplit w 5; ls; split -n 3 w; cat xaa; shuf --random-source=/bin/bash w; uniq -c w; wc w; tac w; rev w; column w; expand w; cut -f1 -d' ' w; head -c 3 w; tail -c 3 w; stat -c %s w; dircolors -p | head -5; dircolors; pathchk -p w; users; factor 97

### find
mkdir -p a/b
touch -d @1000000000 a/x a/b/y
ln -s x a/l
find a -exec touch -h -d @1000000000 {} +
find a -printf '%p %y %m %n %s %T+ %TY %h %f %l %d %G %U %k %b %D\n' | sed 's/ [0-9]*$//' | sort
find a -newermt 2000-01-01 | sort
find a -ls | cut -c1-10 | wc -l
find a -regex '.*/[xy]'
find a -size -1k
find a -mtime +9999
find a -exec false {} \; 
echo $?
find a -executable
find --version
find -D help
find a -fstype overlay -o -fstype tmpfs | head -1
printf 'a b\0c' | xargs -0 -n1 echo
xargs --show-limits </dev/null 2>&1 | sed 's/[0-9][0-9]*/N/g'
seq 10 | xargs -P2 -n5 echo | sort
echo x | xargs false
echo $?
echo x | xargs sh -c 'kill -9 $$'
echo $?

### limits
getconf ARG_MAX
xargs --show-limits </dev/null 2>&1 | grep -v -i environment
expr $(yes x | head -200000 | xargs echo | wc -c) / 1000
x=$(head -c 200000 /dev/zero | tr '\0' x)
echo "$x" | wc -c
/bin/echo "$x" | wc -c
echo $?
sh -c '/bin/true "$1"' sh "$x"
echo $?
printf 'all:; @echo $(words $(wildcard /usr/bin/*))\n' | make -f -
y=$(head -c 100000 /dev/zero | tr '\0' y)
A=$y B=$y C=$y D=$y ls -d /etc

### gettext needs msgfmt
printf 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=n!=1;\\n"\nmsgid "hello"\nmsgstr "hallo"\nmsgid "%%d file"\nmsgid_plural "%%d files"\nmsgstr[0] "%%d Datei"\nmsgstr[1] "%%d Dateien"\n' >d.po
msgfmt -v -c d.po -o d.mo
od -tx1 d.mo
msgfmt --endianness=big d.po -o b.mo
sha256sum b.mo
msgfmt --endianness=little d.po -o l.mo
sha256sum l.mo
msgunfmt d.mo
msgfmt --version | head -1
printf 'gettext("x"); _("y")' >c.c
xgettext --omit-header -k_ -o - c.c
msgmerge --no-fuzzy-matching -q d.po d.po | tail -3
mkdir -p de/LC_MESSAGES
cp d.mo de/LC_MESSAGES/p.mo
LANGUAGE=de LC_ALL=C.UTF-8 TEXTDOMAINDIR=$PWD gettext p hello
LANGUAGE=de LC_ALL=C.UTF-8 TEXTDOMAINDIR=$PWD ngettext p '%d file' '%d files' 3
gettext --version | head -1
echo '$A' | envsubst
autopoint --version | head -1

### msgfmt-other-order needs msgfmt
printf 'msgid "a"\nmsgstr "b"\n' >d.po
msgfmt d.po
msgfmt --endianness=big d.po -o b.mo
msgunfmt b.mo
msgunfmt messages.mo
cmp b.mo messages.mo
file -b messages.mo b.mo
msgcat --force-po d.po
msgfmt --java d.po
msgfmt nothing.po

### m4 needs m4
printf 'format(%%.20f, 0.1) format(%%d, 4294967296) eval(2147483647 + 1) eval(2**31) eval(-7/2) eval(1<<33) eval(0xff, 2) len(abc) esyscmd(uname -m)sysval __file__ __unix__ format(%%x, -1) format(%%.2f, 2.675) format(%%a, 0.1) incr(2147483647) substr(hello, 1, 2)regexp(abc, b) patsubst(abc, b, x) maketemp(/tmp/xXXXX)' | m4 | sed 's,/tmp/x.*,/tmp/x,'
m4 --version
echo 'syscmd(kill -9 $$)sysval' | m4
echo "dumpdef" | m4
m4 nothing
echo 'eval(1/0) eval(9999999999)' | m4
m4 --help

### bc needs bc
echo '2^100; scale=50; 1/3; sqrt(2); e(1); a(1)*4; ibase=16; FF; obase=2; 1F' | bc -l
echo '5k 2v p 10 0 / p' | dc
bc --version
echo '1/0' | bc
echo 'obase=10^9; 2^200' | bc

### gawk needs gawk
gawk 'BEGIN { printf "%.17g %d %c\n", 0.1, 2^60, 8364; print log(-1), -log(-1), sqrt(-1), strftime("%F", 0, 1), systime() > 0, PROCINFO["version"], PROCINFO["api_major"], length(PROCINFO["argv"]), xor(5, 3), lshift(1, 40), compl(0), strtonum("0x11"); a["x"]; a["y"]; a["z"]; for (k in a) printf k; PROCINFO["sorted_in"] = "@ind_str_asc"; for (k in PROCINFO) if (k !~ /pid|group|argv|env/) print k, (typeof(PROCINFO[k]) == "array") ? "array" : PROCINFO[k]; srand(1); print rand(), int(rand() * 1e9) }'
gawk -M 'BEGIN { print 2^100 }'
gawk --version | head -1
gawk -l filefuncs 'BEGIN { print stat("/etc", s), s["type"] }'
gawk -l readdir '{ n++ } END { print n > 0 }' /etc
gawk -b 'BEGIN { print length("\303\251") }'
gawk 'BEGIN { for (i = 0; i < 30; i++) a["k" i]; for (k in a) printf "%s ", k }'
gawk 'BEGIN { print substr("x", 1, 1e300), 2^53 + 1, -0, 1e1000, int(-0.5) }'
echo 'é' | gawk '{ print length }'

### bison needs bison flex
printf '%%%%token A\n%%%%%%%%\ns: A | s A;\n' >p.y
bison -v p.y
sha256sum p.tab.c p.output
bison --version
printf '%%%%%%%%\n[a-z]+ return 1;\n%%%%%%%%\n' >l.l
flex l.l
sha256sum lex.yy.c
flex --version
bison --print-datadir
bison --print-localedir
printf '%%%%%%%%\ns: x;\n' | bison -o q.c /dev/stdin
bison --graph p.y
sha256sum p.gv
