#define _GNU_SOURCE
#include "binfmt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../places.h"
#include "entries.h"
#include "report.h"
#include "shared.h"

/* fs/binfmt_misc.c, MAX_REGISTER_LENGTH */
#define MAX_REGISTER_BYTES 1920

/* Kept open: the instance goes with the last that holds it. */
static int file_system = -1;
static int changes = -1;
static int follows;

/* What a plan asks for, and what is registered now. */
static struct registration noted[MAX_REGISTRATIONS], registered[MAX_REGISTRATIONS];
static size_t noted_count, registered_count;

void binfmt_note(struct plan *plan) {
    if (noted_count == MAX_REGISTRATIONS) {
        errno = E2BIG;
        die("binfmt_misc", "too many entries");
    }
    const char *name = plan_string(plan), *offset = plan_string(plan), *magic = plan_string(plan), *mask = plan_string(plan);
    /* Read-only also for who finds it by /proc/PID/exe of an activator. */
    int interpreter = clone_read_only(plan_string(plan));
    if (registration_make(&noted[noted_count++], name, offset, magic, mask, interpreter, plan_string(plan)) < 0)
        die("binfmt_misc", name);
}

void binfmt_follow(void) {
    follows = 1;
}

/* Since Linux 6.7, each user namespace can have an instance of its own. */
static void open_file_system(void) {
    int context = (int)syscall(SYS_fsopen, "binfmt_misc", FSOPEN_CLOEXEC);
    if (context < 0) die("binfmt_misc", "fsopen");
    if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) die("binfmt_misc", "create");
    file_system = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
    if (file_system < 0) die("binfmt_misc", "fsmount");
    close(context);
}

/* The kernel takes an entry, and a command to it, as one write. */
static int write_to(const char *name, const char *text) {
    int fd = openat(file_system, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t size = (ssize_t)strlen(text), written = write(fd, text, (size_t)size);
    int error = errno;
    close(fd);
    errno = written < 0 ? error : EIO;
    return written == size ? 0 : -1;
}

/* A blank parts the fields: none has one. */
static int enter(const struct registration *entry) {
    char line[MAX_REGISTER_BYTES + 1];
    int size = snprintf(line, sizeof line, " %s " PLACE_OWN_FDS "%d %s", entry->what, entry->interpreter, entry->flags);
    if (size > MAX_REGISTER_BYTES) {
        errno = E2BIG;
        return -1;
    }
    return write_to("register", line);
}

static int is_among(const struct registration *entry, const struct registration *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(entry->what, list[i].what) == 0) return 1;
    }
    return 0;
}

/* Makes the instance hold what is wanted. What stays is not touched: no exec finds it missing meanwhile. Returns the first
 * that the kernel did not take, with errno set, or NULL. */
static const struct registration *synchronise(const struct registration *wanted, size_t count) {
    const struct registration *failed = NULL;
    int error = 0;
    for (size_t i = registered_count; i-- > 0;) {
        if (is_among(&registered[i], wanted, count)) continue;
        /* Where the session's root took it out already, it is gone as well. */
        (void)write_to(registered[i].name, "-1");
        registered[i] = registered[--registered_count];
    }
    /* The oldest first: of two that fit, the kernel takes the one that came last, as the table does. */
    for (size_t i = count; i-- > 0;) {
        if (is_among(&wanted[i], registered, registered_count)) continue;
        if (enter(&wanted[i]) == 0) {
            registered[registered_count++] = wanted[i];
        } else if (failed == NULL) {
            failed = &wanted[i];
            error = errno;
        }
    }
    errno = error;
    return failed;
}

/* The watch comes before the first look, so that no change falls between the two. Where the kernel has no watch left for
 * this user, the session goes on with the entries that it began with. */
static void watch_table(void) {
    changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    char path[64];
    snprintf(path, sizeof path, PLACE_OWN_FDS "%d", PLACE_ROUTES_FD);
    if (changes >= 0 && inotify_add_watch(changes, path, IN_MOVED_TO | IN_ONLYDIR) >= 0) return;
    dprintf(STDERR_FILENO, "xbuild-env: entries of the activator that change do not reach this session: %s\n", strerror(errno));
    if (changes >= 0) close(changes);
    changes = -1;
}

void binfmt_register(void) {
    if (noted_count == 0 && !follows) return;
    open_file_system();
    if (follows) watch_table();
    static struct registration wanted[MAX_REGISTRATIONS];
    int count = follows ? entries_read(wanted, MAX_REGISTRATIONS) : -1;
    const struct registration *failed = count < 0 ? synchronise(noted, noted_count) : synchronise(wanted, (size_t)count);
    if (failed != NULL) die("binfmt_misc", failed->what);
    for (size_t i = 0; i < noted_count; i++) close(noted[i].interpreter);
}

int binfmt_watch(void) {
    return changes;
}

void binfmt_update(void) {
    char events[4096];
    while (read(changes, events, sizeof events) > 0) {
    }
    static struct registration wanted[MAX_REGISTRATIONS];
    int count = entries_read(wanted, MAX_REGISTRATIONS);
    if (count < 0) return;
    const struct registration *failed = synchronise(wanted, (size_t)count);
    if (failed != NULL)
        dprintf(STDERR_FILENO, "xbuild-env: entry %s cannot be registered: %s\n", failed->name, strerror(errno));
}
