# The twin of strace. Nobody may trace an emulated process, so the emulator tells what a program calls (QEMU_STRACE), and this
# says it in strace's layout. A host-native perl runs it, as the program that it is; it uses no module, since those that a root
# has are for the root's own perl. See docs/debugging.md.

# Filled in by lib/twins/kinds/strace.ts:
#   clock_gettime   the number of that system call on the host
my %known = ();

# Names of errno(3), by the texts that the emulator has of them. Numbers of the host, each once.
my @errors = (
    undef, qw(EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV
    ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK
    ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP), undef, qw(ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT
    EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT), undef, qw(EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV
    ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC
    EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT
    EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS
    EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN
    ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED
    EOWNERDEAD ENOTRECOVERABLE ERFKILL EHWPOISON)
);
my %error_of = map { local $! = $_; ("$!" => $errors[$_]) } grep { defined $errors[$_] } 1 .. $#errors;
my @signals = qw(0 HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG
    XCPU XFSZ VTALRM PROF WINCH IO PWR SYS);

# Sets of calls, by strace's names for them: man 1 strace, -e trace.
my %class = (
    file    => qr/^(?:open|creat|access|faccess|stat|lstat|fstatat|newfstatat|statx|statfs|readlink|unlink|rename|link|symlink|mkdir|rmdir|mknod|chmod|fchmodat|chown|lchown|fchownat|utime|futimesat|truncate|chdir|chroot|exec|getcwd|mount|umount|pivot_root|inotify_add_watch|swap|acct|[sgl]+etxattr|l?listxattr|l?removexattr)/,
    process => qr/^(?:clone3?|v?fork|execve(?:at)?|exit|exit_group|wait4|waitid|waitpid|kill|tkill|tgkill|rt_sigqueueinfo|pidfd_send_signal)$/,
    network => qr/^(?:socket|socketpair|socketcall|bind|connect|accept4?|listen|send|recv|sendto|recvfrom|sendm?msg|recvm?msg|sendmmsg|recvmmsg|getsockopt|setsockopt|getsockname|getpeername|shutdown)$/,
    signal  => qr/^(?:rt_sig|sig|signalfd|kill$|tkill$|tgkill$|pause$|pidfd_send_signal$)/,
    memory  => qr/^(?:brk|mmap2?|munmap|mprotect|mremap|msync|madvise|mincore|mlock|munlock|mlockall|munlockall|mbind|shmat|shmdt)/,
    ipc     => qr/^(?:ipc|shm|sem|msg)/,
    desc    => qr/^(?:open|creat|close|read|write|pread|pwrite|readv|writev|preadv|pwritev|dup|fcntl|ioctl|l?l?seek|pipe|p?select|p?poll|epoll|eventfd|signalfd|timerfd|inotify|fstat|fchmod|fchown|ftruncate|fsync|fdatasync|getdents|mmap|sendfile|splice|tee|copy_file_range|socket|accept|flock|fallocate|fadvise)/,
);

# How often it is looked for what came, in seconds, and how many times nothing comes before it is said what is waited for.
sub LOOK_EVERY () { 0.01 }
sub IDLE ()       { 5 }

my %option;          # by their letters
my @wanted;          # what -e trace= asks for: [sense, class or name]
my @variables;       # of -E
my $column = 40;     # man 1 strace, -a
my ($out, %outs);    # where it is said; with -ff, by process

sub fail { print STDERR "strace: $_[0]\n"; exit 1 }

sub refuse { fail("$_[0]: the emulator lets nobody trace a process that it has begun; start the program with strace") }

# An expression of -e: only which calls, and which signals, can be chosen.
sub express {
    my ($text) = @_;
    my ($key, $value) = $text =~ /^(trace|t|signal|signals|s|status|abbrev|a|verbose|v|raw|x|quiet|silent|silence|q|decode-fds|read|write|inject|fault|kvm)=(.*)/s ? ($1, $2) : ('trace', $text);
    fail("-e $text: the emulator does not change what calls do") if $key =~ /^(?:inject|fault)$/;
    $option{silent} = 1 if $key =~ /^(?:quiet|silent|silence|q)$/;
    $option{signals} = $value if $key =~ /^(?:signals?|s)$/;
    return if $key !~ /^(?:trace|t)$/;
    my $sense = $value =~ s/^!// ? 0 : 1;
    push @wanted, map { [$sense, $_] } split /,/, $value;
}

