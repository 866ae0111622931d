#include "ingest/deployments.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/access.h"
#include "ingest/answer.h"

#define PAGE_POLICY "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

struct deployments {
    const struct ingest_parts *parts;
    const char *dir;
    struct reading *reading;
    void *views; /* the thread's; NULL until it is asked for one */
};

enum err deployments_start(struct event_base *base, const struct ingest_parts *parts,
                           const char *dir, struct deployments **ret_deployments,
                           struct err_text *ret_why)
{
    struct deployments *deployments = mem_zero(1, sizeof(*deployments));
    deployments->parts = parts;
    deployments->dir = dir;
    enum err err = reading_start(base, 1, VIEWS_WAITING_MAX, &deployments->reading, ret_why);
    if (err != ERR_OK)
        free(deployments);
    else
        *ret_deployments = deployments;
    return err;
}

size_t deployments_waiting(const struct deployments *deployments)
{
    return reading_waiting(deployments->reading);
}

void deployments_free(struct deployments *deployments)
{
    if (deployments == NULL)
        return;
    reading_free(deployments->reading);
    if (deployments->views != NULL)
        deployments->parts->views_close(deployments->views);
    free(deployments);
}

/* In the thread. */
static enum err make(struct answer *answer, const struct ingest_want *want,
                     struct err_text *ret_why)
{
    struct deployments *deployments = answer->exchange->service->deployments;
    const struct ingest_parts *parts = deployments->parts;
    enum err err = ERR_OK;
    if (deployments->views == NULL)
        err = parts->views_open(deployments->dir, &deployments->views, ret_why);
    if (err == ERR_OK)
        err = parts->views_make(deployments->views, want, &answer->body, ret_why);
    answer->cache = "private, no-cache";
    if (answer->media == NULL)
        answer->media = "application/json";
    return err;
}

static enum err make_list(struct answer *answer, struct err_text *ret_why)
{
    struct ingest_want want = {.view = INGEST_LIST, .id = answer->text, .limit = answer->limit};
    return make(answer, &want, ret_why);
}

static enum err make_state(struct answer *answer, struct err_text *ret_why)
{
    struct ingest_want want = {.view = INGEST_STATE,
                               .id = answer->exchange->param,
                               .at = query_text(&answer->query, "at")};
    return make(answer, &want, ret_why);
}

static enum err make_timeline(struct answer *answer, struct err_text *ret_why)
{
    struct ingest_want want = {
        .view = INGEST_TIMELINE, .id = answer->exchange->param, .format = answer->text};
    return make(answer, &want, ret_why);
}

static enum err make_diff(struct answer *answer, struct err_text *ret_why)
{
    struct ingest_want want = {.view = INGEST_DIFF,
                               .id = answer->exchange->param,
                               .from = query_text(&answer->query, "from"),
                               .to = query_text(&answer->query, "to"),
                               .with = query_text(&answer->query, "with")};
    return make(answer, &want, ret_why);
}

static enum err make_why(struct answer *answer, struct err_text *ret_why)
{
    struct ingest_want want = {.view = INGEST_WHY,
                               .id = answer->exchange->param,
                               .of = query_text(&answer->query, "of"),
                               .at = query_text(&answer->query, "at")};
    return make(answer, &want, ret_why);
}

/* Whether it may read, and what the query says. */
static enum err ask(struct answer *answer, const char *const names[], struct err_text *ret_why)
{
    const struct exchange *exchange = answer->exchange;
    enum err err = access_read(answer->exchange, ret_why);
    if (err == ERR_OK)
        err = query_parse(exchange->query, names, &answer->query, ret_why);
    if (err == ERR_OK && exchange->param != NULL && !event_stream_ok(exchange->param))
        err = err_say(ret_why, ERR_NOT_FOUND, "no deployment has the id '%.128s'", exchange->param);
    return err;
}

