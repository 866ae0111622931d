/* amqp_held - the messages that were delivered on a connection and are not acked, in the order of
 * their tags.  One that the inlet or the publisher still has when its connection is lost is cut
 * loose: it is freed when it comes back.  Used by one thread.
 */
#ifndef INGEST_AMQP_HELD_H
#define INGEST_AMQP_HELD_H

#include "ingest/amqp_publisher.h"
#include "ingest/job.h"

#define AMQP_HELD_MAGIC MAGIC('A', 'H', 'l', 'd')

struct amqp_held {
    uint32_t magic;
    struct amqp_held *next;
    struct amqp_delivery delivery;
    struct courier courier;
    struct err_text why;       /* why it is quarantined */
    struct amqp_letter letter; /* while it is one */
    size_t bytes;              /* it counts for */
    bool out;                  /* the inlet or the publisher has it */
    bool done;                 /* it can be acked */
    bool loose;                /* its connection is lost */
};

/* Zero-initialised is empty. */
struct amqp_held_list {
    struct amqp_held *first, *last;
    size_t count, bytes;
};

/**
 * amqp_held_new(), amqp_held_free(held): A message that is coming in; NULL is fine.
 * amqp_held_add(list, held): It is whole; the list owns it now.
 * amqp_held_settle(list, ret_tag): Take off the oldest messages that are done; how many, and the
 * last one's tag.
 * amqp_held_drop(list): The connection is lost: cut loose what is out, free the rest.
 */
struct amqp_held *amqp_held_new(void);
void amqp_held_free(struct amqp_held *held);
void amqp_held_add(struct amqp_held_list *list, struct amqp_held *held);
size_t amqp_held_settle(struct amqp_held_list *list, uint64_t *ret_tag);
void amqp_held_drop(struct amqp_held_list *list);

#endif
