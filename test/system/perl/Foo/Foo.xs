#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"
MODULE = Foo PACKAGE = Foo

int
add(a, b)
    int a
    int b
  CODE:
    RETVAL = a + b;
  OUTPUT:
    RETVAL
