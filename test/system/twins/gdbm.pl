use strict;
use GDBM_File;
my @keys = map {"\xd0\xba\xe9 $_"} 1 .. 40;
my %database;
tie %database, 'GDBM_File', $ARGV[1], $ARGV[0] eq 'write' ? GDBM_NEWDB : GDBM_READER, 0644 or die "$ARGV[1]: $!";
if ($ARGV[0] eq 'write') { $database{$_} = 'value' for @keys }
print scalar(grep {exists $database{$_}} @keys), "\n";
