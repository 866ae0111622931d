#include "tests/bench/calls.h"

#include <libpq-fe.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_AT 27 /* of an event's text: {"specversion":"1.0","id":"... */
#define ID_CHARS 36
#define DEPLOYMENT "\"deployment\":\""
#define DEPLOYMENT_CHARS 11

struct calls {
    PGconn **conns; /* owned: `clients` of them */
    struct pollfd *polls;
    unsigned clients;
    bool message_db;
    const char *count_sql;
    uint64_t sent, before; /* events here, and in the table when it was opened */
};

static const char *const chain_setup[] = {
    "SET client_min_messages = warning",
    "DROP FUNCTION IF EXISTS chain_append",
    "DROP TABLE IF EXISTS chain",
    "CREATE TABLE chain (seq bigint PRIMARY KEY, hash bytea NOT NULL, event bytea NOT NULL)",
    "INSERT INTO chain VALUES (-1, decode(repeat('00', 32), 'hex'), '')",
    "CREATE FUNCTION chain_append(event bytea) RETURNS bigint LANGUAGE plpgsql AS $$"
    "DECLARE last record; BEGIN PERFORM pg_advisory_xact_lock(1);"
    "SELECT c.seq, c.hash INTO last FROM chain c ORDER BY c.seq DESC LIMIT 1;"
    "INSERT INTO chain VALUES (last.seq + 1, sha256(last.hash || event), event);"
    "RETURN last.seq + 1; END $$",
};

static void must(PGconn *conn, bool good)
{
    struct err_text why;
    if (!good)
        bench_must(err_say(&why, ERR_IO, "%s", PQerrorMessage(conn)), "PostgreSQL", &why);
}

static void run(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    must(conn, PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
}

static PGconn *connect_to(const char *where, const char *more)
{
    struct buf info = {0};
    buf_printf(&info, "%s %s", where, more);
    PGconn *conn = PQconnectdb((const char *)info.data);
    must(conn, PQstatus(conn) == CONNECTION_OK);
    buf_free(&info);
    return conn;
}

static uint64_t rows(const struct calls *calls)
{
    PGresult *result = PQexec(calls->conns[0], calls->count_sql);
    must(calls->conns[0], PQresultStatus(result) == PGRES_TUPLES_OK);
    uint64_t count = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return count;
}

static void open_clients(struct calls *calls, const char *where, const char *more, const char *sql)
{
    calls->conns = mem_zero(calls->clients, sizeof(PGconn *));
    calls->polls = mem_zero(calls->clients, sizeof(*calls->polls));
    for (unsigned i = 0; i < calls->clients; i++) {
        PGconn *conn = connect_to(where, more);
        PGresult *result = PQprepare(conn, "append", sql, 0, NULL);
        must(conn, PQresultStatus(result) == PGRES_COMMAND_OK);
        PQclear(result);
        calls->conns[i] = conn;
        calls->polls[i] = (struct pollfd){.fd = PQsocket(conn), .events = POLLIN};
    }
    calls->before = rows(calls);
}

struct calls *calls_chain(const char *where, unsigned clients)
{
    if (where == NULL)
        return NULL;
    struct calls *calls = mem_zero(1, sizeof(*calls));
    calls->clients = clients;
    calls->count_sql = "SELECT count(*) FROM chain";
    PGconn *conn = connect_to(where, "");
    for (size_t i = 0; i < sizeof(chain_setup) / sizeof(chain_setup[0]); i++)
        run(conn, chain_setup[i]);
    PQfinish(conn);
    open_clients(calls, where, "", "SELECT chain_append($1)");
    return calls;
}

struct calls *calls_message_db(const char *where, unsigned clients)
{
    if (where == NULL)
        return NULL;
    struct calls *calls = mem_zero(1, sizeof(*calls));
    calls->clients = clients;
    calls->message_db = true;
    calls->count_sql = "SELECT count(*) FROM messages";
    open_clients(calls, where, "dbname=message_store options='-c search_path=message_store,public'",
                 "SELECT write_message($1, $2, $3, $4)");
    return calls;
}

static void call_message_db(PGconn *conn, const struct buf *event)
{
    const char *text = (const char *)event->data, *deployment = strstr(text, DEPLOYMENT);
    char id[ID_CHARS + 1], stream[64];
    ASSERT(deployment != NULL);
    snprintf(id, sizeof(id), "%.*s", ID_CHARS, text + ID_AT);
    snprintf(stream, sizeof(stream), "audit-%.*s", DEPLOYMENT_CHARS,
             deployment + strlen(DEPLOYMENT));
    const char *values[] = {id, stream, "step", text};
    must(conn, PQsendQueryPrepared(conn, "append", 4, values, NULL, NULL, 0) == 1);
}

static void call(const struct calls *calls, PGconn *conn, const struct buf *event)
{
    const char *value = (const char *)event->data;
    const int bytes = (int)event->bytes, binary = 1;
    if (calls->message_db)
        call_message_db(conn, event);
    else
        must(conn, PQsendQueryPrepared(conn, "append", 1, &value, &bytes, &binary, 0) == 1);
}

/* Whether the call under way has ended. */
static bool has_ended(PGconn *conn)
{
    PGresult *result;
    must(conn, PQconsumeInput(conn) == 1);
    if (PQisBusy(conn))
        return false;
    while ((result = PQgetResult(conn)) != NULL) {
        must(conn, PQresultStatus(result) == PGRES_TUPLES_OK);
        PQclear(result);
    }
    return true;
}

double calls_run(struct calls *calls, const struct buf *events, size_t count)
{
    size_t begun = 0, done = 0;
    if (calls == NULL)
        return NAN;
    double began = bench_now();
    for (; begun < calls->clients && begun < count; begun++)
        call(calls, calls->conns[begun], &events[begun]);
    while (done < count) {
        must(calls->conns[0], poll(calls->polls, calls->clients, -1) > 0);
        for (unsigned i = 0; i < calls->clients; i++) {
            if (calls->polls[i].revents == 0 || !has_ended(calls->conns[i]))
                continue;
            done++;
            if (begun < count)
                call(calls, calls->conns[i], &events[begun++]);
        }
    }
    calls->sent += count;
    double rate = (double)count / (bench_now() - began);
    run(calls->conns[0], "CHECKPOINT"); /* so that it writes nothing while others are measured */
    return rate;
}

void calls_close(struct calls *calls)
{
    if (calls == NULL)
        return;
    if (rows(calls) - calls->before != calls->sent)
        bench_must(ERR_DAMAGED, "events in PostgreSQL", NULL);
    for (unsigned i = 0; i < calls->clients; i++)
        PQfinish(calls->conns[i]);
    free(calls->conns);
    free(calls->polls);
    free(calls);
}