void deployments_get_list(struct exchange *exchange)
{
    static const char *const names[] = {"after", "limit", NULL};
    struct answer *answer = answer_new(exchange, make_list);
    struct err_text why = {""};
    answer->limit = PAGE_EVENTS_DEFAULT;
    enum err err = ask(answer, names, &why);
    const char *after = query_text(&answer->query, "after");
    answer->text = after != NULL ? after : "";
    if (err == ERR_OK && after != NULL && !event_stream_ok(after))
        err = err_say(&why, ERR_INVALID, "'after' is no deployment's name");
    if (err == ERR_OK)
        err = query_number(&answer->query, "limit", PAGE_EVENTS_MAX, &answer->limit, &why);
    if (err == ERR_OK && answer->limit == 0)
        err = err_say(&why, ERR_INVALID, "'limit' must be at least 1");
    answer_settle(answer, exchange->service->deployments->reading, err, &why);
}

void deployments_get_state(struct exchange *exchange)
{
    static const char *const names[] = {"at", NULL};
    struct answer *answer = answer_new(exchange, make_state);
    struct err_text why = {""};
    enum err err = ask(answer, names, &why);
    answer_settle(answer, exchange->service->deployments->reading, err, &why);
}

void deployments_get_diff(struct exchange *exchange)
{
    static const char *const names[] = {"from", "to", "with", NULL};
    struct answer *answer = answer_new(exchange, make_diff);
    struct err_text why = {""};
    enum err err = ask(answer, names, &why);
    const char *with = query_text(&answer->query, "with");
    if (err == ERR_OK && with != NULL &&
        (query_text(&answer->query, "from") != NULL || query_text(&answer->query, "to") != NULL))
        err = err_say(&why, ERR_INVALID, "'with' goes with neither 'from' nor 'to'");
    if (err == ERR_OK && with != NULL && !event_stream_ok(with))
        err = err_say(&why, ERR_NOT_FOUND, "no deployment has the id '%.128s'", with);
    answer_settle(answer, exchange->service->deployments->reading, err, &why);
}

void deployments_get_why(struct exchange *exchange)
{
    static const char *const names[] = {"of", "at", NULL};
    struct answer *answer = answer_new(exchange, make_why);
    struct err_text why = {""};
    enum err err = ask(answer, names, &why);
    if (err == ERR_OK && query_text(&answer->query, "of") == NULL)
        err = err_say(&why, ERR_INVALID,
                      "'of' is missing: a node, gate-N, a seq, #POSITION, or criteria");
    answer_settle(answer, exchange->service->deployments->reading, err, &why);
}

/* The media type of a format, or NULL. */
static const char *media_of(const char *format)
{
    static const char *const medias[][2] = {{"json", "application/json"},
                                            {"text", "text/plain; charset=utf-8"},
                                            {"csv", "text/csv; charset=utf-8; header=present"},
                                            {"html", "text/html; charset=utf-8"},
                                            {"md", "text/markdown; charset=utf-8"},
                                            {"grafana", "application/json"}};
    for (size_t i = 0; i < sizeof(medias) / sizeof(medias[0]); i++) {
        if (strcmp(medias[i][0], format) == 0)
            return medias[i][1];
    }
    return NULL;
}

void deployments_get_timeline(struct exchange *exchange)
{
    static const char *const names[] = {"format", NULL};
    struct answer *answer = answer_new(exchange, make_timeline);
    struct err_text why = {""};
    enum err err = ask(answer, names, &why);
    const char *format = query_text(&answer->query, "format");
    answer->text = format != NULL ? format : "json";
    answer->media = media_of(answer->text);
    if (err == ERR_OK && answer->media == NULL)
        err = err_say(&why, ERR_INVALID, "'format' is json, text, csv, html, md or grafana");
    if (err == ERR_OK && strcmp(answer->text, "html") == 0)
        exchange_set(exchange, "Content-Security-Policy", PAGE_POLICY);
    answer_settle(answer, exchange->service->deployments->reading, err, &why);
}
