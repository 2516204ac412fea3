/* Drives shims/activator/table.c outside of the activator.
 *
 *     lookup find TABLE            for each path on standard input, what the table says of it, in one line; ends with 3
 *                                  where the file is no table
 *     lookup damage TABLE SEED N   N times: damages a copy of the table, and reads all that can be reached from it
 *
 * Built with the address and undefined behaviour sanitizers: whatever reads beyond the table ends the program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "table.h"

#define MAX_TABLE (1 << 24)
#define MAX_PATHS 1024
#define MAX_PATH 4096
/* A lookup that does not end is ended; all the rounds take less than a tenth of that. */
#define SECONDS 60

static char paths[MAX_PATHS][MAX_PATH];
static size_t path_count;

/* All that was read, so that no read is left out by the compiler. */
static volatile size_t seen;

static unsigned char *read_all(const char *name, size_t *size) {
    FILE *file = fopen(name, "rb");
    if (file == NULL) exit(2);
    unsigned char *bytes = malloc(MAX_TABLE);
    if (bytes == NULL) exit(2);
    *size = fread(bytes, 1, MAX_TABLE, file);
    fclose(file);
    return bytes;
}

static void read_paths(void) {
    while (path_count < MAX_PATHS && fgets(paths[path_count], MAX_PATH, stdin) != NULL) {
        paths[path_count][strcspn(paths[path_count], "\n")] = '\0';
        path_count++;
    }
}

static void print_list(const struct table *table, uint32_t offset) {
    struct string_list list = table_list(table, offset);
    printf(" [");
    for (uint32_t i = 0; i < list.count; i++) printf("%s%s", i == 0 ? "" : "|", list_string(&list, i));
    printf("]");
}

static void find(const struct table *table) {
    for (size_t i = 0; i < path_count; i++) {
        const struct table_route *route = table_find(table, paths[i]);
        if (route == NULL) {
            printf("%s none\n", paths[i]);
            continue;
        }
        printf("%s %s %llu %lld %lld %u", table_string(table, route->path), table_string(table, route->twin),
               (unsigned long long)route->size, (long long)route->mtime, (long long)route->ctime, route->inode);
        const struct table_rule *rule = table_rule(table, route);
        if (rule != NULL) {
            print_list(table, rule->environment);
            print_list(table, rule->emulate);
            print_list(table, rule->leading);
            print_list(table, rule->insert);
            print_list(table, rule->replace);
            print_list(table, rule->variables);
            print_list(table, rule->required);
        }
        printf("\n");
    }
}

static void touch_string(const char *text) {
    if (text != NULL) seen += strlen(text);
}

static void touch_list(const struct table *table, uint32_t offset) {
    struct string_list list = table_list(table, offset);
    for (uint32_t i = 0; i < list.count; i++) touch_string(list_string(&list, i));
}

/* Everything that the activator does with a table. */
static void touch(const struct table *table) {
    const struct table_header *header = table_header(table);
    if (header == NULL) return;
    touch_string(table_string(table, header->interpreter));
    touch_list(table, header->arguments);
    touch_list(table, header->environment);
    touch_list(table, header->locales);
    touch_list(table, header->preloads);
    for (size_t i = 0; i < path_count; i++) {
        const struct table_route *route = table_find(table, paths[i]);
        if (route == NULL) continue;
        seen += route->size + (size_t)route->mtime;
        touch_string(table_string(table, route->path));
        touch_string(table_string(table, route->twin));
        touch_string(table_string(table, route->sum));
        const struct table_rule *rule = table_rule(table, route);
        if (rule == NULL) continue;
        touch_list(table, rule->environment);
        touch_list(table, rule->emulate);
        touch_list(table, rule->leading);
        touch_list(table, rule->insert);
        touch_list(table, rule->replace);
        touch_list(table, rule->variables);
        touch_list(table, rule->required);
    }
}

/* xorshift32, Marsaglia 2003 */
static uint32_t state;
static uint32_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* Numbers that are likelier than others to be taken for a good offset or length. */
static uint32_t odd_number(uint32_t size) {
    switch (next_random() % 6) {
    case 0: return 0;
    case 1: return 0xffffffffu - next_random() % 8;
    case 2: return size - next_random() % 64;
    case 3: return next_random() % size;
    case 4: return next_random() % size & ~3u;
    default: return next_random();
    }
}

static void damage(const unsigned char *good, size_t good_size) {
    size_t size = good_size;
    if (next_random() % 4 == 0) size = next_random() % (good_size + 1);
    unsigned char *bytes = malloc(size == 0 ? 1 : size); /* as long as the table, so that a byte behind it is noticed */
    if (bytes == NULL) exit(2);
    memcpy(bytes, good, size);
    for (uint32_t i = next_random() % 8; i > 0 && size >= 8; i--) {
        /* Half of the damage to the header and the first routes, where it does most. */
        uint32_t at = next_random() % (uint32_t)(next_random() % 2 == 0 && size > 512 ? 512 : size);
        if (next_random() % 3 == 0) {
            bytes[at] = (unsigned char)next_random();
        } else if ((at &= ~3u) + 4 <= size) {
            uint32_t number = odd_number((uint32_t)size);
            memcpy(bytes + at, &number, sizeof number);
        }
    }
    struct table table = {bytes, size};
    touch(&table);
    free(bytes);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    alarm(SECONDS);
    size_t size;
    unsigned char *bytes = read_all(argv[2], &size);
    struct table table = {bytes, size};
    int status = 0;
    read_paths();
    if (strcmp(argv[1], "damage") == 0 && argc == 5) {
        state = (uint32_t)strtoul(argv[3], NULL, 10) | 1;
        for (long rounds = strtol(argv[4], NULL, 10); rounds > 0; rounds--) damage(bytes, size);
    } else if (table_header(&table) != NULL) {
        find(&table);
    } else {
        status = 3;
    }
    free(bytes);
    return status;
}
