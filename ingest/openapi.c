#include "ingest/openapi.h"

#include "ingest/access.h"
#include "ingest/answer.h"

static enum err make(struct answer *answer, struct err_text *ret_why)
{
    (void)ret_why;
    buf_add(&answer->body, openapi_text, openapi_bytes);
    answer->media = "application/json";
    answer->cache = "private, no-cache";
    return ERR_OK;
}

void openapi_get(struct exchange *exchange)
{
    struct answer *answer = answer_new(exchange, make);
    struct err_text why = {""};
    enum err err = access_any(exchange, &why);
    answer_settle(answer, exchange->service->reads, err, &why);
}
