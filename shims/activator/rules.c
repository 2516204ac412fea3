#include "rules.h"

#include "sys.h"

#define WORD_SIZE 4096
#define RESPONSE_SIZE 65536
#define MAX_PID (1 << 22) /* include/linux/threads.h, PID_MAX_LIMIT */
#define EMULATE_VARIABLE "XBUILD_EMULATE"

static const char *variable_value(const char *variable, const char *name) {
    if (!starts(variable, name)) return NULL;
    const char *rest = variable + length(name);
    return *rest == '=' ? rest + 1 : NULL;
}

int is_locale(const char *variable) {
    return starts(variable, "LC_") || starts(variable, "LANG=");
}

static int has(const char *text, char wanted) {
    while (*text != '\0' && *text != wanted) text++;
    return *text == wanted;
}

static int same_start(const char *a, const char *b, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (a[i] != b[i] || a[i] == '\0') return 0;
    }
    return 1;
}

static int in_list(const struct string_list *list, const char *text) {
    for (uint32_t i = 0; i < list->count; i++) {
        const char *entry = list_string(list, i);
        if (entry != NULL && same(entry, text)) return 1;
    }
    return 0;
}

/* A list of libraries, man 8 ld.so, LD_PRELOAD: by spaces and colons. One with a path is the target's. */
static int all_in_list(const struct string_list *list, const char *words) {
    char word[WORD_SIZE];
    size_t n = 0;
    for (;; words++) {
        int ends_word = *words == ' ' || *words == ':' || *words == '\0';
        if (!ends_word && n + 1 == sizeof word) return 0;
        if (!ends_word) word[n++] = *words;
        word[n] = '\0';
        if (ends_word && n > 0 && !in_list(list, word)) return 0;
        if (ends_word) n = 0;
        if (*words == '\0') return 1;
    }
}

/* Variables that reach into the program itself (LD_PRELOAD and its like), and locales whose data a host-native
 * program cannot read. */
int environment_allows(const struct table *table, char **envp) {
    const struct table_header *header = table_header(table);
    struct string_list names = table_list(table, header->environment);
    struct string_list locales = table_list(table, header->locales);
    struct string_list preloads = table_list(table, header->preloads);
    for (; *envp != NULL; envp++) {
        for (uint32_t i = 0; i < names.count; i++) {
            const char *name = list_string(&names, i);
            const char *value = name == NULL ? NULL : variable_value(*envp, name);
            if (value == NULL || *value == '\0') continue;
            if (!same(name, "LD_PRELOAD") || !all_in_list(&preloads, value)) return 0;
        }
        if (locales.count == 0 || !is_locale(*envp)) continue;
        const char *value = *envp;
        while (*value != '\0' && *value != '=') value++;
        if (*value == '=' && value[1] != '\0' && !in_list(&locales, value + 1)) return 0;
    }
    return 1;
}

static int ends(const char *text, const char *ending) {
    size_t n = length(text), m = length(ending);
    return m <= n && same(text + n - m, ending);
}

/* A pattern is the start of an argument; `*` in it stands for anything. */
static int matches(const char *pattern, const char *argument) {
    for (; *pattern != '\0'; pattern++, argument++) {
        if (*pattern == '*') {
            do {
                if (matches(pattern + 1, argument)) return 1;
            } while (*argument++ != '\0');
            return 0;
        }
        if (*pattern != *argument) return 0;
    }
    return 1;
}

static int forbids(const struct string_list *patterns, const char *argument) {
    for (uint32_t i = 0; i < patterns->count; i++) {
        const char *pattern = list_string(patterns, i);
        if (pattern != NULL && matches(pattern, argument)) return 1;
    }
    return 0;
}

/* An argument in a response file can be judged, but not replaced. */
static int word_allows(const struct table *table, const struct table_rule *rule, const char *word) {
    struct string_list patterns = table_list(table, rule->emulate), pairs = table_list(table, rule->replace);
    if (word[0] == '@' || forbids(&patterns, word)) return 0;
    for (uint32_t i = 0; i < pairs.count; i += 2) {
        const char *from = list_string(&pairs, i);
        if (from != NULL && ends(word, from)) return 0;
    }
    return 1;
}

static int has_byte(const char *bytes, size_t size, char wanted) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == wanted) return 1;
    }
    return 0;
}

static int is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r'); /* the C locale's isspace */
}

/* The next word of a text, as libiberty's buildargv reads it, or NULL; AT moves behind it. It is put together in its place,
 * since it never gets longer; TEXT has room for one byte more than its SIZE. */
static char *next_word(char *text, size_t size, size_t *at) {
    while (*at < size && is_space(text[*at])) ++*at;
    if (*at == size) return NULL;
    char *word = text + *at, *end = word, quote = '\0';
    int is_escaped = 0;
    for (; *at < size; ++*at) {
        char c = text[*at];
        if (!is_escaped && c == '\\') {
            is_escaped = 1;
        } else if (!is_escaped && quote == '\0' && is_space(c)) {
            ++*at;
            break;
        } else if (!is_escaped && quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else if (!is_escaped && c == quote) {
            quote = '\0';
        } else {
            *end++ = c;
            is_escaped = 0;
        }
    }
    *end = '\0';
    return word;
}

/* Returns its size, or -1 where it cannot be read whole. */
static long read_text(const char *path, char *text, size_t room) {
    long fd = sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0), got;
    if (fd < 0) return -1;
    size_t size = 0;
    while (size < room && (got = sys(__NR_read, fd, text + size, room - size, 0)) > 0) size += (size_t)got;
    sys(__NR_close, fd, 0, 0, 0);
    return size == room || got < 0 ? -1 : (long)size;
}

