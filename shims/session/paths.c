#define _GNU_SOURCE
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../places.h"
#include "report.h"

/* As the kernel follows, man 7 path_resolution. */
#define MAX_LINKS 40

static int host = -1;
static int session = -1;

void paths_begin(const char *host_path, const char *session_path) {
    paths_end();
    host = open_directory(host_path);
    session = open_directory(session_path);
}

void paths_end(void) {
    if (host >= 0) close(host);
    if (session >= 0) close(session);
    host = session = -1;
}

int paths_session(void) {
    return session;
}

void fd_path(char *path, int fd) {
    snprintf(path, FD_PATH_SIZE, PLACE_OWN_FDS "%d", fd);
}

int open_directory(const char *path) {
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) die("open", path);
    return fd;
}

static int open_in(int tree, const char *path) {
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    return (int)syscall(SYS_openat2, tree, path, &how, sizeof how);
}

int find_source(const char *path) {
    return open_in(host, path);
}

int open_source(const char *path) {
    int fd = find_source(path);
    if (fd < 0) die("open", path);
    return fd;
}

int find_target(const char *path) {
    return open_in(session, path);
}

int open_target(const char *path) {
    int fd = find_target(path);
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

void make_directory(const char *path) {
    const char *name;
    int parent = open_parent(path, &name);
    if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST) die("mkdir", path);
    close(parent);
}

void make_parents(const char *path) {
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

static void make_file_behind(const char *path, int links) {
    const char *name;
    char target[PATH_SIZE];
    make_parents(path);
    int parent = open_parent(path, &name);
    int fd = openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0 && errno != EEXIST) die("create", path);
    if (fd < 0 && read_link(parent, path, name, target)) {
        errno = ELOOP;
        if (links == MAX_LINKS) die("create", path);
        make_file_behind(target, links + 1);
    }
    if (fd >= 0) close(fd);
    close(parent);
}

void make_file(const char *path) {
    make_file_behind(path, 0);
}

void make_symlink(const char *text, const char *path) {
    const char *name;
    int parent = open_parent(path, &name);
    if (symlinkat(text, parent, name) < 0 && errno != EEXIST) die("symlink", path);
    close(parent);
}
