#define _GNU_SOURCE
#include "entries.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../activator/table.h"
#include "../places.h"

/* The activator gets argv[0] (P) and the opened program (O), and is opened at once (F). Programs of the target also keep
 * their set-user-id bits (C); what any interpreter is given has none, as a script has none. */
#define OWN_FLAGS "POCF"
#define FLAGS "POF"

int registration_make(struct registration *entry, const char *name, const char *offset, const char *magic, const char *mask,
                      int interpreter, const char *flags) {
    int sizes[3] = {
        snprintf(entry->name, sizeof entry->name, "%s", name),
        snprintf(entry->what, sizeof entry->what, "%s M %s %s %s", name, offset, magic, mask),
        snprintf(entry->flags, sizeof entry->flags, "%s", flags),
    };
    entry->interpreter = interpreter;
    if (sizes[0] < (int)sizeof entry->name && sizes[1] < (int)sizeof entry->what && sizes[2] < (int)sizeof entry->flags)
        return 0;
    errno = E2BIG;
    return -1;
}

/* Bytes as the kernel takes them; none where the table has none. */
static void escape(char *to, const struct table *table, uint32_t offset, uint32_t size) {
    const unsigned char *bytes = offset == 0 ? NULL : table_at(table, offset, size);
    *to = '\0';
    for (uint32_t i = 0; bytes != NULL && i < size; i++) to += sprintf(to, "\\x%02x", bytes[i]);
}

static int read_entry(struct registration *to, const struct table *table, const struct table_entry *entry) {
    const char *name = table_string(table, entry->name);
    if (name == NULL || entry->size > TABLE_HEAD_SIZE) return -1;
    char offset[16], magic[4 * TABLE_HEAD_SIZE + 1], mask[4 * TABLE_HEAD_SIZE + 1];
    snprintf(offset, sizeof offset, "%u", entry->offset);
    escape(magic, table, entry->magic, entry->size);
    escape(mask, table, entry->mask, entry->size);
    return registration_make(to, name, offset, magic, mask, PLACE_ACTIVATOR_FD, entry->command == 0 ? OWN_FLAGS : FLAGS);
}

static int map_table(struct table *table) {
    int fd = openat(PLACE_ROUTES_FD, PLACE_TABLE, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0) return -1;
    void *bytes = MAP_FAILED;
    if (fstat(fd, &status) == 0 && status.st_size > 0) {
        table->size = (size_t)status.st_size;
        bytes = mmap(NULL, table->size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    close(fd);
    table->bytes = bytes;
    return bytes == MAP_FAILED ? -1 : 0;
}

int entries_read(struct registration *entries, size_t room) {
    struct table table;
    if (map_table(&table) < 0) return -1;
    struct entry_list list = table_entries(&table);
    int count = list.first == NULL ? -1 : 0;
    for (uint32_t i = 0; i < list.count && (size_t)count < room; i++) {
        if (read_entry(&entries[count], &table, &list.first[i]) == 0) count++;
    }
    munmap((void *)table.bytes, table.size);
    return count;
}
