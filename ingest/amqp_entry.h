/* amqp_entry - a committed entry as a message: its event as it is, its place in the headers. */
#ifndef INGEST_AMQP_ENTRY_H
#define INGEST_AMQP_ENTRY_H

#include <amqp.h>

#include "ledger/ledger.h"

#define AMQP_ENTRY_KEY_BYTES_MAX 255 /* AMQP's short strings */

/**
 * amqp_entry_key(record, ret_key): The routing key "STREAM.TYPE"; of a type so long that this is
 * over 255 bytes "STREAM" alone.
 *
 * amqp_entry_key_of(stream, type, ret_key): The same of these.
 *
 * amqp_entry_publish(state, channel, exchange, record): Publish the event's bytes, persistent, with
 * headers countersign-seq, -stream, -stream-pos, -time, -principal and -leaf; the body of an event
 * that was erased is empty.  Gives what amqp_basic_publish does.
 */
void amqp_entry_key(const struct record *record, char ret_key[AMQP_ENTRY_KEY_BYTES_MAX + 1]);
void amqp_entry_key_of(const char *stream, const char *type,
                       char ret_key[AMQP_ENTRY_KEY_BYTES_MAX + 1]);
MUST_CHECK int amqp_entry_publish(amqp_connection_state_t state, amqp_channel_t channel,
                                  const char *exchange, const struct record *record);

#endif
