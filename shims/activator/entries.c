#include "entries.h"

#include "sys.h"

/* As deep as the kernel follows interpreters of interpreters: fs/exec.c, exec_binprm. */
#define MAX_DEPTH 5
/* The longest argument that execve takes: man 2 execve, MAX_ARG_STRLEN. All of an entry's together get no more. */
#define MAX_BYTES 131072

int read_head(long fd, unsigned char *head) {
    memset(head, 0, TABLE_HEAD_SIZE);
    return sys(__NR_pread64, fd, head, TABLE_HEAD_SIZE, 0) < 0 ? -1 : 0;
}

/* What execve says of an error, in the words of strerror(3). */
static const char *describe(long error) {
    switch (error) {
    case E_NOENT: return "No such file or directory (ENOENT)";
    case E_2BIG: return "Argument list too long (E2BIG)";
    case E_NOEXEC: return "Exec format error (ENOEXEC)";
    case E_NOMEM: return "Cannot allocate memory (ENOMEM)";
    case E_ACCES: return "Permission denied (EACCES)";
    case E_LOOP: return "it leads back to itself: Too many levels of symbolic links (ELOOP)";
    default: return "it cannot be executed";
    }
}

static void fail_entry(const struct call *call, const char *name, const char *interpreter, long error)
    __attribute__((noreturn));
static void fail_entry(const struct call *call, const char *name, const char *interpreter, long error) {
    char why[PATH_SIZE] = "entry ";
    /* A part that there is no room for is left out. */
    append(why, sizeof why, name == NULL ? "without a name" : name);
    append(why, sizeof why, ": interpreter ");
    append(why, sizeof why, interpreter == NULL ? "(none)" : interpreter);
    append(why, sizeof why, ": ");
    append(why, sizeof why, describe(error));
    fail(call, why);
}

/* The path behind `#!`, or NULL where it does not end within HEAD. */
static const char *script_interpreter(unsigned char *head) {
    size_t start = 2;
    while (start < TABLE_HEAD_SIZE && (head[start] == ' ' || head[start] == '\t')) start++;
    for (size_t end = start; end < TABLE_HEAD_SIZE; end++) {
        if (head[end] != ' ' && head[end] != '\t' && head[end] != '\n' && head[end] != '\0') continue;
        head[end] = '\0';
        return (const char *)head + start;
    }
    return NULL;
}

/* What execve would say of an interpreter, as far as it could go on for ever: the kernel counts how often interpreters
 * lead to others, but each activator is a program of its own. 0 where the rest can be left to the kernel. */
static long check_interpreter(const struct table *table, const char *path) {
    unsigned char head[TABLE_HEAD_SIZE];
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
        long fd = sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
        if (fd == -E_ACCES) return 0; /* it may be one that can be executed, not read */
        if (fd < 0) return -fd;
        int failed = read_head(fd, head);
        sys(__NR_close, fd, 0, 0, 0);
        if (failed < 0) return 0;
        if (head[0] == '#' && head[1] == '!') {
            path = script_interpreter(head);
            if (path == NULL) return 0;
            continue;
        }
        const struct table_entry *entry = table_match(table, head);
        if (entry == NULL || entry->command == 0) return 0;
        struct string_list command = table_list(table, entry->command);
        path = list_string(&command, 0);
        if (path == NULL) return E_NOEXEC;
    }
    return E_LOOP;
}

/* How many bytes an argument has with its NUL, `#a` and `##` replaced; written to TO where that is not NULL. */
static size_t expand(char *to, const char *text, const char *argv0) {
    size_t n = 0;
    for (; *text != '\0'; text++) {
        int is_argv0 = text[0] == '#' && text[1] == 'a', is_hash = text[0] == '#' && text[1] == '#';
        size_t size = is_argv0 ? length(argv0) : 1;
        if (to != NULL) memcpy(to + n, is_argv0 ? argv0 : text, size);
        n += size;
        text += is_argv0 || is_hash;
    }
    if (to != NULL) to[n] = '\0';
    return n + 1;
}

void run_entry(const struct call *call, const struct table *table, const struct table_entry *entry) {
    struct string_list command = table_list(table, entry->command);
    const char *name = table_string(table, entry->name), *path = list_string(&command, 0);
    if (path == NULL) fail_entry(call, name, NULL, E_NOEXEC);
    size_t bytes = 0;
    for (uint32_t i = 1; i < command.count; i++) {
        const char *argument = list_string(&command, i);
        if (argument == NULL) fail_entry(call, name, path, E_NOEXEC);
        bytes += expand(NULL, argument, call->argv[2]);
        if (bytes > MAX_BYTES) fail_entry(call, name, path, E_2BIG);
    }
    long error = check_interpreter(table, path);
    if (error != 0) fail_entry(call, name, path, error);
    char *room = __builtin_alloca(bytes + 1);
    char **argv = __builtin_alloca(((size_t)call->argc + command.count) * sizeof *argv);
    size_t n = 0;
    argv[n++] = (char *)path;
    for (uint32_t i = 1; i < command.count; i++) {
        argv[n++] = room;
        room += expand(room, list_string(&command, i), call->argv[2]);
    }
    argv[n++] = call->argv[1];
    for (long i = 3; i <= call->argc; i++) argv[n++] = call->argv[i];
    if (call->program >= 0) sys(__NR_close, call->program, 0, 0, 0);
    fail_entry(call, name, path, -sys(__NR_execve, path, argv, call->envp, 0));
}
