#include "become.h"

#include <linux/resource.h>

#include "../places.h"
#include "place.h"
#include "rules.h"
#include "shown.h"
#include "sys.h"

/* How much room there has to be for what a rule puts in the place of arguments, bytes. */
static size_t replacements_size(const struct call *call, const struct string_list *pairs) {
    size_t size = 0;
    for (long i = 3; i < call->argc; i++) size += replacement_size(pairs, call->argv[i]);
    return size;
}

/* argv[0], the rule's arguments, and those of the call, some replaced; ARGV and ROOM have room for all. */
static void twin_arguments(const struct call *call, const struct string_list *inserted, const struct string_list *pairs,
                           char **argv, char *room) {
    *argv++ = call->argv[2];
    for (uint32_t i = 0; i < inserted->count; i++) {
        const char *argument = list_string(inserted, i);
        if (argument != NULL) *argv++ = (char *)argument;
    }
    for (long i = 3; i < call->argc; i++) {
        size_t size = replacement_size(pairs, call->argv[i]);
        if (size > 0) replace(pairs, call->argv[i], room);
        *argv++ = size > 0 ? room : call->argv[i];
        room += size;
    }
    *argv = NULL;
}

/* Closed by the exec that follows, if that succeeds. */
static void leave_program(const struct call *call) {
    if (call->program >= 0) sys(__NR_fcntl, call->program, F_SETFD, FD_CLOEXEC, 0);
}

void run_twin(const struct call *call, const struct session *session, const struct table_route *route) {
    const struct table *table = &session->table;
    const char *twin = table_string(table, route->twin);
    const struct table_rule *rule = table_rule(table, route);
    if (twin == NULL || session_program_size(session, twin) != (long)route->twin_size) return;
    leave_program(call);
    if (rule == NULL) {
        session_execute(session, twin, call->argv + 2, call->envp);
        return;
    }
    struct string_list changes = table_list(table, rule->environment), pairs = table_list(table, rule->replace);
    struct string_list inserted = table_list(table, rule->insert);
    char **envp = __builtin_alloca((count(call->envp) + changes.count + 1) * sizeof *envp);
    change_environment(&changes, 1, call->envp, envp);
    char **argv = __builtin_alloca(((size_t)call->argc + inserted.count) * sizeof *argv);
    char *room = __builtin_alloca(replacements_size(call, &pairs) + 1);
    twin_arguments(call, &inserted, &pairs, argv, room);
    session_execute(session, twin, argv, envp);
}

/* Arguments of qemu's (man qemu-user), in memory that is still there when the activator is not. The size is what a program gets
 * that may have any stack: qemu would give it 8 MB. It sets all of it aside at the start, which takes 1.7 ms for so much, and
 * 5 ms for four times as much; and a program of 32 bits has 2 GB in all. */
struct own_words {
    char argv0[sizeof "-0"], stack[sizeof "-s"], unlimited[sizeof "256M"];
};
#define OWN_WORDS                                                                                                              \
    { "-0", "-s", "256M" }

static int has_unlimited_stack(void) {
    struct rlimit64 limit;
    return sys(__NR_prlimit64, 0, RLIMIT_STACK, NULL, &limit) == 0 && limit.rlim_cur == RLIM64_INFINITY;
}

/* How many strings emulator_arguments adds to those of the call and the session's own. */
#define ADDED_ARGUMENTS 5

/* {program's name, the emulator's arguments..., "-0", argv0, path, argument...} (man qemu-user). The first is what a kernel
 * that cannot show the program's command shows of it; the emulator does not look at it. */
static void emulator_arguments(const struct call *call, const struct string_list *own, struct own_words *words, char **argv) {
    *argv++ = call->argv[2];
    for (uint32_t i = 0; i < own->count; i++) {
        const char *argument = list_string(own, i);
        if (argument != NULL) *argv++ = (char *)argument;
    }
    if (has_unlimited_stack()) {
        *argv++ = words->stack;
        *argv++ = words->unlimited;
    }
    *argv++ = words->argv0;
    *argv++ = call->argv[2];
    *argv++ = call->argv[1];
    for (long i = 3; i <= call->argc; i++) *argv++ = call->argv[i];
}

