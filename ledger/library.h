/* library - a shared library that is loaded when it is first needed: what is linked takes its time
 * before the first line of every command, also of those that never call it.
 */
#ifndef LEDGER_LIBRARY_H
#define LEDGER_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/err.h"

struct library_function {
    const char *name;
    void *pointer; /* to the pointer that is set; of the function's own type */
};

struct library {
    const char *soname;  /* with the version whose headers this was built with */
    const char *package; /* Debian's, which has it */
    const struct library_function *functions;
    size_t function_count;
    bool loaded;
};

/**
 * library_load(library, ret_why):
 * Load it and set the pointers to its functions, unless that was done; it stays for as long as the
 * process.  Any thread.  Errors: IO (it is not there, or lacks a function: no pointer may be used).
 */
MUST_CHECK enum err library_load(struct library *library, struct err_text *ret_why);

#endif
