#include "ledger/docket_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/docket_piece.h"
#include "ledger/docket_readme.h"
#include "ledger/dossier.h"
#include "ledger/hash.h"
#include "ledger/mem.h"
#include "ledger/pool.h"

#define THREADS_MAX 16 /* each has some pieces in memory */
#define RUN_BYTES ((size_t)262144)

/* A bundle under check. */
struct check {
    const struct docket_options *options;
    struct docket_finding *finding;
    struct docket_parts *parts; /* the finding's */
    struct docket_front *front; /* the finding's */
    struct docket_whole whole;
    struct pool *pool;
    struct docket_piece *ring; /* owned: piece i is in slot i % window */
    uint64_t done_bytes;
    struct err_text *why;
};

static const char *name_of(const struct check *check, size_t member)
{
    return check->parts->index.members[member].name;
}

/* One entry of any stream; a docket_entry_fn. */
static enum err hold_entry(void *ctx, struct docket_piece *piece, const struct vouch_entry *entry,
                           const struct event *event)
{
    struct check *check = ctx;
    const struct vouch_ledger *ledger = &check->front->ledger;
    const char *wrong = event != NULL ? vouch_event(ledger, entry->entry, event) : NULL;
    if (wrong == NULL)
        wrong = vouch_signatures(ledger, entry, &piece->vouched);
    return wrong == NULL
               ? ERR_OK
               : err_say(&piece->why, ERR_PROOF, "entry %" PRIu64 ": %s", entry->entry->seq, wrong);
}

/* A pool_work_fn; what is wrong is told when the piece is taken in its order. */
static enum err work(void *ctx, uint64_t number)
{
    struct check *check = ctx;
    docket_piece_check(check->parts, (size_t)number, hold_entry, check,
                       &check->ring[number % pool_window(check->pool)]);
    return ERR_OK;
}

static enum err tell(struct check *check, uint64_t bytes)
{
    check->done_bytes += bytes;
    if (check->options->progress != NULL &&
        check->options->progress(check->options->ctx, check->done_bytes,
                                 check->parts->source->bytes))
        return err_say(check->why, ERR_BUSY, "stopped, with nothing wrong so far");
    return ERR_OK;
}

/* A pool_retire_fn: a piece in its order. */
static enum err retire(void *ctx, uint64_t number)
{
    struct check *check = ctx;
    struct docket_finding *finding = check->finding;
    const struct docket_piece_at *at = &check->parts->pieces[number];
    const struct docket_piece *piece = &check->ring[number % pool_window(check->pool)];
    struct err_text said = {""};
    if (piece->err != ERR_OK)
        return err_say(check->why, piece->err, "%s", piece->why.s);
    enum err err = docket_whole_piece(&check->whole, at, piece, check->why);
    for (size_t i = 0; err == ERR_OK && i < piece->count; i++) {
        err = docket_tree_leaf(check->front->tree, piece->rows[i].seq, piece->rows[i].leaf, &said);
        if (err != ERR_OK)
            err_say(check->why, err, "%s: %s", name_of(check, at->records), said.s);
    }
    if (err == ERR_OK)
        err = docket_parts_hold(check->parts, at->records, piece->digests[0], check->why);
    if (err == ERR_OK)
        err = docket_parts_hold(check->parts, at->index, piece->digests[1], check->why);
    if (err != ERR_OK)
        return err;
    finding->entries += piece->count;
    finding->signatures += piece->vouched.signatures;
    finding->webauthn += piece->vouched.webauthn;
    finding->hidden += piece->hidden;
    return tell(check, piece->records.bytes + piece->index.bytes);
}

static enum err hold_streams(struct check *check)
{
    const unsigned asked = check->options->threads;
    const unsigned cores = pool_cores();
    check->pool = pool_new(asked > 0 ? asked : cores < THREADS_MAX ? cores : THREADS_MAX);
    const size_t window = (size_t)pool_window(check->pool);
    check->ring = mem_zero(window, sizeof(*check->ring));
    enum err err = pool_each(check->pool, check->parts->piece_count, work, retire, check);
    for (size_t i = 0; i < window; i++)
        docket_piece_free(&check->ring[i]);
    free(check->ring);
    pool_free(check->pool);
    return err;
}

