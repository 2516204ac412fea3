/* Entries that users made: a file is handed to any interpreter, with arguments. */
#ifndef XBUILD_ENTRIES_H
#define XBUILD_ENTRIES_H

#include "call.h"
#include "table.h"

/* The first TABLE_HEAD_SIZE bytes of a file, zeros behind its end; -1 where it cannot be read. */
int read_head(long fd, unsigned char *head);
/* Becomes the entry's interpreter: {path, its arguments..., program's path, argument...}. */
void run_entry(const struct call *call, const struct table *table, const struct table_entry *entry) __attribute__((noreturn));

#endif
