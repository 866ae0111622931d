/* PostgreSQL as a peer (peer.h): prepared statements by libpq, those of a transaction pipelined. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peer.h"

struct postgres {
    struct peer peer; /* first */
    PGconn *conn;
};

static void must(struct postgres *postgres, bool good)
{
    struct err_text why;
    if (good)
        return;
    enum err err = err_say(&why, ERR_IO, "%s", PQerrorMessage(postgres->conn));
    bench_must(err, "PostgreSQL", &why);
}

static void run(struct postgres *postgres, const char *sql)
{
    PGresult *result = PQexec(postgres->conn, sql);
    must(postgres, PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
}

/* The three values of a row in binary form. */
struct values {
    uint8_t seq[8];
    const char *data[3];
    int bytes[3];
};

static void values_fill(struct values *values, uint64_t seq, const uint8_t *hash,
                        const struct buf *event)
{
    for (int i = 7; i >= 0; i--, seq >>= 8)
        values->seq[i] = (uint8_t)seq;
    values->data[0] = (const char *)values->seq;
    values->data[1] = (const char *)hash;
    values->data[2] = (const char *)event->data;
    values->bytes[0] = sizeof(values->seq);
    values->bytes[1] = HASH_BYTES;
    values->bytes[2] = (int)event->bytes;
}

static const int binary[] = {1, 1, 1};

static void commit_one(struct postgres *postgres, const struct values *values)
{
    PGresult *result =
        PQexecPrepared(postgres->conn, "append", 3, values->data, values->bytes, binary, 0);
    must(postgres, PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
}

/* All answers up to the pipeline's sync. */
static void drain(struct postgres *postgres)
{
    for (;;) {
        PGresult *result = PQgetResult(postgres->conn);
        ExecStatusType status = PQresultStatus(result);
        if (result == NULL)
            continue; /* the end of one statement's results */
        must(postgres, status == PGRES_COMMAND_OK || status == PGRES_PIPELINE_SYNC);
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC)
            return;
    }
}

static void commit(struct peer *peer, const struct buf *events, const uint8_t (*hashes)[HASH_BYTES],
                   size_t count)
{
    struct postgres *postgres = (struct postgres *)peer;
    struct values values;
    if (count == 1) {
        values_fill(&values, peer->seq, hashes[0], &events[0]);
        commit_one(postgres, &values);
        return;
    }
    /* Without BEGIN and COMMIT, what stands before a sync is one transaction. */
    must(postgres, PQenterPipelineMode(postgres->conn) == 1);
    for (size_t i = 0; i < count; i++) {
        values_fill(&values, peer->seq + i, hashes[i], &events[i]);
        must(postgres, PQsendQueryPrepared(postgres->conn, "append", 3, values.data, values.bytes,
                                           binary, 0) == 1);
    }
    must(postgres, PQpipelineSync(postgres->conn) == 1);
    drain(postgres);
    must(postgres, PQexitPipelineMode(postgres->conn) == 1);
}

static void postgres_close(struct peer *peer)
{
    struct postgres *postgres = (struct postgres *)peer;
    PQfinish(postgres->conn);
    free(postgres);
}

struct peer *peer_postgres(const char *where)
{
    static const struct peer_kind kind = {commit, NULL, postgres_close};
    if (where == NULL)
        return NULL;
    struct postgres *postgres = mem_zero(1, sizeof(*postgres));
    postgres->peer.kind = &kind;
    postgres->conn = PQconnectdb(where);
    must(postgres, PQstatus(postgres->conn) == CONNECTION_OK);
    run(postgres, "SET client_min_messages = warning");
    run(postgres, "DROP TABLE IF EXISTS log");
    run(postgres, "CREATE TABLE log (seq bigint PRIMARY KEY, hash bytea NOT NULL, "
                  "event bytea NOT NULL)");
    PGresult *result =
        PQprepare(postgres->conn, "append", "INSERT INTO log VALUES ($1, $2, $3)", 3, NULL);
    must(postgres, PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
    return &postgres->peer;
}