/* A response file (@file, as libiberty's expandargv reads it). One that cannot be read whole makes the program emulated. */
static int response_allows(const struct table *table, const struct table_rule *rule, const char *path) {
    char text[RESPONSE_SIZE];
    long size = read_text(path, text, sizeof text);
    if (size < 0 || has_byte(text, (size_t)size, '\0')) return 0; /* what stands behind a NUL, not every program reads */
    size_t at = 0;
    for (char *word; (word = next_word(text, (size_t)size, &at)) != NULL;) {
        if (!word_allows(table, rule, word)) return 0;
    }
    return 1;
}

/* man 8 ld.so: what this file names is loaded into every program; it is the target's. */
int preload_allows(void) {
    struct stat status;
    if (sys(__NR_newfstatat, AT_FDCWD, "/etc/ld.so.preload", &status, 0) < 0) return 1;
    return status.st_size == 0;
}

/* An option is the entry, or begins so where that ends in `*`. */
static int is_option(const char *entry, const char *option) {
    while (*entry != '\0' && *entry == *option) entry++, option++;
    return *entry == *option || same(entry, "*");
}

static int has_option(const struct string_list *entries, const char *option) {
    for (uint32_t i = 0; i < entries->count; i++) {
        const char *entry = list_string(entries, i);
        if (entry != NULL && is_option(entry, option)) return 1;
    }
    return 0;
}

/* Options before the first operand: what stands behind it is the program's own business. */
static int leading_allows(const struct table *table, const struct table_rule *rule, char **arguments) {
    struct string_list options = table_list(table, rule->leading);
    if (options.count == 0) return 1;
    if (*arguments == NULL) return !in_list(&options, "");
    for (; *arguments != NULL && (*arguments)[0] == '-'; arguments++) {
        if (has_option(&options, *arguments)) return 0;
    }
    return 1;
}

int arguments_allow(const struct table *table, const struct table_rule *rule, char **arguments) {
    if (!leading_allows(table, rule, arguments)) return 0;
    struct string_list patterns = table_list(table, rule->emulate);
    for (; *arguments != NULL; arguments++) {
        if (forbids(&patterns, *arguments)) return 0;
        if ((*arguments)[0] == '@' && !response_allows(table, rule, *arguments + 1)) return 0;
    }
    return 1;
}

int variables_allow(const struct table *table, const struct table_rule *rule, char **envp) {
    struct string_list patterns = table_list(table, rule->variables);
    for (; patterns.count > 0 && *envp != NULL; envp++) {
        if (forbids(&patterns, *envp)) return 0;
    }
    return 1;
}

/* Whether a variable is set as an entry says, and nowhere otherwise: which of two counts is each program's own business. */
static int is_set_so(const char *entry, char **envp) {
    size_t name = 0;
    while (entry[name] != '\0' && entry[name] != '=') name++;
    int is_set = 0;
    for (; *envp != NULL; envp++) {
        if (!same_start(*envp, entry, name) || (*envp)[name] != '=') continue;
        if (!is_option(entry, *envp)) return 0;
        is_set = 1;
    }
    return is_set;
}

const char *missing_variable(const struct table *table, const struct table_rule *rule, char **envp) {
    struct string_list entries = table_list(table, rule->required);
    for (uint32_t i = 0; i < entries.count; i++) {
        const char *entry = list_string(&entries, i);
        if (entry != NULL && !is_set_so(entry, envp)) return entry;
    }
    return NULL;
}

/* Whether an argument ends in the first string of a pair, at its start or behind '='. */
static int is_replaced(const char *argument, const char *from) {
    if (from == NULL || *from == '\0' || !ends(argument, from)) return 0;
    size_t before = length(argument) - length(from);
    return before == 0 || argument[before - 1] == '=';
}

size_t replacement_size(const struct string_list *pairs, const char *argument) {
    for (uint32_t i = 0; i + 1 < pairs->count; i += 2) {
        const char *from = list_string(pairs, i), *to = list_string(pairs, i + 1);
        if (to != NULL && is_replaced(argument, from)) return length(argument) - length(from) + length(to) + 1;
    }
    return 0;
}

void replace(const struct string_list *pairs, const char *argument, char *room) {
    for (uint32_t i = 0; i + 1 < pairs->count; i += 2) {
        const char *from = list_string(pairs, i), *to = list_string(pairs, i + 1);
        if (to == NULL || !is_replaced(argument, from)) continue;
        size_t kept = length(argument) - length(from);
        memcpy(room, argument, kept);
        memcpy(room + kept, to, length(to) + 1);
        return;
    }
}

const char *emulation_request(const char *variable) {
    const char *value = variable_value(variable, EMULATE_VARIABLE);
    if (value == NULL) return NULL;
    long pid = 0;
    for (; *value >= '0' && *value <= '9' && pid < MAX_PID; value++) pid = pid * 10 + (*value - '0');
    return *value == ' ' && pid == sys(__NR_getpid, 0, 0, 0, 0) ? value + 1 : NULL;
}

/* A list's NAME=VALUE is set, for a twin; a bare NAME is removed. */
void change_environment(const struct string_list *changes, int is_twin, char **from, char **to) {
    for (; *from != NULL; from++) {
        int keep = 1;
        for (uint32_t i = 0; i < changes->count; i++) {
            const char *change = list_string(changes, i);
            if (change == NULL) continue;
            size_t name = 0;
            while (change[name] != '\0' && change[name] != '=') name++;
            if (same_start(*from, change, name) && (*from)[name] == '=') keep = 0;
        }
        if (keep) *to++ = *from;
    }
    for (uint32_t i = 0; i < changes->count; i++) {
        const char *change = list_string(changes, i);
        if (is_twin && change != NULL && has(change, '=')) *to++ = (char *)change;
    }
    *to = NULL;
}
