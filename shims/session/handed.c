#define _GNU_SOURCE
#include "handed.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "paths.h"
#include "report.h"

/* The device of a terminal: of /dev/tty, the one that this is for the process that has opened it. man 2 ioctl_tty */
static int device_of(int fd, unsigned int *device) {
    return ioctl(fd, TIOCGDEV, device) == 0;
}

static int is_same(int one, int other) {
    struct stat a, b;
    unsigned int first, second;
    if (fstat(one, &a) < 0 || fstat(other, &b) < 0 || a.st_dev != b.st_dev || a.st_ino != b.st_ino) return 0;
    return device_of(one, &first) && device_of(other, &second) && first == second;
}

static int open_read_only(const char *path, int access) {
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) return -1;
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    int fd = -1;
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0) {
        char place[FD_PATH_SIZE];
        fd_path(place, tree);
        fd = open(place, access | O_NOCTTY | O_CLOEXEC);
    }
    close(tree);
    return fd;
}

/* One that is not found by its path, or is another user's, stays as it is. */
static void protect(int fd) {
    unsigned int device;
    if (!device_of(fd, &device)) return;
    char own[FD_PATH_SIZE], path[PATH_SIZE];
    fd_path(own, fd);
    ssize_t size = readlink(own, path, sizeof path - 1);
    int flags = fcntl(fd, F_GETFL);
    if (size < 0 || flags < 0) return;
    path[size] = '\0';
    int other = open_read_only(path, flags & O_ACCMODE);
    if (other < 0) return;
    if (is_same(fd, other) && dup2(other, fd) < 0) die("protect the caller's terminal", path);
    close(other);
}

/* What any session has too, and what is often handed down: see guest_use_own_devices. */
static void protect_device(int fd) {
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
    struct stat given, own;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fstat(fd, &given) < 0 || !S_ISCHR(given.st_mode)) return;
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        if (stat(devices[i], &own) < 0 || own.st_rdev != given.st_rdev) continue;
        int other = open_read_only(devices[i], flags & O_ACCMODE);
        if (other < 0 || dup2(other, fd) < 0) die("protect the caller's device", devices[i]);
        close(other);
        return;
    }
}

void handed_protect(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) protect(fd);
}

void handed_protect_devices(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) protect_device(fd);
}
