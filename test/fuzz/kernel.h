/* A kernel that is none, for the C of shims/session: it does nothing, and says so or refuses as the input has it. To be
 * included before the C, whose calls then come here. Memory is remembered, and given back behind each input, as the end of
 * the process would. */
#ifndef XBUILD_FUZZ_KERNEL_H
#define XBUILD_FUZZ_KERNEL_H

#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What every descriptor is. */
#define FD 1000

static const uint8_t *input;
static size_t input_size;
static uint32_t dice;
static jmp_buf end;
static void **memory;
static size_t memory_count, memory_room;

/* Numbers that follow from the input's first: man 3 rand, "Example". */
static uint32_t throw_dice(void) {
    dice = dice * 1103515245 + 12345;
    return dice >> 16 & 0x7fff;
}

/* Seldom fails, so that what comes behind is reached. */
static int answer(int value) {
    static const int errors[] = {ENOENT, EEXIST, ENOTDIR, EPERM, EINVAL, ESRCH, EAGAIN, ELOOP};
    uint32_t number = throw_dice();
    if (number % 128 != 0) return value;
    errno = errors[number / 128 % (sizeof errors / sizeof *errors)];
    return -1;
}

static void *remember(void *block) {
    if (memory_count == memory_room) memory = realloc(memory, (memory_room = 2 * memory_room + 64) * sizeof *memory);
    if (block == NULL || memory == NULL) abort();
    return memory[memory_count++] = block;
}

static void *grow(void *old, size_t size) {
    for (size_t i = 0; i < memory_count; i++) {
        if (memory[i] == old) return memory[i] = realloc(old, size);
    }
    abort();
}

/* In pieces, as from a pipe. */
static ssize_t take_input(void *to, size_t room) {
    size_t size = 1 + throw_dice() % 4096;
    if (size > room) size = room;
    if (size > input_size) size = input_size;
    if (size > 0) memcpy(to, input, size);
    input += size;
    input_size -= size;
    return (ssize_t)size;
}

/* Sets the input, whose first bytes are the dice's; returns 0 where there is none. */
static int begin_input(const uint8_t *data, size_t size) {
    if (size < sizeof dice) return 0;
    memcpy(&dice, data, sizeof dice);
    input = data + sizeof dice;
    input_size = size - sizeof dice;
    return 1;
}

static void end_input(void) {
    while (memory_count > 0) free(memory[--memory_count]);
}

/* As shims/session/report.h has it. */
void die(const char *step, const char *detail) {
    if (strlen(step) + (detail == NULL ? 0 : strlen(detail)) == SIZE_MAX) abort(); /* both can be read */
    longjmp(end, 1);
}

#define malloc(size) remember(malloc(size))
#define calloc(count, size) remember(calloc(count, size))
#define realloc(block, size) grow(block, size)
#define free(block) (void)(block)
#define read(fd, to, room) take_input(to, room)
#define close(fd) (void)(fd)

#endif
