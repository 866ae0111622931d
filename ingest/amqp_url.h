/* amqp_url - where a broker is and as whom to log in: amqp:// and amqps:// URLs.  Pure. */
#ifndef INGEST_AMQP_URL_H
#define INGEST_AMQP_URL_H

#include "ledger/ledger.h"

#define AMQP_URL_PORT 5672     /* of amqp://, if it names none */
#define AMQP_URL_TLS_PORT 5671 /* of amqps:// */

/* A broker as its URL names it.  All owned. */
struct amqp_url {
    bool tls;
    char *host; /* a name or an address, without the brackets of an IPv6 one */
    uint16_t port;
    char *user;  /* "guest" if it names none */
    char *vhost; /* "/" if it names none */
    char *shown; /* the URL without anything that is not needed to find the broker */
};

/**
 * amqp_url_parse(text, ret_url, ret_why):
 * Parse amqp[s]://[USER@]HOST[:PORT][/VHOST]; user and vhost are percent-decoded, and an IPv6
 * address stands in brackets.  A URL with a password is refused, and not repeated in ${ret_why}:
 * other users of the machine see what stands on a command line.
 * The caller owns *${ret_url} (amqp_url_free).  Errors: USAGE.
 * amqp_url_free(url): Free what it holds; *${url} is empty.
 */
MUST_CHECK enum err amqp_url_parse(const char *text, struct amqp_url *ret_url,
                                   struct err_text *ret_why);
void amqp_url_free(struct amqp_url *url);

#endif
