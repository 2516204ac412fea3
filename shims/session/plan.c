#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

struct plan plan_read(int fd) {
    size_t size = 0, room = 1 << 16;
    char *bytes = malloc(room);
    while (bytes != NULL) {
        ssize_t got = read(fd, bytes + size, room - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) die("read plan", NULL);
        if (got == 0) break;
        size += (size_t)got;
        if (size < room) continue;
        char *more = realloc(bytes, room *= 2);
        if (more == NULL) free(bytes);
        bytes = more;
    }
    if (bytes == NULL) die("memory", NULL);
    close(fd);
    if (size == 0 || bytes[size - 1] != '\0') {
        errno = EINVAL;
        die("read plan", "it does not end in NUL");
    }
    return (struct plan){bytes, bytes, bytes + size};
}

int plan_is_empty(const struct plan *plan) {
    return plan->at == plan->end;
}

char *plan_string(struct plan *plan) {
    if (plan_is_empty(plan)) {
        errno = EINVAL;
        die("read plan", "it ends too early");
    }
    char *text = plan->at;
    plan->at += strlen(text) + 1;
    return text;
}

long plan_number(struct plan *plan) {
    char *text = plan_string(plan), *rest;
    errno = 0;
    long number = strtol(text, &rest, 10);
    if (errno != 0 || rest == text || *rest != '\0' || number < 0) {
        errno = EINVAL;
        die("read plan", text);
    }
    return number;
}

char **plan_list(struct plan *plan, size_t *count) {
    size_t n = (size_t)plan_number(plan);
    if (n > (size_t)(plan->end - plan->at)) {
        errno = EINVAL;
        die("read plan", "a list is longer than the plan");
    }
    char **list = calloc(n + 1, sizeof *list);
    if (list == NULL) die("memory", NULL);
    for (size_t i = 0; i < n; i++) list[i] = plan_string(plan);
    if (count != NULL) *count = n;
    return list;
}
