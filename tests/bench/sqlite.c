/* SQLite as a peer (peer.h). */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peer.h"

struct sqlite {
    struct peer peer; /* first */
    sqlite3 *db;
    sqlite3_stmt *insert;
};

static void must(struct sqlite *sqlite, bool good)
{
    struct err_text why;
    if (good)
        return;
    enum err err = err_say(&why, ERR_IO, "%s", sqlite3_errmsg(sqlite->db));
    bench_must(err, "SQLite", &why);
}

static void run(struct sqlite *sqlite, const char *sql)
{
    must(sqlite, sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void commit(struct peer *peer, const struct buf *events, const uint8_t (*hashes)[HASH_BYTES],
                   size_t count)
{
    struct sqlite *sqlite = (struct sqlite *)peer;
    run(sqlite, "BEGIN IMMEDIATE");
    for (size_t i = 0; i < count; i++) {
        sqlite3_bind_int64(sqlite->insert, 1, (sqlite3_int64)(peer->seq + i));
        sqlite3_bind_blob(sqlite->insert, 2, hashes[i], HASH_BYTES, SQLITE_STATIC);
        sqlite3_bind_blob(sqlite->insert, 3, events[i].data, (int)events[i].bytes, SQLITE_STATIC);
        must(sqlite, sqlite3_step(sqlite->insert) == SQLITE_DONE);
        sqlite3_reset(sqlite->insert);
    }
    run(sqlite, "COMMIT");
}

static uint64_t check(struct peer *peer)
{
    struct sqlite *sqlite = (struct sqlite *)peer;
    sqlite3_stmt *select = NULL;
    uint8_t last[HASH_BYTES] = {0};
    uint64_t count = 0;
    int code;
    must(sqlite, sqlite3_prepare_v2(sqlite->db, "SELECT hash, event FROM log ORDER BY seq", -1,
                                    &select, NULL) == SQLITE_OK);
    while ((code = sqlite3_step(select)) == SQLITE_ROW) {
        const void *hash = sqlite3_column_blob(select, 0), *event = sqlite3_column_blob(select, 1);
        const struct piece pieces[] = {{last, HASH_BYTES},
                                       {event, (size_t)sqlite3_column_bytes(select, 1)}};
        hash_pieces(pieces, 2, last);
        if (sqlite3_column_bytes(select, 0) != HASH_BYTES || memcmp(last, hash, HASH_BYTES) != 0)
            break;
        count++;
    }
    must(sqlite, sqlite3_finalize(select) == SQLITE_OK);
    return count;
}

static void sqlite_close(struct peer *peer)
{
    struct sqlite *sqlite = (struct sqlite *)peer;
    sqlite3_finalize(sqlite->insert);
    sqlite3_close(sqlite->db);
    free(sqlite);
}

struct peer *peer_sqlite(const char *dir)
{
    static const struct peer_kind kind = {commit, check, sqlite_close};
    static unsigned number;
    struct sqlite *sqlite = mem_zero(1, sizeof(*sqlite));
    struct buf path = {0};
    sqlite->peer.kind = &kind;
    buf_printf(&path, "%s/peer-%u.sqlite", dir, number++);
    must(sqlite, sqlite3_open((const char *)path.data, &sqlite->db) == SQLITE_OK);
    run(sqlite, "PRAGMA journal_mode=WAL");
    run(sqlite, "PRAGMA synchronous=FULL");
    run(sqlite, "CREATE TABLE log (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, "
                "event BLOB NOT NULL)");
    must(sqlite, sqlite3_prepare_v2(sqlite->db, "INSERT INTO log VALUES (?, ?, ?)", -1,
                                    &sqlite->insert, NULL) == SQLITE_OK);
    buf_free(&path);
    return &sqlite->peer;
}
