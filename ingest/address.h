/* address - where the daemon listens: ADDR:PORT as text, as a socket's address, and as a URL. */
#ifndef INGEST_ADDRESS_H
#define INGEST_ADDRESS_H

#include <sys/socket.h>

#include "ledger/ledger.h"

#define ADDRESS_DEFAULT "127.0.0.1:8480"

struct address {
    struct sockaddr_storage socket;
    socklen_t socket_bytes;
    bool tls; /* false as parsed; for its URL */
};

/**
 * address_parse(text, ret_address, ret_why):
 * Parse "127.0.0.1:8480", "[::1]:8480" or "localhost:8480" (127.0.0.1); numbers, no names, so that
 * nobody else decides what is bound.  Port 0 stands for a free one.  Errors: USAGE.
 * address_loopback(address): Whether only this machine reaches it (127.0.0.0/8, ::1).
 * address_url(address, buf): Append "http://ADDR:PORT", or "https://…"; the wildcard addresses give
 * loopback's.
 */
MUST_CHECK enum err address_parse(const char *text, struct address *ret_address,
                                  struct err_text *ret_why);
bool address_loopback(const struct address *address);
void address_url(const struct address *address, struct buf *buf);

#endif
