#include "ingest/push_spool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/aside.h"
#include "ingest/frame.h"
#include "ingest/lines.h"
#include "ingest/spool.h"

#define LOOK_MS INT64_C(1000) /* longest wait before looking whether a signal came, or a line */
#define TURN_MS INT64_C(50)   /* between two looks whether another has finished its turn */

/* Lines of ours in the spool: [from, to). */
struct stretch {
    struct spool_place from, to;
};

/* Lines that are sent together: SPOOL_ROUND_LINES at most. */
struct batch {
    struct spool_line *lines; /* owned */
    struct piece *texts;      /* owned; those of the lines */
    size_t count;
};

struct work {
    struct push *push;
    struct spool *spool;
    struct lines *lines; /* NULL: none are read */
    bool ended;          /* all lines were read */
    struct buf group;    /* frames that are not yet in the spool */
    uint64_t group_line; /* number of its first line */
    bool full;           /* there is no room for them */
    struct err_text full_why;
    struct stretch *ours; /* owned */
    size_t our_count, our_cap;
    bool empty;          /* nothing waits, as far as is known */
    bool elsewhere;      /* another has the turn */
    uint64_t turn_lines; /* lines dealt with in this turn */
    struct batch batch;
    size_t singly; /* so many lines go one by one: a batch of them was refused */
};

/* Lines that are there, up to what is synced at once. */
static enum err read_group(struct work *work, struct err_text *ret_why)
{
    while (!work->ended && work->group.bytes < SPOOL_GROUP_BYTES && lines_ready(work->lines)) {
        struct piece text = {0};
        enum lines_state state = LINES_END;
        enum err err = lines_next(work->lines, &text, &state, ret_why);
        if (err != ERR_OK)
            return err;
        work->ended = state == LINES_END;
        if (work->group.bytes == 0)
            work->group_line = lines_number(work->lines);
        if (state == LINES_TOO_LONG)
            push_too_long(work->push, lines_number(work->lines));
        else if (state == LINES_ONE && !lines_blank(&text))
            frame_add(&work->group, clock_real_us(), &text);
    }
    return ERR_OK;
}

static void note_ours(struct work *work, const struct stretch *added)
{
    struct stretch *last = work->our_count > 0 ? &work->ours[work->our_count - 1] : NULL;
    if (last != NULL && last->to.file == added->from.file && last->to.at == added->from.at)
        last->to = added->to;
    else
        *(struct stretch *)MEM_PUSH(work->ours, work->our_count, work->our_cap) = *added;
}

/* Read what is there, and make it safe.  A spool without room is tried again after a turn. */
static enum err take_in(struct work *work, struct err_text *ret_why)
{
    struct stretch added;
    enum err err = work->group.bytes == 0 ? read_group(work, ret_why) : ERR_OK;
    if (err != ERR_OK || work->group.bytes == 0)
        return err;
    err = spool_add(work->spool, &work->group, &added.from, &added.to, &work->full_why);
    work->full = err == ERR_DISK_LOW;
    if (work->full)
        return ERR_OK;
    if (err != ERR_OK) {
        *ret_why = work->full_why;
        return err;
    }
    note_ours(work, &added);
    buf_clear(&work->group);
    work->empty = false;
    work->push->progress_ms = push_now_ms();
    return ERR_OK;
}

static struct tally_line line_of(const struct spool_line *line)
{
    int64_t waited_us = clock_real_us() - line->taken_us;
    return (struct tally_line){.text = &line->line, .waited_us = waited_us > 0 ? waited_us : 0};
}

/* The ledger will not take it: put it aside, or with --strict let it stand. */
static enum err refuse(struct work *work, const struct spool_line *line, enum err why_err,
                       const struct err_text *why, struct err_text *ret_why)
{
    struct push *push = work->push;
    const struct tally_line said = line_of(line);
    const struct aside_reason reason = {clock_real_us(), why_err, why};
    enum err err = ERR_OK;
    push_went_well(push);
    push->refused_strict = push->options->strict;
    if (!push->refused_strict)
        err = aside_add(push->options->spool_dir, line, &reason, ret_why);
    if (err != ERR_OK)
        return err;
    tally_refused(&push->tally, &said, why_err, why);
    if (!push->refused_strict)
        spool_pass(work->spool, line);
    return ERR_OK;
}

/* Send one line; *${ret_on} says whether the next may follow at once. */
static enum err send_line(struct work *work, const struct spool_line *line, bool *ret_on,
                          struct err_text *ret_why)
{
    struct push *push = work->push;
    struct delivery delivery;
    struct err_text why;
    *ret_on = true;
    if (line->damaged) {
        enum err bad = err_say(&why, ERR_INVALID, "the line is damaged in the spool");
        return refuse(work, line, bad, &why, ret_why);
    }
    delivery_send(push->post, &line->line, line->late && !push->options->unmarked, &delivery);
    enum err err = ERR_OK;
    if (delivery.fate == DELIVERY_DONE) {
        const struct tally_line said = line_of(line);
        push_went_well(push);
        tally_done(&push->tally, &said, delivery.receipt);
        spool_pass(work->spool, line);
    } else if (delivery.fate == DELIVERY_REFUSED) {
        err = refuse(work, line, delivery.err, &delivery.why, ret_why);
    } else {
        spool_decided(work->spool, delivery.unsent ? &line->place : &line->end);
        push_failed(push, &delivery);
        *ret_on = false;
    }
    delivery_free(&delivery);
    return err;
}

