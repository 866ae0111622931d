#include "ledger/docket_heads.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/bytes.h"
#include "ledger/event.h"

const struct registry_heads *docket_heads_last(const struct registry *registry, uint64_t size)
{
    size_t count = 0;
    const struct registry_heads *all = registry_heads(registry, &count);
    while (count > 0 && all[count - 1].seq >= size)
        count--;
    return count > 0 ? &all[count - 1] : NULL;
}

static void add_record(const struct heads_record *record, struct buf *buf)
{
    buf_printf(buf, "%s %" PRIu64 " ", record->stream, record->pos);
    buf_hex(buf, record->leaf, HASH_BYTES);
    buf_text(buf, "\n");
}

void docket_heads_add_all(const struct heads *heads, struct buf *buf)
{
    for (size_t i = 0; i < heads_count(heads); i++)
        add_record(heads_at(heads, i), buf);
}

void docket_heads_add_one(const struct heads *heads, size_t index, struct buf *buf)
{
    struct tree_proof proof;
    add_record(heads_at(heads, index), buf);
    buf_printf(buf, "%zu of %zu\n", index, heads_count(heads));
    heads_inclusion(heads, index, &proof);
    for (size_t i = 0; i < proof.count; i++) {
        buf_base64(buf, proof.hashes[i], HASH_BYTES);
        buf_text(buf, "\n");
    }
}

/* The next line, without its newline, into ${to}; false at the end, or if it is too long. */
static bool take_line(struct reader *reader, char *to, size_t to_bytes)
{
    const uint8_t *end = reader->bytes > 0 ? memchr(reader->data, '\n', reader->bytes) : NULL;
    if (end == NULL || (size_t)(end - reader->data) >= to_bytes)
        return false;
    const size_t bytes = (size_t)(end - reader->data);
    memcpy(to, reader_take(reader, bytes + 1), bytes);
    to[bytes] = '\0';
    return strlen(to) == bytes;
}

/* A number in decimal, all of ${text}. */
static bool take_number(const char *text, uint64_t *ret)
{
    char again[24];
    char *end = NULL;
    *ret = strtoull(text, &end, 10);
    snprintf(again, sizeof(again), "%" PRIu64, *ret);
    return *end == '\0' && strcmp(again, text) == 0;
}

static bool take_record(struct reader *reader, struct heads_record *ret)
{
    char line[STREAM_BYTES_MAX + 128];
    *ret = (struct heads_record){.pos = 0};
    if (!take_line(reader, line, sizeof(line)))
        return false;
    char *pos = strchr(line, ' ');
    char *leaf = pos == NULL ? NULL : strchr(pos + 1, ' ');
    if (leaf == NULL)
        return false;
    *pos++ = '\0';
    *leaf++ = '\0';
    if (!event_stream_ok(line) || !take_number(pos, &ret->pos) ||
        !bytes_from_hex(leaf, ret->leaf, HASH_BYTES))
        return false;
    memcpy(ret->stream, line, strlen(line) + 1);
    return true;
}

enum err docket_heads_parse_all(const void *text, size_t text_bytes, const uint8_t root[HASH_BYTES],
                                struct heads **ret_heads, struct err_text *ret_why)
{
    struct reader reader = {text, text_bytes, false};
    struct heads_record record, before = {.pos = 0};
    struct heads *heads = heads_new();
    uint8_t made[HASH_BYTES];
    bool good = true;
    while (good && reader.bytes > 0) {
        good = take_record(&reader, &record) && strcmp(before.stream, record.stream) < 0;
        if (good)
            heads_add(heads, &record);
        before = record;
    }
    heads_root(heads, made);
    if (good && memcmp(made, root, HASH_BYTES) == 0) {
        *ret_heads = heads;
        return ERR_OK;
    }
    heads_free(heads);
    return err_say(ret_why, ERR_PROOF, "heads does not make the root of the last ledger.heads");
}

/* `INDEX of COUNT`. */
static bool take_place(struct reader *reader, uint64_t *ret_index, uint64_t *ret_count)
{
    char line[64];
    if (!take_line(reader, line, sizeof(line)))
        return false;
    char *of = strstr(line, " of ");
    if (of == NULL)
        return false;
    *of = '\0';
    return take_number(line, ret_index) && take_number(of + 4, ret_count) &&
           *ret_index < *ret_count;
}

static bool take_proof(struct reader *reader, struct tree_proof *ret)
{
    char line[64];
    struct buf hash = {0};
    bool good = true;
    ret->count = 0;
    while (good && reader->bytes > 0) {
        buf_clear(&hash);
        good = ret->count < PROOF_HASHES_MAX && take_line(reader, line, sizeof(line)) &&
               bytes_from_base64(line, strlen(line), &hash) && hash.bytes == HASH_BYTES;
        if (good)
            memcpy(ret->hashes[ret->count++], hash.data, HASH_BYTES);
    }
    buf_free(&hash);
    return good;
}

enum err docket_heads_parse_one(const void *text, size_t text_bytes, const uint8_t root[HASH_BYTES],
                                struct heads_record *ret_record, struct err_text *ret_why)
{
    struct reader reader = {text, text_bytes, false};
    struct heads_record record;
    struct tree_proof proof;
    uint64_t index = 0, count = 0;
    if (!take_record(&reader, &record) || !take_place(&reader, &index, &count) ||
        !take_proof(&reader, &proof))
        return err_say(ret_why, ERR_PROOF, "heads is malformed");
    if (heads_check(&record, index, count, &proof, root) != ERR_OK)
        return err_say(ret_why, ERR_PROOF,
                       "heads does not lead to the root of the last ledger.heads");
    *ret_record = record;
    return ERR_OK;
}
