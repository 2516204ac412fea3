/* Becoming a program without an exec. */
#ifndef XBUILD_PLACE_H
#define XBUILD_PLACE_H

#include <linux/elf.h>

#include "shown.h"

#define MAX_SEGMENTS 16

/* A program file, and where its addresses begin in memory. */
struct image {
    Elf64_Ehdr header;
    Elf64_Phdr segments[MAX_SEGMENTS];
    unsigned long base, page;
};

/* Maps a static program that is open as FD. 0 where that cannot be done; then nothing has been changed. */
int place(const struct call *call, long fd, struct image *image);
/* Becomes it, in the process as the kernel has made it: with its rights (file capabilities, set-user-id), with the file that it
 * executes still open as AT_EXECFD, and with its name. An exec would take all of these. SHOWN is show_command's. */
void enter(const struct call *call, const struct image *image, struct prctl_mm_map *shown, char **argv, char **envp)
    __attribute__((noreturn));

#endif
