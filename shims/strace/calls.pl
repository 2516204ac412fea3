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
    my $begun = "$call->{name}($call->{text}";
    return say_line($call->{pid}, aligned($call->{state} eq 'unfinished' ? "<... $call->{name} resumed>)" : "$begun)", $result)) if $call->{state} ne 'open';
    put($call->{pid}, substr(aligned("$begun)", $result), length $begun) . "\n");
    $open_line = undef;
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

