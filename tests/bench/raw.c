#include "tests/bench/raw.h"

#include <endian.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/rows.h"
#include "ledger/store.h"

/* One row to put; its bytes stand in the arena. */
struct put {
    enum store_table table;
    size_t at, key_bytes, value_bytes;
};

struct raw {
    char *dir;
    MDB_env *env;
    MDB_dbi tables[STORE_TABLES];
    struct buf arena;
    struct put *puts; /* owned */
    size_t put_count, put_cap;
    size_t *ends; /* owned: put_count after each entry */
    size_t end_count, end_cap;
    uint64_t commits; /* by raw_commit */
};

static const char *const table_names[STORE_TABLES] = {
    "entries", "events", "nodes", "ids", "streams", "checkpoints", "custody", "meta",
};

static void must(int code, const char *what)
{
    struct err_text why;
    if (code != 0)
        bench_must(ERR_IO, what, err_say(&why, ERR_IO, "%s", mdb_strerror(code)) ? &why : NULL);
}

struct raw *raw_open(const struct stock *stock, const char *dir)
{
    struct raw *raw = mem_zero(1, sizeof(*raw));
    struct store *store = NULL;
    struct err_text why;
    MDB_txn *txn = NULL;
    raw->dir = files_path(dir, "raw");
    char *path = files_path(raw->dir, "data.mdb");
    must(mkdir(raw->dir, 0700), raw->dir);
    bench_must(store_open(stock->path, STORE_SHARED, &store, &why), stock->path, &why);
    bench_must(store_copy(store, path, &why), path, &why);
    store_close(store);
    free(path);
    must(mdb_env_create(&raw->env), "lmdb");
    must(mdb_env_set_mapsize(raw->env, (size_t)MAP_BYTES_MAX), "lmdb");
    must(mdb_env_set_maxdbs(raw->env, STORE_TABLES), "lmdb");
    must(mdb_env_open(raw->env, raw->dir, MDB_NOTLS, 0600), "lmdb");
    must(mdb_txn_begin(raw->env, NULL, 0, &txn), "lmdb");
    for (int i = 0; i < STORE_TABLES; i++)
        must(mdb_dbi_open(txn, table_names[i], 0, &raw->tables[i]), table_names[i]);
    must(mdb_txn_commit(txn), "lmdb");
    return raw;
}

