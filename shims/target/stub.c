/* Takes the place of a program that has no build for this CPU yet. Host-native, its twin runs instead; so this runs
 * only where a program has to be emulated. */
#include <stdio.h>
#include <sys/utsname.h>

#define CANNOT_EXECUTE 126 /* POSIX.1-2017, sh, EXIT STATUS: found, but not an executable */

int main(int argc, char **argv) {
    const char *name = argc > 0 ? argv[0] : "this program";
    struct utsname system;
    /* A session's host name is the environment's name. */
    const char *environment = uname(&system) == 0 ? system.nodename : "ENV";
    fprintf(stderr, "xbuild-env: %s has no build for this CPU yet, and runs only where its host-native twin can\n", name);
    fprintf(stderr, "  build the programs of this environment for its CPU: xbuild-env userland %s\n", environment);
    return CANNOT_EXECUTE;
}
