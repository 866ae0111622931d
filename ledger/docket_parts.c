#include "ledger/docket_parts.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/docket.h"
#include "ledger/event.h"
#include "ledger/hash.h"
#include "ledger/mem.h"

#define SUMS_LINE_BYTES ((size_t)2 * HASH_BYTES + 2 + TAR_NAME_BYTES_MAX + 1)

/* The members being put in their places. */
struct sorting {
    struct docket_parts *parts;
    size_t at; /* the next member */
    struct err_text *why;
};

static const char *name_of(const struct docket_parts *parts, size_t member)
{
    return member < parts->index.count ? parts->index.members[member].name : NULL;
}

static bool begins(const char *name, const char *with)
{
    return name != NULL && strncmp(name, with, strlen(with)) == 0;
}

bool docket_parts_is(const struct tar_index *index)
{
    for (size_t i = 0; i < index->count && i < 4; i++) {
        if (strcmp(index->members[i].name, DOCKET_PLAN) == 0)
            return true;
    }
    return false;
}

static enum err misplaced(const struct sorting *sorting, const char *wanted)
{
    const char *name = name_of(sorting->parts, sorting->at);
    if (name == NULL)
        return err_say(sorting->why, ERR_PROOF, "it has no %s", wanted);
    return err_say(sorting->why, ERR_PROOF, "it has %s in the place of %s", name, wanted);
}

static enum err take(struct sorting *sorting, const char *name, size_t *ret)
{
    const char *found = name_of(sorting->parts, sorting->at);
    if (found == NULL || strcmp(found, name) != 0)
        return misplaced(sorting, name);
    *ret = sorting->at++;
    return ERR_OK;
}

/* The member, or DOCKET_NONE if another one is next. */
static size_t take_if(struct sorting *sorting, const char *name)
{
    const char *found = name_of(sorting->parts, sorting->at);
    return found != NULL && strcmp(found, name) == 0 ? sorting->at++ : DOCKET_NONE;
}

/* The name of the stream whose member is next; false if it is none. */
static bool next_stream(const struct sorting *sorting, char ret[STREAM_BYTES_MAX + 1])
{
    const char *name = name_of(sorting->parts, sorting->at);
    if (!begins(name, DOCKET_STREAMS))
        return false;
    name += strlen(DOCKET_STREAMS);
    const size_t bytes = strcspn(name, "/");
    if (bytes > STREAM_BYTES_MAX)
        return false;
    memcpy(ret, name, bytes);
    ret[bytes] = '\0';
    return event_stream_ok(ret);
}

/* Piece ${number} of the last stream. */
static enum err take_piece(struct sorting *sorting, size_t number)
{
    struct docket_parts *parts = sorting->parts;
    const struct docket_stream *stream = &parts->streams[parts->stream_count - 1];
    struct docket_piece_at piece = {.stream = parts->stream_count - 1, .number = number};
    struct buf name = {0};
    docket_piece_name(stream->name, number, false, &name);
    enum err err = take(sorting, (const char *)name.data, &piece.records);
    buf_clear(&name);
    docket_piece_name(stream->name, number, true, &name);
    if (err == ERR_OK)
        err = take(sorting, (const char *)name.data, &piece.index);
    buf_free(&name);
    if (err == ERR_OK)
        *(struct docket_piece_at *)MEM_PUSH(parts->pieces, parts->piece_count, parts->piece_cap) =
            piece;
    return err;
}

static enum err take_stream(struct sorting *sorting, const char *name)
{
    struct docket_parts *parts = sorting->parts;
    char next[STREAM_BYTES_MAX + 1];
    enum err err = ERR_OK;
    if (parts->stream_count == 0
            ? strcmp(name, "ledger") != 0
            : !docket_stream_after(parts->streams[parts->stream_count - 1].name, name))
        return err_say(sorting->why, ERR_PROOF, "%s is not in its place",
                       name_of(parts, sorting->at));
    struct docket_stream *stream = MEM_PUSH(parts->streams, parts->stream_count, parts->stream_cap);
    memcpy(stream->name, name, strlen(name) + 1);
    stream->first = parts->piece_count;
    for (size_t number = 0; err == ERR_OK; number++) {
        err = take_piece(sorting, number);
        if (err != ERR_OK || !next_stream(sorting, next) || strcmp(next, name) != 0)
            break;
    }
    stream->count = parts->piece_count - stream->first;
    return err;
}

static enum err take_streams(struct sorting *sorting)
{
    char name[STREAM_BYTES_MAX + 1];
    enum err err = ERR_OK;
    while (err == ERR_OK && next_stream(sorting, name))
        err = take_stream(sorting, name);
    if (err == ERR_OK && sorting->parts->stream_count == 0)
        err = err_say(sorting->why, ERR_PROOF, "it has nothing of the stream `ledger`");
    return err;
}

static void take_run(struct sorting *sorting, const char *prefix, size_t *ret, size_t *ret_end)
{
    *ret = sorting->at;
    while (begins(name_of(sorting->parts, sorting->at), prefix))
        sorting->at++;
    *ret_end = sorting->at;
}

