#include "ingest/send.h"

#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ingest/backoff.h"
#include "ingest/rehearsal.h"

#define SEND_MAGIC MAGIC('S', 'e', 'n', 'd')
#define TOLD_MAX 10  /* refusals by a ledger's rules that are told one by one */
#define LOOK_MS 1000 /* longest wait before looking whether a signal came, or showing progress */

struct send {
    uint32_t magic;
    const struct send_options *options;
    struct rehearsal rehearsal;
    struct outlet *outlet; /* NULL: standard output */
    bool progress;
    uint64_t total;           /* entries that are meant */
    int64_t first_us;         /* time of the first of them */
    int64_t last_us;          /* and of the last */
    int64_t start_us;         /* when it was begun */
    uint64_t sent;            /* of them: taken where they were sent to */
    uint64_t against;         /* of these: a ledger recorded them, and its rules refused them */
    uint64_t refused, erased; /* not taken; nothing to be sent */
    uint64_t next_pos;        /* the first that was not dealt with */
    bool cut;                 /* it ended before its end */
    struct err_text why;      /* the last thing that stood against it */
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

bool send_stopped(void)
{
    return stopped != 0;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = stop}, ignored = {.sa_handler = SIG_IGN};
    ASSERT(sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0 &&
           sigaction(SIGPIPE, &ignored, NULL) == 0);
}

static bool is_meant(const struct send *send, const struct entry *entry)
{
    return entry->seq >= send->options->from_seq && entry->time_us >= send->options->from_us;
}

static enum err count_entry(void *ctx, const struct record *record, bool *ret_more)
{
    struct send *send;
    CAST_OBJ(send, ctx, SEND_MAGIC);
    (void)ret_more;
    if (!is_meant(send, &record->entry))
        return ERR_OK;
    if (send->total++ == 0)
        send->first_us = record->entry.time_us;
    send->last_us = record->entry.time_us;
    return ERR_OK;
}

static void clear_progress(const struct send *send)
{
    if (send->progress)
        fputs("\r\033[K", stderr);
}

static void show_progress(const struct send *send, int64_t wait_us)
{
    if (!send->progress)
        return;
    fprintf(stderr, "\r\033[K%" PRIu64 " of %" PRIu64, send->sent, send->total);
    if (wait_us >= INSTANT_SECOND_US)
        fprintf(stderr, ", the next in %" PRId64 " s", (int64_t)(wait_us / INSTANT_SECOND_US));
}

/* A word on standard error about one event. */
static void tell(const struct send *send, uint64_t pos, const char *what, const char *why)
{
    struct buf line = {0};
    printable_add(&line, why);
    clear_progress(send);
    fprintf(stderr, "countersign send: #%" PRIu64 " %s: %s\n", pos, what, (const char *)line.data);
    buf_free(&line);
}

static void wait_until(struct send *send, int64_t due_us)
{
    for (int64_t now_us; (now_us = clock_monotonic_us()) < due_us && !send_stopped();) {
        int64_t left_ms = (due_us - now_us) / 1000 + 1;
        show_progress(send, due_us - now_us);
        outlet_wait(send->outlet, left_ms < LOOK_MS ? left_ms : LOOK_MS);
    }
}

/* When an entry is due: as long after the first as it happened, or so much faster. */
static int64_t due_us(const struct send *send, const struct entry *entry)
{
    double after_us = (double)(entry->time_us - send->first_us) / send->options->speed;
    return after_us < (double)INT64_MAX / 4 ? send->start_us + (int64_t)after_us : INT64_MAX / 2;
}

static void note_receipt(struct send *send, uint64_t pos, const json_t *receipt)
{
    const char *verdict = ijson_string(receipt, "verdict");
    const char *reason = ijson_string(receipt, "reason");
    send->sent++;
    if (verdict == NULL || strcmp(verdict, "accepted") == 0)
        return;
    send->against++;
    if (!send->options->json && send->against <= TOLD_MAX)
        tell(send, pos, "was recorded and refused by a rule", reason != NULL ? reason : "");
    if (!send->options->json && send->against == TOLD_MAX + 1)
        tell(send, pos, "was, too", "further refusals are only counted");
}

