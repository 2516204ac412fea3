/* Programs that gdb has trouble with: by the first argument. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (strcmp(what, "loop") == 0) {
        puts("loops");
        for (;;) {
        }
    }
    if (strcmp(what, "close") == 0) {
        for (int i = 0; i < 100; i++) close(i);
        sleep(2); /* gdb takes a second to see that it is not the end */
        _exit(3);
    }
    if (strcmp(what, "execute") == 0) {
        execl("/bin/echo", "echo", "executed", NULL);
        return 1;
    }
    puts("done");
    return 0;
}
