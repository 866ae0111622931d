#include "ingest/access.h"

#include <string.h>
#include <strings.h>

enum err access_courier(const struct exchange *exchange, struct courier *ret_courier,
                        struct err_text *ret_why)
{
    static const char scheme[] = "Bearer ";
    struct ledger *ledger = exchange->service->ledger;
    struct courier courier = {.origin = ORIGIN_HTTP};
    const char *text = exchange_header(exchange, "Authorization");
    if (text == NULL) {
        *ret_courier = courier;
        return ERR_OK;
    }
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

enum err access_read(const struct exchange *exchange, struct err_text *ret_why)
{
    struct courier courier = {0};
    enum err err = access_courier(exchange, &courier, ret_why);
    if (err != ERR_OK)
        return err;
    if (courier.principal[0] == '\0')
        return err_say(ret_why, ERR_UNAUTHENTICATED, "this needs a token");
    if ((courier.scopes & SCOPE_READ) == 0)
        return err_say(ret_why, ERR_FORBIDDEN, "this token of %s has no read scope",
                       courier.principal);
    return ERR_OK;
}
