/* Says whether each file that is named has the sum before it: content SUM FILE...; prints yes or no, in one line each. */
#include <fcntl.h>
#include <stdio.h>

#include "content.h"

int main(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) puts(has_sum(open(argv[i + 1], O_RDONLY), argv[i]) ? "yes" : "no");
    return 0;
}
