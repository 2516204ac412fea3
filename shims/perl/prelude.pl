# What a host-native perl does before anything else, so that it is the target's own perl: the activator has it require
# this file (profiles/twins.json). It finds its modules where the target's perl does, loads the compiled ones from the
# twin set, and says of the machine what the target's perl says. Where it cannot, it becomes the target's perl, emulated,
# before the program has begun. It uses no module while it is compiled, not even strict: they are not found yet.
package XbuildEnv;

# Filled in by lib/twins/perl.ts:
#   host, target   the triples
#   machine        what uname(2) says under the emulator
#   data           'same' where numbers in memory are as on the target: size and byte order of integers and pointers
#   errors         'same' where errno(3) has the target's numbers
#   char           'same' where a plain char has a sign, as on the host
#   libraries      where the twins' libraries are
#   own            'there', or 'none' where the root has no perl for the target's CPU yet: this one has to do
#   modules        compiled modules, beyond perl's own, that have a twin
#   untwinned      compiled modules that have none
#   directories    the directories in which such modules lie, with their times: what changed since may hold others
my %known = ();

my $lib  = "/usr/lib/$known{target}";
my $core = qr{^\Q$lib\E/((?:perl-base|perl/[\d.]+)/auto/.+)};
my ($name, undef, @arguments) = read_command();
my $written = bytes_written();

sub read_file {
    my ($path) = @_;
    open my $file, '<', $path or die "xbuild-env: $path: $!\n";
    local $/;
    return scalar <$file>;
}

sub read_command {
    my @words = split /\0/, read_file('/proc/self/cmdline'), -1;
    pop @words;
    return @words;
}

# man 5 proc_pid_io, wchar
sub bytes_written { return read_file('/proc/self/io') =~ /^wchar: (\d+)/m ? $1 : die "xbuild-env: /proc/self/io: no wchar\n" }

# Becomes the target's perl; what was written by then would be written twice.
sub emulate {
    my ($why) = @_;
    return if $known{own} eq 'none';
    my $before = select STDOUT;
    { local $| = 1 }    # setting it writes what is buffered
    select $before;
    if (bytes_written() != $written) {
        print STDERR "xbuild-env: perl has begun as a host-native program, and needs the target's own: $why\n",
            "  run this with --mode emulated\n";
        require POSIX;
        POSIX::_exit(126);
    }
    $ENV{XBUILD_EMULATE} = "$$ $why";
    exec {readlink '/proc/self/exe'} $name, @arguments;
    die "xbuild-env: the target's perl cannot be executed: $!\n";
}

# Of the distribution: none of these packs numbers as the machine has them.
sub is_distributions { return $0 =~ m{^/(?:usr/(?!local/|src/)|s?bin/|var/lib/dpkg/|etc/)} && $0 !~ m{/\.\.?/} }

sub has_compiled {
    my ($directory) = @_;
    opendir my $handle, $directory or return 0;
    for my $entry (readdir $handle) {
        next if $entry eq '.' || $entry eq '..';
        return 1 if $entry =~ /\.so\z/ || -d "$directory/$entry" && has_compiled("$directory/$entry");
    }
    return 0;
}

# Where modules are looked for besides the distribution's directories, there may be some compiled for the target. A
# program that MakeMaker's commands do not start may ask for blib after it has begun.
sub check_directories {
    my $packaged = qr{^(?:/etc/perl|/usr/share/perl5?(?:/[\d.]+)?|\Q$lib\E/perl(?:-base|5?/[\d.]+))\z};
    my @built = is_distributions() || grep(/^-MExtUtils::/, @arguments) ? () : qw(blib/arch ../blib/arch);
    for my $directory (@built, grep { !ref && $_ !~ $packaged } @INC) {
        emulate("$directory has compiled modules") if -d "$directory/auto" && has_compiled("$directory/auto");
    }
}

# perl adds directories with its own architecture's name to those of PERL5LIB: perldoc perlrun.
sub check_library_variable {
    for my $directory (split /:/, $ENV{PERL5LIB} // '') {
        for my $inner ("$known{target}-thread-multi", sprintf '%vd', $^V) {
            emulate("$directory/$inner") if $directory ne '' && -d "$directory/$inner";
        }
    }
}

