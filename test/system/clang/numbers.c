#include <math.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" long print(void);
#endif

/* Computed while it is compiled: by the math library of whoever compiles. */
#define ROW(f, x) f(x), f(x + 0.013), f(x + 0.171), f(x + 0.295), f(x + 0.333), f(x + 0.402), f(x + 0.477), f(x + 0.58)
#define ROWS(f) ROW(f, 0.0117), ROW(f, 0.023), ROW(f, 0.0393), ROW(f, 0.1001), ROW(f, 0.2203), ROW(f, 0.3017), ROW(f, 0.41)

static double wide(int i) {
    const double all[] = {ROWS(sin), ROWS(cos), ROWS(exp), ROWS(asin), ROWS(atan), ROWS(log2), ROWS(sinh), ROWS(tanh), ROWS(cosh)};
    return all[i];
}

unsigned count(const unsigned char *bytes, unsigned size) {
    unsigned sum = 0;
    for (unsigned i = 0; i < size; i++) sum += (unsigned)__builtin_popcount(bytes[i]) * i;
    return sum;
}

double total(void) {
    double sum = 0;
    for (int i = 0; i < 9 * 56; i++) sum += wide(i);
    return sum;
}

long print(void) {
    return printf("%a %u\n", total(), count((const unsigned char *)"numbers", 7));
}
