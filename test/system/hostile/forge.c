/* forge LINES: has PID 1 of the session write LINES where it reports to xbuild-env, as the session's root may, by ptrace; then
 * ends with 3. For x86-64. */
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

/* shims/session/report.h, REPORT_FD */
#define REPORT_FD 4
/* Below the stack pointer, and below the red zone that code may use there. */
#define FAR 8192

static int fail(const char *step) {
    perror(step);
    return 1;
}

/* PID 1 waits in a call: the instruction before is `syscall`, two bytes long. */
static int write_as(pid_t pid, const char *lines) {
    struct user_regs_struct saved;
    if (ptrace(PTRACE_GETREGS, pid, NULL, &saved) < 0) return fail("registers");
    struct user_regs_struct changed = saved;
    size_t size = strlen(lines);
    unsigned long at = (saved.rsp - FAR) & ~0xfUL;
    for (size_t i = 0; i < size; i += sizeof(long)) {
        long word = 0;
        memcpy(&word, lines + i, size - i < sizeof word ? size - i : sizeof word);
        if (ptrace(PTRACE_POKEDATA, pid, at + i, word) < 0) return fail("memory");
    }
    changed.rax = SYS_write;
    changed.orig_rax = -1UL; /* no call is to be begun again */
    changed.rdi = REPORT_FD;
    changed.rsi = at;
    changed.rdx = size;
    changed.rip -= 2;
    int status;
    if (ptrace(PTRACE_SETREGS, pid, NULL, &changed) < 0) return fail("registers");
    if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) != pid) return fail("step");
    if (ptrace(PTRACE_GETREGS, pid, NULL, &changed) < 0) return fail("registers");
    if (changed.rax != size) return fprintf(stderr, "written: %lld\n", (long long)changed.rax), 1;
    return ptrace(PTRACE_SETREGS, pid, NULL, &saved) < 0 ? fail("registers") : 0;
}

int main(int argc, char **argv) {
    int status;
    if (argc != 2 || ptrace(PTRACE_ATTACH, 1, NULL, NULL) < 0 || waitpid(1, &status, 0) != 1) return fail("attach");
    if (write_as(1, argv[1]) != 0) return 1;
    return ptrace(PTRACE_DETACH, 1, NULL, NULL) < 0 ? fail("detach") : 3;
}
