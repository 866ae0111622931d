#include "ledger/verify_docket.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/ijson.h"
#include "ledger/instant.h"
#include "ledger/telling.h"

#define LISTED_MAX 20 /* streams that people are told of one by one */

/* What is told of one bundle. */
struct telling {
    const struct docket_finding *finding;
    bool given; /* the key by which it was checked was brought along */
};

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static const struct note_key *newest(const struct telling *telling)
{
    return &telling->finding->front.keys[telling->finding->front.key_count - 1];
}

/* Streams beside `ledger` that may have more behind their last entry as of the checkpoint. */
static size_t count_open(const struct docket_finding *finding)
{
    size_t count = 0;
    for (size_t i = 1; i < finding->parts.stream_count; i++)
        count += finding->found[i].whole_at < finding->front.checkpoint.size;
    return count;
}

/* The lowest size as of which all streams are whole; 0: there is none for all. */
static uint64_t whole_at(const struct docket_finding *finding)
{
    uint64_t size = finding->front.checkpoint.size;
    for (size_t i = 1; i < finding->parts.stream_count; i++)
        size = finding->found[i].whole_at < size ? finding->found[i].whole_at : size;
    return size;
}

static void tell_counts(const struct docket_finding *finding, telling_fn *tell, void *ctx)
{
    struct buf text = {0};
    const size_t open = count_open(finding);
    if (open > 0) {
        buf_printf(&text,
                   "whether entries of %zu of the %zu streams beside `ledger` stand behind their "
                   "last one here",
                   open, finding->parts.stream_count - 1);
        if (whole_at(finding) > 0)
            buf_printf(&text, ", added after size %" PRIu64 ", as of which ledger.heads shows all",
                       whole_at(finding));
        tell(ctx, (const char *)text.data);
    }
    if (finding->found[0].whole_at < finding->front.checkpoint.size)
        tell(ctx, "whether a key was revoked, or called suspect, behind the last entry of the "
                  "stream `ledger` that is here: too many entries follow");
    buf_clear(&text);
    if (finding->hidden > 0) {
        buf_printf(&text, "%" PRIu64 " events, which are not shown", finding->hidden);
        tell(ctx, (const char *)text.data);
    }
    buf_clear(&text);
    if (finding->webauthn > 0) {
        buf_printf(&text, "%" PRIu64 " WebAuthn signatures", finding->webauthn);
        tell(ctx, (const char *)text.data);
    }
    buf_free(&text);
}

/* Which deployments of the period may not be here. */
static void tell_period(const struct docket_finding *finding, telling_fn *tell, void *ctx)
{
    struct buf text = {0};
    if (finding->front.plan.kind != DOCKET_PERIOD)
        return;
    if (finding->heads_size == 0) {
        tell(ctx, "whether other deployments have entries in the period: no ledger.heads says "
                  "which there are");
        return;
    }
    if (!finding->complete) {
        buf_printf(&text,
                   "whether deployments that began after size %" PRIu64
                   " have entries in the period; all others that have are here",
                   finding->heads_size);
        tell(ctx, (const char *)text.data);
    }
    if (finding->others > 0)
        tell(ctx, "whether a deployment without an entry in the period was still open then");
    buf_free(&text);
}

/* What a good bundle does not show, one line each, for text and for JSON. */
static void tell_skipped(const struct telling *telling, telling_fn *tell, void *ctx)
{
    const struct docket_finding *finding = telling->finding;
    if (!telling->given)
        telling_own_key(newest(telling), tell, ctx);
    tell_counts(finding, tell, ctx);
    tell_period(finding, tell, ctx);
    tell(ctx, "how the rules judged these acts");
    if (finding->parts.reports_end > finding->parts.reports)
        tell(ctx, "what the files in report/ say, beyond that they are those that were put there");
    if (!finding->own_readme)
        tell(ctx, "README.txt, which is not as this version of countersign writes it");
    tell(ctx, "whether others were shown the same checkpoint");
}

static void describe_stream(const struct docket_finding *finding, size_t at, struct buf *text)
{
    const struct docket_found *found = &finding->found[at];
    char from[INSTANT_TEXT_BYTES], to[INSTANT_TEXT_BYTES];
    instant_short(found->first_us, from);
    instant_short(found->last_us, to);
    buf_printf(text, "%-13s%s: #0 to #%" PRIu64 ", entries %" PRIu64 " to %" PRIu64 ", %s to %s",
               "stream", finding->parts.streams[at].name, found->entries - 1, found->first_seq,
               found->last_seq, from, to);
    if (found->whole_at == finding->front.checkpoint.size)
        buf_text(text, ", none is held back\n");
    else if (found->whole_at > 0)
        buf_printf(text, ", none is held back as of size %" PRIu64 "\n", found->whole_at);
    else
        buf_text(text, "\n");
}