/* Whether to try again, after a wait. */
static bool try_again(struct send *send, const struct delivery *delivery, unsigned failures,
                      int64_t since_us)
{
    int64_t wait_ms = backoff_ms(failures, randombytes_random());
    if (delivery->retry_after_s > 0 && delivery->retry_after_s <= PUSH_SECONDS_MAX &&
        delivery->retry_after_s * 1000 > wait_ms)
        wait_ms = delivery->retry_after_s * 1000;
    int64_t until_us = clock_monotonic_us() + wait_ms * 1000;
    if (send_stopped() || until_us - since_us > send->options->wait_ms * 1000)
        return false;
    wait_until(send, until_us);
    return !send_stopped();
}

/* Attempt after attempt, until there is an answer; *${ret_more} false: there is none. */
static void deliver(struct send *send, uint64_t pos, const struct buf *event, bool *ret_more)
{
    int64_t since_us = clock_monotonic_us();
    struct delivery delivery = {0};
    for (unsigned failures = 1;; failures++) {
        outlet_send(send->outlet, event, &delivery);
        if (delivery.fate != DELIVERY_LATER || !try_again(send, &delivery, failures, since_us))
            break;
        delivery_free(&delivery);
    }
    /* What refuses the first event refuses all of them. */
    bool never = send->sent == 0 && send->erased == 0 && delivery.fate == DELIVERY_REFUSED;
    if (delivery.fate == DELIVERY_DONE) {
        note_receipt(send, pos, delivery.receipt);
    } else if (delivery.fate == DELIVERY_REFUSED) {
        send->refused++;
        tell(send, pos, "was not taken", delivery.why.s);
    }
    if (delivery.fate == DELIVERY_BARRED)
        send->refused++;
    send->why = delivery.why;
    *ret_more = delivery.fate == DELIVERY_DONE || (delivery.fate == DELIVERY_REFUSED && !never);
    delivery_free(&delivery);
}

static void print_event(struct send *send, struct buf *event, bool *ret_more)
{
    buf_text(event, "\n");
    *ret_more = fwrite(event->data, 1, event->bytes, stdout) == event->bytes;
    send->sent += *ret_more;
    (void)err_say(&send->why, ERR_IO, "standard output cannot be written");
}

static enum err send_entry(void *ctx, const struct record *record, bool *ret_more)
{
    struct send *send;
    CAST_OBJ(send, ctx, SEND_MAGIC);
    const struct entry *entry = &record->entry;
    struct err_text why = {""};
    struct buf event = {0};
    if (!is_meant(send, entry))
        return ERR_OK;
    if (send->options->speed > 0 && send->outlet != NULL)
        wait_until(send, due_us(send, entry));
    *ret_more = !send_stopped();
    send->next_pos = entry->stream_pos;
    if (*ret_more && record->event.bytes == 0) {
        send->erased++;
    } else if (*ret_more && rehearsal_event(&send->rehearsal, record, &event, &why) != ERR_OK) {
        send->refused++;
        tell(send, entry->stream_pos, "cannot be sent", why.s);
    } else if (*ret_more && send->outlet == NULL) {
        print_event(send, &event, ret_more);
    } else if (*ret_more) {
        deliver(send, entry->stream_pos, &event, ret_more);
    }
    send->cut = !*ret_more;
    show_progress(send, 0);
    buf_free(&event);
    return ERR_OK;
}

static void sum_json(const struct send *send, struct buf *text)
{
    const struct send_options *options = send->options;
    json_t *sum =
        json_pack("{s:s, s:s, s:s?, s:I, s:I, s:I, s:I, s:I}", "deployment", options->id, "as",
                  options->as, "to", options->outlet.to, "events", (json_int_t)send->total, "sent",
                  (json_int_t)send->sent, "refused_by_rules", (json_int_t)send->against,
                  "not_taken", (json_int_t)send->refused, "erased", (json_int_t)send->erased);
    ijson_put(sum, "next", send->cut ? json_integer((json_int_t)send->next_pos) : json_null());
    ijson_print(sum, text);
    buf_text(text, "\n");
    json_decref(sum);
}

