/* post - HTTP POSTs to a ledger's daemon over one kept connection.  The only file that knows
 * libcurl.  Redirects are not followed; certificates and host names are checked.
 */
#ifndef LEDGER_POST_H
#define LEDGER_POST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"

struct post;

struct post_config {
    const char *url;           /* the ledger's base URL, http or https */
    bool whole_url;            /* it is no base: POST to it as it is */
    const char *token;         /* bearer token; NULL: none */
    const char *ca_file;       /* certificates to trust instead of the system's; NULL: those */
    const char *cert_file;     /* client certificate and its key; NULL: none */
    const char *cert_key_file; /* NULL: in cert_file too */
    const char *pin;           /* "sha256//" and base64: know the server by this key, and not by its
                                  certificate's name and authority; NULL: by these */
    bool direct;               /* use no proxy, whatever the environment says */
    bool (*stopped)(void);     /* asked now and then while waiting; true ends it; NULL: never */
};

/* What came back. */
struct post_answer {
    long status;           /* HTTP; 0: nothing came back */
    bool unsent;           /* nothing came back, and surely nothing was sent either */
    int64_t retry_after_s; /* of the header Retry-After; -1 without one */
    json_t *json;          /* the body as I-JSON, or NULL; owned by the answer */
};

/**
 * post_url_ok(url): Whether it is http:// or https:// with a host, without user, query or fragment.
 * post_token_ok(token): Whether it is of base64url's characters alone, so that it cannot end the
 * header that it goes into.
 */
MUST_CHECK bool post_url_ok(const char *url);
MUST_CHECK bool post_token_ok(const char *token);

/**
 * post_new(config, ret_post, ret_why): Set up; the strings of ${config} are copied, nothing is
 * connected yet.  Errors: IO (libcurl is not there, cannot be set up, or has no such files).
 * post_free(post): NULL is fine.
 * post_set_token(post, token): From now on as the bearer of ${token} (NULL: of none).
 */
MUST_CHECK enum err post_new(const struct post_config *config, struct post **ret_post,
                             struct err_text *ret_why);
void post_free(struct post *post);
void post_set_token(struct post *post, const char *token);

/**
 * post_send(post, media, message, ret_answer, ret_why):
 * POST ${message} of media type ${media} to URL/v1/events (or to URL, see above), with the token
 * where ${bearer}; whatever the status, an answer is OK (post_answer_free).  Errors: IO (no answer;
 * ${ret_answer} is set too, with status 0).
 */
MUST_CHECK enum err post_send(struct post *post, const char *media, bool bearer,
                              const struct buf *message, struct post_answer *ret_answer,
                              struct err_text *ret_why);
void post_answer_free(struct post_answer *answer);

/**
 * post_error(answer, url, ret_why): What a status other than 200 and 201 stands for: the first
 * error of that status, with the problem's detail in ${ret_why}.
 */
enum err post_error(const struct post_answer *answer, const char *url, struct err_text *ret_why);

#endif