my %long = ('follow-forks' => 'f', 'output' => 'o', 'summary-only' => 'c', 'summary' => 'C', 'trace' => 'e', 'attach' => 'p', 'string-limit' => 's',
    'columns' => 'a', 'user' => 'u', 'env' => 'E', 'quiet' => 'q', 'relative-timestamps' => 'r', 'syscall-times' => 'T', 'no-abbrev' => 'v', 'output-append-mode' => 'A');

sub take_option {
    my ($letter, $value) = @_;
    if ($letter eq 'p') { refuse("-p $value") }
    elsif ($letter eq 'e') { express($value) }
    elsif ($letter eq 'E') { push @variables, $value }
    elsif ($letter eq 'a') { $column = $value }
    elsif ($letter eq 'u') { fail("-u $value: become that user first: xbuild-env run ENV --user $value -- strace …") }
    elsif ($letter eq 'k') { print STDERR "strace: -k: no stacks: gdb has them\n" }
    else { $option{$letter} = defined $value ? $value : ($option{$letter} // 0) + 1 }
}

sub read_options {
    while (@ARGV && $ARGV[0] =~ /^-/) {
        my $word = shift @ARGV;
        last if $word eq '--';
        if ($word =~ /^--([\w-]+)(?:=(.*))?$/s) {
            my $letter = $long{$1} // next;    # what is shown of a call is the emulator's to choose
            take_option($letter, $letter =~ /[oepsauE]/ ? ($2 // shift @ARGV) : undef);
            next;
        }
        for (my $rest = substr $word, 1; length $rest;) {
            my $letter = substr $rest, 0, 1, '';
            fail("invalid option -- '$letter'; see: man strace") if $letter !~ /[aAbcCdDeEfFhiIkKnoOpPqrsSPtTuUvVwxXyYzZ]/;
            if ($letter =~ /[abeEIoOpPsSuUX]/) {
                take_option($letter, length $rest ? $rest : (shift @ARGV // fail("option requires an argument -- '$letter'")));
                last;
            }
            take_option($letter);
        }
    }
    fail('must have PROG [ARGS]; see: man strace') if !@ARGV;
}

sub is_wanted {
    my ($name) = @_;
    return 1 if !@wanted;
    my $matches = sub {
        my ($what) = @_;
        return 1 if $what eq 'all';
        return $what ne 'none' && $name =~ /$1/ if $what =~ m{^/(.*)}s;
        $what =~ s/^%//;
        return exists $class{$what} && $_[0] ne $name ? scalar($name =~ $class{$what}) : $name eq $what;
    };
    my $found = grep { $matches->($_->[1]) } @wanted;
    return $wanted[0][0] ? $found : !$found;
}

sub now {
    my ($clock) = @_;    # 0: real time, 1: monotonic; linux/time.h
    my $time = pack 'q2', 0, 0;
    syscall($known{clock_gettime}, $clock, $time);
    my ($s, $ns) = unpack 'q2', $time;
    return $s + $ns / 1e9;
}

my $last = now(1);

sub stamp {
    my $text = '';
    if (my $many = $option{t}) {
        my $time = now(0);
        my ($s, $m, $h) = localtime $time;
        $text = $many > 2 ? sprintf '%.6f ', $time : sprintf '%02d:%02d:%02d%s ', $h, $m, $s, $many > 1 ? sprintf('.%06d', ($time - int $time) * 1e6) : '';
    }
    if ($option{r}) { my $time = now(1); $text .= sprintf '%12.6f ', $time - $last; $last = $time }
    return $text;
}

my $main;          # the process that was asked for
my %seen;          # processes that have called something
my $open_line;     # the call, if any, that is printed up to its return

sub target {
    my ($pid) = @_;
    return $out if !$option{split};
    return $outs{$pid} //= do { open my $file, '>', "$option{o}.$pid" or fail("$option{o}.$pid: $!"); $file };
}

sub put {
    my ($pid, $text) = @_;
    my $file = target($pid);
    print {$file} $text;
}

sub prefix {
    my ($pid) = @_;
    return stamp() if !$option{f} || $option{split};
    return sprintf('%-5d ', $pid) . stamp() if defined $option{o};
    return (keys %seen > 1 ? sprintf '[pid %5d] ', $pid : '') . stamp();
}

sub end_open_line {
    return if !$open_line;
    put($open_line->{pid}, " <unfinished ...>\n");
    $open_line->{state} = 'unfinished';
    $open_line = undef;
}

sub say_line {
    my ($pid, $text) = @_;
    return if $option{c};
    end_open_line();
    put($pid, prefix($pid) . "$text\n");
}

# `,` between arguments as strace has it; what is in quotes stays.
sub arguments {
    my ($text) = @_;
    $text =~ s/("(?:[^"\\]|\\.)*")|,(?! )/defined $1 ? $1 : ', '/gse;
    $text =~ s/\{/[/ && $text =~ s/\}(?=[^}]*$)/]/ if $text =~ /^"[^"]*", \{"/;
    $text =~ s/\n/\\n/g;
    $text =~ s/\t/\\t/g;
    $text =~ s/\b0x0*([0-9a-f]+)\b/0x$1/g;
    return $text;
}

sub returned {
    my ($value) = @_;
    return '?' if $value eq '?';
    $value =~ s/\s+$//;
    return '-1 ' . ($error_of{$2} // "errno $1") . " ($2)" if $value =~ /^-1 errno=(\d+) \((.*)\)$/s;
    $value =~ s/^0x0*([0-9a-f]+)/0x$1/;
    return $value;
}

# What one emulator has written, with what its program forks: `pending`: calls that have not returned yet, in their order, each
# {pid, name, text, begun, state}; `due`: new processes that have not returned from their forks yet; `text`: what is not taken yet.
my @streams;
my $stream;
my %count;    # by names: [calls, errors, seconds]

sub new_stream { $stream = {pending => [], due => 0, text => '', @_}; push @streams, $stream; return $stream }

sub call_begins {
    my ($pid, $name, $text) = @_;
    $seen{$pid} = 1;
    push @{$stream->{pending}}, {pid => $pid, name => $name, text => arguments($text), begun => now(1), state => 'hidden'};
    finish(pop @{$stream->{pending}}, '?') if $name =~ /^exit(?:_group)?$/;
}

sub is_shown { my ($call) = @_; return ($option{f} || $call->{pid} == $main) && is_wanted($call->{name}) }

# What has not returned when nothing else comes: that is what a program waits in.
sub show_waiting {
    my $call = $stream->{pending}[-1] // return;
    return if $call->{state} ne 'hidden' || $option{c} || !is_shown($call);
    end_open_line();
    put($call->{pid}, prefix($call->{pid}) . "$call->{name}($call->{text}");
    $call->{state} = 'open';
    $open_line = $call;
}

sub finish {
    my ($call, $value) = @_;
    return if !is_shown($call);
    my $taken = now(1) - $call->{begun};
    my $result = returned($value);
    my $counted = $count{$call->{name}} //= [0, 0, 0];
    $counted->[0]++;
    $counted->[1]++ if $result =~ /^-1 E/;
    $counted->[2] += $taken;
    return if $option{c};
    $result .= sprintf ' <%.6f>', $taken if $option{T} && $value ne '?';
    my ($pid, $text) = @$call{qw(pid text)};
    if ($call->{state} eq 'open') {
        my $shown = "$call->{name}($text)";
        put($pid, ')' . ' ' x ($column > length($shown) + 1 ? $column - length($shown) - 1 : 0) . " = $result\n");
        $open_line = undef;
        return;
    }
    my $shown = $call->{state} eq 'unfinished' ? "<... $call->{name} resumed>)" : "$call->{name}($text)";
    say_line($pid, sprintf "%-*s = %s", $column - 1, $shown, $result);
}

sub is_fork { my ($call) = @_; return $call->{name} =~ /^(?:clone3?|v?fork)$/ }

# A new thread does not say that it has returned.
sub is_thread { my ($call) = @_; return $call->{text} =~ /CLONE_THREAD/ }

# Both processes return from a fork, and the emulator does not say which does: the new one has 0, which strace does not show.
sub call_returns {
    my ($value) = @_;
    my $pending = $stream->{pending};
    my ($at) = grep { $value =~ /^-1 / || $pending->[$_]{name} !~ /^execve/ } reverse 0 .. $#$pending;    # that returns errors alone
    my ($fork) = grep { is_fork($pending->[$_]) } reverse 0 .. $#$pending;
    if ($value =~ /^0\s*$/) {
        return $stream->{due}-- if $stream->{due} > 0;
        return $pending->[$fork]{split} = 1 if defined $fork && !is_thread($pending->[$fork]) && !$pending->[$fork]{split};
    }
    elsif (defined $fork && $value =~ /^\d+\s*$/) {
        $at = $fork;
        $stream->{due}++ if !is_thread($pending->[$fork]) && !$pending->[$fork]{split};
    }
    finish(splice(@$pending, $at, 1), $value) if defined $at;
}

sub signal_comes {
    my ($text) = @_;
    $text =~ s/,(?! )/, /g;
    say_line($stream->{pid} // $main, "--- $text ---") if ($option{signals} // 'all') ne 'none';
}

sub process_became {
    my ($pid) = @_;    # its execve has not returned: it has become another program
    for my $pending (map { $_->{pending} } @streams) {
        my ($at) = grep { $pending->[$_]{pid} == $pid && $pending->[$_]{name} =~ /^execve/ } 0 .. $#$pending;
        finish(splice(@$pending, $at, 1), '0') if defined $at;
    }
}

# Takes from the beginning of what the emulator has written all that is whole. Its pieces come one by one, of processes that were
# forked in any order.
sub take {
    my ($text) = \$stream->{text};
    while (length $$text) {
        if ($$text =~ s/^(\d+) (\w+)\((.*?)\)(?= = |\d+ \w+\(|\d+ Unknown|\d* ?---|\n)//s || $$text =~ s/^(\d+) (\w+)\((.*?)\)$//s) {
            my ($pid, $name, $arguments) = ($1, $2, $3);
            process_became($pid);
            call_begins($pid, $name, $arguments);
        }
        elsif ($$text =~ s/^(\d+) Unknown syscall (\d+)\n//) {
            call_begins($1, sprintf('syscall_0x%x', $2), '');
            call_returns('-1 errno=0 (Function not implemented)');
        }
        elsif ($$text =~ s/^(?:\d+ )?--- (\w+ \{.*?\}) ---\n//s) { signal_comes($1) }
        elsif ($$text =~ s/^((?:-?\d|0x)[^\n(]*(?:\([^\n]*\))?)\n//) { call_returns($1) }
        elsif ($$text =~ s/^(?: = |\n| )//) { }
        elsif (length $$text < 4096 && $$text =~ /^\d+ \w+\(|^[^\n]*$/) { last }    # the rest comes
        else { $$text =~ s/^.+?(?=\d+ (?:\w+\(|Unknown)|\n|$)//s }                       # pieces within another's
    }
}

sub summary {
    my $total = [0, 0, 0];
    for my $one (values %count) { $total->[$_] += $one->[$_] for 0 .. 2 }
    my $line = join(' ', map { '-' x $_ } 6, 11, 11, 9, 9, 16) . "\n";
    my $row  = sub {
        my ($name, $calls, $errors, $seconds) = @_;
        return sprintf "%6.2f %11.6f %11d %9d %9s %s\n", $total->[2] ? 100 * $seconds / $total->[2] : 0, $seconds, $calls ? $seconds * 1e6 / $calls : 0, $calls, $errors || '', $name;
    };
    my $text = sprintf "%6s %11s %11s %9s %9s %s\n", '% time', 'seconds', 'usecs/call', 'calls', 'errors', 'syscall';
    $text .= $line . join '', map { $row->($_, @{$count{$_}}) } sort { $count{$b}[2] <=> $count{$a}[2] || $a cmp $b } keys %count;
    put($main, $text . $line . $row->('total', @$total));
}

my $directory;    # with -f, for what emulators write

sub make_directory {
    for my $number (1 .. 100) {
        $directory = ($ENV{TMPDIR} // '/tmp') . "/strace-$$-$number";
        return if mkdir $directory, 0700;
    }
    fail("$directory: $!");
}

# The program, emulated even where it is one of the distribution's, which is native otherwise.
sub start {
    my ($reader, $writer) = @_;
    my ($parent, $number) = ($$, fileno $writer);
    my $pid = fork // fail("fork: $!");
    return $pid if $pid;
    close $_ for $reader, $writer;
    for (@variables) { /^([^=]+)=(.*)/s ? ($ENV{$1} = $2) : delete $ENV{$_} }
    $ENV{QEMU_STRACE} = 1;
    $ENV{QEMU_LOG_FILENAME} = defined $directory ? "$directory/%d" : "/proc/$parent/fd/$number";
    $ENV{XBUILD_EMULATE} = "$$ strace";
    $ENV{QEMU_UNSET_ENV} = 'QEMU_STRACE,QEMU_LOG_FILENAME,QEMU_UNSET_ENV' if !$option{f};
    exec {$ARGV[0]} @ARGV;
    print STDERR "strace: Can't stat '$ARGV[0]': $!\n";
    exit 1;
}

# Until the program has ended, and all that it has begun where these are followed.
sub follow {
    my ($reader) = @_;
    my ($status, $began, $idle, $ended) = (undef, 0, 0, 0);
    new_stream(file => $reader) if !defined $directory;
    for (;;) {
        open_streams() if defined $directory;
        my $read = 0;
        for (@streams) { $stream = $_; $read += read_stream() }
        if ($read) {
            say_begin() if !$began++;
            for (@streams) { $stream = $_; take() }
            $idle = 0;
            next;
        }
        select undef, undef, undef, LOOK_EVERY if defined $directory;
        next if ++$idle < IDLE;
        for (@streams) { $stream = $_; show_waiting() }
        next if !defined $status && !waitpid_once(\$status) || $option{f} && others_run();
        last if $ended++;
        $idle = 0;    # what was written before the end was seen is read still
    }
    return ($status, $began);
}

# With -f: each emulator writes into a file of its process's number. It is moved at once, since one that takes the process over, by
# execve, would begin it anew.
sub open_streams {
    opendir my $there, $directory or return;
    for my $pid (grep { /^\d+$/ } readdir $there) {
        my $name = "$directory/of-$pid-" . @streams;
        next if !rename("$directory/$pid", $name) || !open my $file, '<', $name;
        unlink $name;
        process_became($pid);
        new_stream(pid => $pid, file => $file);
    }
}

# How many bytes came. A pipe is waited for a little.
sub read_stream {
    my $file = $stream->{file};
    if (!defined $directory) {
        my $set = '';
        vec($set, fileno $file, 1) = 1;
        return 0 if select($set, undef, undef, LOOK_EVERY) < 1;
    }
    return sysread($file, $stream->{text}, 65536, length $stream->{text}) // 0;
}

sub waitpid_once {
    my ($status) = @_;
    return 0 if waitpid($main, 1) != $main;    # WNOHANG
    $$status = $?;
    return 1;
}

# Whether anything that was begun is there still: all of it has the variable that names the directory. That of what has ended is empty.
sub others_run {
    opendir my $processes, '/proc' or return 0;
    for my $pid (grep { /^\d+$/ } readdir $processes) {
        open my $file, '<', "/proc/$pid/environ" or next;
        local $/;
        return 1 if index(<$file> // '', "QEMU_LOG_FILENAME=$directory/") >= 0;
    }
    return 0;
}

sub say_begin {
    return if !is_wanted('execve');
    my @words = map { my $word = $_; $word =~ s/(["\\])/\\$1/g; qq("$word") } $ARGV[0], @ARGV;
    say_line($main, sprintf "%-*s = 0", $column - 1, "execve($words[0], [" . join(', ', @words[1 .. $#words]) . '], /* ' . keys(%ENV) . ' vars */)');
}

sub say_end {
    my ($status) = @_;
    my ($signal, $core) = ($status & 127, $status & 128);
    finish($_, '?') for map { splice @{$_->{pending}} } @streams;
    return say_line($main, "+++ exited with " . ($status >> 8) . ' +++') if !$signal && !$option{silent} && ($option{q} // 0) < 3;
    say_line($main, "+++ killed by SIG$signals[$signal]" . ($core ? ' (core dumped)' : '') . ' +++') if $signal;
}

sub main {
    read_options();
    $option{split} = ($option{f} // 0) > 1 && defined $option{o};
    $out = \*STDERR;
    if (defined $option{o} && !$option{split}) {
        my ($mode, $path) = $option{o} =~ /^[|!](.*)/s ? ('|-', $1) : ($option{A} ? '>>' : '>', $option{o});
        open $out, $mode, $path or fail("Can't fopen '$option{o}': $!");
    }
    { my $before = select $out; $| = 1; select $before }
    pipe my $reader, my $writer or fail("pipe: $!");
    make_directory() if $option{f};
    $main = start($reader, $writer);
    $SIG{$_} = 'IGNORE' for qw(INT QUIT TERM HUP);
    $seen{$main} = 1;
    my ($status, $began) = follow($reader);
    print STDERR "strace: $ARGV[0] is no program that the emulator runs: nothing is told of it\n" if !$began && $status >> 8 != 1;
    say_end($status) if $began && !$option{c};
    rmdir $directory if defined $directory;
    summary() if $option{c} || $option{C};
    if (my $signal = $status & 127) { $SIG{$signals[$signal]} = 'DEFAULT'; kill $signal, $$ }
    exit $status >> 8;
}

main();
