#include "ledger/rows.h"

#include <string.h>

#include "ledger/event.h"
#include "ledger/hash.h"
#include "ledger/reader.h"

#define NODE_KEY_BYTES 8
#define STREAM_KEY_BYTES_MAX (STREAM_BYTES_MAX + 1 + 8)
#define CACHE_LINE_BYTES 64
#define FETCH_BYTES_MAX 512
#define ID_KEY_ROOM (HASH_BYTES + ID_KEY_BYTES_MAX)

struct key {
    uint8_t data[ID_KEY_ROOM > STREAM_KEY_BYTES_MAX ? ID_KEY_ROOM : STREAM_KEY_BYTES_MAX];
    size_t bytes;
};

static void key_add(struct key *key, const void *data, size_t bytes)
{
    ASSERT(key->bytes + bytes <= sizeof(key->data));
    memcpy(key->data + key->bytes, data, bytes);
    key->bytes += bytes;
}

static void be64(uint64_t value, uint8_t ret[8])
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        ret[i] = (uint8_t)value;
}

static bool seq_value(struct slice value, uint64_t *ret_seq)
{
    struct reader reader = {.data = value.data, .bytes = value.bytes};
    *ret_seq = reader_u64(&reader);
    return !reader.bad && reader.bytes == 0;
}

/* Says what a failing store call was about, where it has not been said. */
static enum err rows_say(enum err err, const char *table, uint64_t seq, struct err_text *ret_why)
{
    return err_say(ret_why, err, "the table %s cannot be read at %llu: %s", table,
                   (unsigned long long)seq, err_text(err));
}

static enum err event_parse_row(uint64_t seq, struct slice value, struct row *row,
                                struct err_text *ret_why)
{
    uint8_t digest[HASH_BYTES];
    const struct admitted_part *part = &row->entry.part;
    if (value.data == NULL || value.bytes < SALT_BYTES)
        return err_say(ret_why, ERR_DAMAGED, "entry %llu: its event is missing",
                       (unsigned long long)seq);
    row->salt = value.data;
    row->event = (struct slice){value.data + SALT_BYTES, value.bytes - SALT_BYTES};
    if (row->event.bytes == 0)
        return ERR_OK;
    entry_event_digest(row->salt, row->event.data, row->event.bytes, digest);
    if (row->event.bytes != part->event_bytes ||
        memcmp(digest, part->event_digest, sizeof(digest)) != 0)
        return err_say(ret_why, ERR_DAMAGED, "entry %llu: its event is not the one it names",
                       (unsigned long long)seq);
    return ERR_OK;
}

enum err rows_parse(uint64_t seq, struct slice entry, struct slice event, struct row *ret_row,
                    struct err_text *ret_why)
{
    struct row row = {.bytes = entry};
    struct err_text what;
    if (entry_decode(entry.data, entry.bytes, &row.entry, &what) != ERR_OK)
        return err_say(ret_why, ERR_DAMAGED, "entry %llu does not decode: %.200s",
                       (unsigned long long)seq, what.s);
    if (row.entry.seq != seq)
        return err_say(ret_why, ERR_DAMAGED, "entry %llu says that it is entry %llu",
                       (unsigned long long)seq, (unsigned long long)row.entry.seq);
    enum err err = event_parse_row(seq, event, &row, ret_why);
    if (err == ERR_OK)
        *ret_row = row;
    return err;
}

/* Have the processor fetch what will be looked at soon; to a long run it sees itself. */
static void fetch(struct slice value)
{
    for (size_t at = 0; at < value.bytes && at < FETCH_BYTES_MAX; at += CACHE_LINE_BYTES)
        __builtin_prefetch(value.data + at);
}

enum err rows_read(struct store_txn *txn, uint64_t seq, struct row *ret_row,
                   struct err_text *ret_why)
{
    struct slice entry = {0}, event = {0};
    bool found = false;
    enum err err = store_get_seq(txn, STORE_ENTRIES, seq, &entry, &found);
    if (err != ERR_OK)
        return rows_say(err, "entries", seq, ret_why);
    if (!found)
        return err_say(ret_why, ERR_NOT_FOUND, "there is no entry %llu", (unsigned long long)seq);
    fetch(entry);
    err = store_get_seq(txn, STORE_EVENTS, seq, &event, &found);
    if (err != ERR_OK)
        return rows_say(err, "events", seq, ret_why);
    fetch(event);
    return rows_parse(seq, entry, event, ret_row, ret_why);
}