/* A member of which only the digest is to be held, however long it is. */
static enum err hold_opaque(struct check *check, size_t member)
{
    const struct tar_member_at *at = &check->parts->index.members[member];
    struct hash_run *run = hash_run_new();
    struct buf piece = {0};
    uint8_t digest[HASH_BYTES];
    enum err err = ERR_OK;
    for (uint64_t done = 0; err == ERR_OK && done < at->bytes; done += piece.bytes) {
        const uint64_t left = at->bytes - done;
        buf_clear(&piece);
        err = tar_index_read(check->parts->source, at->at + done,
                             left < RUN_BYTES ? (size_t)left : RUN_BYTES, &piece, check->why);
        if (err == ERR_OK)
            hash_run_add(run, piece.data, piece.bytes);
    }
    hash_run_end(run, digest);
    hash_run_free(run);
    buf_free(&piece);
    if (err == ERR_OK)
        err = docket_parts_hold(check->parts, member, digest, check->why);
    return err == ERR_OK ? tell(check, at->bytes) : err;
}

/* Who may sign, which follows from the stream `ledger`. */
static enum err hold_signers(const struct check *check)
{
    const size_t member = check->parts->signers;
    struct buf text = {0}, again = {0};
    docket_signers_add(check->front->registry, check->front->checkpoint.size, &again);
    enum err err = docket_parts_take(check->parts, member, again.bytes, &text, check->why);
    if (err == ERR_TOO_BIG || (err == ERR_OK && (text.bytes != again.bytes ||
                                                 memcmp(text.data, again.data, text.bytes) != 0)))
        err = err_say(check->why, ERR_PROOF, "%s is not what follows from the stream `ledger`",
                      name_of(check, member));
    buf_free(&text);
    buf_free(&again);
    return err;
}

static enum err take_readme(struct check *check)
{
    struct buf text = {0}, again = {0};
    docket_readme_add(&check->front->plan, check->front->registry, &check->front->last, &again);
    enum err err = docket_parts_take(check->parts, check->parts->readme, DOSSIER_README_BYTES_MAX,
                                     &text, check->why);
    check->finding->own_readme =
        text.bytes == again.bytes && memcmp(text.data, again.data, text.bytes) == 0;
    buf_free(&text);
    buf_free(&again);
    return err;
}

/* The members beside the entries. */
static enum err hold_rest(struct check *check)
{
    const struct docket_parts *parts = check->parts;
    enum err err = docket_whole_end(&check->whole, check->why);
    if (err == ERR_OK)
        err = hold_signers(check);
    const char *unused = docket_tree_unused(check->front->tree);
    if (err == ERR_OK && unused != NULL)
        err =
            err_say(check->why, ERR_PROOF, "%s has no place in it: no entry here needs it", unused);
    for (size_t i = parts->tiles; err == ERR_OK && i < parts->reports_end; i++)
        err = hold_opaque(check, i);
    return err == ERR_OK ? take_readme(check) : err;
}

/* Deployments of a period that begin behind it are not of it. */
static enum err hold_period(const struct check *check)
{
    const struct docket_plan *plan = &check->front->plan;
    for (size_t i = 0; plan->kind == DOCKET_PERIOD && i < check->parts->stream_count; i++) {
        const char *name = check->parts->streams[i].name;
        if (strcmp(name, "ledger") != 0 && strcmp(name, "inbox") != 0 &&
            check->finding->found[i].first_us >= plan->to_us)
            return err_say(check->why, ERR_PROOF, "the deployment %s began after the period", name);
    }
    return ERR_OK;
}

enum err docket_check_whole(const struct tar_source *source, struct tar_index *index,
                            const struct docket_options *options,
                            struct docket_finding *ret_finding, struct err_text *ret_why)
{
    struct docket_finding finding = {.entries = 0};
    struct check check = {.options = options,
                          .finding = &finding,
                          .parts = &finding.parts,
                          .front = &finding.front,
                          .why = ret_why};
    enum err err = docket_parts_find(source, index, &finding.parts, ret_why);
    if (err == ERR_OK)
        err = docket_front_take(&finding.parts, options->key, &finding.front, ret_why);
    if (err == ERR_OK) {
        finding.found = mem_zero(finding.parts.stream_count, sizeof(*finding.found));
        err = docket_whole_begin(&finding.parts, &finding.front, finding.found, &check.whole,
                                 ret_why);
    }
    if (err == ERR_OK)
        err = hold_streams(&check);
    if (err == ERR_OK)
        err = hold_period(&check);
    if (err == ERR_OK)
        err = hold_rest(&check);
    const bool headed = check.whole.has_one || check.whole.all != NULL;
    finding.heads_seq = headed ? check.whole.said->seq : 0;
    finding.heads_size = headed ? check.whole.said->size : 0;
    finding.others = check.whole.others;
    finding.complete = check.whole.complete;
    docket_whole_free(&check.whole);
    if (err == ERR_OK)
        *ret_finding = finding;
    else
        docket_check_free(&finding);
    return err;
}

void docket_check_free(struct docket_finding *finding)
{
    docket_parts_free(&finding->parts);
    docket_front_free(&finding->front);
    free(finding->found);
    *finding = (struct docket_finding){.entries = 0};
}
