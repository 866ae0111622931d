#include "ingest/push_direct.h"

#include <inttypes.h>
#include <stdio.h>

#include "ingest/lines.h"

/* Longest wait before looking whether a signal came. */
#define LOOK_MS 1000

enum went { WENT_ON, WENT_NOWHERE };

/* Attempt after attempt, until there is an answer for the line. */
static enum went deliver(struct push *push, const struct tally_line *line)
{
    struct delivery delivery;
    push->progress_ms = push_now_ms();
    for (;;) {
        delivery_send(push->post, line->text, false, &delivery);
        if (delivery.fate == DELIVERY_DONE) {
            tally_done(&push->tally, line, delivery.receipt);
            delivery_free(&delivery);
            push_went_well(push);
            return WENT_ON;
        }
        if (delivery.fate == DELIVERY_REFUSED) {
            tally_refused(&push->tally, line, delivery.err, &delivery.why);
            push_went_well(push);
            push->refused_strict = push->options->strict;
            return WENT_ON;
        }
        push_failed(push, &delivery);
        if (!push_patient(push))
            return WENT_NOWHERE;
        push_pause(push->due_ms - push_now_ms());
    }
}

/* Say why it ended before the input did. */
static void tell_end(const struct push *push, uint64_t number)
{
    const struct tally *tally = &push->tally;
    if (push->refused_strict)
        tally_note(tally, "stopped at line %" PRIu64 " (--strict)", number);
    else if (push_stopped())
        tally_note(tally, "stopped at line %" PRIu64 "; sending it again is safe", number);
    else
        tally_note(tally,
                   "line %" PRIu64 " and what follows are not delivered: %s; sending them again is "
                   "safe",
                   number, push->why.s);
}

static int code_of(const struct push *push, enum went went)
{
    const struct tally *tally = &push->tally;
    if (went == WENT_NOWHERE && !push->barred)
        return err_exit(ERR_IO);
    return tally->refused > 0 || tally->against > 0 || push->barred ? 1 : 0;
}

static enum err deliver_all(struct push *push, struct lines *lines, int *ret_code,
                            struct err_text *ret_why)
{
    enum went went = WENT_ON;
    enum lines_state state = LINES_ONE;
    enum err err = ERR_OK;
    while (err == ERR_OK && went == WENT_ON && !push->refused_strict) {
        struct piece text = {0};
        while (!lines_ready(lines) && !push_stopped()) {
            fflush(stdout);
            lines_wait(lines, LOOK_MS);
        }
        if (push_stopped()) {
            went = WENT_NOWHERE;
            break;
        }
        err = lines_next(lines, &text, &state, ret_why);
        const struct tally_line line = {.number = lines_number(lines), .text = &text};
        if (err != ERR_OK || state == LINES_END)
            break;
        if (state == LINES_TOO_LONG)
            push_too_long(push, line.number);
        else if (!lines_blank(&text))
            went = deliver(push, &line);
    }
    if (err == ERR_OK && (went == WENT_NOWHERE || push->refused_strict))
        tell_end(push, lines_number(lines));
    if (err == ERR_OK)
        *ret_code = code_of(push, went);
    return err;
}

enum err push_direct_run(struct push *push, int *ret_code, struct err_text *ret_why)
{
    struct lines *lines = NULL;
    enum err err = lines_open(push->options->file, &lines, ret_why);
    if (err == ERR_OK)
        err = deliver_all(push, lines, ret_code, ret_why);
    lines_close(lines);
    tally_end(&push->tally, 0);
    return err;
}
