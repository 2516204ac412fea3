#include "session.h"

#include <linux/mman.h>

#include "../places.h"
#include "call.h"
#include "socket.h"
#include "sys.h"

struct message {
    void *name;
    uint32_t name_size;
    struct io_vector *parts;
    size_t part_count;
    void *control;
    size_t control_size;
    uint32_t flags;
};

struct passed_fds {
    size_t size;
    int level, type;
    int fds[2];
};

static void close_if_open(long fd) {
    if (fd >= 0) sys(__NR_close, fd, 0, 0, 0);
}

/* Asks PID 1 for its two descriptors: the way of every user that may not look into /proc/1/fd, which is all but the
 * session's root. Returns that of the routes, or -1; the session has the other. */
static long ask_init(struct session *session) {
    struct socket_address address = {SOCKET_UNIX, PLACE_SOCKET};
    long fd = sys(__NR_socket, SOCKET_UNIX, SOCKET_STREAM | O_CLOEXEC, 0, 0);
    if (fd < 0) return -1;
    if (sys(__NR_connect, fd, &address, sizeof address, 0) < 0) {
        sys(__NR_close, fd, 0, 0, 0);
        return -1;
    }
    struct io_vector part = {&session->self, sizeof session->self};
    struct passed_fds passed = {0, 0, 0, {-1, -1}};
    struct message message = {NULL, 0, &part, 1, &passed, sizeof passed, 0};
    long got = sys(__NR_recvmsg, fd, &message, 0x40000000 /* MSG_CMSG_CLOEXEC */, 0);
    sys(__NR_close, fd, 0, 0, 0);
    if (got != sizeof session->self || passed.size < sizeof passed || passed.type != 1 /* SCM_RIGHTS */) return -1;
    session->twins = passed.fds[1];
    return passed.fds[0];
}

static int map_table(long fd, struct table *table) {
    struct stat status;
    if (sys(__NR_fstat, fd, &status, 0, 0) < 0 || status.st_size < (long)sizeof(struct table_header)) return 0;
    long address = sys6(__NR_mmap, 0, status.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (address < 0 && address > -4096) return 0;
    table->bytes = (const unsigned char *)address;
    table->size = (size_t)status.st_size;
    return table_header(table) != NULL;
}

/* In a session this is a chroot's. Elsewhere the system's binfmt_misc has an entry for the sessions of older kernels. */
static const char no_session[] =
    "no session of xbuild-env is in reach\n"
    "  run it in one: xbuild-env run ENV -- CMD (a chroot there needs /proc, or the session's /dev);\n"
    "  or give such programs back to the system's emulator, as root: xbuild-env system unregister";

static long open_table(struct session *session) {
    long file = sys(__NR_openat, AT_FDCWD, PLACE_INIT_ROUTES "/" PLACE_TABLE, O_RDONLY | O_CLOEXEC, 0);
    long routes = file < 0 ? ask_init(session) : -1;
    if (routes >= 0) file = sys(__NR_openat, routes, PLACE_TABLE, O_RDONLY | O_CLOEXEC, 0);
    close_if_open(routes);
    return file;
}

const char *session_open(struct session *session) {
    session->twins = session->trace = -1;
    long file = open_table(session);
    if (file < 0) return no_session;
    int is_mapped = map_table(file, &session->table);
    close_if_open(file); /* a program may be allowed few descriptors, and each that is open is one less for the emulator */
    if (is_mapped) return NULL;
    return "the session's table of routes is damaged, or of another version: end the session and start a new one, which makes "
           "it anew";
}

void session_close(const struct session *session) {
    close_if_open(session->twins);
    close_if_open(session->trace);
}

/* Where a program lies, for the session's root; 0 where no path is so long. */
static int program_path(const char *program, char *path) {
    memcpy(path, PLACE_INIT_TWINS "/", sizeof PLACE_INIT_TWINS "/");
    return append(path, PATH_SIZE, program);
}

long session_open_program(const struct session *session, const char *program) {
    char path[PATH_SIZE];
    if (session->twins >= 0) return sys(__NR_openat, session->twins, program, O_RDONLY | O_CLOEXEC, 0);
    if (!program_path(program, path)) return -E_NOENT;
    return sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
}

long session_program_size(const struct session *session, const char *program) {
    char path[PATH_SIZE];
    struct stat status;
    if (session->twins < 0 && !program_path(program, path)) return -E_NOENT;
    long error = session->twins >= 0 ? sys(__NR_newfstatat, session->twins, program, &status, 0)
                                     : sys(__NR_newfstatat, AT_FDCWD, path, &status, 0);
    return error < 0 ? error : (long)status.st_size;
}

long session_execute(const struct session *session, const char *program, char **argv, char **envp) {
    char path[PATH_SIZE];
    if (session->twins >= 0) return sys6(__NR_execveat, session->twins, (long)program, (long)argv, (long)envp, 0, 0);
    if (!program_path(program, path)) return -E_NOENT;
    return sys(__NR_execve, path, argv, envp, 0);
}
