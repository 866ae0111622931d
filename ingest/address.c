#include "ingest/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "ingest/query.h"

/* Fill the socket's address from a numeric host; false if it is none. */
static bool set_host(struct address *address, const char *host, uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    size_t bytes = strlen(host);
    if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
        memcpy(&address->socket, &v4, sizeof(v4));
        address->socket_bytes = sizeof(v4);
        return true;
    }
    char inner[INET6_ADDRSTRLEN];
    if (bytes < 2 || host[0] != '[' || host[bytes - 1] != ']' || bytes - 2 >= sizeof(inner))
        return false;
    memcpy(inner, host + 1, bytes - 2);
    inner[bytes - 2] = '\0';
    if (inet_pton(AF_INET6, inner, &v6.sin6_addr) != 1)
        return false;
    memcpy(&address->socket, &v6, sizeof(v6));
    address->socket_bytes = sizeof(v6);
    return true;
}

enum err address_parse(const char *text, struct address *ret_address, struct err_text *ret_why)
{
    struct address address = {0};
    char host[INET6_ADDRSTRLEN + 2] = "";
    const char *colon = strrchr(text, ':');
    size_t host_bytes = colon != NULL ? (size_t)(colon - text) : sizeof(host);
    uint64_t port = 0;
    bool good = host_bytes < sizeof(host) && query_decimal(colon + 1, UINT16_MAX, &port);
    if (good) {
        memcpy(host, text, host_bytes);
        host[host_bytes] = '\0';
        bool local = strcmp(host, "localhost") == 0;
        good = set_host(&address, local ? "127.0.0.1" : host, (uint16_t)port);
    }
    if (!good)
        return err_say(ret_why, ERR_USAGE, "'%s' is no ADDR:PORT (127.0.0.1:8480, [::1]:0)", text);
    *ret_address = address;
    return ERR_OK;
}

bool address_loopback(const struct address *address)
{
    if (address->socket.ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &address->socket, sizeof(v4));
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 v6;
    memcpy(&v6, &address->socket, sizeof(v6));
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

void address_url(const struct address *address, struct buf *buf)
{
    char host[INET6_ADDRSTRLEN] = "";
    const char *scheme = address->tls ? "https" : "http";
    if (address->socket.ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &address->socket, sizeof(v4));
        if (v4.sin_addr.s_addr == htonl(INADDR_ANY))
            v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT(inet_ntop(AF_INET, &v4.sin_addr, host, sizeof(host)) != NULL);
        buf_printf(buf, "%s://%s:%u", scheme, host, (unsigned)ntohs(v4.sin_port));
        return;
    }
    struct sockaddr_in6 v6;
    memcpy(&v6, &address->socket, sizeof(v6));
    if (IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr))
        v6.sin6_addr = in6addr_loopback;
    ASSERT(inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof(host)) != NULL);
    buf_printf(buf, "%s://[%s]:%u", scheme, host, (unsigned)ntohs(v6.sin6_port));
}
