/* libFuzzer's view of the rules of a program: whatever its arguments, its response file and the table hold, nothing is read
 * or written outside of them, and a response file is judged by the words that libiberty makes of it.
 *
 * The input is three parts, each behind its size in two bytes: arguments, each with its NUL; the response file; a table, the
 * rest. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rules.c" /* for what it keeps to itself */

#define MAX_ARGUMENTS 16
/* A pattern takes a step for each way in which its asterisks may stand: the profiles' have two at most. */
#define MAX_ASTERISKS 3

struct part {
    const uint8_t *bytes;
    size_t size;
};

static struct part take(struct part *rest) {
    struct part part = {rest->bytes, 0};
    if (rest->size < 2) return part;
    size_t size = (size_t)(rest->bytes[0] | rest->bytes[1] << 8);
    rest->bytes += 2, rest->size -= 2;
    part = (struct part){rest->bytes, size < rest->size ? size : rest->size};
    rest->bytes += part.size, rest->size -= part.size;
    return part;
}

/* Of their own size, so that the sanitizer sees what is beyond. */
static void *copy(struct part part) {
    char *bytes = malloc(part.size + 1);
    if (bytes == NULL) abort();
    memcpy(bytes, part.bytes, part.size);
    bytes[part.size] = '\0';
    return bytes;
}

static int is_slow(const struct table *table, const struct table_rule *rule) {
    struct string_list patterns = table_list(table, rule->emulate);
    if (patterns.count > MAX_ARGUMENTS) return 1;
    for (uint32_t i = 0; i < patterns.count; i++) {
        const char *pattern = list_string(&patterns, i);
        int asterisks = 0;
        for (; pattern != NULL && *pattern != '\0'; pattern++) asterisks += *pattern == '*';
        if (asterisks > MAX_ASTERISKS) return 1;
    }
    return 0;
}

/* buildargv of libiberty (argv.c), written once more in another way: a word at a time, into memory of its own. */
static int reference_allows(const struct table *table, const struct table_rule *rule, const char *text, size_t size) {
    char *word = malloc(size + 1);
    if (word == NULL) abort();
    int allows = memchr(text, '\0', size) == NULL && size < RESPONSE_SIZE;
    for (size_t i = 0; allows && i < size;) {
        size_t n = 0;
        int single = 0, twice = 0, any = 0;
        for (; i < size && strchr(" \t\n\v\f\r", text[i]) != NULL; i++) continue;
        for (; i < size && (single || twice || strchr(" \t\n\v\f\r", text[i]) == NULL); i++) {
            any = 1;
            if (text[i] == '\\') {
                if (++i == size) break;
                word[n++] = text[i];
            } else if (text[i] == '\'' && !twice) {
                single = !single;
            } else if (text[i] == '"' && !single) {
                twice = !twice;
            } else {
                word[n++] = text[i];
            }
        }
        word[n] = '\0';
        allows = !any || word_allows(table, rule, word);
    }
    free(word);
    return allows;
}

static void judge_response(const struct table *table, const struct table_rule *rule, const char *text, size_t size) {
    static char path[64];
    static int file = -1;
    if (file < 0) {
        file = memfd_create("response", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    if (ftruncate(file, 0) < 0 || pwrite(file, text, size, 0) != (ssize_t)size) abort();
    if (response_allows(table, rule, path) != reference_allows(table, rule, text, size)) abort();
}

static void judge(const struct table *table, const struct table_rule *rule, char **arguments) {
    struct string_list changes = table_list(table, rule->environment), pairs = table_list(table, rule->replace);
    environment_allows(table, arguments);
    for (size_t i = 0; arguments[i] != NULL; i++) {
        /* What is named there is a file of the machine. */
        if (arguments[i][0] == '@') arguments[i][0] = 'a';
        emulation_request(arguments[i]);
        size_t size = replacement_size(&pairs, arguments[i]);
        char *room = malloc(size + 1);
        if (room == NULL) abort();
        if (size > 0) replace(&pairs, arguments[i], room);
        if (size > 0 && strlen(room) + 1 != size) abort();
        free(room);
    }
    arguments_allow(table, rule, arguments);
    char **changed = malloc((MAX_ARGUMENTS + changes.count + 1) * sizeof *changed);
    if (changed == NULL) abort();
    change_environment(&changes, 1, arguments, changed);
    change_environment(&changes, 0, arguments, changed);
    free(changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct part rest = {data, size}, words = take(&rest), response = take(&rest);
    char *text = copy(words), *file = copy(response), *bytes = copy(rest), *arguments[MAX_ARGUMENTS + 1];
    size_t n = 0;
    for (size_t at = 0; at < words.size && n < MAX_ARGUMENTS; at += strlen(text + at) + 1) arguments[n++] = text + at;
    arguments[n] = NULL;
    struct table table = {(const unsigned char *)bytes, rest.size};
    const struct table_route *route = table_find(&table, "/usr/bin/program-1");
    const struct table_rule *rule = route == NULL ? NULL : table_rule(&table, route);
    if (rule != NULL && !is_slow(&table, rule)) {
        judge(&table, rule, arguments);
        judge_response(&table, rule, file, response.size);
    }
    free(text), free(file), free(bytes);
    return 0;
}
