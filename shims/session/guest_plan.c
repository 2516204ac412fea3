#include <stdlib.h>

#include "guest.h"
#include "report.h"

struct guest guest_read(struct plan *plan) {
    struct guest guest = {.directory = plan_string(plan), .uid = (uid_t)plan_number(plan), .terminal = -1};
    guest.gid = (gid_t)plan_number(plan);
    char **groups = plan_list(plan, &guest.group_count);
    guest.groups = calloc(guest.group_count + 1, sizeof *guest.groups);
    if (guest.groups == NULL) die("memory", NULL);
    for (size_t i = 0; i < guest.group_count; i++) guest.groups[i] = (gid_t)strtoul(groups[i], NULL, 10);
    guest.envp = plan_list(plan, NULL);
    guest.argv = plan_list(plan, NULL);
    return guest;
}
