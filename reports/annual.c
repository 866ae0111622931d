#include "reports/annual.h"

#include <stdlib.h>
#include <string.h>

#include "reports/change.h"
#include "reports/control.h"
#include "reports/delivery.h"
#include "reports/history.h"
#include "reports/sample.h"

/* A deployment's stream and where it begins, for the order of the population. */
struct stream {
    char id[STREAM_BYTES_MAX + 1];
    uint64_t first_seq;
};

static int stream_order(const void *left, const void *right)
{
    const struct stream *a = left, *b = right;
    return a->first_seq < b->first_seq ? -1 : a->first_seq > b->first_seq;
}

static enum err list_streams(struct ledger *ledger, uint64_t size, struct stream **ret_streams,
                             size_t *ret_count, struct err_text *ret_why)
{
    struct stream *streams = NULL;
    size_t count = 0, cap = 0;
    char name[STREAM_BYTES_MAX + 1] = "";
    for (;;) {
        uint64_t first_seq;
        bool found, begun;
        enum err err = ledger_stream_after(ledger, name, name, &found, ret_why);
        if (err == ERR_OK && found)
            err = ledger_stream_seq(ledger, name, 0, &first_seq, &begun, ret_why);
        if (err != ERR_OK) {
            free(streams);
            return err;
        }
        if (!found)
            break;
        if (!replay_is_deployment(name) || !begun || first_seq >= size)
            continue;
        struct stream *stream = MEM_PUSH(streams, count, cap);
        memcpy(stream->id, name, sizeof(name));
        stream->first_seq = first_seq;
    }
    if (count > 0)
        qsort(streams, count, sizeof(*streams), stream_order);
    *ret_streams = streams;
    *ret_count = count;
    return ERR_OK;
}

static enum err gather(struct ledger *ledger, const struct annual_params *params, int64_t end_us,
                       struct tables *tables, struct err_text *ret_why)
{
    struct stream *streams = NULL;
    size_t count = 0;
    struct replay *replay = NULL;
    enum err err = replay_open(ledger, &replay);
    if (err == ERR_OK)
        err = change_add_ledger(tables, ledger, params->size, ret_why);
    if (err == ERR_OK)
        err = change_add_inbox(tables, ledger, params->size, ret_why);
    if (err == ERR_OK)
        err = list_streams(ledger, params->size, &streams, &count, ret_why);
    struct history_source source = {ledger, replay, params->size, end_us};
    for (size_t i = 0; err == ERR_OK && i < count; i++)
        err = history_add(tables, &source, streams[i].id, ret_why);
    free(streams);
    replay_close(replay);
    return err;
}

static json_t *period_json(const struct period *period)
{
    return json_pack("{s:o, s:o}", "from", ijson_instant(period->from_us), "to",
                     ijson_instant(period->to_us));
}

/* What was checked of what the report rests on, and what was not. */
static json_t *verification_json(const struct annual_params *params, const struct tables *tables)
{
    json_t *verification = json_object();
    json_object_set_new(verification, "verified", json_boolean(params->verified));
    json_object_set_new(verification, "entries", json_integer((json_int_t)tables->entries));
    json_object_set_new(verification, "signatures", json_integer((json_int_t)tables->signatures));
    json_object_set_new(
        verification, "text",
        json_string(params->verified
                        ? "Every entry, both hash chains, the tree, every signature and every "
                          "index were checked before this report was made."
                        : "Digests of the events were checked while reading; chains, tree and "
                          "signatures were not: run `countersign verify`."));
    return verification;
}

/* The vkey that checks a checkpoint of ${size} entries; and of those before it {key, until}, the
 * entry that replaced each. */
static json_t *keys_json(const struct registry *registry, uint64_t size, json_t **ret_former)
{
    size_t count = 0;
    const struct registry_pair *const *pairs = registry_pairs(registry, &count);
    json_t *key = json_null(), *former = json_array();
    for (size_t i = 0; i < count && pairs[i]->seq < size; i++) {
        struct buf vkey = {0};
        if (i > 0)
            json_array_append_new(
                former, json_pack("{s:o, s:I}", "key", key, "until", (json_int_t)pairs[i]->seq));
        note_key_format(&pairs[i]->checkpoint, &vkey);
        key = ijson_text((const char *)vkey.data);
        buf_free(&vkey);
    }
    *ret_former = former;
    return key;
}

