/* The activator: what the kernel's binfmt_misc starts instead of a target program. It looks the program up in the
 * table of routes and becomes its host-native twin, or the emulator.
 *
 * Registered with flags POCF (https://docs.kernel.org/admin-guide/binfmt-misc.html), it is called as
 *     {activator, path, argv0, argument...}
 * with the opened program as the auxiliary vector's AT_EXECFD. It never returns: an exec that fails after this point
 * can no longer be reported to the caller of execve, so it ends with a message and status 126.
 */
#include "sys.h"
#include "table.h"

#include "../places.h"
#include "../trace.h"
#include "become.h"
#include "call.h"
#include "content.h"
#include "entries.h"
#include "rules.h"
#include "session.h"
#include "trace.h"

ENTRY;
void activate(long *stack) __attribute__((noreturn, used));

/* The canonical name of the program: symbolic links and relative parts resolved. Where there is no /proc, it is the path
 * as it was given, and 0 is returned: nobody knows which program that is. */
static int program_name(const struct call *call, char *name, size_t size) {
    char link[] = PLACE_OWN_FDS "0000000000";
    size_t at = sizeof PLACE_OWN_FDS - 1, digits = 1;
    for (long n = call->program; n >= 10; n /= 10) digits++;
    long rest = call->program;
    for (size_t i = digits; i-- > 0; rest /= 10) link[at + i] = (char)('0' + rest % 10);
    link[at + digits] = '\0';
    long got = call->program < 0 ? -1 : sys(__NR_readlinkat, AT_FDCWD, link, name, size - 1);
    if (got > 0) {
        name[got] = '\0';
        return 1;
    }
    name[0] = '\0';
    append(name, size, call->argv[1]);
    return 0;
}

static int64_t nanoseconds(uint64_t seconds, uint64_t rest) {
    return (int64_t)(seconds * 1000000000u + rest);
}

/* The file is the one that the route was made for. Size and time a program can set; the time of the file's last change, and
 * which file it is, it cannot. Those also become others by chmod, chown or one more name, which change no byte: then, and
 * where a package that is being installed brings the file, the bytes decide. */
static int is_unchanged(const struct call *call, const struct table *table, const struct table_route *route) {
    struct stat status;
    if (call->program < 0 || sys(__NR_fstat, call->program, &status, 0, 0) < 0) return 0;
    const char *sum = table_string(table, route->sum);
    if (route->size == 0) return sum != NULL && has_sum(call->program, sum);
    if ((uint64_t)status.st_size != route->size) return 0;
    if (nanoseconds(status.st_mtime, status.st_mtime_nsec) != route->mtime) return 0;
    if (route->ctime == 0) return 1;
    if (nanoseconds(status.st_ctime, status.st_ctime_nsec) == route->ctime && (uint32_t)status.st_ino == route->inode) return 1;
    return sum != NULL && has_sum(call->program, sum);
}

/* Takes the variable out that asks for emulation. Its reason, or NULL where there is none. */
static const char *take_request(struct call *call) {
    const char *reason = NULL;
    char **from = call->envp, **to = call->envp;
    for (; *from != NULL; from++) {
        const char *asked = emulation_request(*from);
        if (asked == NULL) *to++ = *from;
        else reason = asked;
    }
    *to = NULL;
    return reason;
}

/* Whether the program is run as its twin, and if not, why. */
static uint8_t judge(const struct call *call, const struct session *session, const struct table_route *route) {
    if (route == NULL) return TRACE_NO_ROUTE;
    if (!is_unchanged(call, &session->table, route)) return TRACE_CHANGED;
    /* A twin may not ask /proc about itself then, and perl trusts none of its variables. */
    if (call->secure) return TRACE_SECURE;
    if (!environment_allows(&session->table, call->envp)) return TRACE_VARIABLE;
    if (!preload_allows()) return TRACE_PRELOAD;
    const struct table_rule *rule = table_rule(&session->table, route);
    if (rule != NULL && !variables_allow(&session->table, rule, call->envp)) return TRACE_VARIABLE;
    if (rule != NULL && missing_variable(&session->table, rule, call->envp) != NULL) return TRACE_VARIABLE;
    if (rule != NULL && !arguments_allow(&session->table, rule, call->argv + 3)) return TRACE_ARGUMENT;
    return TRACE_ROUTED;
}

/* What a judgement was about: the first variable, or argument, that is refused by itself, or a variable that would have to be
 * set. NULL where it is neither. */
