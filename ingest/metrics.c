#include "ingest/metrics.h"

#include <inttypes.h>

#include "ingest/access.h"
#include "ingest/amqp.h"
#include "ingest/answer.h"
#include "ingest/family.h"
#include "ingest/guard.h"
#include "ingest/streams.h"

static void add_ledger(struct buf *text, struct ledger *ledger)
{
    struct buf note = {0};
    struct checkpoint checkpoint;
    struct ledger_usage usage;
    uint64_t size = 0;
    int64_t last_us = 0;
    if (ledger_size(ledger, &size, NULL) == ERR_OK)
        family_add(text, "entries", "gauge", "Entries of the ledger.", size);
    if (ledger_checkpoint(ledger, &note, NULL) == ERR_OK &&
        checkpoint_parse((const char *)note.data, note.bytes, &checkpoint) == ERR_OK)
        family_add(text, "checkpoint_size", "gauge",
                   "Entries that the last signed checkpoint covers.", checkpoint.size);
    if (ledger_last_us(ledger, &last_us, NULL) == ERR_OK && last_us >= 0)
        family_add(text, "last_entry_timestamp_seconds", "gauge", "Time of the last entry.",
                   (uint64_t)(last_us / INSTANT_SECOND_US));
    if (ledger_usage(ledger, &usage, NULL) == ERR_OK) {
        family_add(text, "map_bytes", "gauge", "Bytes to which data.mdb may grow.",
                   usage.map_bytes);
        family_add(text, "map_used_bytes", "gauge",
                   "Bytes of data.mdb that are pages, free ones included.", usage.used_bytes);
        family_add(text, "disk_free_bytes", "gauge", "Bytes free on the ledger's file system.",
                   usage.disk_free_bytes);
        family_add(text, "readers", "gauge", "Read transactions under way, of all processes.",
                   usage.readers);
    }
    buf_free(&note);
}

static void add_inlet(struct buf *text, struct inlet *inlet)
{
    struct appender_counts counts = inlet_counts(inlet);
    family_add(text, "commits_total", "counter", "Commits since the daemon began.", counts.commits);
    family_add(text, "commit_events_max", "gauge", "Events of the largest commit.",
               counts.batch_max);
    family_add(text, "queue_events", "gauge", "Events that wait for a commit that has not begun.",
               inlet_waiting(inlet));
    family_add(text, "queue_events_max", "gauge", "Events that may wait; then 503.",
               QUEUE_EVENTS_MAX);
}

/* What became of every message, and how long it took, by way; those of the ledger's own are none.
 */
static void add_messages(struct buf *text, const struct service *service)
{
    const struct appender_times *times = inlet_times(service->inlet);
    family_head(text, "messages_total", "counter",
                "Messages that were brought since the daemon began, by way and by what became of "
                "them.");
    for (int way = ORIGIN_HTTP; way < ORIGIN_CLI; way++) {
        for (int i = 0; i < CUSTODY_OUTCOMES; i++)
            buf_printf(text, "countersign_messages_total{way=\"%s\",outcome=\"%s\"} %" PRIu64 "\n",
                       entry_origin_name((uint8_t)way),
                       custody_outcome_name((enum custody_outcome)i),
                       ledger_counted(service->ledger, (enum origin)way, (enum custody_outcome)i));
    }
    histogram_head("intake_seconds",
                   "From a message's being handed in, whole, to its being on disk or refused.",
                   text);
    histogram_print(&times->intake[ORIGIN_HTTP], "intake_seconds", "way=\"http\"", text);
    histogram_print(&times->intake[ORIGIN_AMQP], "intake_seconds", "way=\"amqp\"", text);
    histogram_head("commit_seconds", "Appending, to the end of the commit.", text);
    histogram_print(&times->commit, "commit_seconds", NULL, text);
}

static void add_scrub(struct buf *text, struct scrub *scrub)
{
    const struct scrub_state state = scrub_state(scrub);
    family_add(text, "scrub_entries_total", "counter",
               "Entries that were verified in the background and are good.", state.entries);
    family_add(text, "scrub_passes_total", "counter", "Passes that found the whole ledger good.",
               state.passes);
    family_add(text, "scrub_damages_total", "counter", "Passes that found damage.", state.damages);
    family_add(text, "scrub_failures_total", "counter", "Tries that could not read the ledger.",
               state.failures);
    family_add(text, "scrub_pass_entries", "gauge", "Entries verified in this pass.",
               state.pass_entries);
    family_add(text, "scrub_pass_size", "gauge", "Entries that this pass looks at.",
               state.pass_size);
    family_add(text, "scrub_last_good_timestamp_seconds", "gauge",
               "When the last good pass ended; 0 without one.",
               (uint64_t)(state.last_good_us / INSTANT_SECOND_US));
    family_add(text, "damaged", "gauge", "1 if damage was found since the daemon began.",
               state.bad.found);
    if (state.bad.found)
        family_add(text, "damaged_seq", "gauge", "The first entry that does not hold.",
                   state.bad.seq);
}