static enum err cover_json(struct ledger *ledger, const struct annual_params *params,
                           const struct tables *tables, json_t **ret_cover,
                           struct err_text *ret_why)
{
    const struct ledger_info *info = ledger_info(ledger);
    uint8_t root[HASH_BYTES];
    enum err err = ledger_root(ledger, params->size, root, ret_why);
    if (err != ERR_OK)
        return err;
    json_t *former = NULL, *key = keys_json(ledger_registry(ledger), params->size, &former);
    json_t *cover = json_object();
    json_object_set_new(cover, "origin", ijson_text(info->origin));
    json_object_set_new(cover, "ledger", ijson_text(info->id_hex));
    json_object_set_new(cover, "simulated", json_boolean(info->simulated));
    json_object_set_new(cover, "period", period_json(&params->period));
    json_object_set_new(cover, "size", json_integer((json_int_t)params->size));
    json_object_set_new(cover, "root", ijson_hex(root, HASH_BYTES));
    json_object_set_new(cover, "key", key);
    if (json_array_size(former) > 0)
        json_object_set(cover, "former_keys", former);
    json_object_set_new(cover, "verification", verification_json(params, tables));
    json_object_set_new(cover, "largest_clock_step",
                        json_pack("{s:f, s:I}", "seconds", (double)tables->clock_step_us / 1e6,
                                  "seq", (json_int_t)tables->clock_step_seq));
    json_object_set_new(cover, "outside_times",
                        json_string("none: no time of an outside authority brackets the gates"));
    json_object_set_new(cover, "completeness",
                        json_string("The positions below the size are gapless and each is a leaf "
                                    "of the tree under the root; "
                                    "each deployment's own positions are gapless and chained. The "
                                    "table of the population names "
                                    "the first and last of each, so that none can be missing."));
    *ret_cover = cover;
    json_decref(former);
    return ERR_OK;
}

static bool opened_here(const struct tables *tables, const json_t *id)
{
    size_t i;
    json_t *deployment;
    json_array_foreach (tables->population, i, deployment) {
        if (json_equal(id, ijson_get(deployment, "deployment")))
            return !json_is_null(ijson_get(deployment, "opened"));
    }
    return false;
}

/* What is on one side only is an exception, at the place of ${row}. */
static void unreconciled(struct tables *tables, const json_t *row, const char *text)
{
    static const char *const names[] = {"deployment", "seq", "pos", "time", "principal", "leaf"};
    json_t *exception = json_object();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        json_t *value = ijson_get(row, names[i]);
        json_object_set_new(exception, names[i], value == NULL ? json_null() : json_incref(value));
    }
    json_object_set_new(exception, "kind", json_string("unreconciled"));
    json_object_set_new(exception, "node", json_null());
    json_object_set_new(exception, "text", json_string(text));
    json_array_append_new(tables->exceptions, exception);
}

/* Deployments that no deploy event of the platform tells of. */
static json_t *silent_deployments(struct tables *tables)
{
    json_t *silent = json_array();
    size_t i;
    json_t *deployment;
    json_array_foreach (tables->population, i, deployment) {
        if (json_is_null(ijson_get(deployment, "opened")) ||
            json_integer_value(ijson_get(deployment, "deploy_events")) > 0)
            continue;
        json_t *row = json_copy(ijson_get(deployment, "first"));
        json_object_set(row, "deployment", ijson_get(deployment, "deployment"));
        json_object_set(row, "time", ijson_get(deployment, "opened"));
        json_object_set(row, "principal", ijson_get(deployment, "lead"));
        unreconciled(tables, row, "no deploy event of the platform tells of this deployment");
        json_decref(row);
        json_array_append(silent, ijson_get(deployment, "deployment"));
    }
    return silent;
}

/* Deploy events of the platform against deployments of the ledger; what is on one side only is
 * added to the exceptions. */
