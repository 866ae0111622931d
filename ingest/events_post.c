#include "ingest/events_post.h"

#include <event2/event.h>
#include <event2/http.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ingest/access.h"
#include "ingest/account.h"
#include "ingest/ce_headers.h"
#include "ingest/query.h"
#include "ingest/receipts.h"

#define PATH_BYTES 64 /* "/v1/events/" and a seq */
#define HELD_MAX 8    /* jobs that are held back */
#define REPLIES_MAX 8 /* made before they are sent */

/* Answer that nothing of a job was written, and why; in the journal and in custody too. */
static void refuse(struct exchange *exchange, const struct job *job)
{
    const enum err err = job->err;
    const struct err_text *why = &job->why;
    account_refused(exchange->service->ledger, job);
    if (journal_allows(&exchange->service->refusals))
        journal_line("refused", "error", err_name(err), "detail", why->s, NULL);
    exchange_problem(exchange, err, why);
}

/* The media type of the request, as admission names it; NULL if it is none that is taken.  In
 * binary mode (CloudEvents HTTP binding 3) it is that of the event which its headers make. */
static const char *message_media(const struct exchange *exchange, bool *ret_binary)
{
    const char *header = exchange_header(exchange, "Content-Type");
    *ret_binary = false;
    if (media_is(header, EVENT_MEDIA_TYPE))
        return EVENT_MEDIA_TYPE;
    if (media_is(header, DSSE_MEDIA_TYPE))
        return DSSE_MEDIA_TYPE;
    if (media_is(header, BATCH_MEDIA_TYPE))
        return BATCH_MEDIA_TYPE;
    *ret_binary = !media_begins(header, "application/cloudevents") && ce_headers_there(exchange);
    return *ret_binary ? EVENT_MEDIA_TYPE : NULL;
}

static enum err no_media(struct err_text *ret_why)
{
    return err_say(ret_why, ERR_MEDIA_TYPE,
                   "Content-Type must be " EVENT_MEDIA_TYPE ", " BATCH_MEDIA_TYPE
                   " or " DSSE_MEDIA_TYPE ", or headers ce- must say what event it is");
}

/* The deployment that the transport names: ?deployment= or ce-deployment, which must agree; in
 * binary mode the header is the event's own. */
static enum err named_deployment(const struct exchange *exchange, bool binary, struct query *query,
                                 const char **ret_deployment, struct err_text *ret_why)
{
    static const char *const names[] = {"deployment", NULL};
    enum err err = query_parse(exchange->query, names, query, ret_why);
    if (err != ERR_OK)
        return err;
    const char *parameter = query_text(query, "deployment");
    const char *header = binary ? NULL : exchange_header(exchange, "ce-deployment");
    if (parameter != NULL && header != NULL && strcmp(parameter, header) != 0)
        return err_say(ret_why, ERR_NOT_EVENT, "?deployment= and ce-deployment differ");
    *ret_deployment = parameter != NULL ? parameter : header;
    return ERR_OK;
}

/* A job_finish_fn: the reply in another thread than the event loop's, because there is much of it.
 */
static void finish(struct job *job)
{
    if (job->err == ERR_OK)
        receipts_print(job, &job->reply);
}

/* A job_finish_fn: the reply with proofs.  A preference is a wish: without them the receipt is as
 * good. */
static void finish_proven(struct job *job)
{
    struct exchange *exchange;
    struct err_text why = {""};
    CAST_OBJ(exchange, job->owner, EXCHANGE_MAGIC); /* whose service stays as it is */
    if (job->err != ERR_OK)
        return;
    job->proven = receipts_prove(exchange->service->ledger, job, &job->reply, &why) == ERR_OK;
    if (!job->proven)
        receipts_print(job, &job->reply);
}

/* What the request asks to be taken in, as a job. */
static enum err read_request(struct exchange *exchange, struct job *job, struct err_text *ret_why)
{
    struct query query = {0};
    const char *deployment = NULL;
    bool binary;
    job->media = message_media(exchange, &binary);
    if (job->media == NULL)
        return no_media(ret_why);
    enum err err = named_deployment(exchange, binary, &query, &deployment, ret_why);
    if (err == ERR_OK)
        err = access_courier(exchange, &job->courier, ret_why);
    if (err == ERR_OK && binary)
        err = ce_headers_event(exchange, &job->message, ret_why);
    else if (err == ERR_OK)
        exchange_body(exchange, &job->message);
    if (err == ERR_OK)
        job->deployment = mem_text(deployment);
    /* A preference (RFC 7240) that has a value is written as a media type is. */
    if (media_accepts(exchange_header(exchange, "Prefer"), "return=representation"))
        job->finish = finish_proven;
    else if (job_is_batch(job))
        job->finish = finish;
    query_free(&query);
    return err;
}

