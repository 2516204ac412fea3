#include <stdio.h>

#include "config.h"

int add(int a, int b);

int main(void) {
    printf("%d %s\n", add(1, 2), WIDE);
    return 0;
}
