#define _GNU_SOURCE
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

#define NAME "xbuild-session"
/* Nothing has it mapped for writing, so what could write later is all there is. F_SEAL_WRITE would also wait for whatever holds
 * one of its pages at that moment, the kernel's own work on memory too, and fail with EBUSY where that takes long. */
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE)
/* Since Linux 6.3, which otherwise decides by vm.memfd_noexec. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static int make_memory_file(void) {
    int fd = memfd_create(NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (fd < 0 && errno == EINVAL) fd = memfd_create(NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) die("copy the program", "memfd_create");
    return fd;
}

static void fill(int copy, int program) {
    struct stat status;
    if (fstat(program, &status) < 0) die("copy the program", "fstat");
    off_t at = 0;
    while (at < status.st_size) {
        ssize_t sent = sendfile(copy, program, &at, (size_t)(status.st_size - at));
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) die("copy the program", "sendfile");
    }
    if (fcntl(copy, F_ADD_SEALS, SEALS) < 0) die("copy the program", "seal");
}

void copy_begin(char **argv, char **envp) {
    int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (program < 0) die("copy the program", "/proc/self/exe");
    int seals = fcntl(program, F_GET_SEALS);
    if (seals < 0 || (seals & SEALS) != SEALS) {
        int copy = make_memory_file();
        fill(copy, program);
        fexecve(copy, argv, envp);
        die("copy the program", "execute");
    }
    close(program);
    if (prctl(PR_SET_NAME, NAME) < 0) die("prctl", "PR_SET_NAME");
}
