#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "report.h"

struct guest guest_read(struct plan *plan) {
    int is_connection = strcmp(plan_string(plan), "connect") == 0;
    struct guest guest = {.directory = plan_string(plan), .uid = (uid_t)plan_number(plan), .terminal = -1};
    guest.gid = (gid_t)plan_number(plan);
    char **groups = plan_list(plan, &guest.group_count);
    guest.groups = calloc(guest.group_count + 1, sizeof *guest.groups);
    if (guest.groups == NULL) die("memory", NULL);
    for (size_t i = 0; i < guest.group_count; i++) guest.groups[i] = (gid_t)strtoul(groups[i], NULL, 10);
    guest.envp = plan_list(plan, NULL);
    guest.argv = plan_list(plan, NULL);
    if (is_connection) guest.port = guest.argv[0];
    return guest;
}
