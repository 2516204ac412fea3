#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* One write for a line, so that lines of two processes never mix (man 7 pipe, PIPE_BUF); what a plan names is cut to fit. */
#define LINE_SIZE 4096

static void send_to(int fd, const char *line, int size) {
    if (size >= LINE_SIZE) size = LINE_SIZE - 1;
    if (size > 0 && write(fd, line, (size_t)size) < 0) return; /* nobody listens: nobody to tell */
}

static void send_line(const char *line, int size) {
    send_to(REPORT_FD, line, size);
}

void report_started(long pid) {
    char line[LINE_SIZE];
    send_line(line, snprintf(line, sizeof line, "started %ld\n", pid));
}

void report_ready(void) {
    send_line("ready\n", 6);
}

static void send_word(const char *word) {
    char line[LINE_SIZE];
    send_to(OUTER_REPORT_FD, line, snprintf(line, sizeof line, "%s\n", word));
}

void report_ended(int status) {
    char line[LINE_SIZE];
    send_to(OUTER_REPORT_FD, line, snprintf(line, sizeof line, "ended %d\n", status));
}

void report_held(void) {
    send_word("held");
}

void report_gone(void) {
    send_word("gone");
}

void report_refused(int error) {
    char line[LINE_SIZE];
    send_line(line, snprintf(line, sizeof line, "error join\t%d\t\n", error));
}

void report_interrupted(int status) {
    char line[LINE_SIZE];
    send_to(OUTER_REPORT_FD, line, snprintf(line, sizeof line, "interrupted %d\n", status));
}

void report_lost(void) {
    send_word("lost");
}

void report_oldest(void) {
    send_word("oldest");
}

void report_last(void) {
    send_word("last");
}

void report_exec_failure(int error) {
    char line[LINE_SIZE];
    send_line(line, snprintf(line, sizeof line, "exec %d\n", error));
}

static long long microseconds(struct timeval time) {
    return time.tv_sec * 1000000LL + time.tv_usec;
}

/* man 2 getrusage: descendants count once they have ended and their parents, or PID 1 in their place, waited for them. */
void report_usage(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_CHILDREN, &usage) < 0) return; /* no figures then, and the status stays the command's */
    char line[LINE_SIZE];
    send_line(line, snprintf(line, sizeof line, "usage %lld %lld %ld\n", microseconds(usage.ru_utime),
                             microseconds(usage.ru_stime), usage.ru_maxrss));
}

void die(const char *step, const char *detail) {
    int error = errno;
    char line[LINE_SIZE];
    send_line(line, snprintf(line, sizeof line, "error %.100s\t%d\t%.3900s\n", step, error, detail == NULL ? "" : detail));
    _exit(EXIT_OURS);
}
