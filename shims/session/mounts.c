#define _GNU_SOURCE
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../places.h"
#include "report.h"

/* Where the two trees lie while the session is being built, in a tmpfs that is the root until then. */
#define HOST_TREE "/host"
#define SESSION_TREE "/session"
#define MEMORY_UPPER "/memory/upper"
#define MEMORY_WORK "/memory/work"
#define PATH_SIZE 4096
#define CONTROL_GROUPS "/sys/fs/cgroup"
/* As the kernel follows, man 7 path_resolution. */
#define MAX_LINKS 40
/* A path of a descriptor: no character in it means anything to mount's options, whatever the real path holds. */
#define FD_PATH_SIZE 32

/* The roots of the host's tree and of the session's. The same, until a plan has made a root of its own. */
static int host = -1;
static int session = -1;

static void fd_path(char *path, int fd) {
    snprintf(path, FD_PATH_SIZE, PLACE_OWN_FDS "%d", fd);
}

static int open_directory(const char *path) {
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) die("open", path);
    return fd;
}

/* Symbolic links in the path, relative or absolute, lead nowhere but into the tree. */
static int open_in(int tree, const char *path) {
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    return (int)syscall(SYS_openat2, tree, path, &how, sizeof how);
}

int mounts_open_source(const char *path) {
    int fd = open_in(host, path);
    if (fd < 0) die("open", path);
    return fd;
}

static int open_target(const char *path) {
    int fd = open_in(session, path);
    if (fd < 0) die("open in the session", path);
    return fd;
}

static int open_parent(const char *path, const char **name) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        errno = EINVAL;
        die("open in the session", path);
    }
    *name = slash + 1;
    char parent[PATH_SIZE];
    snprintf(parent, sizeof parent, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    return open_target(parent);
}

static void make_directory(const char *path) {
    const char *name;
    int parent = open_parent(path, &name);
    if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST) die("mkdir", path);
    close(parent);
}

/* The directories above a path. */
static void make_parents(const char *path) {
    char part[PATH_SIZE];
    if (strlen(path) >= sizeof part) {
        errno = ENAMETOOLONG;
        die("mkdir", path);
    }
    strcpy(part, path);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        make_directory(part);
        *slash = '/';
    }
}

/* Where a link that is there already leads to; 0 where it is no link. */
static int read_link(int parent, const char *path, const char *name, char *target) {
    char text[PATH_SIZE];
    ssize_t size = readlinkat(parent, name, text, sizeof text - 1);
    if (size < 0 && errno == EINVAL) return 0;
    if (size < 0) die("readlink", path);
    text[size] = '\0';
    int start = text[0] == '/' ? 0 : (int)(name - path);
    if (snprintf(target, PATH_SIZE, "%.*s%s", start, path, text) >= PATH_SIZE) {
        errno = ENAMETOOLONG;
        die("readlink", path);
    }
    return 1;
}

/* A link that leads nowhere, as /etc/resolv.conf does where nothing has made its file yet, gets its file. */
static void make_file(const char *path, int links) {
    const char *name;
    char target[PATH_SIZE];
    make_parents(path);
    int parent = open_parent(path, &name);
    int fd = openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0 && errno != EEXIST) die("create", path);
    if (fd < 0 && read_link(parent, path, name, target)) {
        errno = ELOOP;
        if (links == MAX_LINKS) die("create", path);
        make_file(target, links + 1);
    }
    if (fd >= 0) close(fd);
    close(parent);
}

static void make_symlink(const char *text, const char *path) {
    const char *name;
    int parent = open_parent(path, &name);
    if (symlinkat(text, parent, name) < 0 && errno != EEXIST) die("symlink", path);
    close(parent);
}

static void set_read_only(int tree, const char *path) {
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) < 0) {
        die("make read-only", path);
    }
}

/* A detached copy of the mounts at a path of the host. */
static int clone_tree(const char *path) {
    int source = mounts_open_source(path);
    int tree = (int)syscall(SYS_open_tree, source, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) die("bind", path);
    close(source);
    return tree;
}

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
    int tree = clone_tree(source);
    struct stat status;
    if (fstat(tree, &status) < 0) die("bind", source);
    int there = open_in(session, target);
    if (there >= 0) {
        close(there);
    } else {
        make_parents(target);
        S_ISDIR(status.st_mode) ? make_directory(target) : make_file(target, 0);
    }
    if (strcmp(access, "ro") == 0) set_read_only(tree, source);
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
    int tree = clone_tree(source);
    set_read_only(tree, source);
    attach(tree, target);
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
    int groups = open_in(host, CONTROL_GROUPS);
    if (failed) bind_read_only("/sys", target);
    else if (groups >= 0) bind_read_only(CONTROL_GROUPS, CONTROL_GROUPS);
    if (groups >= 0) close(groups);
}

static void make_directory_here(const char *path) {
    if (mkdir(path, 0755) < 0) die("mkdir", path);
}

/* From now on the host's tree is only where sources are taken from, and the session's is empty. */
static void begin_root(void) {
    if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0) die("tmpfs", "/tmp");
    if (chdir("/tmp") < 0) die("chdir", "/tmp");
    make_directory_here("." HOST_TREE);
    make_directory_here("." SESSION_TREE);
    make_directory_here("./memory");
    if (symlink("host/proc", "proc") < 0) die("symlink", "proc");
    make_directory_here("." MEMORY_UPPER);
    make_directory_here("." MEMORY_WORK);
    if (syscall(SYS_pivot_root, ".", "." HOST_TREE) < 0) die("pivot_root", "/tmp");
    close(host);
    host = open_directory(HOST_TREE);
}

static int open_layer(const char *path, const char *in_memory) {
    return *path == '\0' ? open_directory(in_memory) : mounts_open_source(path);
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
        fd_path(path, layers[i] = mounts_open_source(lower[i]));
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
    begin_root();
    const char *upper = plan_string(plan), *work = plan_string(plan);
    mount_overlay(SESSION_TREE, upper, work, plan, "");
    close(session);
    session = open_directory(SESSION_TREE);
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
    if (fchdir(session) < 0) die("chdir", SESSION_TREE);
    if (syscall(SYS_pivot_root, ".", ".") < 0) die("pivot_root", SESSION_TREE);
    if (umount2(".", MNT_DETACH) < 0) die("umount", HOST_TREE);
    if (chdir("/") < 0) die("chdir", "/");
    close(host);
    close(session);
}

/* Makes a part of the session read-only, by a mount of it over itself. */
static void protect(const char *path) {
    int part = open_in(session, path);
    if (part < 0 && errno == ENOENT) return; /* this kernel has none */
    if (part < 0) die("protect", path);
    int tree = (int)syscall(SYS_open_tree, part, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) die("protect", path);
    close(part);
    set_read_only(tree, path);
    attach(tree, path);
}

/* Keeps a read-only copy of a host directory open as descriptor FD, mounted nowhere. */
static void hold(struct plan *plan) {
    int fd = (int)plan_number(plan);
    const char *source = plan_string(plan);
    int tree = clone_tree(source);
    set_read_only(tree, source);
    if (dup3(tree, fd, O_CLOEXEC) < 0) die("hold", source);
    close(tree);
}

void mounts_begin(void) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) die("make mounts private", "/");
    host = open_directory("/");
    session = open_directory("/");
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
