/* cmd_log - list the entries of a ledger, or of one stream. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ledger/args.h"
#include "ledger/ledger.h"

#define PIECE_BYTES 65536 /* written at once */
#define FOLLOW_MS 500     /* between two looks for new entries */

static const struct option options[] = {
    {"type", required_argument, NULL, 't'},
    {"principal", required_argument, NULL, 'p'},
    {"since", required_argument, NULL, 's'},
    {"until", required_argument, NULL, 'u'},
    {"limit", required_argument, NULL, 'l'},
    {"follow", no_argument, NULL, 'f'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "log",
    .operands = "LEDGER [ID]",
    .about =
        "Lists the entries of a ledger in order, or those of the deployment ID (also: ledger,\n"
        "inbox): seq, time, stream and position in it, principal, type, s if it is signed.\n\n"
        "  --type TYPE       only this type; of ours also without dev.countersign. and .v1\n"
        "  --principal NAME  only what NAME did\n"
        "  --since TIME      only from this RFC 3339 time on, by the ledger's clock\n"
        "  --until TIME      only before this time\n"
        "  --limit N         at most N entries\n"
        "  --follow          go on with new entries as they come\n"
        "  --json            JSON lines, as GET /v1/events gives them\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
};

/* What is asked for, and how far the listing is. */
struct listing {
    const char *type, *principal; /* NULL: any */
    int64_t since_us, until_us;   /* [since, until) */
    uint64_t left;                /* entries that may still be listed */
    bool json;
    uint64_t next; /* seq, or position in the stream, of the first entry that was not seen */
    bool is_stream;
    bool broken; /* standard output takes no more */
    struct buf text;
};

static void flush(struct listing *listing)
{
    if (listing->text.bytes > 0 &&
        fwrite(listing->text.data, 1, listing->text.bytes, stdout) != listing->text.bytes)
        listing->broken = true;
    buf_clear(&listing->text);
    if (fflush(stdout) != 0)
        listing->broken = true;
}

static bool type_is(const struct event *event, const char *type)
{
    const char *name = event == NULL ? NULL : event_subject_verb(event);
    return event != NULL &&
           (strcmp(event->type, type) == 0 || (name != NULL && strcmp(name, type) == 0));
}

static void print_line(const struct record *record, const struct event *event, struct buf *text)
{
    const struct entry *entry = &record->entry;
    char time[INSTANT_TEXT_BYTES], place[STREAM_BYTES_MAX + 24];
    const char *name = event == NULL ? NULL : event_subject_verb(event);
    instant_short(entry->time_us, time);
    snprintf(place, sizeof(place), "%s #%llu", entry->part.stream,
             (unsigned long long)entry->stream_pos);
    buf_printf(text, "%8llu  %s  %-24s  %-16s  ", (unsigned long long)entry->seq, time, place,
               entry->part.principal);
    if (event == NULL)
        buf_text(text, "(erased)");
    else
        printable_add(text, name != NULL ? name : event->type);
    buf_text(text, entry->part.sig_count > 0 ? "  s\n" : "\n");
}

/* Meets one entry of the walk. */
static enum err list_record(void *ctx, const struct record *record, bool *ret_more)
{
    struct listing *listing = ctx;
    const struct entry *entry = &record->entry;
    struct event *event = NULL;
    listing->next = (listing->is_stream ? entry->stream_pos : entry->seq) + 1;
    if (entry->time_us >= listing->until_us) {
        *ret_more = false;
        return ERR_OK;
    }
    if (entry->time_us < listing->since_us ||
        (listing->principal != NULL && strcmp(entry->part.principal, listing->principal) != 0))
        return ERR_OK;
    if (record->event.bytes > 0 &&
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return ERR_DAMAGED;
    if (listing->type == NULL || type_is(event, listing->type)) {
        if (listing->json) {
            ledger_record_text(record, &listing->text);
            buf_text(&listing->text, "\n");
        } else {
            print_line(record, event, &listing->text);
        }
        listing->left--;
    }
    event_free(event);
    if (listing->text.bytes >= PIECE_BYTES)
        flush(listing);
    *ret_more = listing->left > 0 && !listing->broken;
    return ERR_OK;
}

static bool take_time(const struct args *args, int option, int64_t *us)
{
    const char *text = args_value(args, option);
    return text == NULL || instant_parse(text, us);
}

/* Read what is asked for; false, and the exit code is set, if it is malformed. */
static bool take_options(const struct args *args, struct listing *listing, int *ret_exit)
{
    const char *limit = args_value(args, 'l');
    *listing = (struct listing){.type = args_value(args, 't'),
                                .principal = args_value(args, 'p'),
                                .since_us = 0,
                                .until_us = INT64_MAX,
                                .left = UINT64_MAX,
                                .json = args_value(args, 'j') != NULL,
                                .is_stream = args->operand[1] != NULL};
    if (!take_time(args, 's', &listing->since_us) || !take_time(args, 'u', &listing->until_us))
        *ret_exit = args_wrong(spec.name, "--since and --until take an RFC 3339 time like "
                                          "2026-03-01T10:00:00Z");
    else if (limit != NULL && (!args_number(limit, &listing->left) || listing->left == 0))
        *ret_exit = args_wrong(spec.name, "--limit takes a number from 1 on");
    else
        return true;
    return false;
}

static enum err list(struct ledger *ledger, const struct args *args, struct listing *listing,
                     struct err_text *ret_why)
{
    const struct timespec pause = {.tv_nsec = FOLLOW_MS * 1000000L};
    const char *stream = args->operand[1];
    enum err err = ERR_OK;
    bool found = true;
    uint64_t seq = 0;
    if (stream == NULL)
        err = ledger_seq_at(ledger, listing->since_us, &listing->next, ret_why);
    else if (event_stream_ok(stream))
        err = ledger_stream_seq(ledger, stream, 0, &seq, &found, ret_why);
    else
        found = false;
    if (err != ERR_OK)
        return err;
    if (!found)
        return err_say(ret_why, ERR_NOT_FOUND, "%s: no entry names this deployment", stream);
    for (;;) {
        const struct ledger_walk walk = {
            .stream = stream, .from = listing->next, .to_seq = UINT64_MAX};
        err = ledger_each(ledger, &walk, list_record, listing, ret_why);
        flush(listing);
        if (err != ERR_OK || args_value(args, 'f') == NULL || listing->left == 0 || listing->broken)
            return err;
        nanosleep(&pause, NULL);
    }
}

int cmd_log(int argc, char *argv[])
{
    struct args args;
    struct listing listing = {0};
    struct ledger *ledger = NULL;
    struct err_text why = {""};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code) || !take_options(&args, &listing, &code))
        goto out;
    enum err err = ledger_open(args.operand[0], false, &ledger, &why);
    if (err != ERR_OK) {
        code = args_unopened(spec.name, err, &why);
        goto out;
    }
    err = list(ledger, &args, &listing, &why);
    if (err == ERR_OK && listing.broken)
        err = err_say(&why, ERR_IO, "standard output cannot be written");
    if (err != ERR_OK)
        code = args_failed(spec.name, err, &why);
out:
    ledger_close(ledger);
    args_free(&args);
    buf_free(&listing.text);
    return code;
}
