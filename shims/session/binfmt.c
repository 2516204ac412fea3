#define _GNU_SOURCE
#include "binfmt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../places.h"
#include "mounts.h"
#include "report.h"

/* fs/binfmt_misc.c, MAX_REGISTER_LENGTH */
#define MAX_REGISTER_BYTES 1920

/* More than a plan ever has: one. */
#define MAX_ENTRIES 8

struct entry {
    const char *name, *offset, *magic, *mask, *flags;
    int interpreter;
};

static struct entry entries[MAX_ENTRIES];
static size_t entry_count;

void binfmt_note(struct plan *plan) {
    if (entry_count == MAX_ENTRIES) {
        errno = E2BIG;
        die("binfmt_misc", "too many entries");
    }
    struct entry *entry = &entries[entry_count++];
    entry->name = plan_string(plan);
    entry->offset = plan_string(plan);
    entry->magic = plan_string(plan);
    entry->mask = plan_string(plan);
    entry->interpreter = mounts_open_source(plan_string(plan));
    entry->flags = plan_string(plan);
}

/* Since Linux 6.7, each user namespace can have an instance of its own. */
static int open_file_system(void) {
    int context = (int)syscall(SYS_fsopen, "binfmt_misc", FSOPEN_CLOEXEC);
    if (context < 0) die("binfmt_misc", "fsopen");
    if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) die("binfmt_misc", "create");
    int file_system = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
    if (file_system < 0) die("binfmt_misc", "fsmount");
    close(context);
    return file_system;
}

static void register_entry(int file_system, const struct entry *entry) {
    char line[MAX_REGISTER_BYTES + 1];
    int size = snprintf(line, sizeof line, ":%s:M:%s:%s:%s:" PLACE_OWN_FDS "%d:%s", entry->name, entry->offset, entry->magic,
                        entry->mask, entry->interpreter, entry->flags);
    int fd = openat(file_system, "register", O_WRONLY | O_CLOEXEC);
    if (fd < 0) die("binfmt_misc", "open register");
    if (size > MAX_REGISTER_BYTES) errno = E2BIG;
    if (size > MAX_REGISTER_BYTES || write(fd, line, (size_t)size) != size) die("binfmt_misc", line);
    close(fd);
    close(entry->interpreter);
}

void binfmt_register(void) {
    if (entry_count == 0) return;
    int file_system = open_file_system();
    for (size_t i = 0; i < entry_count; i++) register_entry(file_system, &entries[i]);
}