static const char *culprit(const struct call *call, const struct session *session, const struct table_route *route,
                           uint8_t outcome) {
    const struct table_rule *rule = route == NULL ? NULL : table_rule(&session->table, route);
    char **words = outcome == TRACE_VARIABLE ? call->envp : outcome == TRACE_ARGUMENT ? call->argv + 3 : NULL;
    for (; words != NULL && *words != NULL; words++) {
        char *alone[2] = {*words, NULL};
        int is_fine = outcome == TRACE_ARGUMENT ? arguments_allow(&session->table, rule, alone)
                                                : environment_allows(&session->table, alone) &&
                                                      (rule == NULL || variables_allow(&session->table, rule, alone));
        if (!is_fine) return *words;
    }
    return outcome == TRACE_VARIABLE && rule != NULL ? missing_variable(&session->table, rule, call->envp) : NULL;
}

static void trace(const struct call *call, struct session *session, const char *name, const struct table_route *route,
                  uint8_t outcome, const char *request) {
    if (!trace_open(session)) return;
    const char *detail = outcome == TRACE_REQUESTED ? request : culprit(call, session, route, outcome);
    if (outcome == TRACE_VARIABLE && detail != NULL && is_locale(detail)) outcome = TRACE_LOCALE;
    const char *twin = outcome == TRACE_ROUTED && route != NULL ? table_string(&session->table, route->twin) : NULL;
    struct trace_exec exec = {outcome, name, twin, detail, call->argv + 2};
    trace_send(session, &exec);
}

/* An entry that the user made, or NULL for a program of the target. Where no such entry comes before the target's own, the
 * kernel has said all that there is to know. */
static const struct table_entry *find_entry(const struct call *call, const struct table *table) {
    struct entry_list list = table_entries(table);
    if (list.count == 0 || list.first->command == 0) return NULL;
    unsigned char head[TABLE_HEAD_SIZE];
    if (read_head(call->program, head) < 0) return NULL;
    const struct table_entry *entry = table_match(table, head);
    if (entry == NULL) fail(call, "no entry of the session recognises it any more: Exec format error (ENOEXEC)");
    return entry->command == 0 ? NULL : entry;
}

/* The copy that is registered in the system's binfmt_misc has its table in itself, so that it finds that in any chroot or
 * container, where no file of the host is (lib/activator/system-entries.ts writes it). */
static const union {
    char bytes[PLACE_OWN_TABLE_SIZE];
    struct table_header aligned;
} own_table = {PLACE_OWN_TABLE};

/* For an entry of the system's binfmt_misc, outside of sessions. */
static void run_system_entry(const struct call *call, const struct table *table) __attribute__((noreturn));
static void run_system_entry(const struct call *call, const struct table *table) {
    unsigned char head[TABLE_HEAD_SIZE];
    if (read_head(call->program, head) < 0) fail(call, "it cannot be read");
    const struct table_entry *entry = table_match(table, head);
    if (entry == NULL || entry->command == 0) fail(call, "no entry recognises it any more: Exec format error (ENOEXEC)");
    run_entry(call, table, entry);
}

static void trace_entry(const struct call *call, struct session *session, const struct table_entry *entry) {
    if (!trace_open(session)) return;
    char name[PATH_SIZE];
    program_name(call, name, sizeof name);
    struct trace_exec exec = {TRACE_ENTRY, name, NULL, table_string(&session->table, entry->name), call->argv + 2};
    trace_send(session, &exec);
}

void activate(long *stack) {
    struct call call = read_call(stack);
    struct session session;
    if (call.argc < 3) fail(&call, "not started by binfmt_misc with flag P");
    struct table own = {(const unsigned char *)own_table.bytes, sizeof own_table.bytes};
    if (table_header(&own) != NULL) run_system_entry(&call, &own);
    const char *failure = session_open(&session);
    if (failure != NULL) fail(&call, failure);
    const struct table_entry *entry = find_entry(&call, &session.table);
    if (entry != NULL) {
        trace_entry(&call, &session, entry);
        run_entry(&call, &session.table, entry);
    }
    char name[PATH_SIZE];
    const struct table_route *route = program_name(&call, name, sizeof name) ? table_find(&session.table, name) : NULL;
    const char *request = take_request(&call);
    uint8_t outcome = route != NULL && request != NULL ? TRACE_REQUESTED : judge(&call, &session, route);
    trace(&call, &session, name, route, outcome, request);
    if (outcome == TRACE_ROUTED) {
        run_twin(&call, &session, route);
        trace(&call, &session, name, route, TRACE_FAILED, NULL);
    }
    move_program(&call);
    run_emulated(&call, &session, route == NULL ? NULL : table_rule(&session.table, route));
}
