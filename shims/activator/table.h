/* The table of routes: which target file is run as which host-native program.
 *
 * One file, made by lib/activator/table.ts and mapped read-only by every exec. All numbers are little-endian,
 * all offsets count from the start of the file, offset 0 means "none". Nothing in it is trusted: every offset is
 * checked against the size of the mapping, and every string must end within it.
 */
#ifndef XBUILD_TABLE_H
#define XBUILD_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_MAGIC 0x36544258u /* "XBT6" */

struct table_header {
    uint32_t magic;
    uint32_t buckets;     /* how many, a power of two */
    uint32_t bucket_list; /* offset of uint32_t[buckets]: offset of the first route */
    uint32_t interpreter; /* string: the emulator, relative to the twin set */
    uint32_t arguments;   /* string list: the emulator's own arguments */
    uint32_t environment; /* string list: a variable of such a name that is not empty makes a program emulated */
    uint32_t locales;     /* string list: if any, a locale that is not named here makes a program emulated */
    uint32_t preloads;    /* string list: libraries that LD_PRELOAD may name all the same */
    uint32_t entries;     /* offset of a count and as many table_entry, those that count first before the others */
    uint32_t size;        /* of the whole table, bytes: one that was cut short is none */
    uint32_t reverses;    /* whether the emulator hands variables on in the opposite order */
    uint32_t unused;      /* what follows has numbers of 64 bits */
};

/* How much of a file the kernel looks at: https://docs.kernel.org/admin-guide/binfmt-misc.html */
#define TABLE_HEAD_SIZE 128

/* By what a file is recognised, and what it is handed to. */
struct table_entry {
    uint32_t offset;  /* of the magic in the file, bytes */
    uint32_t size;    /* of magic and mask, bytes */
    uint32_t magic;   /* offset of the bytes */
    uint32_t mask;    /* likewise; none: every bit counts */
    uint32_t name;    /* string */
    uint32_t command; /* string list: the interpreter's path, and its arguments, in which `#a` stands for the old argv[0] and
                         `##` for `#`. None: the target's programs, which run by routes and the emulator */
};

struct table_route {
    uint64_t size; /* of the target's file, bytes; 0: not known yet, nor its times, and `sum` alone says which it is */
    int64_t mtime; /* of the target's file, ns since 1970 */
    int64_t ctime; /* likewise: what no program can set. 0: neither this nor `inode` is compared */
    uint32_t next; /* offset of the next route in this bucket */
    uint32_t hash;
    uint32_t path;      /* string: the target's file, absolute */
    uint32_t twin;      /* string: the host-native program, relative to the twin set */
    uint32_t rule;      /* offset of a table_rule */
    uint32_t inode;     /* the lower half of the target's file's number: overlayfs may mark the upper one (xino) */
    uint32_t twin_size; /* bytes: a twin that was cut short would end by a signal, and say nothing */
    uint32_t sum;       /* string: of the target's file, md5 in hexadecimal. None: nobody has read it */
};

struct table_rule {
    uint32_t environment; /* string list: NAME=VALUE is set for the twin, a bare NAME removed */
    uint32_t emulate;     /* string list: an argument that starts so makes the program emulated; `*` is anything */
    uint32_t leading;     /* string list: so does an option that is one of these, before the first operand, or begins so where
                             it ends in `*`; an empty string stands for no argument at all */
    uint32_t insert;      /* string list: arguments that the twin gets before the given ones */
    uint32_t replace;     /* string list of pairs: an argument that ends in the first ends in the second */
    uint32_t variables;   /* string list: a NAME=VALUE that starts so makes the program emulated; `*` is anything */
    uint32_t required; /* string list: without each NAME=VALUE, or one that begins so where that ends in `*`, it is emulated */
};

struct table {
    const unsigned char *bytes;
    size_t size;
};

/* A string list is a uint32_t count and as many offsets of strings. */
struct string_list {
    const struct table *table;
    const uint32_t *offsets;
    uint32_t count;
};

/* NULL and 0 where the table says nothing of entries. */
struct entry_list {
    const struct table_entry *first;
    uint32_t count;
};

/* All return NULL, or an empty list, for an offset that is not in the table. */
const void *table_at(const struct table *table, uint32_t offset, size_t size);
const char *table_string(const struct table *table, uint32_t offset);
struct string_list table_list(const struct table *table, uint32_t offset);
const char *list_string(const struct string_list *list, uint32_t index);

/* NULL where this is not a table of this version. */
const struct table_header *table_header(const struct table *table);
const struct table_route *table_find(const struct table *table, const char *path);
const struct table_rule *table_rule(const struct table *table, const struct table_route *route);
struct entry_list table_entries(const struct table *table);
/* The first entry that recognises a file which begins with HEAD, TABLE_HEAD_SIZE bytes, zeros where the file ends. */
const struct table_entry *table_match(const struct table *table, const unsigned char *head);

#endif
