#include <math.h>
#include <stdio.h>

static int square(int x) {
    return x * x;
}

int main(int argc, char **argv) {
    (void)argv;
    printf("%d %f\n", square(argc), sqrt(argc));
    return 0;
}
