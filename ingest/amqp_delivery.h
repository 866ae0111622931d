/* amqp_delivery - one message as a broker delivered it, and what it becomes: the event that it
 * carries, the event that tells of its quarantine, or a dead letter.  Pure.
 *
 * A quarantined message is named by SHA-256 over
 *
 *     string  routing key                    (string: u32 length, then the bytes)
 *     string  properties, as AMQP 0-9-1 has them in a header frame: flags, then the values in
 *             order, with the headers sorted by name and without `x-delivery-count`
 *     32      SHA-256 of the body
 *
 * so a message that is delivered again has the same name: a quorum queue then counts the deliveries
 * in that header, which it adds, and sorts the others.
 */
#ifndef INGEST_AMQP_DELIVERY_H
#define INGEST_AMQP_DELIVERY_H

#include <sodium.h>

#include "ledger/ledger.h"

/* Zero-initialised is one of nothing. */
struct amqp_delivery {
    uint64_t tag;          /* the channel's number of the delivery */
    struct buf key;        /* its routing key */
    struct buf properties; /* as they came, encoded */
    struct buf body;       /* whole, or if that is over AMQP_BODY_BYTES_MAX its first bytes */
    uint64_t body_bytes;   /* of the whole body, as announced */
    uint64_t body_got;     /* of it have come */
    crypto_hash_sha256_state rest; /* of a body that is not kept */
};

/* The event or envelope that a message carries, for admission. */
struct amqp_mail {
    const char *media; /* EVENT_MEDIA_TYPE or DSSE_MEDIA_TYPE */
    struct buf bytes;  /* owned */
    char *deployment;  /* owned: named by the header `ce-deployment` beside it; NULL */
};

/**
 * amqp_delivery_begin(delivery, properties, bytes, body_bytes): The header of the message.
 * amqp_delivery_add(delivery, data, bytes): A part of its body.
 * amqp_delivery_whole(delivery): Whether all of the body has come.
 * amqp_delivery_size(delivery): The bytes that it holds in memory.
 * amqp_delivery_free(delivery): Free what it holds; *${delivery} is empty.
 */
void amqp_delivery_begin(struct amqp_delivery *delivery, const void *properties, size_t bytes,
                         uint64_t body_bytes);
void amqp_delivery_add(struct amqp_delivery *delivery, const void *data, size_t bytes);
bool amqp_delivery_whole(const struct amqp_delivery *delivery);
size_t amqp_delivery_size(const struct amqp_delivery *delivery);
void amqp_delivery_free(struct amqp_delivery *delivery);

/**
 * amqp_delivery_courier(delivery, ret_courier, ret_named, ret_why):
 * Who brought it: the property user-id, which the broker has checked, as "amqp:USER"; without one
 * "amqp:anonymous", and *${ret_named} is false.
 * Errors: INVALID (properties that do not decode, a user who cannot be a principal);
 * *${ret_courier} is then the anonymous one.
 */
MUST_CHECK enum err amqp_delivery_courier(const struct amqp_delivery *delivery,
                                          struct courier *ret_courier, bool *ret_named,
                                          struct err_text *ret_why);

/**
 * amqp_delivery_map(delivery, ret_mail, ret_why):
 * The event or envelope that the message carries: by its content-type; without one that says, by
 * headers `ce-` in binary mode, else a body in JSON as what it is.  Whether it is a well-formed
 * event is left to admission.  The caller owns *${ret_mail} (amqp_delivery_mail_free).
 * Errors: TOO_BIG, INVALID, MEDIA_TYPE (nothing that we take, or compressed), NOT_EVENT.
 * amqp_delivery_mail_free(mail): Free what it holds.
 */
MUST_CHECK enum err amqp_delivery_map(const struct amqp_delivery *delivery,
                                      struct amqp_mail *ret_mail, struct err_text *ret_why);
void amqp_delivery_mail_free(struct amqp_mail *mail);

/**
 * amqp_delivery_id(delivery, ret_id): The name of the message if it is quarantined, as above; of
 * properties that do not decode, as they came.
 * amqp_delivery_quarantine(delivery, courier, why, buf): Append the event ingest.quarantined.
 */
void amqp_delivery_id(const struct amqp_delivery *delivery, uint8_t ret_id[HASH_BYTES]);
void amqp_delivery_quarantine(const struct amqp_delivery *delivery, const struct courier *courier,
                              const struct err_text *why, struct buf *buf);

/**
 * amqp_delivery_dead(delivery, why, buf): Append the properties of the message as a dead letter,
 * encoded: persistent, without the user-id and the expiration, which the broker would act on (they
 * stand in headers `x-countersign-…`), and with the reason in `x-countersign-reason`.
 */
void amqp_delivery_dead(const struct amqp_delivery *delivery, const struct err_text *why,
                        struct buf *buf);

#endif
