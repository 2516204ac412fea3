#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int big(const char *text) {
    return (int)strlen(text) + atoi(text);
}
