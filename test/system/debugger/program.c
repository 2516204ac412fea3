/* What test/system/debugger.test.ts looks at with gdb. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point {
    int x, y;
    const char *name;
};

static int total;
static volatile int seen;

static void on_signal(int number) {
    seen = number;
}

static int add(int a, int b) {
    int sum = a + b;
    total = sum;
    return sum;
}

static void *work(void *given) {
    int *number = given;
    *number += 1;
    return NULL;
}

int main(int argc, char **argv) {
    struct point p = {3, 4, "three and four"};
    char line[40] = "";
    int number = 41;
    pthread_t thread;
    for (int i = 1; i < argc; i++) printf("%d: %s\n", i, argv[i]);
    int sum = add(p.x, p.y);
    sum = sum * 2;
    total = sum + 1;
    pthread_create(&thread, NULL, work, &number);
    pthread_join(thread, NULL);
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    if (fgets(line, sizeof line, stdin)) line[strcspn(line, "\n")] = '\0';
    const char *colour = getenv("COLOUR");
    printf("%d %d %d %s %s\n", sum, number, seen != 0, line, colour ? colour : "none");
    fflush(stdout);
    if (argc > 1 && strcmp(argv[1], "interrupt") == 0) raise(SIGINT);
    if (argc > 1 && strcmp(argv[1], "terminate") == 0) raise(SIGTERM);
    if (argc > 1 && strcmp(argv[1], "crash") == 0) *(volatile int *)8 = 1;
    return 7;
}
