/* The plan of a session: what lib/session/plan.ts decided, read from a descriptor as strings that end in NUL.
 *
 * The strings are a sequence of operations: a word, then its arguments; an argument that is a list is preceded by its
 * length in decimal. encodePlan in lib/core/session/plan.ts writes them. */
#ifndef XBUILD_PLAN_H
#define XBUILD_PLAN_H

#include <stddef.h>

struct plan {
    char *bytes;
    char *at;  /* the next string */
    char *end; /* behind the last one */
};

/* Reads all of the descriptor and closes it; ends the program where that fails. */
struct plan plan_read(int fd);
int plan_is_empty(const struct plan *plan);
/* The next string; ends the program where there is none. */
char *plan_string(struct plan *plan);
long plan_number(struct plan *plan);
/* A list of strings with a NULL behind it. */
char **plan_list(struct plan *plan, size_t *count);

#endif