static void add_tls(struct buf *text, const struct tls *tls)
{
    const struct tls_counts counts = tls_counts(tls);
    family_add(text, "tls_handshakes_total", "counter", "TLS handshakes that came to their end.",
               counts.handshakes);
    family_add(text, "tls_handshakes_resumed_total", "counter",
               "Those that resumed an earlier session.", counts.resumed);
    family_add(text, "tls_certificates_refused_total", "counter",
               "Client certificates that are not of the CA, or hold no more.", counts.refused);
    family_add(text, "tls_certificate_end_timestamp_seconds", "gauge",
               "When the daemon's own certificate ends.",
               (uint64_t)(counts.not_after_us / INSTANT_SECOND_US));
}

static void add_streams(struct buf *text, const struct streams *streams)
{
    struct streams_counts counts = streams_counts(streams);
    family_add(text, "followers", "gauge", "Clients that follow /v1/stream.", counts.followers);
    family_add(text, "followers_unsent_bytes", "gauge", "Bytes on their way to them.",
               counts.unsent_bytes);
    family_add(text, "followers_cut_total", "counter",
               "Of them, cut off for taking nothing for too long.", counts.cut);
}

static void add_guard(struct buf *text, const struct guard *guard)
{
    const struct guard_counts counts = guard_counts(guard);
    family_add(text, "connections", "gauge", "Open HTTP connections.", counts.connections);
    family_add(text, "connections_max", "gauge", "Connections that may be open.",
               HTTP_CONNECTIONS_MAX);
    family_add(text, "receiving_bytes", "gauge", "Bytes of bodies that are not whole.",
               counts.body_bytes);
    family_add(text, "heads_refused_total", "counter",
               "Requests refused before their body was read.", counts.refused);
    family_add(text, "slow_connections_total", "counter", "Connections ended for their slowness.",
               counts.slow);
    family_add(text, "pressed_bodies_total", "counter",
               "Bodies given up because too much was being received at once.", counts.pressed);
}

/* Refusals of all kinds, by their error. */
static void add_problems(struct buf *text, const struct service *service)
{
    family_head(text, "problems_total", "counter", "Requests answered with a problem, by it.");
    for (enum err err = ERR_OK + 1; err < (enum err)ERR_KINDS; err++)
        buf_printf(text, "countersign_problems_total{status=\"%d\",error=\"%s\"} %" PRIu64 "\n",
                   err_http(err), err_name(err), service->problems[err]);
}

/* In a reading thread, as the last checkpoint may wait for a commit to end. */
static enum err make(struct answer *answer, struct err_text *ret_why)
{
    (void)ret_why;
    add_ledger(&answer->body, answer->exchange->service->ledger);
    return ERR_OK;
}

void metrics_get(struct exchange *exchange)
{
    struct service *service = exchange->service;
    struct answer *answer = answer_new(exchange, make);
    struct err_text why = {""};
    struct buf *text = &answer->body;
    enum err err = access_read(exchange, &why);
    if (err != ERR_OK) {
        answer_refuse(answer, err, &why);
        return;
    }
    answer->media = "text/plain; version=0.0.4; charset=utf-8";
    add_inlet(text, service->inlet);
    add_messages(text, service);
    if (service->amqp != NULL)
        amqp_metrics(service->amqp, text);
    if (service->scrub != NULL)
        add_scrub(text, service->scrub);
    if (service->tls != NULL)
        add_tls(text, service->tls);
    add_guard(text, service->guard);
    add_problems(text, service);
    family_add(text, "requests_waiting", "gauge",
               "Requests whose event is being admitted or committed.", service->waiting);
    family_add(text, "reads_waiting", "gauge", "Requests that wait for a thread that reads.",
               reading_waiting(service->reads));
    family_add(text, "unsent_bytes", "gauge", "Bytes of replies that are on their way to clients.",
               service->unsent_bytes);
    add_streams(text, service->streams);
    family_add(text, "clock_leapt", "gauge",
               "1 if the clock has leapt and no admin has accepted it.",
               inlet_clock_leapt(service->inlet));
    answer_hand(answer, service->reads);
}
