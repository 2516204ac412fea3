#include "call.h"

#include "sys.h"

struct call read_call(long *stack) {
    struct call call = {
        .argv = (char **)(stack + 1), .argc = stack[0], .envp = (char **)(stack + 1) + stack[0] + 1, .program = -1};
    call.auxiliary = (struct auxiliary *)(call.envp + count(call.envp) + 1);
    for (const struct auxiliary *aux = call.auxiliary; aux->type != AT_NULL; aux++) {
        if (aux->type == AT_EXECFD) call.program = (long)aux->value;
        if (aux->type == AT_SECURE) call.secure = aux->value != 0;
    }
    return call;
}

void move_program(struct call *call) {
    if (call->program != 0) return;
    long moved = sys(__NR_fcntl, call->program, F_DUPFD, 1, 0);
    if (moved < 0) return; /* there is no room: as it is without this */
    sys(__NR_close, call->program, 0, 0, 0);
    call->program = moved;
    for (struct auxiliary *aux = call->auxiliary; aux->type != AT_NULL; aux++) {
        if (aux->type == AT_EXECFD) aux->value = (unsigned long)moved;
    }
}

unsigned long auxiliary_value(const struct call *call, unsigned long type, unsigned long otherwise) {
    for (const struct auxiliary *aux = call->auxiliary; aux->type != AT_NULL; aux++) {
        if (aux->type == type) return aux->value;
    }
    return otherwise;
}

size_t count(char **list) {
    size_t n = 0;
    while (list[n] != NULL) n++;
    return n;
}

int append(char *to, size_t size, const char *text) {
    size_t at = length(to), n = length(text);
    if (at + n + 1 > size) return 0;
    memcpy(to + at, text, n + 1);
    return 1;
}

static void say(const char *text) {
    sys(__NR_write, 2, text, length(text), 0);
}

void fail(const struct call *call, const char *why) {
    say("xbuild-env: cannot run ");
    say(call->argc > 1 ? call->argv[1] : "a program");
    say(": ");
    say(why);
    say("\n");
    for (;;) sys(__NR_exit_group, 126, 0, 0, 0);
}