enum err rows_size(struct store_txn *txn, uint64_t *ret_size, struct err_text *ret_why)
{
    struct store_row last;
    uint64_t seq = 0;
    enum err err = store_seek(txn, STORE_ENTRIES, (struct slice){NULL, 0}, true, &last);
    if (err != ERR_OK)
        return rows_say(err, "entries", 0, ret_why);
    if (last.found && (!seq_value(last.key, &seq) || seq == UINT64_MAX))
        return err_say(ret_why, ERR_DAMAGED, "the table entries ends in a key that is no seq");
    *ret_size = last.found ? seq + 1 : 0;
    return ERR_OK;
}

enum err rows_head(struct store_txn *txn, struct rows_head *ret_head, struct err_text *ret_why)
{
    struct row row = {0};
    uint64_t size = 0;
    struct rows_head head = {0};
    enum err err = rows_size(txn, &size, ret_why);
    if (err == ERR_OK && size > 0) {
        err = rows_read(txn, size - 1, &row, ret_why);
        if (err == ERR_OK) {
            head.time_us = row.entry.time_us;
            entry_leaf(row.bytes.data, row.bytes.bytes, head.leaf);
        }
    }
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
    err = tree_edge_load(size, rows_node_read, txn, &head.edge);
    if (err != ERR_OK)
        return err_say(ret_why, err, "the tree of the first %llu entries cannot be read: %s",
                       (unsigned long long)size, err_text(err));
    *ret_head = head;
    return ERR_OK;
}

enum err rows_root(struct store_txn *txn, uint64_t size, uint8_t ret_root[HASH_BYTES],
                   struct err_text *ret_why)
{
    struct tree_edge edge;
    enum err err = tree_edge_load(size, rows_node_read, txn, &edge);
    if (err != ERR_OK)
        return err_say(ret_why, err, "the tree of the first %llu entries cannot be read: %s",
                       (unsigned long long)size, err_text(err));
    tree_edge_root(&edge, ret_root);
    return ERR_OK;
}

/* Nodes are numbered in the order in which leaves complete them: the first n leaves complete
 * 2n - popcount(n).  So a batch's nodes stand together, at the table's right edge. */
uint64_t rows_node_number(unsigned level, uint64_t index)
{
    uint64_t last_leaf = ((index + 1) << level) - 1;
    return 2 * last_leaf - (uint64_t)__builtin_popcountll(last_leaf) + level;
}

static void node_key(unsigned level, uint64_t index, uint8_t ret[NODE_KEY_BYTES])
{
    be64(rows_node_number(level, index), ret);
}

enum err rows_node_read(void *txn, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES])
{
    uint8_t key[NODE_KEY_BYTES];
    struct slice value;
    bool found;
    node_key(level, index, key);
    enum err err = store_get(txn, STORE_NODES, key, sizeof(key), &value, &found);
    if (err != ERR_OK)
        return err;
    if (!found || value.bytes != HASH_BYTES)
        return ERR_DAMAGED;
    memcpy(ret, value.data, HASH_BYTES);
    return ERR_OK;
}

enum err rows_node_write(void *txn, unsigned level, uint64_t index, const uint8_t hash[HASH_BYTES])
{
    uint8_t key[NODE_KEY_BYTES];
    node_key(level, index, key);
    enum err err = store_put(txn, STORE_NODES, key, sizeof(key), hash, HASH_BYTES);
    return err == ERR_CONFLICT ? ERR_DAMAGED : err;
}

static void stream_key(const char *stream, uint64_t pos, struct key *ret)
{
    uint8_t number[8];
    be64(pos, number);
    ret->bytes = 0;
    key_add(ret, stream, strlen(stream) + 1);
    key_add(ret, number, sizeof(number));
}

static enum err find_seq(struct store_txn *txn, enum store_table table, const struct key *key,
                         uint64_t *ret_seq, bool *ret_found)
{
    struct slice value;
    enum err err = store_get(txn, table, key->data, key->bytes, &value, ret_found);
    if (err == ERR_OK && *ret_found && !seq_value(value, ret_seq))
        err = ERR_DAMAGED;
    return err;
}

static enum err put_seq(struct store_txn *txn, enum store_table table, const struct key *key,
                        uint64_t seq)
{
    uint8_t value[8];
    be64(seq, value);
    return store_put(txn, table, key->data, key->bytes, value, sizeof(value));
}

enum err rows_stream_walk(struct store_txn *txn, const char *stream, uint64_t pos,
                          struct store_walk **ret_walk)
{
    struct key key;
    stream_key(stream, pos, &key);
    return store_walk_open(txn, STORE_STREAMS, (struct slice){key.data, key.bytes}, ret_walk);
}

