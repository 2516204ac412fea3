#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge.h"
#include "report.h"

/* man 1 env: exit status of a command that is not found, and of one that cannot be executed. */
#define EXIT_NOT_FOUND 127
#define EXIT_CANNOT_EXECUTE 126

/* Tries each directory of PATH as a shell does: a file that may not be executed is remembered, and the search goes on. */
static void execute(char **argv, char **envp, const char *path) {
    if (strchr(argv[0], '/') != NULL) {
        execve(argv[0], argv, envp);
        return;
    }
    int error = ENOENT;
    while (path != NULL && *path != '\0') {
        size_t size = strcspn(path, ":");
        char *file = malloc(size + strlen(argv[0]) + 2);
        if (file == NULL) return;
        memcpy(file, path, size);
        file[size] = '/';
        strcpy(file + size + 1, argv[0]);
        execve(file, argv, envp);
        free(file); /* errno stays: man 3 free */
        if (errno == EACCES) error = EACCES;
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) return;
        path += size + (path[size] == ':');
    }
    errno = error;
}

static const char *path_of(char **envp) {
    for (; *envp != NULL; envp++) {
        if (strncmp(*envp, "PATH=", 5) == 0) return *envp + 5;
    }
    return NULL;
}

static void use_terminal(int terminal) {
    if (ioctl(terminal, TIOCSCTTY, 0) < 0) die("take the terminal", NULL);
    for (int fd = 0; fd <= 2; fd++) {
        if (dup2(terminal, fd) < 0) die("take the terminal", NULL);
    }
}

static void become(const struct guest *guest) {
    if (setgroups(guest->group_count, guest->groups) < 0) die("setgroups", NULL);
    if (setresgid(guest->gid, guest->gid, guest->gid) < 0) die("setresgid", NULL);
    if (setresuid(guest->uid, guest->uid, guest->uid) < 0) die("setresuid", NULL);
}

static void guest_start(const struct guest *guest) __attribute__((noreturn));
static void guest_start(const struct guest *guest) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (setsid() < 0) die("setsid", NULL);
    if (guest->terminal >= 0) use_terminal(guest->terminal);
    if (guest->port != NULL) bridge_run(guest->port);
    become(guest);
    if (chdir(guest->directory) < 0) die("chdir", guest->directory);
    execute(guest->argv, guest->envp, path_of(guest->envp));
    int error = errno;
    report_exec_failure(error);
    _exit(error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE);
}

void guest_leave_descriptors(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= 2; fd++) {
        if (null < 0 || dup2(null, fd) < 0) die("leave the caller's descriptors", "/dev/null");
    }
    close(null);
}

void guest_use_own_devices(void) {
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
    for (int fd = 0; fd <= 2; fd++) {
        struct stat given, own;
        if (fstat(fd, &given) < 0 || !S_ISCHR(given.st_mode)) continue;
        for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
            if (stat(devices[i], &own) < 0 || !S_ISCHR(own.st_mode) || own.st_rdev != given.st_rdev) continue;
            int device = open(devices[i], (fcntl(fd, F_GETFL) & O_ACCMODE) | O_CLOEXEC);
            if (device < 0 || dup2(device, fd) < 0) die("use the session's device", devices[i]);
            close(device);
            break;
        }
    }
}

pid_t guest_fork(const struct guest *guest) {
    pid_t pid = fork();
    if (pid < 0) die("fork", NULL);
    if (pid == 0) guest_start(guest);
    return pid;
}
