/* What a trace file holds, and the activator tells PID 1. lib/core/trace/format.ts has the same numbers; a test compares
 * them.
 *
 * A trace file is one line of JSON, which lib/core/trace/format.ts describes, and then records, each a trace_record with
 * its strings behind it. Numbers are little-endian, as both hosts are. Records are nearly in the order of their times,
 * not quite: an exec's time is taken before it is sent, an end's is estimated when PID 1 next looks. */
#ifndef XBUILD_TRACE_H
#define XBUILD_TRACE_H

#include <stddef.h>
#include <stdint.h>

/* Raised when a reader of this version would get a file wrong. */
#define TRACE_FORMAT 1

/* The kinds of records. */
#define TRACE_START 1  /* the session's command is about to be started: the file's first record */
#define TRACE_EXEC 2   /* a process became another program */
#define TRACE_END 3    /* a process ended */
#define TRACE_FINISH 4 /* the session's command ended: the last record. A file without it was cut off */

/* What became of an exec. All but the first are emulated. */
#define TRACE_ROUTED 0
#define TRACE_NO_ROUTE 1
#define TRACE_CHANGED 2   /* the file is another than the one that the route was made for */
#define TRACE_VARIABLE 3  /* `detail` is the variable, NAME=value */
#define TRACE_LOCALE 4    /* likewise */
#define TRACE_ARGUMENT 5  /* `detail` is the argument */
#define TRACE_FAILED 6    /* the twin is gone or damaged: corrects the record of the same exec before it */
#define TRACE_REQUESTED 7 /* the twin found that it cannot do what the program does; `detail` is why */
#define TRACE_PRELOAD 8   /* the root has libraries loaded into every program: man 8 ld.so, /etc/ld.so.preload */
#define TRACE_SECURE 9    /* the program has other rights than its caller: man 3 getauxval, AT_SECURE */
#define TRACE_ENTRY 10    /* handed to the interpreter of an entry; `detail` is its name */

/* The most that is kept of each string, bytes. */
#define TRACE_PROGRAM_MAX 2048
#define TRACE_TWIN_MAX 1024
#define TRACE_DETAIL_MAX 200
#define TRACE_ARGUMENTS_MAX 200

struct trace_record {
    uint16_t size; /* of the record with its strings, bytes */
    uint8_t kind;
    uint8_t outcome;         /* of an exec */
    uint32_t pid;            /* in the session's pid namespace */
    uint64_t time;           /* CLOCK_MONOTONIC, ns */
    uint32_t parent;         /* of an exec: the nearest ancestor that made an exec, or 0; from the activator, its parent */
    uint32_t user;           /* of an exec: in the session's user namespace */
    uint16_t program_size;   /* the executed file, canonical */
    uint16_t twin_size;      /* relative to the twin set; none where the program is emulated */
    uint16_t detail_size;    /* what the outcome names */
    uint16_t arguments_size; /* argv from argv[0] on, each behind a NUL but the first */
};

#define TRACE_RECORD_MAX                                                                                                       \
    (sizeof(struct trace_record) + TRACE_PROGRAM_MAX + TRACE_TWIN_MAX + TRACE_DETAIL_MAX + TRACE_ARGUMENTS_MAX)

/* By the sizes of its strings, bytes. */
static inline size_t trace_record_size(const struct trace_record *record) {
    return sizeof *record + record->program_size + record->twin_size + record->detail_size + record->arguments_size;
}

/* What PID 1 says with its descriptors: who the asker is, in the session's namespaces, which may not be its own. */
struct trace_asker {
    uint32_t pid;
    uint32_t user;
};

#endif