enum err events_post_head(struct exchange *exchange, bool *ret_anonymous, size_t *ret_bytes_max,
                          struct err_text *ret_why)
{
    bool binary;
    struct courier courier = {0};
    const char *media = message_media(exchange, &binary);
    if (exchange->service->stopping)
        return err_say(ret_why, ERR_BUSY, "the daemon is stopping");
    if (media == NULL)
        return no_media(ret_why);
    enum err err = access_head(exchange, &courier, ret_why);
    if (err != ERR_OK)
        return err;
    bool may_sign = strcmp(media, DSSE_MEDIA_TYPE) == 0, anonymous = courier.principal[0] == '\0';
    if (!may_sign)
        err = admit_unsigned(&courier, ret_why);
    if (err != ERR_OK)
        return err;
    *ret_anonymous = anonymous;
    *ret_bytes_max =
        strcmp(media, BATCH_MEDIA_TYPE) == 0 ? HTTP_BODY_BYTES_MAX : ENVELOPE_BYTES_MAX;
    return ERR_OK;
}

/* Hand over the jobs that are held. */
static void push_held(struct service *service)
{
    struct job *left = inlet_push(service->inlet, service->held);
    service->held = NULL;
    service->held_count = 0;
    while (left != NULL) {
        struct err_text why;
        struct exchange *exchange;
        struct job *job = left;
        left = job->next;
        CAST_OBJ(exchange, job->owner, EXCHANGE_MAGIC);
        enum err err = err_say(&why, ERR_BUSY, "too many events wait to be written; try again");
        job_refuse(job, err, &why);
        service->waiting--;
        refuse(exchange, job);
        job_free(job);
    }
}

/* This round of the event loop has brought all that it does. */
static void on_round_over(evutil_socket_t fd, short what, void *ctx)
{
    struct service *service;
    CAST_OBJ(service, ctx, SERVICE_MAGIC);
    (void)fd;
    (void)what;
    service->held_due = false;
    if (service->held != NULL)
        push_held(service);
}

/* Hold a job until there are several, or the event loop has done what it has at hand: so the
 * threads behind the inlet are woken once for many, and begin while others are still read. */
static void hold(struct exchange *exchange, struct job *job)
{
    struct service *service = exchange->service;
    struct evhttp_connection *connection = evhttp_request_get_connection(exchange->request);
    if (service->held == NULL)
        service->held_end = &service->held;
    *service->held_end = job;
    service->held_end = &job->next;
    if (++service->held_count == HELD_MAX)
        push_held(service);
    if (service->held == NULL || service->held_due)
        return;
    service->held_due = true;
    ASSERT(event_base_once(evhttp_connection_get_base(connection), -1, EV_TIMEOUT, on_round_over,
                           service, NULL) == 0);
}

void events_post_take(struct exchange *exchange)
{
    struct service *service = exchange->service;
    struct err_text why = {""};
    struct job *job = job_new(service->sink, exchange);
    enum err err = service->stopping ? err_say(&why, ERR_BUSY, "the daemon is stopping")
                                     : read_request(exchange, job, &why);
    if (err != ERR_OK) {
        job->courier.origin = ORIGIN_HTTP;
        job_refuse(job, err, &why);
        refuse(exchange, job);
        job_free(job);
        return;
    }
    service->waiting++;
    hold(exchange, job);
}

/* Answer with the receipts of committed events, or of those that they repeat. */
static void answer_receipts(struct exchange *exchange, struct job *job)
{
    char path[PATH_BYTES];
    if (job->finish == NULL)
        receipts_print(job, &job->reply);
    if (!job_is_batch(job)) {
        snprintf(path, sizeof(path), "/v1/events/%" PRIu64, job->receipts[0].seq);
        exchange_set(exchange, "Location", path);
    }
    if (job->proven)
        exchange_set(exchange, "Preference-Applied", "return=representation");
    exchange_send(exchange, receipts_duplicate(job) ? 200 : 201, "application/json", &job->reply);
}

/* Answer the exchange whose job has come back. */
static void answer(struct service *service, struct job *job)
{
    struct exchange *exchange;
    CAST_OBJ(exchange, job->owner, EXCHANGE_MAGIC);
    service->waiting--;
    if (job->err != ERR_OK)
        refuse(exchange, job);
    else
        answer_receipts(exchange, job);
    job_free(job);
}

bool events_post_done(struct service *service)
{
    for (size_t i = 0; i < REPLIES_MAX; i++) {
        if (service->back == NULL)
            service->back = sink_take(service->sink);
        if (service->back == NULL)
            return true;
        struct job *job = service->back;
        service->back = job->next;
        answer(service, job);
    }
    return false;
}

void events_post_end(struct service *service)
{
    while (service->back != NULL) {
        struct job *job = service->back;
        service->back = job->next;
        job_free(job);
    }
}
