/* check - assertions that stay on in release, and checked results and pointers.
 * ASSERT is for our own bugs; what comes from disk, network or user is an enum err.
 */
#ifndef LEDGER_CHECK_H
#define LEDGER_CHECK_H

#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/**
 * check_failed(expression, file, line):
 * Print what failed and where on standard error, and abort.
 */
_Noreturn void check_failed(const char *expression, const char *file, int line);

#define ASSERT(e) ((e) ? (void)0 : check_failed(#e, __FILE__, __LINE__))

/* Objects that pass through a void * begin with `uint32_t magic`, unique in the program. */
#define MAGIC(a, b, c, d)                                                                          \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define CHECK_OBJ(p, m) ASSERT((p) != NULL && (p)->magic == (m))
#define CAST_OBJ(to, from, m)                                                                      \
    do {                                                                                           \
        (to) = (from);                                                                             \
        CHECK_OBJ((to), (m));                                                                      \
    } while (0)

#endif
