/* uname and arch for a root whose coreutils have no build for its CPU yet: they tell of the machine, so no host-native
 * program can stand in for them. Options as POSIX.1-2017 has them, and GNU's -p, -i and -o. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define OPTIONS "snrvmpio"
#define USAGE 1

static const char *value(const struct utsname *names, char option) {
    switch (option) {
    case 's': return names->sysname;
    case 'n': return names->nodename;
    case 'r': return names->release;
    case 'v': return names->version;
    case 'm': return names->machine;
    case 'o': return "GNU/Linux";
    default: return "unknown"; /* -p, -i: as Debian's uname says */
    }
}

/* Marks the wanted options; -a is all but those that are unknown, as GNU's. */
static int mark(const char *argument, char *wanted) {
    static const struct {
        const char *name;
        char option;
    } LONG[] = {
        {"--all", 'a'},
        {"--kernel-name", 's'},
        {"--nodename", 'n'},
        {"--kernel-release", 'r'},
        {"--kernel-version", 'v'},
        {"--machine", 'm'},
        {"--processor", 'p'},
        {"--hardware-platform", 'i'},
        {"--operating-system", 'o'},
    };
    char letters[2] = "";
    for (size_t i = 0; i < sizeof LONG / sizeof *LONG; i++) {
        if (strcmp(argument, LONG[i].name) == 0) letters[0] = LONG[i].option;
    }
    if (argument[0] != '-' || (argument[1] == '-' && letters[0] == '\0')) return -1;
    for (const char *letter = letters[0] != '\0' ? letters : argument + 1; *letter != '\0'; letter++) {
        const char *all = *letter == 'a' ? "snrvmo" : NULL;
        const char one[2] = {*letter, '\0'};
        if (all == NULL && strchr(OPTIONS, *letter) == NULL) return -1;
        for (const char *option = all != NULL ? all : one; *option != '\0'; option++)
            wanted[strchr(OPTIONS, *option) - OPTIONS] = 1;
    }
    return 0;
}

int main(int argc, char **argv) {
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *name = argc == 0 ? "uname" : slash != NULL ? slash + 1 : argv[0];
    char wanted[sizeof OPTIONS] = "";
    struct utsname names;
    for (int i = 1; i < argc; i++) {
        if (mark(argv[i], wanted) == 0) continue;
        fprintf(stderr, "%s: %s is not an option of this one, which has -a and -%s\n", name, argv[i], OPTIONS);
        return USAGE;
    }
    if (memchr(wanted, 1, sizeof wanted) == NULL) wanted[strcmp(name, "arch") == 0 ? strchr(OPTIONS, 'm') - OPTIONS : 0] = 1;
    if (uname(&names) != 0) {
        perror(name);
        return USAGE;
    }
    const char *gap = "";
    for (size_t i = 0; OPTIONS[i] != '\0'; i++) {
        if (!wanted[i]) continue;
        printf("%s%s", gap, value(&names, OPTIONS[i]));
        gap = " ";
    }
    puts("");
    return fflush(stdout) == 0 ? 0 : USAGE;
}
