#define _GNU_SOURCE
#include "idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

#define PID_SIZE 24
#define MAP_SIZE 4096

static size_t count_of(char **list) {
    size_t n = 0;
    while (list[n] != NULL) n++;
    return n;
}

struct idmap idmap_read(struct plan *plan) {
    const char *way = plan_string(plan);
    char **uids = plan_list(plan, NULL);
    struct idmap map = {way, uids, plan_list(plan, NULL)};
    if (count_of(map.uids) % 3 != 0 || count_of(map.gids) % 3 != 0) {
        errno = EINVAL;
        die("read plan", "ids come in threes");
    }
    return map;
}

static void run_helper(const char *helper, const char *pid, char **map) {
    size_t n = count_of(map);
    char **argv = calloc(n + 3, sizeof *argv);
    if (argv == NULL) die("memory", NULL);
    argv[0] = (char *)helper;
    argv[1] = (char *)pid;
    memcpy(argv + 2, map, n * sizeof *map);
    pid_t child = fork();
    if (child < 0) die("fork", NULL);
    if (child == 0) {
        execvp(helper, argv);
        die(helper, "it cannot be started");
    }
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) die("waitpid", helper);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        errno = EPERM;
        die(helper, "it refused the ids");
    }
    free(argv);
}

/* `outside`: which of the three numbers says what an id is outside. */
static void write_map(const char *file, const char *pid, char **map, size_t outside) {
    char path[64], text[MAP_SIZE];
    size_t at = 0;
    for (size_t i = 0; map[i] != NULL && at < sizeof text; i += 3) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%s %s %s\n", map[i], map[i + outside], map[i + 2]);
    }
    snprintf(path, sizeof path, "/proc/%s/%s", pid, file);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || at >= sizeof text || write(fd, text, at) != (ssize_t)at) die("map ids", path);
    close(fd);
}

void idmap_apply(const struct idmap *map, pid_t pid) {
    char number[PID_SIZE];
    snprintf(number, sizeof number, "%ld", (long)pid);
    if (strcmp(map->way, "direct") == 0) {
        write_map("uid_map", number, map->uids, 1);
        write_map("gid_map", number, map->gids, 1);
    } else {
        run_helper("newuidmap", number, map->uids);
        run_helper("newgidmap", number, map->gids);
    }
}

void idmap_apply_below(const struct idmap *map, pid_t pid) {
    char number[PID_SIZE];
    snprintf(number, sizeof number, "%ld", (long)pid);
    write_map("uid_map", number, map->uids, 0);
    write_map("gid_map", number, map->gids, 0);
}
