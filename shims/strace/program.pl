# How often it is looked for what came, in seconds, and how many times nothing comes before it is said what is waited for.
sub LOOK_EVERY () { 0.01 }
sub IDLE ()       { 5 }

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
    say_line($main, aligned("execve($words[0], [" . join(', ', @words[1 .. $#words]) . '], /* ' . keys(%ENV) . ' vars */)', 0));
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