/* Whether whoever opens the path that the program was called by, after one more exec, gets the program: not if it may be
 * executed only, nor if the path is that of a descriptor, whose number AT_EXECFD may have by now. */
static int is_found_by_path(const struct call *call) {
    if (starts(call->argv[1], PLACE_OWN_FDS) || starts(call->argv[1], "/dev/fd/")) return 0;
    long fd = sys(__NR_openat, AT_FDCWD, call->argv[1], O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    if (fd < 0) return 0;
    struct stat found, program;
    int is_same = sys(__NR_fstat, fd, &found, 0, 0) == 0 && sys(__NR_fstat, call->program, &program, 0, 0) == 0 &&
                  found.st_dev == program.st_dev && found.st_ino == program.st_ino;
    sys(__NR_close, fd, 0, 0, 0);
    return is_same;
}

/* Whether an exec of the emulator would take what the kernel has given to this process alone: the program as an open file, or
 * rights by the program's capabilities. */
static int is_bound_to_process(const struct call *call) {
    return call->program >= 0 && (call->secure || !is_found_by_path(call));
}

/* For an emulator that hands variables on in the opposite order: QEMU before 8, util/envlist.c, where envlist_setenv puts each
 * before the others. */
static char **turn_round(char **envp, char **room) {
    long size = count(envp);
    for (long i = 0; i < size; i++) room[i] = envp[size - 1 - i];
    room[size] = NULL;
    return room;
}

/* Becomes the emulator without an exec, so that the process keeps its program's name, and what the kernel has given to it.
 * Returns where it cannot, or where the kernel would show the activator's command. */
static void become_emulator(const struct call *call, const struct session *session, const char *emulator, char **argv,
                            char **envp) {
    struct prctl_mm_map shown;
    char *room = __builtin_alloca(room_for_variables(call, envp));
    if (!show_command(call, envp, room, &shown) && !is_bound_to_process(call)) return;
    struct image image;
    long fd = session_open_program(session, emulator);
    int is_placed = fd >= 0 && place(call, fd, &image);
    if (fd >= 0) sys(__NR_close, fd, 0, 0, 0);
    if (!is_placed) return;
    int is_reversed = table_header(&session->table)->reverses != 0;
    session_close(session);
    char **turned = __builtin_alloca(((size_t)count(envp) + 1) * sizeof *turned);
    enter(call, &image, &shown, argv, is_reversed ? turn_round(envp, turned) : envp);
}

void run_emulated(const struct call *call, const struct session *session, const struct table_rule *rule) {
    const struct table_header *header = table_header(&session->table);
    const char *emulator = table_string(&session->table, header->interpreter);
    if (emulator == NULL) fail(call, "the session has no emulator");
    struct string_list own = table_list(&session->table, header->arguments);
    char **argv = __builtin_alloca(((size_t)call->argc + own.count + ADDED_ARGUMENTS) * sizeof *argv);
    struct own_words words = OWN_WORDS;
    emulator_arguments(call, &own, &words, argv);
    char **envp = call->envp;
    if (rule != NULL) { /* a native caller may have set what only a twin should see */
        struct string_list changes = table_list(&session->table, rule->environment);
        envp = __builtin_alloca((count(call->envp) + 1) * sizeof *envp);
        change_environment(&changes, 0, call->envp, envp);
    }
    become_emulator(call, session, emulator, argv, envp);
    if (is_bound_to_process(call)) fail(call, "the emulator cannot be loaded");
    leave_program(call);
    char **turned = __builtin_alloca(((size_t)count(envp) + 1) * sizeof *turned);
    long error = session_execute(session, emulator, argv, turn_round(envp, turned));
    fail(call, error == -E_2BIG ? "Argument list too long" : "the emulator cannot be started");
}
