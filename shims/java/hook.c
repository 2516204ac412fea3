/* Loaded into a host-native Java virtual machine: lib/core/twins/java.ts makes it a library of libjava.so, which calls
 * XBJ_LoadLibrary where it called the virtual machine's JVM_LoadLibrary. A library that is not the kit's own is one that a
 * program brings (JNI), and for the target's processor: for that, the tool begins again as the target's own, emulated. What
 * it has written it writes anew then. The kit's place among the arguments is the target's own, and may stay.
 */
#include "../activator/sys.h"

/* Of the virtual machine. The second argument came with Java 19; where there is none, it is nobody's. */
void *JVM_LoadLibrary(const char *file, unsigned char throws);

#define OWN_LIBRARIES "/dev/xbuild/lib/"
#define JAVA_HOME "-J-Djava.home="
#define PATH_SIZE 4096
#define ERROR_STATUS 126

/* The bytes of a file of /proc, whose size nobody knows before; NUL is behind them. */
struct text {
    char *bytes;
    size_t size;
};

static void fail(const char *why) __attribute__((noreturn));
static void fail(const char *why) {
    static const char begin[] = "xbuild-env: a tool of Java's has begun as a host-native program, and needs the target's own: ";
    static const char end[] = "\n  run this with --mode emulated\n";
    struct io_vector parts[] = {{(void *)begin, sizeof begin - 1}, {(void *)why, length(why)}, {(void *)end, sizeof end - 1}};
    sys(__NR_writev, 2, parts, 3, 0); /* there is nobody else to tell */
    sys(__NR_exit_group, ERROR_STATUS, 0, 0, 0);
    __builtin_unreachable();
}

static void *memory(size_t size) {
    long address =
        sys6(__NR_mmap, 0, (long)size, 3 /* PROT_READ | PROT_WRITE */, 0x22 /* MAP_PRIVATE | MAP_ANONYMOUS */, -1, 0);
    if (address < 0 && address > -PATH_SIZE) fail("there is no memory");
    return (void *)address;
}

static size_t read_into(const char *path, char *to, size_t room) {
    long fd = sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) fail("/proc cannot be read");
    size_t size = 0;
    for (;;) {
        long n = sys(__NR_read, fd, to + size, room - size, 0);
        if (n < 0) fail("/proc cannot be read");
        if (n == 0) break;
        size += (size_t)n;
    }
    sys(__NR_close, fd, 0, 0, 0);
    return size;
}

/* Arguments or variables, each with NUL at its end: at most a quarter of the stack's limit, man 2 execve. */
#define MOST (6u << 20)

static struct text read_words(const char *path) {
    char *bytes = memory(MOST + 2);
    return (struct text){bytes, read_into(path, bytes, MOST)};
}

/* Pointers to the words, with room for one more and NULL at the end. */
static char **split(struct text text, size_t *count) {
    size_t n = 0;
    for (size_t i = 0; i < text.size; i++) n += text.bytes[i] == '\0';
    char **words = memory((n + 2) * sizeof *words);
    *count = 0;
    for (size_t at = 0; at < text.size && *count < n; at += length(text.bytes + at) + 1) words[(*count)++] = text.bytes + at;
    return words;
}

/* Appends, and returns the new end; fails where there is no room. */
static size_t append(char *to, size_t at, const char *text) {
    size_t size = length(text);
    if (at + size >= PATH_SIZE) fail("its path is too long");
    memcpy(to + at, text, size + 1);
    return at + size;
}

/* The target's program: of the same name as this, where the arguments say that its kit is. */
static void own_path(char *path, char **arguments, size_t count) {
    char link[PATH_SIZE];
    long size = sys(__NR_readlinkat, AT_FDCWD, "/proc/self/exe", link, sizeof link - 1);
    if (size <= 0) fail("its own path cannot be read");
    link[size] = '\0';
    const char *name = link;
    for (const char *at = link; *at != '\0'; at++) {
        if (*at == '/') name = at + 1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!starts(arguments[i], JAVA_HOME)) continue;
        size_t at = append(path, 0, arguments[i] + length(JAVA_HOME));
        append(path, append(path, at, "/bin/"), name);
        return;
    }
    fail("its own path is not known");
}

/* The activator takes a program for one to be emulated by this variable, which holds the process's own id. */
static char *request(void) {
    static char text[] = "XBUILD_EMULATE=\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    char digits[20];
    size_t n = 0, at = length(text);
    for (unsigned long id = (unsigned long)sys(__NR_getpid, 0, 0, 0, 0); id > 0 && n < sizeof digits; id /= 10)
        digits[n++] = (char)('0' + id % 10);
    while (n > 0) text[at++] = digits[--n];
    return text;
}

static void emulate(const char *library) __attribute__((noreturn));
static void emulate(const char *library) {
    size_t count, variables;
    char path[PATH_SIZE];
    char **argv = split(read_words("/proc/self/cmdline"), &count);
    char **envp = split(read_words("/proc/self/environ"), &variables);
    own_path(path, argv, count);
    envp[variables] = request();
    sys(__NR_execve, path, argv, envp, 0);
    fail(library);
}

void *XBJ_LoadLibrary(const char *file, unsigned char throws);
void *XBJ_LoadLibrary(const char *file, unsigned char throws) {
    if (!starts(file, OWN_LIBRARIES)) emulate(file);
    return JVM_LoadLibrary(file, throws);
}
