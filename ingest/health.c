#include "ingest/health.h"

void health_live(struct exchange *exchange)
{
    struct buf body = {0};
    buf_text(&body, "ok\n");
    exchange_send(exchange, 200, "text/plain; charset=utf-8", &body);
    buf_free(&body);
}

/* Reading and taking in go on: what was damaged is known, and the rest is as good as before. */
static enum err say_damage(struct scrub *scrub, struct err_text *ret_why)
{
    const struct scrub_state state = scrub_state(scrub);
    return err_say(ret_why, ERR_DAMAGED, "the ledger is damaged: %.250s", state.bad.what);
}

void health_ready(struct exchange *exchange)
{
    struct service *service = exchange->service;
    struct err_text why = {""};
    uint64_t size = 0;
    enum err err = ERR_OK;
    if (service->stopping)
        err = err_say(&why, ERR_BUSY, "the daemon is stopping");
    else if (inlet_clock_leapt(service->inlet))
        err = err_say(&why, ERR_CLOCK, "this machine's clock has leapt, and no admin accepted it");
    else if (inlet_waiting(service->inlet) >= QUEUE_EVENTS_MAX)
        err = err_say(&why, ERR_BUSY, "too many events wait to be written");
    else if (service->scrub != NULL && scrub_state(service->scrub).bad.found)
        err = say_damage(service->scrub, &why);
    else if ((err = ledger_ready(service->ledger, &why)) == ERR_OK)
        err = ledger_size(service->ledger, &size, &why);
    if (err != ERR_OK) {
        exchange_problem(exchange, err_http(err) == 503 ? err : ERR_BUSY, &why);
        return;
    }
    struct buf body = {0};
    buf_text(&body, "ready\n");
    exchange_send(exchange, 200, "text/plain; charset=utf-8", &body);
    buf_free(&body);
}