enum err rows_stream_next(struct store_walk *walk, const char *stream, uint64_t pos,
                          uint64_t *ret_seq, bool *ret_found)
{
    struct key key;
    struct store_row row;
    enum err err = store_walk_next(walk, &row);
    stream_key(stream, pos, &key);
    *ret_found = err == ERR_OK && row.found && row.key.bytes == key.bytes &&
                 memcmp(row.key.data, key.data, key.bytes) == 0;
    if (*ret_found && !seq_value(row.value, ret_seq))
        err = ERR_DAMAGED;
    return err;
}

enum err rows_stream_find(struct store_txn *txn, const char *stream, uint64_t pos,
                          uint64_t *ret_seq, bool *ret_found)
{
    struct key key;
    stream_key(stream, pos, &key);
    return find_seq(txn, STORE_STREAMS, &key, ret_seq, ret_found);
}

enum err rows_stream_count(struct store_txn *txn, const char *stream, uint64_t *ret_count,
                           uint64_t *ret_seq)
{
    struct key key;
    struct store_row row;
    size_t name_bytes = strlen(stream) + 1;
    stream_key(stream, UINT64_MAX, &key);
    enum err err = store_seek(txn, STORE_STREAMS, (struct slice){key.data, key.bytes}, true, &row);
    if (err != ERR_OK)
        return err;
    *ret_count = 0;
    *ret_seq = 0;
    if (!row.found || row.key.bytes != key.bytes || memcmp(row.key.data, stream, name_bytes) != 0)
        return ERR_OK;
    uint64_t pos;
    if (!seq_value((struct slice){row.key.data + name_bytes, 8}, &pos) ||
        !seq_value(row.value, ret_seq))
        return ERR_DAMAGED;
    *ret_count = pos + 1;
    return ERR_OK;
}

enum err rows_stream_put(struct store_txn *txn, const char *stream, uint64_t pos, uint64_t seq)
{
    struct key key;
    stream_key(stream, pos, &key);
    return put_seq(txn, STORE_STREAMS, &key, seq);
}

enum err rows_stream_key(struct slice key, char ret_stream[STREAM_BYTES_MAX + 1], uint64_t *ret_pos)
{
    char name[STREAM_BYTES_MAX + 1] = {0};
    size_t name_bytes = strnlen((const char *)key.data, key.bytes);
    if (name_bytes + 9 != key.bytes || name_bytes > STREAM_BYTES_MAX)
        return ERR_DAMAGED;
    memcpy(name, key.data, name_bytes);
    if (!event_stream_ok(name) || !seq_value((struct slice){key.data + name_bytes + 1, 8}, ret_pos))
        return ERR_DAMAGED;
    memcpy(ret_stream, name, name_bytes + 1);
    return ERR_OK;
}

enum err rows_stream_after(struct store_txn *txn, const char *after,
                           char ret_stream[STREAM_BYTES_MAX + 1], bool *ret_found)
{
    struct key key = {.bytes = 0};
    struct store_row row;
    uint64_t pos;
    /* Behind all positions of `after` and before any longer name: the name and a byte 01. */
    if (after[0] != '\0') {
        key_add(&key, after, strnlen(after, STREAM_BYTES_MAX));
        key_add(&key, "\1", 1);
    }
    enum err err = store_seek(txn, STORE_STREAMS, (struct slice){key.data, key.bytes}, false, &row);
    if (err == ERR_OK && row.found)
        err = rows_stream_key(row.key, ret_stream, &pos);
    *ret_found = err == ERR_OK && row.found;
    return err;
}

void rows_id_name(const char *actor, const char *source, uint8_t ret[HASH_BYTES])
{
    const struct piece pieces[] = {{actor, strlen(actor) + 1}, {source, strlen(source)}};
    hash_pieces(pieces, 2, ret);
}

/* A long id is kept as 00 | SHA-256(id), which no id begins with. */
static void id_key(const uint8_t name[HASH_BYTES], const char *id, struct key *ret)
{
    uint8_t hashed[1 + HASH_BYTES] = {0};
    size_t bytes = strlen(id);
    ret->bytes = 0;
    key_add(ret, name, HASH_BYTES);
    if (bytes <= ID_KEY_BYTES_MAX) {
        key_add(ret, id, bytes);
        return;
    }
    hash_bytes(id, bytes, hashed + 1);
    key_add(ret, hashed, sizeof(hashed));
}

enum err rows_id_find(struct store_txn *txn, const uint8_t name[HASH_BYTES], const char *id,
                      uint64_t *ret_seq, bool *ret_found)
{
    struct key key;
    id_key(name, id, &key);
    return find_seq(txn, STORE_IDS, &key, ret_seq, ret_found);
}

enum err rows_id_put(struct store_txn *txn, const uint8_t name[HASH_BYTES], const char *id,
                     uint64_t seq)
{
    struct key key;
    id_key(name, id, &key);
    return put_seq(txn, STORE_IDS, &key, seq);
}
