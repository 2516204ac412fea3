# Tries to take a lease of each file (F_SETLEASE, F_WRLCK), which would make all others who open it wait. Prints those that it got.
use strict;
use warnings;
my @held;
for my $path (@ARGV) {
    open my $file, '<', $path or next;
    print "$path\n" if fcntl $file, 1024, 1;
    push @held, $file;
}
