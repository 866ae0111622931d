#include "ledger/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int http;
    int exit_code;
    const char *text;
} table[] = {
#define X(name, http, exit_code, text) {#name, http, exit_code, text},
    ERR_TABLE(X)
#undef X
};

const char *err_name(enum err err)
{
    return table[err].name;
}

int err_http(enum err err)
{
    return table[err].http;
}

int err_exit(enum err err)
{
    return table[err].exit_code;
}

const char *err_text(enum err err)
{
    return table[err].text;
}

enum err err_say(struct err_text *ret_why, enum err err, const char *format, ...)
{
    if (ret_why == NULL)
        return err;
    struct err_text text = {{0}}; /* the arguments may point into *ret_why */
    va_list args;
    va_start(args, format);
    int bytes = vsnprintf(text.s, sizeof(text.s), format, args);
    va_end(args);
    if (bytes >= (int)sizeof(text.s))
        memcpy(text.s + sizeof(text.s) - 4, "...", 4);
    *ret_why = text;
    return err;
}
