#define _GNU_SOURCE
#include "shared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mounts.h"
#include "paths.h"
#include "report.h"

#define SHARED_TREE "/shared"

static char *none[] = {NULL};
static char **shared = none;

static int clone_mounts(int source, const char *path) {
    int tree = (int)syscall(SYS_open_tree, source, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) die("bind", path);
    close(source);
    return tree;
}

int clone_tree(const char *source) {
    return clone_mounts(open_source(source), source);
}

static void set_attribute(int tree, uint64_t attribute, const char *step, const char *path) {
    struct mount_attr attributes = {.attr_set = attribute};
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) < 0) die(step, path);
}

void set_read_only(int tree, const char *path) {
    set_attribute(tree, MOUNT_ATTR_RDONLY, "make read-only", path);
}

void set_no_devices(int tree, const char *path) {
    set_attribute(tree, MOUNT_ATTR_NODEV, "make devices dead", path);
}

static void place_of(char *place, size_t index) {
    snprintf(place, PATH_SIZE, SHARED_TREE "/%zu", index);
}

int clone_read_only(const char *source) {
    char place[PATH_SIZE];
    for (size_t i = 0; shared[i] != NULL; i++) {
        if (strcmp(shared[i], source) != 0) continue;
        place_of(place, i);
        int fd = open(place, O_PATH | O_CLOEXEC);
        if (fd < 0) die("bind", source);
        return clone_mounts(fd, source);
    }
    int tree = clone_tree(source);
    set_read_only(tree, source);
    return tree;
}

static void make_directory_here(const char *path) {
    if (mkdir(path, 0755) < 0) die("mkdir", path);
}

/* From now on the host's tree is only where sources are taken from, and the session's is empty. */
static void make_root(void) {
    if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0) die("tmpfs", "/tmp");
    if (chdir("/tmp") < 0) die("chdir", "/tmp");
    make_directory_here("." HOST_TREE);
    make_directory_here("." SESSION_TREE);
    make_directory_here("." MEMORY_TREE);
    make_directory_here("." SHARED_TREE);
    if (symlink("host/proc", "proc") < 0) die("symlink", "proc");
    if (syscall(SYS_pivot_root, ".", "." HOST_TREE) < 0) die("pivot_root", "/tmp");
}

/* A mount needs a place of its kind. */
static void make_place(const char *place, int tree, const char *source) {
    struct stat status;
    if (fstat(tree, &status) < 0) die("bind", source);
    if (S_ISDIR(status.st_mode)) {
        make_directory_here(place);
        return;
    }
    int fd = open(place, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0) die("create", place);
    close(fd);
}

static void share(size_t index, const char *source) {
    int fd = find_source(source);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return; /* what needs it says so */
    if (fd < 0) die("open", source);
    int tree = clone_mounts(fd, source);
    set_read_only(tree, source);
    char place[PATH_SIZE];
    place_of(place, index);
    make_place(place, tree, source);
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) < 0) die("mount", source);
    close(tree);
}

void shared_make(char **sources) {
    mounts_make_private();
    make_root();
    paths_begin(HOST_TREE, SESSION_TREE);
    for (size_t i = 0; sources[i] != NULL; i++) share(i, sources[i]);
    paths_end();
}

void shared_use(char **sources) {
    shared = sources;
}
