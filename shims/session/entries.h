/* Entries for the session's binfmt_misc, as the table of routes has them. */
#ifndef XBUILD_SESSION_ENTRIES_H
#define XBUILD_SESSION_ENTRIES_H

#include <stddef.h>

/* FreeBSD's most, IBE_MAX_ENTRIES in sys/sys/imgact_binmisc.h, and the target's own. */
#define MAX_REGISTRATIONS 65
/* As lib/core/binfmt/entry.ts allows, with a NUL. */
#define MAX_NAME 32
/* Name, offset, magic and mask as the kernel is told them: 128 bytes each, as \xHH. */
#define MAX_WHAT (MAX_NAME + 16 + 2 * 4 * 128)

struct registration {
    char name[MAX_NAME];
    char what[MAX_WHAT]; /* all that says which files are meant: "name M offset magic mask" */
    char flags[8];
    int interpreter; /* a descriptor */
};

/* -1 and E2BIG where a field has no room. */
int registration_make(struct registration *entry, const char *name, const char *offset, const char *magic, const char *mask,
                      int interpreter, const char *flags);
/* The table's entries; -1 where it says nothing of any. */
int entries_read(struct registration *entries, size_t room);

#endif
