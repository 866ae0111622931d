/* inlet_kit - an inlet into a ledger of its own, for tests; over ledger_kit. */
#ifndef TESTS_UNIT_INLET_KIT_H
#define TESTS_UNIT_INLET_KIT_H

#include <semaphore.h>

#include "ingest/inlet.h"
#include "tests/unit/ledger_kit.h"

#define INLET_TOKEN "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE" /* base64url of 32 bytes 01 */

struct inlet_kit {
    struct kit kit;
    struct inlet *inlet;
    struct sink *sink;
    sem_t woken;
    enum err fatal; /* what the inlet said */
};

KIT_UNUSED static void inlet_kit_wake(void *ctx)
{
    struct inlet_kit *bench = ctx;
    assert_int_equal(sem_post(&bench->woken), 0);
}

KIT_UNUSED static void inlet_kit_fatal(void *ctx, enum err err, const struct err_text *why)
{
    struct inlet_kit *bench = ctx;
    bench->fatal = err;
    assert_true(why->s[0] != '\0');
}

KIT_UNUSED static void inlet_kit_new(struct inlet_kit *bench)
{
    kit_new(&bench->kit);
    bench->fatal = ERR_OK;
    assert_int_equal(sem_init(&bench->woken, 0, 0), 0);
    bench->sink = sink_new(inlet_kit_wake, bench);
    struct inlet_config config = {
        .ledger = bench->kit.ledger, .fatal = inlet_kit_fatal, .ctx = bench};
    assert_int_equal(inlet_start(&config, &bench->inlet, NULL), ERR_OK);
}

KIT_UNUSED static void inlet_kit_end(struct inlet_kit *bench)
{
    inlet_free(bench->inlet);
    sink_free(bench->sink);
    sem_destroy(&bench->woken);
    kit_end(&bench->kit);
}

/* A job that "robot" brings, without a message. */
KIT_UNUSED static struct job *inlet_kit_job(struct inlet_kit *bench, uint64_t number)
{
    struct job *job = job_new(bench->sink, bench);
    job->number = number;
    job->courier = (struct courier){.origin = ORIGIN_HTTP, .scopes = SCOPE_WRITE};
    job->courier.credential[0] = 7;
    snprintf(job->courier.principal, sizeof(job->courier.principal), "robot");
    return job;
}

/* The job of an event, signed by event->signers or brought by "robot". */
KIT_UNUSED static struct job *inlet_kit_event(struct inlet_kit *bench, uint64_t number,
                                              const struct kit_event *event)
{
    struct job *job = inlet_kit_job(bench, number);
    struct buf text = {0};
    kit_event_text(&bench->kit, event, &text);
    if (event->signers[0] != 0) {
        job->courier = (struct courier){.origin = ORIGIN_HTTP};
        job->media = DSSE_MEDIA_TYPE;
        kit_envelope(&text, event->signers, &job->message);
    } else {
        buf_add(&job->message, text.data, text.bytes);
    }
    buf_free(&text);
    return job;
}

/* The job of a batch by "robot", of events with these ids, one letter each; `!` is no event. */
KIT_UNUSED static struct job *inlet_kit_batch(struct inlet_kit *bench, uint64_t number,
                                              const char *ids)
{
    struct job *job = inlet_kit_job(bench, number);
    job->media = BATCH_MEDIA_TYPE;
    buf_text(&job->message, "[");
    for (size_t i = 0; ids[i] != '\0'; i++) {
        const char id[] = {ids[i], '\0'};
        struct kit_event event = {.id = id, .deployment = "d"};
        buf_text(&job->message, i > 0 ? "," : "");
        if (ids[i] == '!')
            buf_text(&job->message, "{\"specversion\":\"1.0\"}");
        else
            kit_event_text(&bench->kit, &event, &job->message);
    }
    buf_text(&job->message, "]");
    return job;
}

KIT_UNUSED static void inlet_kit_push(struct inlet_kit *bench, struct job *job)
{
    assert_null(inlet_push(bench->inlet, job));
}

/* The issue or the revocation of INLET_TOKEN, signed by the admin. */
KIT_UNUSED static struct job *inlet_kit_token(struct inlet_kit *bench, uint64_t number,
                                              const char *verb)
{
    uint8_t secret[TOKEN_BYTES], sha256[HASH_BYTES];
    char type[64];
    struct buf data = {0};
    memset(secret, 1, sizeof(secret));
    hash_bytes(secret, sizeof(secret), sha256);
    buf_text(&data, "{\"principal\":\"robot\",\"scopes\":[\"write\"],\"sha256\":\"");
    buf_hex(&data, sha256, sizeof(sha256));
    buf_text(&data, "\",\"reason\":\"over\"}");
    snprintf(type, sizeof(type), "dev.countersign.token.%s.v1", verb);
    struct kit_event event = {
        .id = verb, .type = type, .data = (const char *)data.data, .signers = {1}};
    struct job *job = inlet_kit_event(bench, number, &event);
    buf_free(&data);
    return job;
}

/* The jobs that have come back, `count` of them; waits for them. */
KIT_UNUSED static struct job *inlet_kit_take(struct inlet_kit *bench, size_t count)
{
    struct job *first = NULL, **end = &first;
    while (count > 0) {
        assert_int_equal(sem_wait(&bench->woken), 0);
        for (struct job *job = sink_take(bench->sink); job != NULL; job = job->next) {
            assert_true(count-- > 0);
            *end = job;
            end = &job->next;
        }
    }
    return first;
}

/* The next of a list; the one before is freed. */
KIT_UNUSED static struct job *inlet_kit_next(struct job *job)
{
    struct job *next = job->next;
    job_free(job);
    return next;
}

#endif
