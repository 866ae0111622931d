/* cmd_retention - what of a ledger is due, held or kept, as of a moment. */
#include <inttypes.h>
#include <string.h>

#include "reports/reports.h"
#include "reports/retention.h"

enum { OPT_AT = 0x3000, OPT_DUE, OPT_HELD, OPT_KEPT, OPT_JSON };

static const struct option options[] = {
    {"at", required_argument, NULL, OPT_AT},
    {"due", no_argument, NULL, OPT_DUE},
    {"held", no_argument, NULL, OPT_HELD},
    {"kept", no_argument, NULL, OPT_KEPT},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "retention",
    .operands = "LEDGER",
    .about =
        "Lists of every stream until when it must be kept: so many days after its last entry as\n"
        "the policy says for the deployment's environment (policy set --retain), at least 365,\n"
        "and as long as a hold is on it (hold place).  Nothing is ever disposed of in this\n"
        "release.\n\n"
        "  --at TIME  as of this moment: a day (its midnight, UTC), RFC 3339, or `now` for this\n"
        "             machine's clock (default: the time of the last entry); entries after it do\n"
        "             not count\n"
        "  --due      only those whose time has come\n"
        "  --held     only those that a hold is on\n"
        "  --kept     only those whose time has not come\n"
        "  --json     {at, size, streams, ledger, disposed}\n\n"
        "Ends with 0; with --due, --held or --kept with 1 where there is none.\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

#define NOTHING "Nothing is ever disposed of in this release.\n"

struct listing {
    struct retention_at at;
    bool wanted[3];  /* by enum retention_state */
    size_t found;    /* streams that are wanted */
    json_t *streams; /* owned; NULL: text */
    struct buf text;
};

/* The moment, and which entries count; ${ledger} is as of now. */
static enum err take_moment(struct ledger *ledger, const char *text, struct retention_at *at,
                            struct err_text *ret_why)
{
    bool now = text != NULL && strcmp(text, "now") == 0;
    enum err err = ERR_OK;
    if (text == NULL)
        err = ledger_last_us(ledger, &at->at_us, ret_why);
    else if (now)
        at->at_us = clock_real_us();
    else if (!args_moment(text, &at->at_us))
        err = err_say(ret_why, ERR_USAGE,
                      "'%.64s' is neither `now`, nor a day, nor a time like "
                      "2026-03-01T10:00:00Z",
                      text);
    if (err == ERR_OK)
        err = ledger_seq_at(ledger, at->at_us + 1, &at->size, ret_why);
    return err;
}

static json_t *hold_json(const struct retention *retention)
{
    const struct registry_hold *hold = retention->hold;
    if (hold == NULL)
        return json_null();
    json_t *row = json_object();
    json_object_set_new(row, "seq", json_integer((json_int_t)hold->placed_seq));
    json_object_set_new(row, "time", ijson_instant(hold->placed_us));
    json_object_set_new(row, "principal", ijson_text(hold->placed_by));
    json_object_set_new(row, "reason", ijson_text(hold->reason));
    return row;
}

static json_t *stream_json(const struct retention_stream *stream, const struct retention *retention)
{
    json_t *row = json_object();
    json_object_set_new(row, "stream", ijson_text(stream->id));
    json_object_set_new(row, "state", json_string(retention_state_name(retention->state)));
    json_object_set_new(row, "environment", ijson_text(stream->environment));
    json_object_set_new(row, "last", ijson_instant(stream->last_us));
    json_object_set_new(row, "class", ijson_text(retention->class_name));
    json_object_set_new(row, "days", json_integer((json_int_t)retention->days));
    json_object_set_new(row, "policy",
                        retention->policy_seq > 0 ? json_integer((json_int_t)retention->policy_seq)
                                                  : json_null());
    json_object_set_new(row, "until", ijson_instant(retention->until_us));
    json_object_set_new(row, "holds", json_integer((json_int_t)retention->hold_count));
    json_object_set_new(row, "hold", hold_json(retention));
    return row;
}

static void stream_text(const struct retention_stream *stream, const struct retention *retention,
                        struct buf *text)
{
    char last[INSTANT_TEXT_BYTES], until[INSTANT_TEXT_BYTES];
    instant_day(stream->last_us, last);
    instant_day(retention->until_us, until);
    buf_printf(text, "%s  until %s  %-24s  last entry %s, %" PRIu64 " days (",
               retention_state_name(retention->state), until, stream->id, last, retention->days);
    printable_add(text, retention->class_name);
    buf_text(text, ")");
    if (retention->hold != NULL) {
        buf_printf(text, "; held at %" PRIu64 " by %s: ", retention->hold->placed_seq,
                   retention->hold->placed_by);
        printable_add(text, retention->hold->reason);
    }
    if (retention->hold_count > 1)
        buf_printf(text, ", and by %zu more", retention->hold_count - 1);
    buf_text(text, "\n");
}

/* A retention_fn. */
static void list_one(void *ctx, const struct retention_stream *stream,
                     const struct retention *retention)
{
    struct listing *listing = ctx;
    if (!listing->wanted[retention->state])
        return;
    listing->found++;
    if (listing->streams != NULL)
        json_array_append_new(listing->streams, stream_json(stream, retention));
    else
        stream_text(stream, retention, &listing->text);
}

static void print_json(struct listing *listing, const struct retention_ledger *ledger)
{
    json_t *whole = json_object(), *own = json_object();
    json_object_set_new(own, "state", json_string(retention_state_name(ledger->state)));
    json_object_set_new(own, "until", ijson_instant(ledger->until_us));
    json_object_set_new(own, "longest",
                        ijson_text(ledger->longest[0] != '\0' ? ledger->longest : NULL));
    json_object_set_new(own, "held", json_integer((json_int_t)ledger->held));
    json_object_set_new(whole, "at", ijson_instant(listing->at.at_us));
    json_object_set_new(whole, "size", json_integer((json_int_t)listing->at.size));
    json_object_set(whole, "streams", listing->streams);
    json_object_set_new(whole, "ledger", own);
    json_object_set_new(whole, "disposed", json_integer(0));
    ijson_print(whole, &listing->text);
    buf_text(&listing->text, "\n");
    json_decref(whole);
}

/* The stream `ledger` has a line of its own: everything else relies on it. */
static void print_ledger(struct buf *text, const struct retention_ledger *ledger)
{
    char until[INSTANT_TEXT_BYTES];
    instant_day(ledger->until_us, until);
    buf_printf(text, "%s  until %s  %-24s  as long as anything that relies on it",
               retention_state_name(ledger->state), until, "ledger");
    if (ledger->longest[0] != '\0')
        buf_printf(text, ": %s", ledger->longest);
    if (ledger->held > 0)
        buf_printf(text, "; and until the holds on %zu are released", ledger->held);
    buf_text(text, "\n");
}

static void print_text(struct listing *listing, const struct retention_ledger *ledger, bool given)
{
    char at[INSTANT_TEXT_BYTES];
    instant_format(listing->at.at_us, at);
    if (listing->wanted[ledger->state])
        print_ledger(&listing->text, ledger);
    buf_printf(&listing->text, "As of %s%s, %" PRIu64 " entries. " NOTHING, at,
               given ? "" : ", the time of the last entry", listing->at.size);
}

static enum err list(struct ledger *ledger, const struct args *args, struct listing *listing,
                     struct err_text *ret_why)
{
    struct retention_ledger own;
    const char *at = args_value(args, OPT_AT);
    listing->at.registry = ledger_registry(ledger);
    enum err err = take_moment(ledger, at, &listing->at, ret_why);
    if (err == ERR_OK)
        err = retention_each(ledger, &listing->at, list_one, listing, &own, ret_why);
    if (err != ERR_OK)
        return err;
    if (listing->streams != NULL)
        print_json(listing, &own);
    else
        print_text(listing, &own, at != NULL);
    return ERR_OK;
}

/* Whether some states are asked for; all are wanted if none is. */
static bool take_states(const struct args *args, bool wanted[3])
{
    wanted[RETENTION_DUE] = args_value(args, OPT_DUE) != NULL;
    wanted[RETENTION_HELD] = args_value(args, OPT_HELD) != NULL;
    wanted[RETENTION_KEPT] = args_value(args, OPT_KEPT) != NULL;
    if (wanted[RETENTION_DUE] || wanted[RETENTION_HELD] || wanted[RETENTION_KEPT])
        return true;
    wanted[RETENTION_DUE] = wanted[RETENTION_HELD] = wanted[RETENTION_KEPT] = true;
    return false;
}

int cmd_retention(int argc, char *argv[])
{
    struct args args;
    struct listing listing = {.found = 0};
    struct ledger *ledger = NULL;
    struct err_text why = {""};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    bool asked = take_states(&args, listing.wanted);
    if (args_value(&args, OPT_JSON) != NULL)
        listing.streams = json_array();
    enum err err = ledger_open(args.operand[0], false, &ledger, &why);
    if (err != ERR_OK) {
        code = args_unopened(spec.name, err, &why);
        goto out;
    }
    err = list(ledger, &args, &listing, &why);
    code = err == ERR_OK ? args_print(spec.name, &listing.text, asked && listing.found == 0 ? 1 : 0)
                         : args_failed(spec.name, err, &why);
out:
    json_decref(listing.streams);
    buf_free(&listing.text);
    ledger_close(ledger);
    args_free(&args);
    return code;
}
