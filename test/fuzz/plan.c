/* libFuzzer's view of the C that executes a plan, its paths and its options of mounts: whatever it says, nothing is read or
 * written outside of what there is, and everything ends. */
#include "kernel.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "session/guest.h"

/* Reads all that it is given, so that the sanitizer sees it. */
static int touch(const char *text) {
    return text == NULL || strlen(text) < SIZE_MAX ? answer(0) : 0;
}

static ssize_t give_link(char *to, size_t room) {
    size_t size = throw_dice() % (room + 1);
    for (size_t i = 0; i < size; i++) to[i] = "ab/."[throw_dice() % 4];
    return answer((int)size);
}

static int give_status(struct stat *status) {
    memset(status, 0, sizeof *status);
    status->st_mode = throw_dice() % 2 ? S_IFDIR : S_IFREG;
    return answer(0);
}

static ssize_t take_bytes(const void *from, size_t size) {
    const uint8_t *bytes = from;
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) sum += bytes[i];
    return answer(sum < UINT_MAX ? (int)size : 0);
}

#define syscall(number, ...) answer(FD)
#define open(path, ...) (touch(path) < 0 ? -1 : FD)
#define openat(tree, path, ...) (touch(path) < 0 ? -1 : FD)
#define mkdir(path, mode) touch(path)
#define mkdirat(tree, path, mode) touch(path)
#define symlink(text, path) (touch(text), touch(path))
#define symlinkat(text, tree, path) (touch(text), touch(path))
#define readlinkat(tree, path, to, room) give_link(to, room)
#define fstat(fd, status) give_status(status)
#define mount(source, path, type, flags, options) (touch(source), touch(path), touch(type), touch(options))
#define umount2(path, flags) touch(path)
#define chdir(path) touch(path)
#define fchdir(fd) answer(0)
#define dup3(old, fd, flags) answer(FD)
#define write(fd, bytes, size) take_bytes(bytes, size)
#define sethostname(name, size) take_bytes(name, size)
#define dprintf(...) (void)0
#define mmap(...) MAP_FAILED
#define inotify_init1(flags) answer(FD)
#define inotify_add_watch(fd, path, events) touch(path)
#define setsid() answer(0)
#define setgroups(...) answer(0)
#define setresuid(...) answer(0)
#define setresgid(...) answer(0)
#define prctl(...) answer(0)
#define socket(...) answer(FD)
#define ioctl(...) answer(0)
#define socketpair(...) -1
#define fork() -1
#define unshare(...) -1
#define _exit(status) longjmp(end, 1)

#include "session/binfmt.c"
#include "session/entries.c"
#include "session/guest_plan.c"
#include "session/idmap.c"
#include "session/mounts.c"
#include "session/paths.c"
#include "session/plan.c"
#include "session/shared.c"
#include "session/start.c"
#define main session_main
#include "session/main.c"
#undef main

int init_run(const struct guest *guest, int parent) {
    (void)parent;
    for (char **word = guest->argv; *word != NULL; word++) touch(*word);
    for (char **word = guest->envp; *word != NULL; word++) touch(*word);
    return take_bytes(guest->groups, guest->group_count * sizeof *guest->groups) < 0;
}

/* What is not of the plan. */
void audit_hide(void) {}
void limits_ignore(void) {}
void limits_keep(void) {}
void calls_refuse(void) {}
void sync_drop(void) {}
void trace_want(void) {}
void report_ready(void) {}
void report_started(long pid) {
    (void)pid;
}
void copy_begin(char **argv, char **envp) {
    (void)argv, (void)envp;
}
void guard_start(pid_t pid, int has_terminal) {
    (void)pid, (void)has_terminal;
}
void guard_dismiss(void) {}

void handed_protect(void) {}

void locks_keep(void) {}

void locks_leave(void) {}

void locks_keep_only(int last) {
    (void)last;
}
int relay_run(const struct side *side, int master, int signals) {
    return side->stop + master + signals;
}
const struct side keeper_side;
void keeper_begin(const struct outline *outline, pid_t pid, int orders, pid_t parent) {
    (void)outline, (void)pid, (void)orders, (void)parent;
}
int keeper_end(int status, int signals) {
    return status + signals;
}
int join_run(struct plan *plan, int signals) {
    return plan_is_empty(plan) + signals;
}
int join_stop(const char *path, int signals) {
    return touch(path) + signals;
}
void orders_begin(int fd, enum left_behind left) {
    (void)fd, (void)left;
}
int terminal_make(int fd) {
    return answer(fd);
}
int terminal_receive(int fd) {
    return answer(fd);
}
void terminal_save(void) {}
void terminal_raw(void) {}
void terminal_restore(void) {}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!begin_input(data, size)) return 0;
    noted_count = registered_count = 0;
    follows = 0;
    shared_use(none);
    if (setjmp(end) == 0) {
        struct plan plan = plan_read(FD);
        struct outline outline = outline_read(&plan);
        outline.locked = 0; /* makes another process */
        idmap_apply_below(&outline.map, 1);
        if (outline.own_root) shared_make(outline.shared);
        run_session(&plan, &outline, (struct line){FD, FD});
    }
    end_input();
    return 0;
}
