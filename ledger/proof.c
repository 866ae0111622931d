#include "ledger/proof.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"

#define EXTRA "extra "
#define INDEX "index "

/* A run of bytes in a proof. */
struct span {
    const char *text;
    size_t bytes;
};

void proof_format(const struct proof *proof, struct buf *buf)
{
    ASSERT(proof->path.count <= PROOF_HASHES_MAX);
    buf_text(buf, PROOF_HEADER);
    if (proof->has_extra) {
        buf_text(buf, EXTRA);
        buf_base64(buf, proof->extra.data, proof->extra.bytes);
        buf_text(buf, "\n");
    }
    buf_printf(buf, INDEX "%" PRIu64 "\n", proof->seq);
    for (size_t i = 0; i < proof->path.count; i++) {
        buf_base64(buf, proof->path.hashes[i], HASH_BYTES);
        buf_text(buf, "\n");
    }
    buf_text(buf, "\n");
    buf_add(buf, proof->note.data, proof->note.bytes);
}

/* Take one line from the front of ${rest}, without its newline. */
static bool take_line(struct span *rest, struct span *ret_line)
{
    const char *end = memchr(rest->text, '\n', rest->bytes);
    if (end == NULL)
        return false;
    *ret_line = (struct span){rest->text, (size_t)(end - rest->text)};
    *rest = (struct span){end + 1, rest->bytes - ret_line->bytes - 1};
    return true;
}

/* What stands behind ${word} in a line that begins with it. */
static bool behind(struct span line, const char *word, struct span *ret)
{
    size_t bytes = strlen(word);
    if (line.bytes < bytes || memcmp(line.text, word, bytes) != 0)
        return false;
    *ret = (struct span){line.text + bytes, line.bytes - bytes};
    return true;
}

