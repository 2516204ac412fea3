#include "place.h"

#include <linux/mman.h>

#include "sys.h"

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#endif

static int read_image(long fd, struct image *image) {
    Elf64_Ehdr *header = &image->header;
    if (sys(__NR_pread64, fd, header, sizeof *header, 0) != sizeof *header) return 0;
    if (!same_bytes(header->e_ident, ELFMAG, SELFMAG) || header->e_ident[EI_CLASS] != ELFCLASS64) return 0;
    if (header->e_machine != OWN_MACHINE || (header->e_type != ET_DYN && header->e_type != ET_EXEC)) return 0;
    if (header->e_phentsize != sizeof *image->segments || header->e_phnum == 0 || header->e_phnum > MAX_SEGMENTS) return 0;
    long size = (long)(header->e_phnum * sizeof *image->segments);
    return sys(__NR_pread64, fd, image->segments, size, header->e_phoff) == size;
}

/* Where its pages begin and end, as the file counts; 0 where it has none, or needs a dynamic loader. */
static int find_span(const struct image *image, unsigned long *start, unsigned long *end) {
    *start = ~0ul, *end = 0;
    for (unsigned i = 0; i < image->header.e_phnum; i++) {
        const Elf64_Phdr *segment = &image->segments[i];
        if (segment->p_type == PT_INTERP) return 0;
        if (segment->p_type != PT_LOAD) continue;
        unsigned long last;
        if (__builtin_add_overflow(segment->p_vaddr, segment->p_memsz, &last)) return 0;
        if (__builtin_add_overflow(last, image->page - 1, &last)) return 0;
        if (segment->p_filesz > segment->p_memsz || segment->p_vaddr % image->page != segment->p_offset % image->page) return 0;
        if ((segment->p_vaddr & -image->page) < *start) *start = segment->p_vaddr & -image->page;
        if ((last & -image->page) > *end) *end = last & -image->page;
    }
    return *start < *end;
}

static int is_error(long result) {
    return result < 0 && result > -4096; /* man 2 syscall */
}

static int protection(const Elf64_Phdr *segment) {
    return (segment->p_flags & PF_R ? PROT_READ : 0) | (segment->p_flags & PF_W ? PROT_WRITE : 0) |
           (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

/* The file's bytes, and zeros behind them. */
static int map_segment(const struct image *image, long fd, const Elf64_Phdr *segment) {
    unsigned long into = segment->p_vaddr % image->page, begin = image->base + segment->p_vaddr;
    unsigned long file_end = begin + segment->p_filesz, end = begin + segment->p_memsz;
    unsigned long zeros = (file_end + image->page - 1) & -image->page; /* whole pages of them */
    int access = protection(segment);
    if (segment->p_filesz == 0) zeros = begin - into;
    else if (is_error(sys6(__NR_mmap, (long)(begin - into), (long)(segment->p_filesz + into), access, MAP_PRIVATE | MAP_FIXED,
                           fd, (long)(segment->p_offset - into))))
        return 0;
    if (segment->p_filesz > 0 && segment->p_memsz > segment->p_filesz && (access & PROT_WRITE) != 0) {
        memset((void *)file_end, 0, (zeros < end ? zeros : end) - file_end);
    }
    if (end <= zeros) return 1;
    return !is_error(sys6(__NR_mmap, (long)zeros, (long)(end - zeros), access, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0));
}

/* All in one piece of the address space that is free, or where the file says. */
static int map_image(struct image *image, long fd) {
    unsigned long start, end;
    if (!find_span(image, &start, &end)) return 0;
    int is_fixed = image->header.e_type == ET_EXEC;
    long at = sys6(__NR_mmap, is_fixed ? (long)start : 0, (long)(end - start), PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | (is_fixed ? MAP_FIXED_NOREPLACE : 0), -1, 0);
    if (is_error(at)) return 0;
    image->base = (unsigned long)at - start;
    for (unsigned i = 0; i < image->header.e_phnum; i++) {
        const Elf64_Phdr *segment = &image->segments[i];
        if (segment->p_type != PT_LOAD || map_segment(image, fd, segment)) continue;
        sys(__NR_munmap, at, end - start, 0, 0);
        return 0;
    }
    return 1;
}

/* Where the program headers lie in memory. */
static unsigned long headers_of(const struct image *image) {
    for (unsigned i = 0; i < image->header.e_phnum; i++) {
        const Elf64_Phdr *segment = &image->segments[i];
        if (segment->p_type != PT_LOAD || segment->p_offset > image->header.e_phoff) continue;
        if (image->header.e_phoff - segment->p_offset < segment->p_filesz) {
            return image->base + segment->p_vaddr + image->header.e_phoff - segment->p_offset;
        }
    }
    return 0;
}

/* What the kernel said of the activator, said of the program. */
static unsigned long about(const struct image *image, const struct auxiliary *aux) {
    switch (aux->type) {
    case AT_PHDR: return headers_of(image);
    case AT_PHENT: return sizeof *image->segments;
    case AT_PHNUM: return image->header.e_phnum;
    case AT_BASE: return 0;
    case AT_ENTRY: return image->base + image->header.e_entry;
    case AT_FLAGS: return 0; /* AT_FLAGS_PRESERVE_ARGV0: its arguments are not binfmt_misc's any more */
    default: return aux->value;
    }
}

static size_t copy_list(long *to, char **list) {
    size_t n = count(list) + 1;
    for (size_t i = 0; i < n; i++) to[i] = (long)list[i];
    return n;
}

int place(const struct call *call, long fd, struct image *image) {
    image->page = auxiliary_value(call, AT_PAGESZ, 4096);
    return read_image(fd, image) && map_image(image, fd);
}

void enter(const struct call *call, const struct image *image, struct prctl_mm_map *shown, char **argv, char **envp) {
    size_t pairs = 1;
    while (call->auxiliary[pairs - 1].type != AT_NULL) pairs++;
    size_t words = 1 + count(argv) + 1 + count(envp) + 1 + 2 * pairs;
    /* Aligned as ENTRY says, and below all that is still needed. */
    long *stack = __builtin_alloca_with_align((words + 1) * sizeof *stack, 128);
    size_t n = 0;
    stack[n++] = (long)count(argv);
    n += copy_list(stack + n, argv);
    n += copy_list(stack + n, envp);
    for (size_t i = 0; i < pairs; i++) {
        stack[n++] = (long)call->auxiliary[i].type;
        stack[n++] = (long)about(image, &call->auxiliary[i]);
    }
    show_program_and_start(call, shown, stack, image->base + image->header.e_entry);
}
