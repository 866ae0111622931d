#include "ingest/events_post.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ingest/access.h"
#include "ingest/query.h"

#define PATH_BYTES 64 /* "/v1/events/" and a seq */
#define CLOCK_LEAPT "clock.leapt"

/* Answer that nothing was written, and why; in the journal too. */
static void refuse(struct exchange *exchange, enum err err, const struct err_text *why)
{
    if (journal_allows(&exchange->service->refusals))
        journal_line("refused", "error", err_name(err), "detail", why->s, NULL);
    exchange_problem(exchange, err, why);
}

/* The media type of the request, as admission names it; NULL if it is none that is taken. */
static const char *message_media(const struct exchange *exchange)
{
    const char *header = exchange_header(exchange, "Content-Type");
    if (media_is(header, EVENT_MEDIA_TYPE))
        return EVENT_MEDIA_TYPE;
    if (media_is(header, DSSE_MEDIA_TYPE))
        return DSSE_MEDIA_TYPE;
    return NULL;
}

/* The deployment that the transport names: ?deployment= or ce-deployment, which must agree. */
static enum err named_deployment(const struct exchange *exchange, struct query *query,
                                 const char **ret_deployment, struct err_text *ret_why)
{
    static const char *const names[] = {"deployment", NULL};
    enum err err = query_parse(exchange->query, names, query, ret_why);
    if (err != ERR_OK)
        return err;
    const char *parameter = query_text(query, "deployment");
    const char *header = exchange_header(exchange, "ce-deployment");
    if (parameter != NULL && header != NULL && strcmp(parameter, header) != 0)
        return err_say(ret_why, ERR_NOT_EVENT, "?deployment= and ce-deployment differ");
    *ret_deployment = parameter != NULL ? parameter : header;
    return ERR_OK;
}

/* While the clock has leapt nothing is let in but an admin's word that it is right. */
static enum err check_clock(struct exchange *exchange, const struct buf *bytes,
                            struct err_text *ret_why)
{
    struct event *event = NULL;
    if (!exchange_clock_leapt(exchange->service))
        return ERR_OK;
    if (event_parse(bytes->data, bytes->bytes, &event, NULL) == ERR_OK)
        exchange->accepts_clock = strcmp(event->type, EVENT_OWN_PREFIX CLOCK_LEAPT ".v1") == 0;
    event_free(event);
    if (exchange->accepts_clock)
        return ERR_OK;
    return err_say(ret_why, ERR_CLOCK,
                   "this machine's clock has leapt; an admin's " CLOCK_LEAPT " accepts it");
}

/* Authenticate and admit the request's event. */
static enum err admit(struct exchange *exchange, struct admitted **ret_admitted,
                      struct err_text *ret_why)
{
    struct ledger *ledger = exchange->service->ledger;
    struct query query = {0};
    struct courier courier = {0};
    struct admitted *admitted = NULL;
    struct admit_message message = {.media = message_media(exchange)};
    enum err err = ERR_OK;
    if (message.media == NULL) {
        err = err_say(ret_why, ERR_MEDIA_TYPE,
                      "Content-Type must be " EVENT_MEDIA_TYPE " or " DSSE_MEDIA_TYPE);
        goto out;
    }
    err = named_deployment(exchange, &query, &message.deployment, ret_why);
    if (err == ERR_OK)
        err = access_courier(exchange, &courier, ret_why);
    if (err != ERR_OK)
        goto out;
    const char *body = exchange_body(exchange, &message.bytes);
    message.data = body != NULL ? body : "";
    ledger_lock(ledger, false);
    err = admit_event(ledger_admission(ledger), ledger_registry(ledger), &courier, &message,
                      &admitted, ret_why);
    ledger_unlock(ledger);
    if (err == ERR_OK)
        err = check_clock(exchange, &admitted->event, ret_why);
    if (err == ERR_OK) {
        *ret_admitted = admitted;
        admitted = NULL;
    }
out:
    admit_free(admitted);
    query_free(&query);
    return err;
}

void events_post_take(struct exchange *exchange)
{
    struct service *service = exchange->service;
    struct err_text why = {""};
    struct admitted *admitted = NULL;
    enum err err = service->stopping ? err_say(&why, ERR_BUSY, "the daemon is stopping")
                                     : admit(exchange, &admitted, &why);
    if (err != ERR_OK) {
        refuse(exchange, err, &why);
        return;
    }
    struct job *job = queue_job_new(admitted, exchange);
    if (!appender_push(service->appender, job)) {
        queue_job_free(job);
        err = err_say(&why, ERR_BUSY, "too many events wait to be written; try again");
        refuse(exchange, err, &why);
        return;
    }
    service->waiting++;
}

/* Answer with the receipt of a committed event, or of the one it repeats. */
static void answer_receipt(struct exchange *exchange, const struct receipt *receipt)
{
    char path[PATH_BYTES];
    if (exchange->accepts_clock && receipt->verdict.rule == RULE_NONE)
        exchange_accept_clock(exchange->service);
    snprintf(path, sizeof(path), "/v1/events/%" PRIu64, receipt->seq);
    exchange_set(exchange, "Location", path);
    exchange_json(exchange, receipt->duplicate ? 200 : 201, ledger_receipt_json(receipt));
}

static void answer(const struct job *job)
{
    struct exchange *exchange;
    CAST_OBJ(exchange, job->owner, EXCHANGE_MAGIC);
    struct err_text why = job->why;
    if (job->err != ERR_OK) {
        refuse(exchange, job->err, &why);
    } else if (job->receipt.err != ERR_OK) {
        enum err err = ledger_receipt_why(&job->receipt, &why);
        refuse(exchange, err, &why);
    } else {
        answer_receipt(exchange, &job->receipt);
    }
}

void events_post_done(struct service *service)
{
    struct job *jobs = appender_done(service->appender);
    while (jobs != NULL) {
        struct job *job = jobs;
        jobs = job->next;
        service->waiting--;
        answer(job);
        queue_job_free(job);
    }
}
