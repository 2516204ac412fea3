#define _GNU_SOURCE
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "report.h"

static struct termios before;

union fd_control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

int terminal_open(int *master) {
    *master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    int unlocked = 0;
    if (*master < 0 || ioctl(*master, TIOCSPTLCK, &unlocked) < 0) die("terminal", "/dev/ptmx");
    int terminal = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) die("terminal", "TIOCGPTPEER");
    return terminal;
}

int terminal_make(int socket) {
    int master, terminal = terminal_open(&master);
    union fd_control control = {.bytes = {0}};
    char byte = 0;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(&control.header), &master, sizeof master);
    if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) die("terminal", "sendmsg");
    close(master);
    return terminal;
}

int terminal_receive(int socket) {
    union fd_control control = {.bytes = {0}};
    char byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got;
    while ((got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
    }
    if (got != 1 || control.header.cmsg_type != SCM_RIGHTS) return -1;
    int master;
    memcpy(&master, CMSG_DATA(&control.header), sizeof master);
    terminal_take(master);
    return master;
}

void terminal_take(int master) {
    if (fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK) < 0) die("terminal", "O_NONBLOCK");
}

void terminal_save(void) {
    if (tcgetattr(STDIN_FILENO, &before) < 0) die("terminal", "tcgetattr");
}

void terminal_raw(void) {
    struct termios raw = before;
    cfmakeraw(&raw);
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0) die("terminal", "tcsetattr");
}

void terminal_restore(void) {
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

/* Not TCSADRAIN, which waits for output that may be held back. */
void terminal_reset(void) {
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void terminal_resize(int master) {
    struct winsize size;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) ioctl(master, TIOCSWINSZ, &size);
}
