#define _GNU_SOURCE
#include "binfmt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mounts.h"
#include "report.h"

/* fs/binfmt_misc.c, MAX_REGISTER_LENGTH */
#define MAX_REGISTER_BYTES 1920

static int file_system = -1;

/* Since Linux 6.7, each user namespace can have an instance of its own. */
static void open_file_system(void) {
    int context = (int)syscall(SYS_fsopen, "binfmt_misc", FSOPEN_CLOEXEC);
    if (context < 0) die("binfmt_misc", "fsopen");
    if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) die("binfmt_misc", "create");
    file_system = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
    if (file_system < 0) die("binfmt_misc", "fsmount");
    close(context);
}

void binfmt_register(struct plan *plan) {
    if (file_system < 0) open_file_system();
    const char *name = plan_string(plan), *offset = plan_string(plan), *magic = plan_string(plan);
    const char *mask = plan_string(plan), *interpreter = plan_string(plan), *flags = plan_string(plan);
    int program = mounts_open_source(interpreter);
    char line[MAX_REGISTER_BYTES + 1];
    int size = snprintf(line, sizeof line, ":%s:M:%s:%s:%s:/proc/self/fd/%d:%s", name, offset, magic, mask, program, flags);
    int fd = openat(file_system, "register", O_WRONLY | O_CLOEXEC);
    if (fd < 0) die("binfmt_misc", "open register");
    if (size > MAX_REGISTER_BYTES) errno = E2BIG;
    if (size > MAX_REGISTER_BYTES || write(fd, line, (size_t)size) != size) die("binfmt_misc", line);
    close(fd);
    close(program);
}
