/* Drives shims/activator/rules.c outside of the activator: `arguments TABLE PROGRAM ARGUMENT...` ends with 0 where the
 * program's rule allows the arguments, with 1 where they make it emulated. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "rules.h"

int main(int argc, char **argv) {
    struct stat status;
    int fd = argc < 3 ? -1 : open(argv[1], O_RDONLY);
    if (fd < 0 || fstat(fd, &status) < 0) return 2;
    void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) return 2;
    struct table table = {bytes, (size_t)status.st_size};
    const struct table_route *route = table_find(&table, argv[2]);
    const struct table_rule *rule = route == NULL ? NULL : table_rule(&table, route);
    if (rule == NULL) return 3;
    return arguments_allow(&table, rule, argv + 3) ? 0 : 1;
}
