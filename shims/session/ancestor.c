#define _GNU_SOURCE
#include "ancestor.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

/* man 5 proc, /proc/pid/stat: "pid (name) state ppid ..."; the name may hold anything, but no line is this long. */
#define STAT_SIZE 512
/* A process that is so deep below another has its time counted for nobody. */
#define MAX_DEPTH 64

static int proc = -1;

void ancestor_begin(void) {
    if (proc >= 0) return;
    proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0) die("look at processes", "/proc");
}

/* 0 where it has ended, or is the session's first. A guest may mount over the file what never answers. */
static pid_t parent_of(pid_t pid) {
    char path[32], text[STAT_SIZE];
    snprintf(path, sizeof path, "%ld/stat", (long)pid);
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS};
    int fd = (int)syscall(SYS_openat2, proc, path, &how, sizeof how);
    if (fd < 0) return 0;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    if (size <= 0) return 0;
    text[size] = '\0';
    const char *name_end = strrchr(text, ')');
    if (name_end == NULL || strlen(name_end) < 5) return 0;
    return (pid_t)strtol(name_end + 4, NULL, 10);
}

pid_t ancestor_find(pid_t pid, int (*is_wanted)(pid_t pid)) {
    for (int depth = 0; pid > 1 && depth < MAX_DEPTH; depth++) {
        if (is_wanted(pid)) return pid;
        pid = parent_of(pid);
    }
    return 0;
}

DIR *ancestor_list(void) {
    int fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    if (list == NULL && fd >= 0) close(fd);
    return list;
}