/* The lines from ${line} on that can go together. */
static void gather(struct work *work, const struct spool_line *first)
{
    struct batch *batch = &work->batch;
    struct spool_line line = *first;
    size_t bytes = 0;
    batch->count = 0;
    do {
        bytes += line.line.bytes;
        if (line.damaged || (batch->count > 0 && bytes > PUSH_BATCH_BYTES) ||
            !delivery_fits_batch(&line.line))
            return;
        batch->lines[batch->count] = line;
        batch->texts[batch->count++] = line.line;
    } while (batch->count < SPOOL_ROUND_LINES && spool_following(work->spool, &line, &line));
}

/* Send what was gathered; as send_line. */
static void send_batch(struct work *work, bool *ret_on)
{
    struct push *push = work->push;
    const struct batch *batch = &work->batch;
    const struct spool_line *first = &batch->lines[0], *last = &batch->lines[batch->count - 1];
    struct delivery delivery;
    *ret_on = true;
    delivery_send_batch(push->post, batch->texts, batch->count,
                        first->late && !push->options->unmarked, &delivery);
    if (delivery.fate == DELIVERY_DONE) {
        push_went_well(push);
        for (size_t i = 0; i < batch->count; i++) {
            const struct tally_line said = line_of(&batch->lines[i]);
            tally_done(&push->tally, &said, json_array_get(delivery.receipt, i));
        }
        spool_pass(work->spool, last);
    } else if (delivery.fate == DELIVERY_REFUSED) {
        work->singly = batch->count;
    } else {
        spool_decided(work->spool, delivery.unsent ? &first->place : &last->end);
        push_failed(push, &delivery);
        *ret_on = false;
    }
    delivery_free(&delivery);
}

/* Send what waits first, as much of it as goes together. */
static enum err send_some(struct work *work, const struct spool_line *line, bool *ret_on,
                          struct err_text *ret_why)
{
    if (work->singly == 0)
        gather(work, line);
    if (work->singly == 0 && work->batch.count > 1) {
        work->turn_lines += work->batch.count;
        send_batch(work, ret_on);
        return ERR_OK;
    }
    work->turn_lines++;
    work->singly -= work->singly > 0;
    return send_line(work, line, ret_on, ret_why);
}

static enum err deliver(struct work *work, struct err_text *ret_why)
{
    const struct push_options *options = work->push->options;
    bool on = true;
    enum err err = ERR_OK;
    while (err == ERR_OK && on && !push_stopped() && !work->push->refused_strict &&
           work->turn_lines < SPOOL_ROUND_LINES) {
        const struct spool_choice choice = {clock_real_us(),
                                            options->unmarked ? INT64_MAX : options->late_us};
        struct spool_line line;
        bool found = false;
        err = spool_next(work->spool, &choice, &line, &found, ret_why);
        work->empty = err == ERR_OK && !found;
        on = found;
        if (err == ERR_OK && found)
            err = send_some(work, &line, &on, ret_why);
    }
    return err;
}

/* Deliver for a while, unless another does. */
static enum err take_turn(struct work *work, struct err_text *ret_why)
{
    struct err_text why;
    bool mine = false;
    enum err err = spool_turn(work->spool, &mine, ret_why);
    work->elsewhere = !mine;
    if (err != ERR_OK || !mine)
        return err;
    work->turn_lines = 0;
    err = deliver(work, ret_why);
    enum err left = spool_leave(work->spool, &why);
    if (err == ERR_OK && left != ERR_OK) {
        *ret_why = why;
        err = left;
    }
    fflush(stdout);
    return err;
}

/* Whether nothing is left of what this run is to see delivered. */
static enum err is_through(struct work *work, bool *ret_through, struct err_text *ret_why)
{
    struct spool_place done = {0};
    *ret_through = work->empty;
    if (work->empty || work->our_count == 0)
        return ERR_OK;
    enum err err = spool_done_to(work->spool, &done, ret_why);
    if (err == ERR_OK)
        *ret_through = !spool_before(&done, &work->ours[work->our_count - 1].to);
    return err;
}

/* Whether to end here. */
static enum err is_over(struct work *work, bool *ret_over, struct err_text *ret_why)
{
    struct push *push = work->push;
    bool waits = push->failures > 0 || work->elsewhere;
    bool impatient = waits && !push_patient(push);
    *ret_over = push_stopped() || push->refused_strict || (work->full && impatient);
    if (*ret_over || !work->ended || work->group.bytes > 0 || push->options->follow)
        return ERR_OK;
    *ret_over = impatient;
    return impatient ? ERR_OK : is_through(work, ret_over, ret_why);
}

