#include "shown.h"

#include <linux/mman.h>

#include "sys.h"

DEPARTURE;

/* Where the activator lies in memory: the linker's names. */
extern char own_begin[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));
extern char own_end[] __asm__("_end") __attribute__((visibility("hidden")));

/* An address, in a register: of two that it stores side by side, a compiler (gcc 14) makes one constant in memory, which would
 * have to be relocated. */
static unsigned long in_register(char *place) {
    __asm__("" : "+r"(place));
    return (unsigned long)place;
}

/* What `departure` says to the kernel. */
_Static_assert(sizeof(struct prctl_mm_map) == 104, "the size that DEPARTURE names");

static char *end_of(char *text) {
    return text + length(text) + 1;
}

size_t room_for_variables(const struct call *call, char **envp) {
    size_t given = (size_t)((char **)call->auxiliary - call->envp) - 1, bytes = 0;
    if (count(envp) == given) return 0;
    for (; *envp != NULL; envp++) bytes += length(*envp) + 1;
    return bytes + 1;
}

/* Behind the variables that are left, one after the other in ROOM. */
static char *copy_variables(char **envp, char *room) {
    for (; *envp != NULL; envp++) {
        size_t size = length(*envp) + 1;
        memcpy(room, *envp, size);
        room += size;
    }
    return room;
}

/* The strings lie as the kernel has put them (fs/exec.c, alloc_bprm and do_execveat_common): arguments, variables, and the path
 * that was executed. */
static struct prctl_mm_map describe(const struct call *call) {
    unsigned long heap = (unsigned long)sys(__NR_brk, 0, 0, 0, 0); /* nothing has been taken from it yet */
    unsigned long behind = (unsigned long)end_of(call->argv[call->argc - 1]);
    return (struct prctl_mm_map){
        .start_code = in_register(own_begin),
        .end_code = in_register(own_end),
        /* Kernels have wanted it below the heap; nobody looks there. */
        .start_data = heap - 1,
        .end_data = heap - 1,
        .start_brk = heap,
        .brk = heap,
        .start_stack = (unsigned long)(call->argv - 1),
        .arg_start = (unsigned long)call->argv[2],
        .arg_end = behind,
        .env_start = behind,
        .env_end = auxiliary_value(call, AT_EXECFN, behind),
        .exe_fd = (uint32_t)-1,
    };
}

static long show(const struct prctl_mm_map *shown) {
    return sys6(__NR_prctl, PR_SET_MM, PR_SET_MM_MAP, (long)shown, sizeof *shown, 0, 0);
}

int show_command(const struct call *call, char **envp, char *room, struct prctl_mm_map *shown) {
    *shown = describe(call);
    if (room_for_variables(call, envp) > 0) {
        shown->env_start = (unsigned long)room;
        shown->env_end = (unsigned long)copy_variables(envp, room);
    }
    return show(shown) == 0;
}

/* Whether the kernel would show another program, were the activator not in memory any more (fs/exec.c, replace_mm_exe_file). */
static int may_show_program(const struct call *call, struct prctl_mm_map *shown) {
    if (call->program < 0) return 0;
    shown->exe_fd = (uint32_t)call->program;
    return show(shown) == -E_BUSY;
}

/* The last instructions, in memory that is of no file, or NULL. */
static void *copy_departure(unsigned long page) {
    size_t size = (size_t)(departure_end - departure);
    long at = sys6(__NR_mmap, 0, (long)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at < 0 && at > -4096) return NULL;
    memcpy((void *)at, departure, size);
    if (sys(__NR_mprotect, at, page, PROT_READ | PROT_EXEC, 0) < 0) return NULL;
    return (void *)at;
}

void show_program_and_start(const struct call *call, struct prctl_mm_map *shown, long *stack, unsigned long entry) {
    unsigned long page = auxiliary_value(call, AT_PAGESZ, 4096);
    departure_function *leave = may_show_program(call, shown) ? (departure_function *)copy_departure(page) : NULL;
    if (leave == NULL) start(stack, entry);
    unsigned long begin = in_register(own_begin) & -page, end = (in_register(own_end) + page - 1) & -page;
    leave((void *)begin, end - begin, shown, stack, entry);
    __builtin_unreachable();
}
