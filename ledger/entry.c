#include "ledger/entry.h"

#include <string.h>

#include "ledger/event.h"
#include "ledger/hash.h"
#include "ledger/reader.h"
#include "ledger/tree.h"

/*  offset size                      the admitted part:
 *  0      4    magic "CSL1"          +0   8   admitted_us
 *  4      8    seq                   +8   32  credential
 *  12     8    time_us               +40  32  event_digest
 *  20     32   prev                  +72  4   event_bytes
 *  52     8    stream_pos            +76  1   origin
 *  60     32   stream_prev           +77  1   stream_len, 1..128
 *  92          the admitted part     +78  1   principal_len, 1..128
 *  last   64   admission             +79  1   sig_count, 0..4
 *                                    +80      stream | principal | signatures:
 *                                             alg u8 | key_id 32 | len u16 | bytes
 */
static const uint8_t magic[4] = {'C', 'S', 'L', '1'};

#define TIME_US_END 253402300800000000LL /* 10000-01-01T00:00:00Z */

static bool time_ok(int64_t us)
{
    return us >= 0 && us < TIME_US_END;
}

/* NULL, or what is out of bounds. */
static const char *sigs_fault(const struct admitted_part *part)
{
    size_t sum = 0;
    if (part->sig_count > ENTRY_SIGS_MAX)
        return "sig_count";
    for (size_t i = 0; i < part->sig_count; i++) {
        const struct entry_sig *sig = &part->sigs[i];
        if (sig->alg < SIG_DSSE_ED25519 || sig->alg > SIG_WEBAUTHN)
            return "alg of a signature";
        if (sig->bytes == 0 || (sig->alg == SIG_DSSE_ED25519 && sig->bytes != ED25519_SIG_BYTES))
            return "length of a signature";
        sum += sig->bytes;
    }
    return sum > ENTRY_SIGS_BYTES_MAX ? "length of the signatures" : NULL;
}

static const char *part_fault(const struct admitted_part *part)
{
    if (!time_ok(part->admitted_us))
        return "admitted_us";
    if (part->event_bytes == 0 || part->event_bytes > EVENT_BYTES_MAX)
        return "event_bytes";
    if (part->origin < ORIGIN_HTTP || part->origin > ORIGIN_LEDGER)
        return "origin";
    if (!event_stream_ok(part->stream))
        return "stream";
    if (!event_principal_ok(part->principal))
        return "principal";
    return sigs_fault(part);
}

static const char *entry_fault(const struct entry *entry)
{
    const char *fault = part_fault(&entry->part);
    if (fault != NULL)
        return fault;
    return time_ok(entry->time_us) && entry->time_us >= entry->part.admitted_us ? NULL : "time_us";
}

void entry_encode_part(const struct admitted_part *part, struct buf *buf)
{
    ASSERT(part_fault(part) == NULL);
    size_t stream_bytes = strlen(part->stream);
    size_t principal_bytes = strlen(part->principal);
    buf_u64(buf, (uint64_t)part->admitted_us);
    buf_add(buf, part->credential, sizeof(part->credential));
    buf_add(buf, part->event_digest, sizeof(part->event_digest));
    buf_u32(buf, part->event_bytes);
    buf_u8(buf, part->origin);
    buf_u8(buf, (uint8_t)stream_bytes);
    buf_u8(buf, (uint8_t)principal_bytes);
    buf_u8(buf, part->sig_count);
    buf_add(buf, part->stream, stream_bytes);
    buf_add(buf, part->principal, principal_bytes);
    for (size_t i = 0; i < part->sig_count; i++) {
        const struct entry_sig *sig = &part->sigs[i];
        buf_u8(buf, sig->alg);
        buf_add(buf, sig->key_id, sizeof(sig->key_id));
        buf_u16(buf, sig->bytes);
        buf_add(buf, sig->data, sig->bytes);
    }
}

void entry_encode(const struct entry *entry, struct buf *buf)
{
    ASSERT(entry_fault(entry) == NULL);
    buf_add(buf, magic, sizeof(magic));
    buf_u64(buf, entry->seq);
    buf_u64(buf, (uint64_t)entry->time_us);
    buf_add(buf, entry->prev, sizeof(entry->prev));
    buf_u64(buf, entry->stream_pos);
    buf_add(buf, entry->stream_prev, sizeof(entry->stream_prev));
    entry_encode_part(&entry->part, buf);
    buf_add(buf, entry->admission, sizeof(entry->admission));
}

