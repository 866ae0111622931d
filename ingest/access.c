#include "ingest/access.h"

#include <event2/http.h>
#include <string.h>
#include <strings.h>

#include "ingest/rate.h"

/* Who the connection's certificate names; nobody without one. */
static enum err certified(const struct exchange *exchange, struct courier *ret_courier,
                          struct err_text *ret_why)
{
    struct courier courier = {0};
    struct evhttp_connection *connection = evhttp_request_get_connection(exchange->request);
    enum err err = ERR_OK;
    if (exchange->service->tls != NULL && connection != NULL)
        err = tls_courier(exchange->service->tls, evhttp_connection_get_bufferevent(connection),
                          &courier, ret_why);
    courier.origin = ORIGIN_HTTP;
    if (err == ERR_OK)
        *ret_courier = courier;
    return err;
}

static enum err authenticate(const struct exchange *exchange, struct courier *ret_courier,
                             struct err_text *ret_why)
{
    static const char scheme[] = "Bearer ";
    struct ledger *ledger = exchange->service->ledger;
    struct courier courier = {.origin = ORIGIN_HTTP};
    const char *text = exchange_header(exchange, "Authorization");
    if (text == NULL)
        return certified(exchange, ret_courier, ret_why);
    if (strncasecmp(text, scheme, strlen(scheme)) != 0)
        return err_say(ret_why, ERR_UNAUTHENTICATED, "Authorization is not `Bearer TOKEN`");
    text += strlen(scheme);
    text += strspn(text, " ");
    int64_t now_us = ledger_now(ledger);
    ledger_lock(ledger, false);
    const struct registry *registry = ledger_registry(ledger);
    enum err err = admit_token(registry, text, registry_size(registry), now_us, &courier);
    ledger_unlock(ledger);
    if (err == ERR_UNAUTHENTICATED)
        return err_say(ret_why, err, "the token is malformed, unknown, expired or revoked");
    if (err != ERR_OK)
        return err;
    courier.origin = ORIGIN_HTTP;
    *ret_courier = courier;
    return ERR_OK;
}

/* Whether the principal has asked too often. */
static enum err limit(struct exchange *exchange, const char *principal, struct err_text *ret_why)
{
    struct rate *rate = exchange->service->rate;
    struct buf seconds = {0};
    if (rate == NULL || principal[0] == '\0')
        return ERR_OK;
    int64_t wait_us = rate_take(rate, principal, 1, clock_monotonic_us());
    if (wait_us == 0)
        return ERR_OK;
    buf_printf(&seconds, "%lld", (long long)((wait_us - 1) / INSTANT_SECOND_US + 1));
    exchange_set(exchange, "Retry-After", (const char *)seconds.data);
    buf_free(&seconds);
    return err_say(ret_why, ERR_RATE, "%s asks more often than this server allows", principal);
}

enum err access_head(const struct exchange *exchange, struct courier *ret_courier,
                     struct err_text *ret_why)
{
    return authenticate(exchange, ret_courier, ret_why);
}

enum err access_courier(struct exchange *exchange, struct courier *ret_courier,
                        struct err_text *ret_why)
{
    struct courier courier = {0};
    enum err err = authenticate(exchange, &courier, ret_why);
    if (err == ERR_OK)
        err = limit(exchange, courier.principal, ret_why);
    if (err == ERR_OK)
        *ret_courier = courier;
    return err;
}

static enum err check_read(const struct courier *courier, struct err_text *ret_why)
{
    if (courier->principal[0] == '\0')
        return err_say(ret_why, ERR_UNAUTHENTICATED, "this needs a token or a client certificate");
    if ((courier->scopes & SCOPE_READ) == 0)
        return err_say(ret_why, ERR_FORBIDDEN, "this token of %s has no read scope",
                       courier->principal);
    return ERR_OK;
}

enum err access_any(struct exchange *exchange, struct err_text *ret_why)
{
    struct courier courier = {0};
    enum err err = access_courier(exchange, &courier, ret_why);
    courier.scopes = SCOPE_READ; /* any scope will do */
    return err == ERR_OK ? check_read(&courier, ret_why) : err;
}

enum err access_read(struct exchange *exchange, struct err_text *ret_why)
{
    struct courier courier = {0};
    enum err err = access_courier(exchange, &courier, ret_why);
    return err == ERR_OK ? check_read(&courier, ret_why) : err;
}

enum err access_still(const struct exchange *exchange, struct err_text *ret_why)
{
    struct courier courier = {0};
    enum err err = authenticate(exchange, &courier, ret_why);
    return err == ERR_OK ? check_read(&courier, ret_why) : err;
}
