# Tries whatever a session's root may try to make a read-only place writable, and then to write there. Prints a line for each
# place: its path, and what worked. Native: the numbers are those of x86-64 (<asm/unistd_64.h>, <linux/mount.h>).
use strict;
use warnings;
use constant {MOUNT => 165, UMOUNT => 166, OPEN_TREE => 428, MOVE_MOUNT => 429, MOUNT_SETATTR => 442};
use constant {AT_FDCWD => -100, AT_EMPTY_PATH => 0x1000, AT_RECURSIVE => 0x8000, OPEN_TREE_CLONE => 1, RDONLY => 1, REMOUNT => 0x1020};

# perl hands a literal to no system call.
my ($clear, $none) = (pack('QQQQ', 0, RDONLY, 0, 0), '');

sub clear_read_only {
    my ($fd, $path, $flags) = @_;
    return syscall(MOUNT_SETATTR, $fd, $path, $flags, $clear, 32) == 0;
}

$| = 1;

# Whether anything in it can be changed: its own mode, or a new file.
sub can_write {
    my ($path) = @_;
    my $mode = (stat $path)[2] or return 0;
    return 1 if chmod $mode & 07777, $path;
    return 0 unless -d $path;
    open my $file, '>', "$path/planted" or return 0;
    unlink "$path/planted";
    return 1;
}

for my $path (@ARGV) {
    my @worked;
    push @worked, 'writing' if can_write($path);
    push @worked, 'mount_setattr' if clear_read_only(AT_FDCWD, $path, 0);
    push @worked, 'mount_setattr, recursive' if clear_read_only(AT_FDCWD, $path, AT_RECURSIVE);
    push @worked, 'remount' if syscall(MOUNT, $none, $path, $none, REMOUNT, $none) == 0;
    push @worked, 'writing after that' if can_write($path);
    my $copy = syscall(OPEN_TREE, AT_FDCWD, $path, OPEN_TREE_CLONE | AT_RECURSIVE);
    if ($copy >= 0) {
        push @worked, 'mount_setattr of a copy' if clear_read_only($copy, $none, AT_EMPTY_PATH);
        push @worked, 'writing in a copy' if can_write("/proc/self/fd/$copy");
        my $place = -d $path ? '/mnt' : do { open my $file, '>', '/tmp/place'; '/tmp/place' };
        if (syscall(MOVE_MOUNT, $copy, $none, AT_FDCWD, $place, 4) == 0) {
            push @worked, 'mount_setattr of a mounted copy' if clear_read_only(AT_FDCWD, $place, 0);
            push @worked, 'writing in a mounted copy' if can_write($place);
            syscall(UMOUNT, $place, 2);
        }
    }
    print "$path: ", join(', ', @worked) || 'nothing', "\n";
}
