/* Drops syncs where it is told to, and prints what the kernel says then to itself and to a child: each of the calls has
 * a descriptor or an address that is not there, so that it fails (errno) unless it is not made (0). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../shims/session/sync.h"

#define NOWHERE 999

static int error_of(int result) {
    return result == 0 ? 0 : errno;
}

static void print(const char *who) {
    printf("%s %d %d %d %d %d %d\n", who, error_of(fsync(NOWHERE)), error_of(fdatasync(NOWHERE)), error_of(syncfs(NOWHERE)),
           error_of(sync_file_range(NOWHERE, 0, 0, 0)), error_of(msync((void *)4096, 4096, MS_SYNC)), error_of(close(NOWHERE)));
    fflush(stdout);
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) sync_drop();
    print("self");
    if (fork() == 0) {
        print("child");
        _exit(0);
    }
    wait(NULL);
    return 0;
}
