/* What the table says of a program's environment and arguments. */
#ifndef XBUILD_RULES_H
#define XBUILD_RULES_H

#include "table.h"

/* 0 where a variable reaches into the program (LD_PRELOAD and its like), or names a locale whose data a host-native
 * program cannot read. */
int environment_allows(const struct table *table, char **envp);
/* Whether a variable chooses a locale. */
int is_locale(const char *variable);
/* 0 where the root has libraries of its own loaded into every program. */
int preload_allows(void);
/* 0 where an argument makes the program emulated; response files are read for it. */
int arguments_allow(const struct table *table, const struct table_rule *rule, char **arguments);
/* 0 where a variable makes this program emulated. */
int variables_allow(const struct table *table, const struct table_rule *rule, char **envp);
/* What the rule requires of the variables and they do not say, without which this program is emulated; NULL where they say all.
 */
const char *missing_variable(const struct table *table, const struct table_rule *rule, char **envp);
/* Where a variable says that this very process is to be emulated, the reason that it gives, else NULL: a twin that found
 * out that it cannot do what the program does sets XBUILD_EMULATE to its own process id, a space and a reason, and
 * executes the program again. */
const char *emulation_request(const char *variable);
/* The environment with a list's changes, in TO, which has room for both. */
void change_environment(const struct string_list *changes, int is_twin, char **from, char **to);
/* An argument that ends in the first string of a pair, at its start or behind '=', gets the second instead: how many bytes
 * that makes with its NUL, 0 where the argument stays as it is. */
size_t replacement_size(const struct string_list *pairs, const char *argument);
/* Writes what the first pair that fits makes of an argument that has a replacement. */
void replace(const struct string_list *pairs, const char *argument, char *room);

#endif
