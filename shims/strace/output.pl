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

sub aligned { my ($shown, $result) = @_; return sprintf '%-*s = %s', $column - 1, $shown, $result }

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