static void sum_text(const struct send *send, struct buf *text)
{
    const struct send_options *options = send->options;
    buf_printf(text, "%s: %" PRIu64 " of %" PRIu64 " events sent as a replay, as %s", options->id,
               send->sent, send->total, options->as);
    if (send->against > 0)
        buf_printf(text, "; %" PRIu64 " recorded there and refused by a rule", send->against);
    if (send->refused > 0)
        buf_printf(text, "; %" PRIu64 " not taken", send->refused);
    if (send->erased > 0)
        buf_printf(text, "; %" PRIu64 " were erased", send->erased);
    buf_text(text, "\n");
}

/* The last word; the exit code. */
static int sum_up(struct send *send)
{
    struct buf text = {0};
    FILE *file = send->outlet == NULL ? stderr : stdout;
    clear_progress(send);
    if (send->cut && send_stopped())
        fprintf(stderr,
                "countersign send: stopped before #%" PRIu64 "; --from '#%" PRIu64 "' goes on",
                send->next_pos, send->next_pos);
    else if (send->cut)
        fprintf(stderr,
                "countersign send: ended at #%" PRIu64 ": %s; --from '#%" PRIu64 "' goes on",
                send->next_pos, send->why.s, send->next_pos);
    if (send->cut)
        fputs(" there (what comes twice has one id)\n", stderr);
    if (send->options->json)
        sum_json(send, &text);
    else
        sum_text(send, &text);
    bool bad = fwrite(text.data, 1, text.bytes, file) != text.bytes;
    buf_free(&text);
    if (bad || fflush(stdout) != 0 || ferror(stdout))
        return err_exit(ERR_IO);
    if (send->refused > 0)
        return 1;
    return send->cut ? err_exit(ERR_IO) : 0;
}

static enum err play(struct send *send, struct ledger *ledger, struct err_text *ret_why)
{
    const struct send_options *options = send->options;
    const struct ledger_walk walk = {.stream = options->id, .to_seq = options->to_seq};
    enum err err = ledger_each(ledger, &walk, count_entry, send, ret_why);
    if (err == ERR_OK && send->total == 0)
        err = err_say(ret_why, ERR_NOT_FOUND, "%s: there are no such entries", options->id);
    if (err == ERR_OK && options->outlet.to != NULL)
        err = outlet_open(&options->outlet, &send->outlet, ret_why);
    if (err != ERR_OK)
        return err;
    double lasts_s = options->speed > 0 ? (double)(send->last_us - send->first_us) /
                                              options->speed / (double)INSTANT_SECOND_US
                                        : 0;
    if (send->progress && lasts_s >= 60)
        fprintf(stderr, "this will take %.0f min; --speed max does not wait\n", lasts_s / 60);
    send->start_us = clock_monotonic_us();
    return ledger_each(ledger, &walk, send_entry, send, ret_why);
}

int send_play(const struct send_options *options)
{
    struct send send = {.magic = SEND_MAGIC, .options = options};
    struct ledger *ledger = NULL;
    struct err_text why = {""};
    int code;
    send.progress = isatty(STDERR_FILENO) == 1 && options->outlet.to != NULL;
    catch_signals();
    enum err err = ledger_open(options->dir, false, &ledger, &why);
    if (err != ERR_OK)
        return args_unopened("send", err, &why);
    send.rehearsal = (struct rehearsal){ledger_info(ledger)->id_hex, options->as};
    err = play(&send, ledger, &why);
    if (err == ERR_OK)
        code = sum_up(&send);
    else
        code = err == ERR_USAGE ? args_wrong("send", "%s", why.s) : args_failed("send", err, &why);
    outlet_close(send.outlet);
    ledger_close(ledger);
    return code;
}
