/* err - the one list of errors: name, HTTP status, exit code, text.
 * Functions that can fail return enum err; what exactly was wrong goes into a struct err_text that
 * the caller hands in.  Only commands and the daemon print it.
 */
#ifndef LEDGER_ERR_H
#define LEDGER_ERR_H

#include "ledger/check.h"

/*        name             HTTP exit  text */
#define ERR_TABLE(X)                                                                               \
    X(OK, 200, 0, "ok")                                                                            \
    X(INVALID, 400, 3, "malformed input")                                                          \
    X(USAGE, 400, 2, "wrong usage")                                                                \
    X(UNAUTHENTICATED, 401, 1, "not authenticated")                                                \
    X(FORBIDDEN, 403, 1, "not permitted")                                                          \
    X(NOT_FOUND, 404, 1, "not found")                                                              \
    X(METHOD, 405, 2, "method not allowed")                                                        \
    X(SLOW, 408, 3, "too slow")                                                                    \
    X(CONFLICT, 409, 1, "conflict")                                                                \
    X(TOO_BIG, 413, 3, "too large")                                                                \
    X(MEDIA_TYPE, 415, 3, "unsupported media type")                                                \
    X(NOT_EVENT, 422, 3, "not a CloudEvent of this ledger")                                        \
    X(PROOF, 422, 1, "the proof does not hold")                                                    \
    X(RATE, 429, 3, "too many requests")                                                           \
    X(BUSY, 503, 3, "not now")                                                                     \
    X(CLOCK, 503, 3, "the clock cannot be trusted")                                                \
    X(DISK_LOW, 507, 3, "disk space is low")                                                       \
    X(IO, 500, 3, "input or output failed")                                                        \
    X(DAMAGED, 500, 4, "the ledger is damaged")

enum err {
#define X(name, http, exit_code, text) ERR_##name,
    ERR_TABLE(X)
#undef X
};

enum {
#define X(name, http, exit_code, text) ERR_KIND_##name,
    ERR_TABLE(X)
#undef X
        ERR_KINDS /* how many there are */
};

/* What was wrong, where, and what to do: one line for a person, without the final full stop. */
struct err_text {
    char s[320];
};

/**
 * err_name(err), err_http(err), err_exit(err), err_text(err):
 * The error's name as in ERR_TABLE, HTTP status, exit code, and general text; static strings.
 */
const char *err_name(enum err err);
int err_http(enum err err);
int err_exit(enum err err);
const char *err_text(enum err err);

/**
 * err_say(ret_why, err, format, ...):
 * Write the formatted text to ${ret_why} (may be NULL) and return ${err}.  The text is made
 * printable (printable_add), so it may quote what came from outside; over its size it ends in
 * "...".  The arguments may point into *${ret_why}, to put words around what it says.
 */
enum err err_say(struct err_text *ret_why, enum err err, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
