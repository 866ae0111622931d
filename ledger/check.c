#include "ledger/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "countersign: bug: %s does not hold at %s:%d\n", expression, file, line);
    abort();
}
