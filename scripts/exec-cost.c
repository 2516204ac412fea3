/* What an exec takes, from fork to the end of the process: exec-cost ROUNDS PROGRAM ARGUMENT... prints the median of rounds
 * of 100, in microseconds: processor time, of which other work on the machine takes nothing, and the clock's.
 * `exec-cost nothing ...` is an interpreter that does nothing. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define EXECS 100
#define MAX_ROUNDS 100

extern char **environ;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double used(int who) {
    struct rusage usage;
    getrusage(who, &usage);
    struct timeval user = usage.ru_utime, system = usage.ru_stime;
    return (double)(user.tv_sec + system.tv_sec) * 1e6 + (double)(user.tv_usec + system.tv_usec);
}

static double processor(void) {
    return used(RUSAGE_SELF) + used(RUSAGE_CHILDREN);
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
    double clock[MAX_ROUNDS], work[MAX_ROUNDS];
    for (int i = 0; i < rounds; i++) {
        double start = now(), before = processor();
        for (int j = 0; j < EXECS; j++) run(argv + 2);
        clock[i] = (now() - start) / EXECS;
        work[i] = (processor() - before) / EXECS;
    }
    qsort(clock, (size_t)rounds, sizeof *clock, compare);
    qsort(work, (size_t)rounds, sizeof *work, compare);
    printf("%8.1f %8.1f\n", work[rounds / 2], clock[rounds / 2]);
    return 0;
}
