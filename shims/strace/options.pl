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
        return $name eq $what || exists $class{$what} && $name =~ $class{$what};
    };
    my $found = grep { $matches->($_->[1]) } @wanted;
    return $wanted[0][0] ? $found : !$found;
}