static enum err take_reports(struct sorting *sorting)
{
    struct docket_parts *parts = sorting->parts;
    take_run(sorting, DOCKET_REPORT, &parts->reports, &parts->reports_end);
    for (size_t i = parts->reports; i < parts->reports_end; i++) {
        const char *name = name_of(parts, i);
        if (i > parts->reports && strcmp(name_of(parts, i - 1), name) >= 0)
            return err_say(sorting->why, ERR_PROOF, "%s is not in its place", name);
    }
    return ERR_OK;
}

/* SHA256SUMS is a line for each other member, in their order. */
static enum err take_sums(struct sorting *sorting)
{
    struct docket_parts *parts = sorting->parts;
    size_t member = 0, at = 0;
    enum err err = take(sorting, DOCKET_SUMS, &member);
    if (err == ERR_OK && sorting->at < parts->index.count)
        err =
            err_say(sorting->why, ERR_PROOF, "%s has no place in it", name_of(parts, sorting->at));
    if (err == ERR_OK)
        err =
            docket_parts_read(parts, member, member * SUMS_LINE_BYTES, &parts->sums, sorting->why);
    parts->sums_at = mem_zero(member + 1, sizeof(*parts->sums_at));
    for (size_t i = 0; err == ERR_OK && i < member; i++) {
        const char *name = name_of(parts, i);
        const size_t bytes = strlen(name), name_at = at + (size_t)2 * HASH_BYTES + 2;
        const char *text = (const char *)parts->sums.data;
        if (name_at + bytes + 1 > parts->sums.bytes || memcmp(text + name_at - 2, "  ", 2) != 0 ||
            memcmp(text + name_at, name, bytes) != 0 || text[name_at + bytes] != '\n')
            err = err_say(sorting->why, ERR_PROOF, DOCKET_SUMS " does not list %s in its place",
                          name);
        parts->sums_at[i] = at;
        at = name_at + bytes + 1;
    }
    if (err == ERR_OK && at != parts->sums.bytes)
        err = err_say(sorting->why, ERR_PROOF, DOCKET_SUMS " lists more than there is");
    return err;
}

enum err docket_parts_find(const struct tar_source *source, struct tar_index *index,
                           struct docket_parts *ret_parts, struct err_text *ret_why)
{
    struct docket_parts parts = {.source = source, .index = *index};
    struct sorting sorting = {.parts = &parts, .why = ret_why};
    *index = (struct tar_index){0};
    enum err err = take(&sorting, DOCKET_README, &parts.readme);
    if (err == ERR_OK)
        err = take(&sorting, DOCKET_PLAN, &parts.plan);
    if (err == ERR_OK)
        err = take(&sorting, DOCKET_NOTE, &parts.note);
    if (err == ERR_OK)
        err = take_streams(&sorting);
    parts.tail = take_if(&sorting, DOCKET_TAIL);
    parts.heads = take_if(&sorting, DOCKET_HEADS);
    parts.others = take_if(&sorting, DOCKET_OTHERS);
    if (err == ERR_OK)
        err = take(&sorting, DOCKET_LAST, &parts.last);
    if (err == ERR_OK)
        err = take(&sorting, DOCKET_SIGNERS, &parts.signers);
    take_run(&sorting, DOCKET_TILES, &parts.tiles, &parts.tiles_end);
    if (err == ERR_OK)
        err = take_reports(&sorting);
    if (err == ERR_OK)
        err = take_sums(&sorting);
    if (err == ERR_OK)
        *ret_parts = parts;
    else
        docket_parts_free(&parts);
    return err;
}

void docket_parts_free(struct docket_parts *parts)
{
    tar_index_free(&parts->index);
    free(parts->streams);
    free(parts->pieces);
    buf_free(&parts->sums);
    free(parts->sums_at);
    *parts = (struct docket_parts){0};
}

enum err docket_parts_read(const struct docket_parts *parts, size_t member, size_t bytes_max,
                           struct buf *buf, struct err_text *ret_why)
{
    const struct tar_member_at *at = &parts->index.members[member];
    if (at->bytes > bytes_max)
        return err_say(ret_why, ERR_TOO_BIG, "%s has more than %zu bytes", at->name, bytes_max);
    return tar_index_read(parts->source, at->at, (size_t)at->bytes, buf, ret_why);
}

enum err docket_parts_hold(const struct docket_parts *parts, size_t member,
                           const uint8_t digest[HASH_BYTES], struct err_text *ret_why)
{
    struct buf hex = {0};
    buf_hex(&hex, digest, HASH_BYTES);
    const bool same = memcmp(parts->sums.data + parts->sums_at[member], hex.data, hex.bytes) == 0;
    buf_free(&hex);
    return same ? ERR_OK
                : err_say(ret_why, ERR_PROOF,
                          "%s does not have the digest that " DOCKET_SUMS " has of it",
                          name_of(parts, member));
}

enum err docket_parts_take(const struct docket_parts *parts, size_t member, size_t bytes_max,
                           struct buf *buf, struct err_text *ret_why)
{
    uint8_t digest[HASH_BYTES];
    enum err err = docket_parts_read(parts, member, bytes_max, buf, ret_why);
    if (err != ERR_OK)
        return err;
    hash_bytes(buf->data, buf->bytes, digest);
    return docket_parts_hold(parts, member, digest, ret_why);
}