/* Copy ${bytes} bytes to ${ret}; past the end the reader is bad and ${ret} untouched. */
static void read_copy(struct reader *reader, void *ret, size_t bytes)
{
    const uint8_t *data = reader_take(reader, bytes);
    if (data != NULL)
        memcpy(ret, data, bytes);
}

/* A name of ${bytes} bytes; one that is too long or has a NUL in it becomes "", which is no name.
 */
static void read_name(struct reader *reader, char *ret, size_t bytes, size_t bytes_max)
{
    const uint8_t *data = reader_take(reader, bytes);
    size_t at = 0;
    if (data == NULL || bytes > bytes_max)
        return;
    /* By hand: memcpy of a length that is not known costs five times as much. */
    for (; at < bytes && data[at] != '\0'; at++)
        ret[at] = (char)data[at];
    ret[at == bytes ? bytes : 0] = '\0';
}

static void read_sig(struct reader *reader, struct entry_sig *ret)
{
    ret->alg = reader_u8(reader);
    read_copy(reader, ret->key_id, sizeof(ret->key_id));
    ret->bytes = reader_u16(reader);
    ret->data = reader_take(reader, ret->bytes);
}

static void read_part(struct reader *reader, struct admitted_part *ret)
{
    ret->admitted_us = (int64_t)reader_u64(reader);
    read_copy(reader, ret->credential, sizeof(ret->credential));
    read_copy(reader, ret->event_digest, sizeof(ret->event_digest));
    ret->event_bytes = reader_u32(reader);
    ret->origin = reader_u8(reader);
    size_t stream_bytes = reader_u8(reader);
    size_t principal_bytes = reader_u8(reader);
    ret->sig_count = reader_u8(reader);
    read_name(reader, ret->stream, stream_bytes, STREAM_BYTES_MAX);
    read_name(reader, ret->principal, principal_bytes, PRINCIPAL_BYTES_MAX);
    for (size_t i = 0; i < ret->sig_count && i < ENTRY_SIGS_MAX; i++)
        read_sig(reader, &ret->sigs[i]);
}

enum err entry_decode(const uint8_t *bytes, size_t entry_bytes, struct entry *ret_entry,
                      struct err_text *ret_why)
{
    struct reader reader = {.data = bytes, .bytes = entry_bytes};
    struct entry entry = {0};
    const uint8_t *found = reader_take(&reader, sizeof(magic));
    if (found == NULL || memcmp(found, magic, sizeof(magic)) != 0)
        return err_say(ret_why, ERR_INVALID, "not an entry: it does not begin with CSL1");
    entry.seq = reader_u64(&reader);
    entry.time_us = (int64_t)reader_u64(&reader);
    read_copy(&reader, entry.prev, sizeof(entry.prev));
    entry.stream_pos = reader_u64(&reader);
    read_copy(&reader, entry.stream_prev, sizeof(entry.stream_prev));
    read_part(&reader, &entry.part);
    read_copy(&reader, entry.admission, sizeof(entry.admission));
    if (reader.bad)
        return err_say(ret_why, ERR_INVALID, "the entry is cut short");
    const char *fault = entry_fault(&entry);
    if (fault != NULL)
        return err_say(ret_why, ERR_INVALID, "the entry's %s is out of bounds", fault);
    if (reader.bytes > 0)
        return err_say(ret_why, ERR_INVALID, "%zu bytes behind the entry", reader.bytes);
    *ret_entry = entry;
    return ERR_OK;
}

void entry_leaf(const uint8_t *bytes, size_t entry_bytes, uint8_t ret[HASH_BYTES])
{
    tree_leaf(bytes, entry_bytes, ret);
}

void entry_event_digest(const uint8_t salt[SALT_BYTES], const void *event, size_t event_bytes,
                        uint8_t ret[HASH_BYTES])
{
    const struct piece pieces[] = {{"\x02", 1}, {salt, SALT_BYTES}, {event, event_bytes}};
    hash_pieces(pieces, 3, ret);
}

void entry_admission_message(const uint8_t ledger_id[HASH_BYTES], const uint8_t *part_bytes,
                             size_t part_byte_count, struct buf *buf)
{
    static const char prefix[] = "countersign/admission/v1"; /* signed with its final NUL */
    buf_add(buf, prefix, sizeof(prefix));
    buf_add(buf, ledger_id, HASH_BYTES);
    buf_add(buf, part_bytes, part_byte_count);
}

const char *entry_origin_name(uint8_t origin)
{
    static const char *const names[] = {"http", "amqp", "cli", "ledger"};
    ASSERT(origin >= ORIGIN_HTTP && origin <= ORIGIN_LEDGER);
    return names[origin - ORIGIN_HTTP];
}