static json_t *reconciliation_json(struct tables *tables)
{
    json_t *matched = json_array(), *unmatched = json_array();
    size_t i;
    json_t *row;
    json_array_foreach (tables->platform, i, row) {
        bool known = opened_here(tables, ijson_get(row, "deployment"));
        json_array_append(known ? matched : unmatched, row);
        if (!known)
            unreconciled(tables, row, "a deploy event of the platform without a deployment");
    }
    bool any = json_array_size(tables->platform) > 0;
    return json_pack(
        "{s:b, s:s, s:o, s:o, s:o}", "source", any, "text",
        any ? "Deploy events of the platform (CDEvents) matched to deployments."
            : "No source: no deploy events of the platform are in the ledger for this period.",
        "matched", matched, "unmatched", unmatched, "unmatched_deployments",
        any ? silent_deployments(tables) : json_array());
}

/* That the ledger was not verified is itself an exception, at the last entry that counts. */
static void add_gap(struct tables *tables, const struct record *last)
{
    tables_exception(tables, last, "verification-gap", NULL,
                     "the ledger was not verified before this report was made");
}

static json_t *exception_counts(const json_t *exceptions)
{
    json_t *counts = json_object();
    size_t i;
    json_t *row;
    json_array_foreach (exceptions, i, row) {
        const char *kind = ijson_string(row, "kind");
        json_int_t so_far = json_integer_value(json_object_get(counts, kind));
        json_object_set_new(counts, kind, json_integer(so_far + 1));
    }
    return counts;
}

static json_t *report_json(const struct annual_params *params, struct tables *tables, json_t *cover)
{
    json_t *report = json_object();
    json_t *reconciliation = reconciliation_json(tables);
    tables_sort(tables);
    json_object_set(cover, "reconciliation", ijson_get(reconciliation, "text"));
    json_object_set_new(report, "report", json_string("countersign/annual/1"));
    json_object_set_new(report, "cover", cover);
    json_object_set(report, "population", tables->population);
    json_object_set_new(report, "exception_counts", exception_counts(tables->exceptions));
    json_object_set(report, "exceptions", tables->exceptions);
    json_object_set_new(report, "reconciliation", reconciliation);
    json_object_set(report, "decisions", tables->decisions);
    json_object_set(report, "metrics", tables->metrics);
    json_object_set(report, "rollbacks", tables->rollbacks);
    json_object_set(report, "changes", tables->changes);
    json_object_set_new(report, "delivery", delivery_json(tables));
    json_object_set_new(report, "controls", control_json());
    json_object_set_new(report, "sample",
                        sample_json(tables->population, params->sample_size, params->sample_seed));
    json_object_set(report, "evidence", tables->evidence);
    json_object_set_new(
        report, "retention",
        json_pack("{s:s, s:O}", "text",
                  "Kept at least 365 days from a deployment's last event, the ledger stream as "
                  "long as anything that relies on it. Nothing is ever disposed of in this "
                  "release.",
                  "deployments", tables->retention));
    json_object_set_new(report, "how_to_verify", control_how_to_verify());
    return report;
}

enum err annual_make(struct ledger *ledger, const struct annual_params *params, json_t **ret_report,
                     struct err_text *ret_why)
{
    struct tables tables;
    struct record *last = NULL;
    json_t *cover = NULL;
    enum err err = ledger_read(ledger, params->size > 0 ? params->size - 1 : 0, &last, ret_why);
    if (err != ERR_OK)
        return err;
    int64_t last_us = last->entry.time_us;
    int64_t end_us = params->period.to_us < last_us ? params->period.to_us : last_us;
    tables_new(&params->period, &tables);
    err = gather(ledger, params, end_us, &tables, ret_why);
    if (err == ERR_OK && !params->verified)
        add_gap(&tables, last);
    if (err == ERR_OK)
        err = cover_json(ledger, params, &tables, &cover, ret_why);
    if (err == ERR_OK)
        *ret_report = report_json(params, &tables, cover);
    tables_free(&tables);
    ledger_record_free(last);
    return err;
}
