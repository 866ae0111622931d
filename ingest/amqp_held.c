#include "ingest/amqp_held.h"

#include <stdlib.h>

struct amqp_held *amqp_held_new(void)
{
    struct amqp_held *held = mem_zero(1, sizeof(*held));
    held->magic = AMQP_HELD_MAGIC;
    return held;
}

void amqp_held_free(struct amqp_held *held)
{
    if (held == NULL)
        return;
    CHECK_OBJ(held, AMQP_HELD_MAGIC);
    amqp_delivery_free(&held->delivery);
    buf_free(&held->letter.properties);
    held->magic = 0;
    free(held);
}

void amqp_held_add(struct amqp_held_list *list, struct amqp_held *held)
{
    held->bytes = sizeof(*held) + amqp_delivery_size(&held->delivery);
    held->next = NULL;
    if (list->last == NULL)
        list->first = held;
    else
        list->last->next = held;
    list->last = held;
    list->count++;
    list->bytes += held->bytes;
}

/* Take the oldest off; the caller owns it. */
static struct amqp_held *take_first(struct amqp_held_list *list)
{
    struct amqp_held *held = list->first;
    list->first = held->next;
    if (list->first == NULL)
        list->last = NULL;
    list->count--;
    list->bytes -= held->bytes;
    return held;
}

size_t amqp_held_settle(struct amqp_held_list *list, uint64_t *ret_tag)
{
    size_t count = 0;
    while (list->first != NULL && list->first->done) {
        struct amqp_held *held = take_first(list);
        *ret_tag = held->delivery.tag;
        amqp_held_free(held);
        count++;
    }
    return count;
}

void amqp_held_drop(struct amqp_held_list *list)
{
    while (list->first != NULL) {
        struct amqp_held *held = take_first(list);
        if (held->out)
            held->loose = true;
        else
            amqp_held_free(held);
    }
}