void raw_close(struct raw *raw)
{
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    if (raw == NULL)
        return;
    mdb_env_close(raw->env);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = files_path(raw->dir, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(raw->dir);
    buf_free(&raw->arena);
    free(raw->puts);
    free(raw->ends);
    free(raw->dir);
    free(raw);
}

/* Begin a row; key and value are appended to the arena behind it. */
static struct put *put_new(struct raw *raw, enum store_table table)
{
    struct put *put = MEM_PUSH(raw->puts, raw->put_count, raw->put_cap);
    put->table = table;
    put->at = raw->arena.bytes;
    return put;
}

static void put_seq(struct raw *raw, enum store_table table, uint64_t seq, struct slice value)
{
    struct put *put = put_new(raw, table);
    buf_u64(&raw->arena, seq);
    buf_add(&raw->arena, value.data, value.bytes);
    put->key_bytes = 8;
    put->value_bytes = value.bytes;
}

static void load_nodes(struct raw *raw, struct store_txn *txn, uint64_t seq)
{
    for (unsigned level = 0; level == 0 || (seq >> (level - 1) & 1) != 0; level++) {
        uint8_t hash[HASH_BYTES];
        bench_must(rows_node_read(txn, level, seq >> level, hash), "a node", NULL);
        struct put *put = put_new(raw, STORE_NODES);
        buf_u64(&raw->arena, 2 * seq - (uint64_t)__builtin_popcountll(seq) + level);
        buf_add(&raw->arena, hash, sizeof(hash));
        put->key_bytes = 8;
        put->value_bytes = HASH_BYTES;
    }
}

static void load_id(struct raw *raw, const struct row *row)
{
    uint8_t name[HASH_BYTES];
    struct event *event = NULL;
    bench_must(event_parse(row->event.data, row->event.bytes, &event, NULL), "an event", NULL);
    rows_id_name(row->entry.part.principal, event->source, name);
    struct put *put = put_new(raw, STORE_IDS);
    buf_add(&raw->arena, name, sizeof(name));
    buf_text(&raw->arena, event->id);
    put->key_bytes = raw->arena.bytes - put->at;
    buf_u64(&raw->arena, row->entry.seq);
    put->value_bytes = 8;
    event_free(event);
}

static void load_stream(struct raw *raw, const struct row *row)
{
    struct put *put = put_new(raw, STORE_STREAMS);
    buf_add(&raw->arena, row->entry.part.stream, strlen(row->entry.part.stream) + 1);
    buf_u64(&raw->arena, row->entry.stream_pos);
    put->key_bytes = raw->arena.bytes - put->at;
    buf_u64(&raw->arena, row->entry.seq);
    put->value_bytes = 8;
}

void raw_load(struct raw *raw, const struct stock *stock, uint64_t from, uint64_t to)
{
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct err_text why;
    buf_clear(&raw->arena);
    raw->put_count = raw->end_count = 0;
    bench_must(store_open(stock->path, STORE_SHARED, &store, &why), stock->path, &why);
    bench_must(store_begin(store, false, &txn, &why), stock->path, &why);
    for (uint64_t seq = from; seq < to; seq++) {
        struct row row;
        bench_must(rows_read(txn, seq, &row, &why), "a row", &why);
        struct slice event = {row.salt, SALT_BYTES + row.event.bytes}; /* one value */
        put_seq(raw, STORE_ENTRIES, seq, row.bytes);
        put_seq(raw, STORE_EVENTS, seq, event);
        load_id(raw, &row);
        load_stream(raw, &row);
        load_nodes(raw, txn, seq);
        *(size_t *)MEM_PUSH(raw->ends, raw->end_count, raw->end_cap) = raw->put_count;
    }
    store_abort(txn);
    store_close(store);
}

/* The same flags as the ledger's own puts. */
static unsigned put_flags(enum store_table table)
{
    if (table == STORE_META)
        return 0;
    return table == STORE_ENTRIES || table == STORE_EVENTS ? MDB_APPEND : MDB_NOOVERWRITE;
}

static void put_one(struct raw *raw, MDB_txn *txn, const struct put *put)
{
    MDB_val key = {put->key_bytes, raw->arena.data + put->at};
    MDB_val value = {put->value_bytes, raw->arena.data + put->at + put->key_bytes};
    must(mdb_put(txn, raw->tables[put->table], &key, &value, put_flags(put->table)), "a raw put");
}

double raw_put(struct raw *raw, uint64_t batch)
{
    char name[] = ROWS_META_CHECKPOINT, note[220] = {0};
    size_t at = 0;
    double began = bench_now();
    for (size_t i = 0; i < raw->end_count; i += batch) {
        size_t last = i + batch < raw->end_count ? i + batch : raw->end_count;
        MDB_val key = {strlen(name), name}, value = {sizeof(note), note};
        MDB_txn *txn = NULL;
        must(mdb_txn_begin(raw->env, NULL, 0, &txn), "a raw transaction");
        for (; at < raw->ends[last - 1]; at++)
            put_one(raw, txn, &raw->puts[at]);
        must(mdb_put(txn, raw->tables[STORE_META], &key, &value, 0), "a raw put");
        must(mdb_txn_commit(txn), "a raw commit");
    }
    return bench_now() - began;
}

double raw_commit(struct raw *raw)
{
    uint8_t event[EVENT_BYTES] = {0};
    uint64_t count = htobe64(UINT64_MAX / 2 + raw->commits++);
    MDB_val key = {sizeof(count), &count}, value = {sizeof(event), event};
    MDB_txn *txn = NULL;
    double began = bench_now();
    must(mdb_txn_begin(raw->env, NULL, 0, &txn), "a raw transaction");
    must(mdb_put(txn, raw->tables[STORE_EVENTS], &key, &value, MDB_APPEND), "a raw put");
    must(mdb_txn_commit(txn), "a raw commit");
    return bench_now() - began;
}
