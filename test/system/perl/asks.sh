# What perl says, of itself and otherwise.
perl -e 'print "$^X $0 $]\n", join("\n", @INC), "\n"'
perl -V:archname
perl -V
perl -MConfig -e 'print "$Config{archname} $Config{byteorder} $Config{ivsize} $Config{cc}\n"'
perl -MPOSIX -e 'print join(",", (POSIX::uname())[0, 1, 4]), "\n", POSIX::strftime("%Y", gmtime 0), "\n"'
perl -e 'require POSIX; print +(POSIX::uname())[4], "\n"'
perl -MList::Util=sum -MData::Dumper -MDigest::SHA=sha1_hex -MEncode -e 'print sum(1 .. 10), sha1_hex("x"), Dumper([encode("latin1", "\x{e4}")])'
perl -MErrno=:POSIX -e '$! = ELOOP; print "$! ", $!{ELOOP} ? 1 : 0, $!{ENOENT} ? 1 : 0, "\n"'
perl -v
echo 'print "from standard input: $0\n"' | perl
perl -we 'print "arguments: ", join("|", @ARGV), "\n"; warn "here"' a '' 'b c' ''
perl -E 'say __LINE__; say __FILE__'
perl -ne 'print "$.:$_"' /etc/debian_version
printf '%s\n' 'text before' '#!perl -l' 'print "extracted, line ", __LINE__' '__END__' | perl -x
perl -c -e 'print 1'
perl -T -e 'print "taint ${^TAINT}\n"'
perl -Mstrict -e '$x = 1' || echo "ended with $?"
perl -e 'die "dead\n"' || echo "ended with $?"
perl -e 'BEGIN { $! = 5 } die "dead\n"' || echo "ended with $?"
perl -e 'exit 7' || echo "ended with $?"
perl -e 'kill "TERM", $$' || echo "ended with $?"
perl -e 'system "uname -m"; print `perl -e "print 42"`, "\n"'
perl -e 'print grep(/^XBUILD_EMULATE/, keys %ENV) ? "seen" : "unseen", "\n"'
(cd /tmp && mkdir -p inc/mips64el-linux-gnuabi64-thread-multi && PERL5LIB=inc perl -e 'print "$INC[0] $INC[1]\n"')
