#include "ledger/err.h"

#include <stdarg.h>
#include <string.h>

#include "ledger/buf.h"
#include "ledger/printable.h"

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
    struct buf raw = {0}, text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&raw, format, args);
    va_end(args);
    printable_add(&text, (const char *)raw.data);
    const size_t room = sizeof(ret_why->s);
    if (text.bytes >= room) {
        text.bytes = room - sizeof("...");
        while ((text.data[text.bytes] & 0xc0) == 0x80) /* within a character */
            text.bytes--;
        buf_text(&text, "...");
    }
    buf_u8(&text, 0);
    memcpy(ret_why->s, text.data, text.bytes);
    buf_free(&raw);
    buf_free(&text);
    return err;
}
