#define _GNU_SOURCE
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../places.h"
#include "paths.h"
#include "report.h"
#include "shared.h"

#define MEMORY_UPPER MEMORY_TREE "/upper"
#define MEMORY_WORK MEMORY_TREE "/work"
#define CONTROL_GROUPS "/sys/fs/cgroup"

static void attach(int tree, const char *path) {
    int target = open_target(path);
    if (syscall(SYS_move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) {
        die("mount", path);
    }
    close(target);
    close(tree);
}

static void bind_mount(struct plan *plan) {
    const char *source = plan_string(plan), *target = plan_string(plan), *access = plan_string(plan);
    int tree = strcmp(access, "ro") == 0 ? clone_read_only(source) : clone_tree(source);
    if (strcmp(plan_string(plan), "dead") == 0) set_no_devices(tree, source);
    struct stat status;
    if (fstat(tree, &status) < 0) die("bind", source);
    int there = find_target(target);
    if (there >= 0) {
        close(there);
    } else {
        make_parents(target);
        S_ISDIR(status.st_mode) ? make_directory(target) : make_file(target);
    }
    attach(tree, target);
}

static void new_mount(const char *type, const char *target, const char *options) {
    int fd = open_target(target);
    char path[FD_PATH_SIZE];
    fd_path(path, fd);
    if (mount(type, path, type, MS_NOSUID | (strcmp(type, "tmpfs") == 0 ? 0 : MS_NOEXEC), options) < 0) die(type, target);
    close(fd);
}

static void bind_read_only(const char *source, const char *target) {
    attach(clone_read_only(source), target);
}

/* A new sysfs shows the interfaces of the session's own network. Where parts of the host's are hidden, as in containers, the
 * kernel refuses one (mount_too_revealing in fs/namespace.c), and the host's it is. The limits of control groups, which
 * programs look for in it, are the host's in both. */
static void mount_devices(const char *target) {
    int fd = open_target(target);
    char path[FD_PATH_SIZE];
    fd_path(path, fd);
    int failed = mount("sysfs", path, "sysfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0;
    if (failed && errno != EPERM) die("sysfs", target);
    close(fd);
    int groups = find_source(CONTROL_GROUPS);
    if (failed) bind_read_only("/sys", target);
    else if (groups >= 0) bind_read_only(CONTROL_GROUPS, CONTROL_GROUPS);
    if (groups >= 0) close(groups);
}

static void make_memory(void) {
    if (mount("tmpfs", MEMORY_TREE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0) die("tmpfs", MEMORY_TREE);
    if (mkdir(MEMORY_UPPER, 0755) < 0 || mkdir(MEMORY_WORK, 0755) < 0) die("mkdir", MEMORY_TREE);
}

static int open_layer(const char *path, const char *in_memory) {
    return *path == '\0' ? open_directory(in_memory) : open_source(path);
}

/* Layers are given topmost first. An upper layer without a path is in memory, and gone with the session.
 * https://docs.kernel.org/filesystems/overlayfs.html: userxattr is what a mount in a user namespace needs. */
static void mount_overlay(const char *target, const char *upper, const char *work, struct plan *plan, const char *more) {
    size_t count;
    char **lower = plan_list(plan, &count);
    size_t room = (count + 2) * (FD_PATH_SIZE + 10) + 64, at = 0;
    int *layers = calloc(count + 2, sizeof *layers);
    char *options = malloc(room), path[FD_PATH_SIZE];
    if (options == NULL || layers == NULL) die("memory", NULL);
    at += (size_t)snprintf(options + at, room - at, "userxattr%s,lowerdir=", more);
    for (size_t i = 0; i < count; i++) {
        fd_path(path, layers[i] = open_source(lower[i]));
        at += (size_t)snprintf(options + at, room - at, "%s%s", i == 0 ? "" : ":", path);
    }
    fd_path(path, layers[count] = open_layer(upper, MEMORY_UPPER));
    at += (size_t)snprintf(options + at, room - at, ",upperdir=%s", path);
    fd_path(path, layers[count + 1] = open_layer(work, MEMORY_WORK));
    snprintf(options + at, room - at, ",workdir=%s", path);
    if (mount("overlay", target, "overlay", 0, options) < 0) die("overlay", count > 0 ? lower[0] : NULL);
    /* A layer's ".." is the host's tree, and the session may look into /proc/1/fd. */
    for (size_t i = 0; i < count + 2; i++) close(layers[i]);
    free(layers);
    free(options);
    free(lower);
}

static void mount_root(struct plan *plan) {
    const char *upper = plan_string(plan), *work = plan_string(plan);
    if (*upper == '\0') make_memory();
    mount_overlay(SESSION_TREE, upper, work, plan, "");
    paths_begin(HOST_TREE, SESSION_TREE);
}

/* overlayfs.rst, "Changes to underlying filesystems": without these, the lower layer may be changed between two mounts. */
static void mount_view(struct plan *plan) {
    const char *target = plan_string(plan), *upper = plan_string(plan), *work = plan_string(plan);
    make_parents(target);
    make_directory(target);
    int fd = open_target(target);
    char path[FD_PATH_SIZE];
    fd_path(path, fd);
    mount_overlay(path, upper, work, plan, ",index=off,xino=off");
    close(fd);
}

/* The session's tree becomes the root, and the host's is gone. man 2 pivot_root, "pivot_root(".", ".")". */
static void enter_root(void) {
    if (fchdir(paths_session()) < 0) die("chdir", SESSION_TREE);
    if (syscall(SYS_pivot_root, ".", ".") < 0) die("pivot_root", SESSION_TREE);
    if (umount2(".", MNT_DETACH) < 0) die("umount", HOST_TREE);
    if (chdir("/") < 0) die("chdir", "/");
    paths_end();
}

/* Makes a part of the session read-only, by a mount of it over itself. */
static void protect(const char *path) {
    int part = find_target(path);
    if (part < 0 && errno == ENOENT) return; /* this kernel has none */
    if (part < 0) die("protect", path);
    int tree = (int)syscall(SYS_open_tree, part, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) die("protect", path);
    close(part);
    set_read_only(tree, path);
    attach(tree, path);
}

/* Otherwise each program of a twin set would fail, and say nothing of the reason. */
static void require_executable(int tree, const char *source) {
    struct statvfs status;
    if (fstatvfs(tree, &status) < 0) die("statvfs", source);
    if (!(status.f_flag & ST_NOEXEC)) return;
    errno = EACCES;
    die("execute from", source);
}

/* Keeps a read-only copy of a host directory open as descriptor FD, mounted nowhere. */
static void hold(struct plan *plan) {
    int fd = (int)plan_number(plan);
    const char *source = plan_string(plan);
    int tree = clone_read_only(source);
    if (fd == PLACE_TWINS_FD) require_executable(tree, source);
    if (dup3(tree, fd, O_CLOEXEC) < 0) die("hold", source);
    close(tree);
}

void mounts_make_private(void) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) die("make mounts private", "/");
}

void mounts_begin_on_host(void) {
    mounts_make_private();
    paths_begin("/", "/");
}

void mounts_begin(char **sources) {
    shared_use(sources);
    paths_begin(HOST_TREE, SESSION_TREE);
}

void mounts_do(const char *operation, struct plan *plan) {
    if (strcmp(operation, "root") == 0) {
        mount_root(plan);
    } else if (strcmp(operation, "enter") == 0) {
        enter_root();
    } else if (strcmp(operation, "overlay") == 0) {
        mount_view(plan);
    } else if (strcmp(operation, "bind") == 0) {
        bind_mount(plan);
    } else if (strcmp(operation, "mount") == 0) {
        const char *type = plan_string(plan), *target = plan_string(plan);
        new_mount(type, target, plan_string(plan));
    } else if (strcmp(operation, "devices") == 0) {
        mount_devices(plan_string(plan));
    } else if (strcmp(operation, "directory") == 0) {
        make_directory(plan_string(plan));
    } else if (strcmp(operation, "symlink") == 0) {
        const char *text = plan_string(plan);
        make_symlink(text, plan_string(plan));
    } else if (strcmp(operation, "protect") == 0) {
        protect(plan_string(plan));
    } else if (strcmp(operation, "hold") == 0) {
        hold(plan);
    } else {
        errno = EINVAL;
        die("read plan", operation);
    }
}
