#include <stdio.h>

__attribute__((weak)) int part(int x);

int main(int argc, char **argv) {
    (void)argv;
    int sum = 0;
    for (int i = 0; i < 10 * argc; i++) sum += i % 3 == 0 ? i : 1;
    printf("%d %d\n", sum, part ? part(sum) : -1);
    return 0;
}
