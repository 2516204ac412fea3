/* Drives shims/activator/rules.c outside of the activator.
 *
 *     arguments allow TABLE PROGRAM ARGUMENT...  ends with 0 where the program's rule allows the arguments, with 1 where they
 *                                                make it emulated
 *     arguments variables TABLE PROGRAM NAME=VALUE...  the same of the program's variables
 *     arguments replace TABLE PROGRAM ARGUMENT   prints what the rule makes of one; ends with 1 where it stays */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "rules.h"

static int print_replaced(const struct table *table, const struct table_rule *rule, const char *argument) {
    struct string_list pairs = table_list(table, rule->replace);
    size_t size = replacement_size(&pairs, argument);
    if (size == 0) return 1;
    char *room = malloc(size); /* exactly so much */
    if (room == NULL) return 2;
    replace(&pairs, argument, room);
    if (strlen(room) + 1 != size) return 2;
    puts(room);
    free(room);
    return 0;
}

int main(int argc, char **argv) {
    struct stat status;
    int fd = argc < 4 ? -1 : open(argv[2], O_RDONLY);
    if (fd < 0 || fstat(fd, &status) < 0) return 2;
    void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) return 2;
    struct table table = {bytes, (size_t)status.st_size};
    const struct table_route *route = table_find(&table, argv[3]);
    const struct table_rule *rule = route == NULL ? NULL : table_rule(&table, route);
    if (rule == NULL) return 3;
    if (argc == 5 && strcmp(argv[1], "replace") == 0) return print_replaced(&table, rule, argv[4]);
    if (strcmp(argv[1], "variables") == 0)
        return variables_allow(&table, rule, argv + 4) && missing_variable(&table, rule, argv + 4) == NULL ? 0 : 1;
    return arguments_allow(&table, rule, argv + 4) ? 0 : 1;
}
