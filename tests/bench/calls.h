/* calls - PostgreSQL as its clients use it: many connections, each with one call under way, each
 * call a transaction of one event.
 */
#ifndef TESTS_BENCH_CALLS_H
#define TESTS_BENCH_CALLS_H

#include "tests/bench/bench.h"

struct calls;

/**
 * calls_chain(where, clients): A table that is a hash chain, which a function of the server
 * lengthens, one caller at a time.
 * calls_message_db(where, clients): Message DB, installed in the database message_store: all events
 * in one category, which gives them a total order, a stream for each deployment.
 * Both give NULL where ${where} (as libpq finds the server) is.
 * calls_run(calls, events, count): Append them; events a second, NAN without ${calls}.
 * calls_close(calls): That all are there is checked.  NULL is fine.
 */
struct calls *calls_chain(const char *where, unsigned clients);
struct calls *calls_message_db(const char *where, unsigned clients);
double calls_run(struct calls *calls, const struct buf *events, size_t count);
void calls_close(struct calls *calls);

#endif