/* Wait for what comes first: a line, the time to try again, a signal. */
static void idle(struct work *work)
{
    int64_t wait_ms = work->push->due_ms - push_now_ms();
    if (wait_ms <= 0 && work->elsewhere)
        wait_ms = TURN_MS;
    else if (wait_ms <= 0 && !work->empty)
        return;
    else if (wait_ms <= 0 || wait_ms > LOOK_MS)
        wait_ms = LOOK_MS;
    if (work->ended || work->full)
        push_pause(wait_ms);
    else
        lines_wait(work->lines, (int)wait_ms);
}

static enum err go(struct work *work, struct err_text *ret_why)
{
    for (;;) {
        bool over = false;
        enum err err = take_in(work, ret_why);
        if (err == ERR_OK && push_now_ms() >= work->push->due_ms)
            err = take_turn(work, ret_why);
        if (err == ERR_OK)
            err = is_over(work, &over, ret_why);
        if (err != ERR_OK || over)
            return err;
        if (work->ended || work->full || !lines_ready(work->lines))
            idle(work);
    }
}

/* Lines of ours that another pusher put aside are refused lines of this run. */
static enum err refused_elsewhere(const struct work *work, uint64_t *ret_count,
                                  struct err_text *ret_why)
{
    uint64_t all = 0;
    for (size_t i = 0; i < work->our_count; i++) {
        uint64_t count = 0;
        enum err err = aside_count(work->push->options->spool_dir, &work->ours[i].from,
                                   &work->ours[i].to, &count, ret_why);
        if (err != ERR_OK)
            return err;
        all += count;
    }
    *ret_count = all;
    return ERR_OK;
}

static int code_of(const struct work *work, uint64_t waiting, uint64_t refused)
{
    const struct push *push = work->push;
    bool untaken = work->group.bytes > 0 || !work->ended;
    if (push->tally.refused > 0 || push->tally.against > 0 || refused > 0 || push->barred)
        return 1;
    if (push->options->follow)
        return 0;
    return untaken || (work->lines == NULL && waiting > 0) ? err_exit(ERR_IO) : 0;
}

static void tell_end(const struct work *work, uint64_t waiting)
{
    const struct push *push = work->push;
    const struct tally *tally = &push->tally;
    if (spool_torn(work->spool) > 0)
        tally_note(tally,
                   "%" PRIu64 " bytes of the spool were no whole line (a crash while it was "
                   "written, or damage); they are in %s/torn",
                   spool_torn(work->spool), push->options->spool_dir);
    if (work->group.bytes > 0)
        tally_note(tally, "line %" PRIu64 " and what follows were not taken in: %s",
                   work->group_line, work->full_why.s);
    else if (!work->ended && push_stopped())
        tally_note(tally, "stopped before the end of the input");
    if (push->refused_strict)
        tally_note(tally, "the line that was refused is the first in the spool (--strict)");
    else if (waiting > 0 && push->failures > 0)
        tally_note(tally, "%" PRIu64 " lines wait in %s: %s", waiting, push->options->spool_dir,
                   push->why.s);
    else if (waiting > 0)
        tally_note(tally, "%" PRIu64 " lines wait in %s%s", waiting, push->options->spool_dir,
                   work->elsewhere ? ": another push delivers" : "");
}

/* The last look, and the last word. */
static enum err end(struct work *work, int *ret_code, struct err_text *ret_why)
{
    uint64_t waiting = 0, refused = 0;
    enum err err = refused_elsewhere(work, &refused, ret_why);
    if (err == ERR_OK && !work->empty)
        err = spool_waiting(work->spool, &waiting, ret_why);
    if (err != ERR_OK)
        return err;
    tell_end(work, waiting);
    tally_end(&work->push->tally, waiting);
    *ret_code = code_of(work, waiting, refused);
    return ERR_OK;
}

enum err push_spool_run(struct push *push, int *ret_code, struct err_text *ret_why)
{
    const struct push_options *options = push->options;
    struct work work = {.push = push, .ended = options->file == NULL};
    work.batch.lines = mem_zero(SPOOL_ROUND_LINES, sizeof(*work.batch.lines));
    work.batch.texts = mem_zero(SPOOL_ROUND_LINES, sizeof(*work.batch.texts));
    enum err err = ERR_OK;
    if (options->file != NULL)
        err = lines_open(options->file, &work.lines, ret_why);
    if (err == ERR_OK)
        err =
            spool_open(options->spool_dir, options->url, options->spool_max, &work.spool, ret_why);
    if (err == ERR_OK)
        err = go(&work, ret_why);
    if (err == ERR_OK)
        err = end(&work, ret_code, ret_why);
    spool_close(work.spool);
    lines_close(work.lines);
    buf_free(&work.group);
    free(work.ours);
    free(work.batch.lines);
    free(work.batch.texts);
    return err;
}
