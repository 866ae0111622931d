/* cmd_search - find entries or deployments in a whole ledger. */
#include <inttypes.h>
#include <string.h>

#include "replay/errand.h"
#include "replay/layout.h"
#include "replay/search.h"

enum { OPT_SINCE = 0x3000, OPT_UNTIL, OPT_JSON };

static const struct option options[] = {
    {"since", required_argument, NULL, OPT_SINCE},
    {"until", required_argument, NULL, OPT_UNTIL},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "search",
    .operands = "LEDGER refused [RULE] | flagged [FLAG] | key FINGERPRINT | broken | state STATE",
    .about =
        "Replays all deployments of a ledger and lists what is looked for, in order:\n\n"
        "  refused [RULE]    every entry that a rule refused, or that this one did\n"
        "  flagged [FLAG]    every accepted entry with a flag, or with this one\n"
        "  key FINGERPRINT   every entry that the key signed, or that attaches what it\n"
        "                    signed, and how it was judged\n"
        "  broken            of each deployment the first threshold that was broken\n"
        "  state STATE       deployments that are unopened, open, rolling-back, rolled-back or\n"
        "                    closed, or were closed as successful, rolled-back, failed, abandoned\n"
        "\n"
        "  RULE is wrong-stream, unknown-deployment, unknown-checklist, unknown-node, wrong-kind,\n"
        "  bad-value, unsigned, not-authorized, key-revoked, deployment-closed, rolled-back,\n"
        "  not-rolling-back, phase-closed, criterion-open, children-open, contradicted, late,\n"
        "  separation-of-duties, bad-basis, stale-basis, gate-not-ready, superseded, "
        "not-closable.\n"
        "  FLAG is late, early, outside-window, clock-skew, spooled, waived, emergency,\n"
        "  retroactive, blind, unmeasured, judgement, other-command, no-touch, counter, new-key,\n"
        "  key-by-admin, suspect, after-close, replayed.\n\n"
        "  --since TIME      only entries (of state: openings) from then on, RFC 3339\n"
        "  --until TIME      only before then\n"
        "  --json            JSON lines\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 3};

static bool take_rule(const char *name, struct search *search)
{
    for (int rule = RULE_NONE + 1; name != NULL && rule <= RULE_NOT_CLOSABLE; rule++) {
        if (strcmp(rule_name((enum rule)rule), name) == 0) {
            search->rule = (enum rule)rule;
            return true;
        }
    }
    return name == NULL;
}

static bool take_flag(const char *name, struct search *search)
{
    search->flags = name == NULL ? UINT32_MAX : 0;
    for (int flag = 0; name != NULL && flag < FLAG_COUNT; flag++) {
        if (strcmp(flag_name((enum flag)flag), name) == 0)
            search->flags |= 1u << flag;
    }
    return search->flags != 0;
}

static bool take_state(const char *name, struct search *search)
{
    static const char *const states[] = {"open",   "rolling-back", "rolled-back", "closed",
                                         "failed", "successful",   "abandoned",   "unopened"};
    search->state = name;
    for (size_t i = 0; name != NULL && i < sizeof(states) / sizeof(states[0]); i++) {
        if (strcmp(states[i], name) == 0)
            return true;
    }
    return false;
}

/* Reads what is asked for; NULL, or what is wrong with it. */
static const char *take(const struct args *args, struct search *search)
{
    const char *what = args->operand[1], *value = args->operand[2];
    const char *since = args_value(args, OPT_SINCE), *until = args_value(args, OPT_UNTIL);
    *search = (struct search){.since_us = INT64_MIN, .until_us = INT64_MAX};
    if ((since != NULL && !instant_parse(since, &search->since_us)) ||
        (until != NULL && !instant_parse(until, &search->until_us)))
        return "--since and --until take an RFC 3339 time like 2026-03-01T10:00:00Z";
    if (strcmp(what, "refused") == 0) {
        search->what = SEARCH_REFUSED;
        return take_rule(value, search) ? NULL : "there is no such rule";
    }
    if (strcmp(what, "flagged") == 0) {
        search->what = SEARCH_FLAGGED;
        return take_flag(value, search) ? NULL : "there is no such flag";
    }
    if (strcmp(what, "key") == 0) {
        search->what = SEARCH_KEY;
        return value != NULL && sshkey_fingerprint_parse(value, search->key_id) == ERR_OK
                   ? NULL
                   : "`key` takes a fingerprint SHA256:…, as `key list` shows it";
    }
    if (strcmp(what, "state") == 0) {
        search->what = SEARCH_STATE;
        return take_state(value, search) ? NULL
                                         : "a state is unopened, open, rolling-back, rolled-back, "
                                           "closed, successful, failed "
                                           "or abandoned";
    }
    search->what = SEARCH_BROKEN;
    return strcmp(what, "broken") == 0 && value == NULL
               ? NULL
               : "it looks for refused, flagged, key, broken or state";
}

static void add_json(const struct search *search, const struct search_hit *hit, struct buf *buf)
{
    json_t *json = json_object();
    ijson_put(json, "seq", json_integer((json_int_t)hit->seq));
    ijson_put(json, "stream", ijson_text(hit->stream));
    ijson_put(json, "pos", json_integer((json_int_t)hit->pos));
    ijson_put(json, "time", ijson_instant(hit->time_us));
    ijson_put(json, "by", ijson_text(hit->principal));
    ijson_put(json, "what", ijson_text(hit->what));
    if (search->what != SEARCH_STATE) {
        ijson_put(json, "verdict", json_string(hit->refused ? "refused" : "accepted"));
        ijson_put(json, "rule", ijson_text(hit->refused ? rule_name(hit->rule) : NULL));
        ijson_put(json, "flags", layout_flags_json(hit->flags));
        ijson_put(json, "reason", ijson_text(hit->reason));
    } else {
        ijson_put(json, "release", ijson_text(hit->reason));
    }
    ijson_print(json, buf);
    buf_text(buf, "\n");
    json_decref(json);
}

static void add_text(const struct search *search, const struct search_hit *hit, struct buf *buf)
{
    struct buf line = {0};
    char time[INSTANT_TEXT_BYTES];
    instant_short(hit->time_us, time);
    buf_printf(buf, "%8" PRIu64 "  %s  ", hit->seq, time);
    buf_printf(&line, "%s #%" PRIu64 " %s: %s", hit->stream, hit->pos, hit->principal, hit->what);
    if (search->what == SEARCH_STATE) {
        if (hit->reason != NULL)
            buf_printf(&line, ", release %s", hit->reason);
    } else {
        if (hit->refused)
            buf_printf(&line, ": refused, %s", rule_name(hit->rule));
        if (hit->flags != 0 || hit->reason != NULL) {
            buf_text(&line, ": ");
            layout_explained(&line, hit->flags, hit->reason);
        }
    }
    layout_wrap(buf, 31, 12, (const char *)line.data);
    buf_free(&line);
}

static void show_progress(void *ctx, uint64_t done, uint64_t total)
{
    progress_draw(ctx, "%" PRIu64 " of %" PRIu64 " deployments", done, total);
}

static enum err make(const struct args *args, struct errand *errand, struct buf *buf,
                     struct err_text *ret_why)
{
    struct search search;
    struct search_hits hits = {.cap = 0};
    bool json = args_value(args, OPT_JSON) != NULL;
    const char *fault = take(args, &search);
    if (fault != NULL)
        return err_say(ret_why, ERR_USAGE, "%s", fault);
    struct progress progress = progress_begin();
    search.progress = show_progress;
    search.ctx = &progress;
    enum err err = search_run(errand->ledger, &search, &hits, ret_why);
    progress_end(&progress);
    for (size_t i = 0; i < hits.count; i++) {
        if (json)
            add_json(&search, &hits.list[i], buf);
        else
            add_text(&search, &hits.list[i], buf);
    }
    if (err == ERR_OK && !json)
        buf_printf(buf, "%zu found in %" PRIu64 " entries of %" PRIu64 " deployments\n", hits.count,
                   hits.entries, hits.deployments);
    search_free(&hits);
    return err;
}

int cmd_search(int argc, char *argv[])
{
    return errand_command_all(argc, argv, &spec, make);
}