static void describe(const struct telling *telling, struct buf *text)
{
    const struct docket_finding *finding = telling->finding;
    const struct docket_plan *plan = &finding->front.plan;
    const struct checkpoint *checkpoint = &finding->front.checkpoint;
    const struct docket_parts *parts = &finding->parts;
    char from[INSTANT_TEXT_BYTES], to[INSTANT_TEXT_BYTES];
    if (plan->kind == DOCKET_DEPLOYMENT) {
        buf_printf(text, "good: the deployment %s", plan->deployment);
    } else {
        instant_short(plan->from_us, from);
        instant_short(plan->to_us, to);
        buf_printf(text, "good: %zu streams of the period %s to %s", parts->stream_count, from, to);
    }
    buf_printf(text,
               ", %" PRIu64 " entries and %" PRIu64 " signatures, in the ledger as of size %" PRIu64
               "\n",
               finding->entries, finding->signatures, checkpoint->size);
    telling_line(text, "ledger", checkpoint->origin);
    telling_hash(text, "root", checkpoint->root);
    for (size_t i = 0; i < parts->stream_count && i < LISTED_MAX; i++)
        describe_stream(finding, i, text);
    if (parts->stream_count > LISTED_MAX)
        buf_printf(text, "%-13s%zu more: --json lists all\n", "streams",
                   parts->stream_count - LISTED_MAX);
    for (size_t i = parts->reports; i < parts->reports_end; i++)
        telling_line(text, "file", parts->index.members[i].name);
    tell_skipped(telling, telling_text, text);
}

static json_t *plan_json(const struct docket_plan *plan)
{
    json_t *json = json_object();
    if (plan->kind == DOCKET_DEPLOYMENT) {
        ijson_put(json, "deployment", ijson_text(plan->deployment));
        return json;
    }
    ijson_put(json, "from", ijson_instant(plan->from_us));
    ijson_put(json, "to", ijson_instant(plan->to_us));
    return json;
}

static json_t *streams_json(const struct docket_finding *finding)
{
    json_t *list = json_array();
    for (size_t i = 0; i < finding->parts.stream_count; i++) {
        const struct docket_found *found = &finding->found[i];
        json_t *row = json_object();
        ijson_put(row, "stream", ijson_text(finding->parts.streams[i].name));
        ijson_put(row, "entries", number(found->entries));
        ijson_put(row, "first",
                  json_pack("{s:o, s:o, s:o}", "seq", number(found->first_seq), "time",
                            ijson_instant(found->first_us), "leaf",
                            ijson_hex(found->first_leaf, HASH_BYTES)));
        ijson_put(row, "last",
                  json_pack("{s:o, s:o, s:o}", "seq", number(found->last_seq), "time",
                            ijson_instant(found->last_us), "leaf",
                            ijson_hex(found->last_leaf, HASH_BYTES)));
        ijson_put(row, "whole_at", found->whole_at > 0 ? number(found->whole_at) : json_null());
        json_array_append_new(list, row);
    }
    return list;
}

static void describe_json(const struct telling *telling, json_t *json)
{
    const struct docket_finding *finding = telling->finding;
    const struct docket_parts *parts = &finding->parts;
    struct buf vkey = {0};
    json_t *skipped = json_array(), *files = json_array();
    note_key_format(newest(telling), &vkey);
    ijson_put(json, "of",
              json_string(finding->front.plan.kind == DOCKET_DEPLOYMENT ? "deployment" : "period"));
    json_object_update_new(json, plan_json(&finding->front.plan));
    ijson_put(json, "origin", ijson_text(finding->front.checkpoint.origin));
    ijson_put(json, "vkey", ijson_text((const char *)vkey.data));
    ijson_put(json, "vkey_from", json_string(telling->given ? "given" : "bundle"));
    ijson_put(json, "size", number(finding->front.checkpoint.size));
    ijson_put(json, "root", ijson_hex(finding->front.checkpoint.root, HASH_BYTES));
    ijson_put(json, "entries", number(finding->entries));
    ijson_put(json, "signatures", number(finding->signatures));
    ijson_put(json, "streams", streams_json(finding));
    ijson_put(json, "heads",
              finding->heads_size == 0
                  ? json_null()
                  : json_pack("{s:o, s:o, s:o, s:b}", "seq", number(finding->heads_seq), "size",
                              number(finding->heads_size), "left_out", number(finding->others),
                              "complete", (int)finding->complete));
    for (size_t i = parts->reports; i < parts->reports_end; i++)
        json_array_append_new(files, ijson_text(parts->index.members[i].name));
    ijson_put(json, "files", files);
    tell_skipped(telling, telling_json, skipped);
    ijson_put(json, "skipped", skipped);
    buf_free(&vkey);
}

enum err verify_docket_tell(const struct tar_source *source, struct tar_index *index,
                            const struct docket_options *options, bool json, struct buf *text,
                            struct err_text *ret_why)
{
    struct docket_finding finding = {.entries = 0};
    struct err_text why = {""};
    enum err err = docket_check_whole(source, index, options, &finding, &why);
    const struct telling telling = {&finding, options->key != NULL};
    if (err == ERR_TOO_BIG || err == ERR_INVALID)
        err = ERR_PROOF;
    if (json && (err == ERR_OK || err == ERR_PROOF)) {
        json_t *object = json_object();
        ijson_put(object, "ok", json_boolean(err == ERR_OK));
        ijson_put(object, "kind", json_string("bundle"));
        if (err == ERR_OK)
            describe_json(&telling, object);
        else
            ijson_put(object, "what", ijson_text(why.s));
        ijson_print(object, text);
        buf_text(text, "\n");
        json_decref(object);
    } else if (err == ERR_OK) {
        describe(&telling, text);
    }
    docket_check_free(&finding);
    return err == ERR_OK ? ERR_OK : err_say(ret_why, err, "%s", why.s);
}
