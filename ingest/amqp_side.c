#include "ingest/amqp_side.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ingest/backoff.h"
#include "ingest/bell.h"
#include "ingest/journal.h"

#define STEADY_US (5 * INSTANT_SECOND_US) /* a link that held so long was a good one */

enum err amqp_side_init(struct amqp_side *side, const struct amqp_link_config *config,
                        const char *role, struct err_text *ret_why)
{
    side->config = config;
    side->role = role;
    side->wake_fd = -1;
    return bell_new(&side->wake_fd, ret_why);
}

enum err amqp_side_start(struct amqp_side *side, void *(*main)(void *), void *ctx,
                         struct err_text *ret_why)
{
    int failed = thread_start(main, ctx, AMQP_STACK_BYTES, &side->thread);
    if (failed != 0)
        return err_say(ret_why, ERR_IO, "no thread for the broker: %s", strerror(failed));
    side->running = true;
    return ERR_OK;
}

void amqp_side_wake(struct amqp_side *side)
{
    bell_ring(side->wake_fd);
}

void amqp_side_ask(struct amqp_side *side)
{
    atomic_store(&side->stopping, true);
    amqp_side_wake(side);
}

void amqp_side_stop(struct amqp_side *side)
{
    if (!side->running)
        return;
    amqp_side_ask(side);
    ASSERT(pthread_join(side->thread, NULL) == 0);
    side->running = false;
}

void amqp_side_free(struct amqp_side *side)
{
    amqp_link_close(side->link);
    side->link = NULL;
    if (side->wake_fd >= 0)
        close(side->wake_fd);
    side->wake_fd = -1;
}

void amqp_side_pause(struct amqp_side *side)
{
    int64_t wait_ms = backoff_ms(++side->tries, randombytes_random());
    int64_t end_us = clock_monotonic_us() + wait_ms * 1000;
    int64_t left_us;
    while (!atomic_load(&side->stopping) && (left_us = end_us - clock_monotonic_us()) > 0)
        amqp_link_pause(side->wake_fd, (int)(left_us / 1000) + 1);
}

bool amqp_side_connect(struct amqp_side *side, amqp_side_set_up_fn *set_up, void *ctx)
{
    struct err_text why = {""};
    struct amqp_link *link = NULL;
    char tries[16];
    enum err err = amqp_link_open(side->config, &link, &why);
    if (err == ERR_OK)
        err = set_up(ctx, link, &why);
    if (err != ERR_OK) {
        amqp_link_close(link);
        atomic_fetch_add(&side->failures, 1);
        journal_line("amqp-failed", "role", side->role, "broker", side->config->url->shown,
                     "detail", why.s, NULL);
        amqp_side_pause(side);
        return false;
    }
    side->link = link;
    side->since_us = clock_monotonic_us();
    atomic_fetch_add(&side->connects, 1);
    atomic_store(&side->connected, true);
    snprintf(tries, sizeof(tries), "%u", side->tries);
    journal_line("amqp-connected", "role", side->role, "broker", side->config->url->shown, "after",
                 tries, NULL);
    return true;
}

void amqp_side_leave(struct amqp_side *side)
{
    if (side->link != NULL && clock_monotonic_us() - side->since_us >= STEADY_US)
        side->tries = 0;
    amqp_link_close(side->link);
    side->link = NULL;
    atomic_store(&side->connected, false);
    atomic_store(&side->blocked, false);
}

void amqp_side_lost(struct amqp_side *side, const struct err_text *why)
{
    journal_line("amqp-lost", "role", side->role, "broker", side->config->url->shown, "detail",
                 why->s, NULL);
    atomic_fetch_add(&side->losses, 1);
    amqp_side_leave(side);
}

struct amqp_side_counts amqp_side_counts(struct amqp_side *side)
{
    return (struct amqp_side_counts){.connected = atomic_load(&side->connected),
                                     .blocked = atomic_load(&side->blocked),
                                     .connects = atomic_load(&side->connects),
                                     .losses = atomic_load(&side->losses),
                                     .failures = atomic_load(&side->failures)};
}