/* Decimal digits; leading zeros and what is beyond 64 bits show when it is formatted again. */
static bool number(struct span text, uint64_t *ret)
{
    uint64_t value = 0;
    if (text.bytes == 0)
        return false;
    for (size_t i = 0; i < text.bytes; i++) {
        if (text.text[i] < '0' || text.text[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.text[i] - '0');
    }
    *ret = value;
    return true;
}

static enum err take_hash(struct span line, struct tree_proof *path)
{
    struct buf hash = {0};
    if (path->count == PROOF_HASHES_MAX)
        return ERR_TOO_BIG;
    bool ok = bytes_from_base64(line.text, line.bytes, &hash) && hash.bytes == HASH_BYTES;
    if (ok)
        memcpy(path->hashes[path->count++], hash.data, HASH_BYTES);
    buf_free(&hash);
    return ok ? ERR_OK : ERR_INVALID;
}

/* Read loosely: what is not canonical shows when it is formatted again. */
static enum err take_proof(struct span rest, struct proof *proof)
{
    struct span line, value;
    enum err err = ERR_OK;
    if (!behind(rest, PROOF_HEADER, &rest) || !take_line(&rest, &line))
        return ERR_INVALID;
    proof->has_extra = behind(line, EXTRA, &value);
    if (proof->has_extra &&
        (!bytes_from_base64(value.text, value.bytes, &proof->extra) || !take_line(&rest, &line)))
        return ERR_INVALID;
    if (!behind(line, INDEX, &value) || !number(value, &proof->seq) || !take_line(&rest, &line))
        return ERR_INVALID;
    while (err == ERR_OK && line.bytes > 0) {
        err = take_hash(line, &proof->path);
        if (err == ERR_OK && !take_line(&rest, &line))
            err = ERR_INVALID;
    }
    if (err == ERR_OK && rest.bytes == 0)
        err = ERR_INVALID;
    if (err == ERR_OK)
        buf_add(&proof->note, rest.text, rest.bytes);
    return err;
}

enum err proof_parse(const char *text, size_t text_bytes, struct proof **ret_proof)
{
    if (text_bytes > PROOF_BYTES_MAX)
        return ERR_TOO_BIG;
    struct proof *proof = mem_zero(1, sizeof(*proof));
    struct buf again = {0};
    enum err err = take_proof((struct span){text, text_bytes}, proof);
    if (err == ERR_OK) {
        proof_format(proof, &again);
        if (again.bytes != text_bytes || memcmp(again.data, text, text_bytes) != 0)
            err = ERR_INVALID;
    }
    if (err == ERR_OK) {
        *ret_proof = proof;
        proof = NULL;
    }
    proof_free(proof);
    buf_free(&again);
    return err;
}

void proof_free(struct proof *proof)
{
    if (proof == NULL)
        return;
    buf_free(&proof->extra);
    buf_free(&proof->note);
    free(proof);
}

void proof_extra_format(const struct proof_extra *extra, struct buf *buf)
{
    ASSERT(extra->entry_bytes >= 1 && extra->entry_bytes <= ENTRY_BYTES_MAX);
    buf_u16(buf, (uint16_t)extra->entry_bytes);
    buf_add(buf, extra->entry, extra->entry_bytes);
    if (extra->salt == NULL)
        return;
    ASSERT(extra->event_bytes >= 1 && extra->event_bytes <= EVENT_BYTES_MAX);
    buf_u32(buf, (uint32_t)extra->event_bytes);
    buf_add(buf, extra->salt, SALT_BYTES);
    buf_add(buf, extra->event, extra->event_bytes);
}

enum err proof_extra_parse(const uint8_t *bytes, size_t count, struct proof_extra *ret)
{
    struct reader reader = {.data = bytes, .bytes = count};
    struct proof_extra extra = {.entry_bytes = reader_u16(&reader)};
    extra.entry = reader_take(&reader, extra.entry_bytes);
    if (reader.bad || extra.entry_bytes == 0)
        return ERR_INVALID;
    if (reader.bytes > 0) {
        extra.event_bytes = reader_u32(&reader);
        extra.salt = reader_take(&reader, SALT_BYTES);
        extra.event = reader_take(&reader, extra.event_bytes);
        if (reader.bad || reader.bytes > 0 || extra.event_bytes == 0 ||
            extra.event_bytes > EVENT_BYTES_MAX)
            return ERR_INVALID;
    }
    *ret = extra;
    return ERR_OK;
}

enum err proof_extra_check(const struct proof_extra *extra, uint64_t seq, struct entry *ret_entry,
                           struct err_text *ret_why)
{
    struct entry entry;
    uint8_t digest[HASH_BYTES];
    enum err err = entry_decode(extra->entry, extra->entry_bytes, &entry, ret_why);
    if (err != ERR_OK)
        return err;
    if (entry.seq != seq)
        return err_say(ret_why, ERR_PROOF,
                       "the entry says that it is entry %" PRIu64 ", the proof that it is %" PRIu64,
                       entry.seq, seq);
    if (extra->salt != NULL) {
        entry_event_digest(extra->salt, extra->event, extra->event_bytes, digest);
        if (extra->event_bytes != entry.part.event_bytes ||
            memcmp(digest, entry.part.event_digest, HASH_BYTES) != 0)
            return err_say(ret_why, ERR_PROOF,
                           "the event that the proof carries is not that of entry %" PRIu64, seq);
    }
    *ret_entry = entry;
    return ERR_OK;
}

enum err proof_check_note(const char *note, size_t note_bytes, const struct note_key *keys,
                          size_t key_count, struct checkpoint *ret_checkpoint,
                          struct err_text *ret_why)
{
    struct checkpoint checkpoint = {0};
    enum err err = note_check(note, note_bytes, keys, key_count, NULL);
    if (err == ERR_PROOF)
        return err_say(ret_why, err, "the checkpoint has no good signature by %s+%08x%s",
                       keys[0].name, (unsigned)keys[0].id,
                       key_count > 1 ? " or its other key" : "");
    if (err == ERR_OK)
        err = checkpoint_parse(note, note_bytes, &checkpoint);
    if (err != ERR_OK)
        return err_say(ret_why, err, "the checkpoint is %s",
                       err == ERR_TOO_BIG ? "too large" : "malformed");
    if (strcmp(checkpoint.origin, keys[0].name) != 0)
        return err_say(ret_why, ERR_PROOF, "the checkpoint is of %s, the key is of %s",
                       checkpoint.origin, keys[0].name);
    *ret_checkpoint = checkpoint;
    return ERR_OK;
}

enum err proof_check(const struct proof *proof, const uint8_t leaf[HASH_BYTES],
                     const struct note_key *keys, size_t key_count,
                     struct checkpoint *ret_checkpoint, struct err_text *ret_why)
{
    struct checkpoint checkpoint = {0};
    enum err err = proof_check_note((const char *)proof->note.data, proof->note.bytes, keys,
                                    key_count, &checkpoint, ret_why);
    if (err != ERR_OK)
        return err;
    err = tree_check_inclusion(proof->seq, checkpoint.size, leaf, &proof->path, checkpoint.root);
    if (err != ERR_OK)
        return err_say(ret_why, err,
                       "the path does not lead from entry %" PRIu64
                       " to the checkpoint's root at size %" PRIu64,
                       proof->seq, checkpoint.size);
    *ret_checkpoint = checkpoint;
    return ERR_OK;
}