# The twin of a compiled module. The sums of gdbm's databases go by the sign of a plain char: gdbm's hash.c.
sub twin_of {
    my ($file) = @_;
    emulate("$file writes databases of another kind") if $known{char} ne 'same' && $file =~ /\b[GNO]DBM_File\.so\z/;
    return "$known{libraries}/$1" if $file =~ $core;
    my $twin = $file =~ s{^(?:\Q$lib\E|/usr/lib)(?=/)}{$known{libraries}}r;
    # Where no other perl can take over, a module of the distribution is its twin before it is known: packages that are
    # being installed use it at once.
    return $twin if $known{modules}{$file} || $known{own} eq 'none' && $twin ne $file && -e $twin;
    emulate("$file has no twin") if -e $file;
    return $file;
}

# POSIX::uname(), when its module is being loaded.
sub with_uname {
    my ($boot) = @_;
    return sub {
        my @result = &$boot;
        my $uname = \&POSIX::uname;
        replace('POSIX::uname', sub { my @names = &$uname; $names[4] = $known{machine}; @names });
        return wantarray ? @result : $result[-1];
    };
}

# Where it is, since a program may have been compiled to call it; a warning would be none of the program's.
sub replace {
    my ($subroutine, $other) = @_;
    local $SIG{__WARN__} = sub { };
    *$subroutine = $other;
}

sub replace_loader {
    DynaLoader::boot_DynaLoader('DynaLoader') if !defined &DynaLoader::dl_error;    # as XSLoader.pm does
    my ($load, $install) = (\&DynaLoader::dl_load_file, \&DynaLoader::dl_install_xsub);
    replace('DynaLoader::dl_load_file', sub { my ($file, @rest) = @_; $load->(twin_of($file), @rest) });
    replace('DynaLoader::dl_install_xsub', sub {
        my $boot = $install->(@_);
        return $_[0] eq 'POSIX::bootstrap' ? with_uname($boot) : $boot;
    });
}

# The program names what has the target's numbers: a header for system calls (h2ph), or the calls themselves.
sub names_system_calls {
    my $text = $0 eq '-e' ? join "\n", @arguments : -f $0 && -r _ ? read_file($0) : '';
    return $text =~ /\bsyscall\b|\b(?:require|do)\b[^\n;]*\.ph\b/;
}

# perl executes what a script's first line names, if that is another program, with the words of its own command line
# (perldoc perlrun, "#!"): so it would hand on the one that had it require this file. Done here as perl's toke.c does.
sub hand_on {
    return if $^C || $name !~ /perl/ || $0 eq '-' || $0 eq '-e' || is_after_rubbish();
    return if !-f $0;    # what is read from a pipe is gone
    open my $script, '<', $0 or return;
    my $line = readline($script) // return;
    my ($program, $option) = $line =~ /^#!\s*(\S+)\s*(\S*)/ or return;
    return if $line =~ /perl|indir/;
    { exec {$program} $program, $option eq '' ? () : $option, @arguments }
    my $error = $! + 0;    # die ends with it, and would say that this file could not be compiled
    print STDERR "Can't exec $program at $0 line 1.\n";
    exit $error;
}

# -x: the script begins where a line names perl.
sub is_after_rubbish {
    for my $word (@arguments) {
        return 0 if $word !~ /^-./;
        return 1 if $word =~ /^-[^-MmeEIFdDiCVx]*x/;
    }
    return 0;
}

# A module may make such a call without that: perldoc CORE, "Overriding CORE functions".
sub replace_syscall {
    replace('CORE::GLOBAL::syscall', sub ($@) { emulate('a system call by its number'); CORE::syscall($_[0], @_[1 .. $#_]) });
}

hand_on();
emulate('the script comes from standard input') if $0 eq '-';
emulate('it names system calls or their header') if names_system_calls();
emulate('numbers look otherwise there') if $known{data} ne 'same' && !is_distributions();
# A program may load one long after it has begun.
emulate("$known{untwinned}[0] has no twin") if @{$known{untwinned}};
for my $directory (@{$known{directories}}) {
    emulate("$directory->[0] has changed") if ((stat $directory->[0])[9] // -1) != $directory->[1];
}
s{^(/usr/(?:local/)?lib)/\Q$known{host}\E/}{$1/$known{target}/} for @INC;
check_library_variable();
check_directories();
replace_loader();
replace_syscall();
if ($known{errors} ne 'same') {
    require "$known{libraries}/perl-base/Errno.pm";
    $INC{'Errno.pm'} = "$lib/perl-base/Errno.pm";
}
delete @INC{__FILE__, "$known{libraries}/perl-base/Errno.pm"};

# Before the program's first statement: what it asked for while it was compiled.
INIT {
    local $!;
    check_directories();
    emulate('a header for system calls') if grep /\.ph\z/, keys %INC;
}
$! = 0;    # die ends with it: perldoc -f die
1;
