/* libFuzzer's view of the C that reads the table of routes and a file's header: whatever the two hold, nothing is read
 * outside of them, and everything ends. The first bytes of the input are the file's, the rest is the table. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "entries.c" /* for what it keeps to itself */

/* Not reached: what is fuzzed gives up by its result. */
void fail(const struct call *call, const char *why) {
    (void)call, (void)why;
    abort();
}

int append(char *to, size_t size, const char *text) {
    (void)to, (void)size, (void)text;
    abort();
}

/* Reads all that it is given, so that the sanitizer sees it. */
static size_t touch(const char *text) {
    return text == NULL ? 0 : strlen(text);
}

static void touch_list(const struct table *table, uint32_t offset) {
    struct string_list list = table_list(table, offset);
    for (uint32_t i = 0; i < list.count; i++) touch(list_string(&list, i));
}

static void touch_rule(const struct table *table, const struct table_route *route) {
    touch(table_string(table, route->path));
    touch(table_string(table, route->twin));
    touch(table_string(table, route->sum));
    const struct table_rule *rule = table_rule(table, route);
    if (rule == NULL) return;
    uint32_t lists[] = {rule->environment, rule->emulate,   rule->leading, rule->insert,
                        rule->replace,     rule->variables, rule->required};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) touch_list(table, lists[i]);
}

static void expand_all(const struct table *table, const struct table_entry *entry) {
    struct string_list command = table_list(table, entry->command);
    for (uint32_t i = 0; i < command.count; i++) {
        const char *word = list_string(&command, i);
        if (word == NULL) continue;
        size_t size = expand(NULL, word, "argv0");
        char *room = malloc(size); /* exactly so much */
        if (room == NULL || expand(room, word, "argv0") != size || strlen(room) + 1 != size) abort();
        free(room);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < TABLE_HEAD_SIZE) return 0;
    unsigned char head[TABLE_HEAD_SIZE];
    memcpy(head, data, sizeof head);
    struct table table = {NULL, size - sizeof head};
    unsigned char *bytes = malloc(table.size + 1);
    if (bytes == NULL) return 0;
    memcpy(bytes, data + sizeof head, table.size);
    table.bytes = bytes;
    const struct table_header *header = table_header(&table);
    if (header != NULL) {
        touch(table_string(&table, header->interpreter));
        touch_list(&table, header->arguments);
        touch_list(&table, header->environment);
        const struct table_route *route = table_find(&table, "/usr/bin/program-1");
        if (route != NULL) touch_rule(&table, route);
        const struct table_entry *entry = table_match(&table, head);
        if (entry != NULL) touch(table_string(&table, entry->name)), expand_all(&table, entry);
    }
    touch(script_interpreter(head));
    free(bytes);
    return 0;
}
