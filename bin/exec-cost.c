/* How long an exec takes, from fork to the end of the process: exec-cost ROUNDS PROGRAM ARGUMENT... prints the median of
 * rounds of 200, in microseconds. `exec-cost nothing ...` is an interpreter that does nothing. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define EXECS 200
#define MAX_ROUNDS 1000

extern char **environ;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void run(char **argv) {
    pid_t pid;
    int status;
    int error = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);
    if (error == 0 && waitpid(pid, &status, 0) == pid && status == 0) return;
    fprintf(stderr, "exec-cost: %s failed: %s\n", argv[0], strerror(error));
    exit(1);
}

static int compare(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "nothing") == 0) return 0;
    int rounds = argc > 2 ? atoi(argv[1]) : 0;
    if (rounds < 1 || rounds > MAX_ROUNDS) return 2;
    double times[MAX_ROUNDS];
    for (int i = 0; i < rounds; i++) {
        double start = now();
        for (int j = 0; j < EXECS; j++) run(argv + 2);
        times[i] = (now() - start) / EXECS;
    }
    qsort(times, (size_t)rounds, sizeof *times, compare);
    printf("%.1f\n", times[rounds / 2]);
    return 0;
}
