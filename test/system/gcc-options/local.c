#include <local.h>

int local(int x);

int local(int x) {
    return twice(x);
}
