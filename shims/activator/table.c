#include "table.h"

/* FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t hash_of(const char *text) {
    uint32_t hash = 2166136261u;
    for (; *text != '\0'; text++) hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

/* 0 is where the header lies, and stands for "none" everywhere else. */
static const void *table_part(const struct table *table, uint32_t offset, size_t size) {
    if (offset > table->size || size > table->size - offset || offset % 4 != 0) return NULL;
    return table->bytes + offset;
}

const void *table_at(const struct table *table, uint32_t offset, size_t size) {
    return offset == 0 ? NULL : table_part(table, offset, size);
}

const char *table_string(const struct table *table, uint32_t offset) {
    if (offset == 0) return NULL;
    for (size_t end = offset; end < table->size; end++) {
        if (table->bytes[end] == '\0') return (const char *)table->bytes + offset;
    }
    return NULL;
}

struct string_list table_list(const struct table *table, uint32_t offset) {
    struct string_list list = {table, NULL, 0};
    const uint32_t *count = table_at(table, offset, sizeof *count);
    if (count == NULL || *count == 0 || *count > table->size / sizeof *count) return list;
    list.offsets = table_at(table, offset + (uint32_t)sizeof *count, *count * sizeof *count);
    if (list.offsets != NULL) list.count = *count;
    return list;
}

const char *list_string(const struct string_list *list, uint32_t index) {
    return index < list->count ? table_string(list->table, list->offsets[index]) : NULL;
}

const struct table_header *table_header(const struct table *table) {
    const struct table_header *header = table_part(table, 0, sizeof *header);
    if (header == NULL || header->magic != TABLE_MAGIC || header->size > table->size) return NULL;
    return header;
}

static int same_string(const char *a, const char *b) {
    while (*a != '\0' && *a == *b) a++, b++;
    return *a == *b;
}

const struct table_route *table_find(const struct table *table, const char *path) {
    const struct table_header *header = table_header(table);
    if (header == NULL || header->buckets == 0 || (header->buckets & (header->buckets - 1)) != 0) return NULL;
    uint32_t hash = hash_of(path);
    uint32_t bucket = header->bucket_list + (hash & (header->buckets - 1)) * (uint32_t)sizeof(uint32_t);
    const uint32_t *first = table_at(table, bucket, sizeof *first);
    uint32_t offset = first == NULL ? 0 : *first;
    while (offset != 0) {
        const struct table_route *route = table_at(table, offset, sizeof *route);
        if (route == NULL || offset % _Alignof(struct table_route) != 0) return NULL;
        const char *name = route->hash == hash ? table_string(table, route->path) : NULL;
        if (name != NULL && same_string(name, path)) return route;
        /* Routes of a bucket lie one behind the other, so that a damaged table cannot make a loop. */
        if (route->next <= offset) return NULL;
        offset = route->next;
    }
    return NULL;
}

const struct table_rule *table_rule(const struct table *table, const struct table_route *route) {
    return table_at(table, route->rule, sizeof(struct table_rule));
}

struct entry_list table_entries(const struct table *table) {
    struct entry_list list = {NULL, 0};
    const struct table_header *header = table_header(table);
    if (header == NULL) return list;
    const uint32_t *count = table_at(table, header->entries, sizeof *count);
    if (count == NULL || *count > table->size / sizeof *list.first) return list;
    list.first = table_at(table, header->entries + (uint32_t)sizeof *count, *count * sizeof *list.first);
    if (list.first != NULL) list.count = *count;
    return list;
}

/* Eight bytes at a time, so that entries that differ only at their ends cost little; the compiler makes it one load. */
static uint64_t eight(const unsigned char *bytes) {
    uint64_t value;
    __builtin_memcpy(&value, bytes, sizeof value);
    return value;
}

static int recognises(const struct table *table, const struct table_entry *entry, const unsigned char *head) {
    if (entry->offset > TABLE_HEAD_SIZE || entry->size > TABLE_HEAD_SIZE - entry->offset || entry->size == 0) return 0;
    const unsigned char *magic = table_at(table, entry->magic, entry->size);
    const unsigned char *mask = table_at(table, entry->mask, entry->size);
    if (magic == NULL || (mask == NULL && entry->mask != 0)) return 0;
    head += entry->offset;
    uint32_t i = 0;
    for (; i + sizeof(uint64_t) <= entry->size; i += sizeof(uint64_t)) {
        if (((eight(head + i) ^ eight(magic + i)) & (entry->mask == 0 ? ~(uint64_t)0 : eight(mask + i))) != 0) return 0;
    }
    for (; i < entry->size; i++) {
        if (((head[i] ^ magic[i]) & (entry->mask == 0 ? 0xff : mask[i])) != 0) return 0;
    }
    return 1;
}

const struct table_entry *table_match(const struct table *table, const unsigned char *head) {
    struct entry_list list = table_entries(table);
    for (uint32_t i = 0; i < list.count; i++) {
        if (recognises(table, &list.first[i], head)) return &list.first[i];
    }
    return NULL;
}
