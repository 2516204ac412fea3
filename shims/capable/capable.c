/* xbuild-capable: of the paths on standard input, each ended by NUL, writes those of files that have capabilities of their own
 * to standard output, each ended by NUL. Links are not followed. Nothing that a system has installed for sure shows them. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/xattr.h>

/* man 7 capabilities, "File capabilities" */
#define CAPABILITY "security.capability"

int main(void) {
    char *path = NULL;
    size_t room = 0;
    ssize_t size;
    while ((size = getdelim(&path, &room, '\0', stdin)) > 0) {
        /* Of size 0: how large it is. What has gone, or has none, is no failure. */
        if (path[size - 1] == '\0' && lgetxattr(path, CAPABILITY, NULL, 0) > 0) fwrite(path, 1, (size_t)size, stdout);
    }
    free(path);
    if (ferror(stdin) || fflush(stdout) != 0) {
        perror("xbuild-capable");
        return 1;
    }
    return 0;
}
