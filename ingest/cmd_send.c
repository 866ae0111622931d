#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/amqp_sender.h"
#include "ingest/ingest.h"
#include "ingest/send.h"

enum {
    OPT_TO = 0x100,
    OPT_SPEED,
    OPT_AS,
    OPT_FROM,
    OPT_UNTIL,
    OPT_DRY_RUN,
    OPT_PLAIN,
    OPT_WAIT,
    OPT_CACERT,
    OPT_EXCHANGE,
    OPT_AMQP_CA,
    OPT_PASSWORD_FILE,
    OPT_JSON
};

static const struct option options[] = {
    {"to", required_argument, NULL, OPT_TO},
    {"speed", required_argument, NULL, OPT_SPEED},
    {"as", required_argument, NULL, OPT_AS},
    {"from", required_argument, NULL, OPT_FROM},
    {"until", required_argument, NULL, OPT_UNTIL},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"plain", no_argument, NULL, OPT_PLAIN},
    {"wait", required_argument, NULL, OPT_WAIT},
    {"cacert", required_argument, NULL, OPT_CACERT},
    {"amqp-exchange", required_argument, NULL, OPT_EXCHANGE},
    {"amqp-ca", required_argument, NULL, OPT_AMQP_CA},
    {"amqp-password-file", required_argument, NULL, OPT_PASSWORD_FILE},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "send",
    .operands = "LEDGER ID",
    .about =
        "Plays a deployment's events again, in their order and at their pace, to try what reads\n"
        "them: dashboards, a consumer, another ledger.  Each is marked (`replayed`, `replayof`),\n"
        "has another id, and no signature: the ledger that it is from refuses it, and another\n"
        "flags it, and refuses what only a person's signature can do.\n\n"
        "  --to URL          http[s]://: a ledger's (with COUNTERSIGN_TOKEN); amqp[s]://: a "
        "broker,\n"
        "                    by its topic exchange 'countersign'\n"
        "  --speed X|max     X times as fast as it happened (default 1); max: without waiting\n"
        "  --as ID           as this deployment (default: the same id)\n"
        "  --from WHEN       from there on: a time, a seq, a position ('#38'), or open, gate-N,\n"
        "                    rollback, close\n"
        "  --until WHEN      up to there, inclusive\n"
        "  --dry-run         print what would be sent as JSON lines, and send nothing\n"
        "  --plain           the http[s] URL is no ledger: POST to it as it is; any 2xx will do\n"
        "  --wait SECONDS    how long to try an event again (default 30)\n"
        "  --cacert FILE     trust these authorities (PEM) instead of the system's; --amqp-ca "
        "FILE\n"
        "                    for a broker\n"
        "  --amqp-exchange NAME      another exchange, which must exist\n"
        "  --amqp-password-file FILE  (default: COUNTERSIGN_AMQP_PASSWORD)\n"
        "  --json            the summary as JSON\n\n"
        "Exit codes: 0 all was taken (also what a ledger recorded and its rules refused), 1 "
        "something\n"
        "was not taken, 2 usage, 3 could not, or was stopped; it says how to go on then.\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2,
};

static bool take_speed(const struct args *args, double *ret)
{
    const char *text = args_value(args, OPT_SPEED);
    char *end = NULL;
    *ret = 1;
    if (text == NULL)
        return true;
    if (strcmp(text, "max") == 0) {
        *ret = 0;
        return true;
    }
    bool digits = text[0] != '\0' && strspn(text, "0123456789.") == strlen(text);
    *ret = strtod(text, &end);
    if (digits && *end == '\0' && isfinite(*ret) && *ret >= SEND_SPEED_MIN &&
        *ret <= SEND_SPEED_MAX)
        return true;
    args_wrong(spec.name, "--speed takes 'max', or how many times as fast: 0.001 to 1000000");
    return false;
}

static bool take_wait(const struct args *args, int64_t *ret_ms)
{
    const char *text = args_value(args, OPT_WAIT);
    uint64_t seconds = PUSH_WAIT_SECONDS;
    if (text != NULL && (!args_number(text, &seconds) || seconds > PUSH_SECONDS_MAX)) {
        args_wrong(spec.name, "--wait takes seconds, at most %d", PUSH_SECONDS_MAX);
        return false;
    }
    *ret_ms = (int64_t)seconds * 1000;
    return true;
}

static bool names_deployment(const char *name)
{
    return event_stream_ok(name) && strcmp(name, "ledger") != 0 && strcmp(name, "inbox") != 0;
}

/* What does not go together. */
static bool fits(const struct args *args, const struct send_options *send)
{
    bool broker = send->outlet.amqp.url != NULL, dry = args_value(args, OPT_DRY_RUN) != NULL;
    bool amqp = args_value(args, OPT_EXCHANGE) != NULL || send->outlet.amqp.ca_file != NULL ||
                send->outlet.amqp.password_file != NULL;
    if (!names_deployment(send->id) || !names_deployment(send->as))
        args_wrong(spec.name, "'%.128s' cannot name a deployment",
                   names_deployment(send->id) ? send->as : send->id);
    else if (!dry && args_value(args, OPT_TO) == NULL)
        args_wrong(spec.name, "--to URL is missing (or --dry-run)");
    else if (broker && (send->outlet.plain || send->outlet.ca_file != NULL))
        args_wrong(spec.name, "--plain and --cacert are for http:// and https://");
    else if (!broker && amqp)
        args_wrong(spec.name, "--amqp-… is for amqp:// and amqps://");
    else if (strlen(send->outlet.exchange) > UINT8_MAX)
        args_wrong(spec.name, "--amqp-exchange takes a name of at most 255 bytes");
    else
        return true;
    return false;
}

static bool read_options(const struct args *args, struct send_options *ret)
{
    const char *to = args_value(args, OPT_TO), *as = args_value(args, OPT_AS);
    const char *exchange = args_value(args, OPT_EXCHANGE);
    bool broker = to != NULL && (strncmp(to, "amqp://", 7) == 0 || strncmp(to, "amqps://", 8) == 0);
    *ret = (struct send_options){
        .dir = args->operand[0],
        .id = args->operand[1],
        .as = as != NULL ? as : args->operand[1],
        .outlet = {.to = args_value(args, OPT_DRY_RUN) != NULL ? NULL : to,
                   .plain = args_value(args, OPT_PLAIN) != NULL,
                   .ca_file = args_value(args, OPT_CACERT),
                   .exchange = exchange != NULL ? exchange : AMQP_SENDER_EXCHANGE,
                   .amqp = {.url = broker ? to : NULL,
                            .ca_file = args_value(args, OPT_AMQP_CA),
                            .password_file = args_value(args, OPT_PASSWORD_FILE)},
                   .stopped = send_stopped},
        .to_seq = UINT64_MAX,
        .json = args_value(args, OPT_JSON) != NULL};
    return fits(args, ret) && take_speed(args, &ret->speed) && take_wait(args, &ret->wait_ms);
}

/* Between which moments. */
static enum err find_range(const struct args *args, ingest_moment_fn *find,
                           struct send_options *send, struct err_text *ret_why)
{
    const char *from = args_value(args, OPT_FROM), *until = args_value(args, OPT_UNTIL);
    struct ingest_moment moment = {0};
    enum err err = ERR_OK;
    if (from != NULL)
        err = find(send->dir, send->id, from, &moment, ret_why);
    if (err == ERR_OK && from != NULL && moment.time_us >= 0)
        send->from_us = moment.time_us;
    else if (err == ERR_OK && from != NULL)
        send->from_seq = moment.to_seq - 1;
    if (err == ERR_OK && until != NULL)
        err = find(send->dir, send->id, until, &moment, ret_why);
    if (err == ERR_OK && until != NULL)
        send->to_seq = moment.to_seq;
    return err;
}

int send_run(int argc, char *argv[], ingest_moment_fn *moment)
{
    struct send_options send;
    struct err_text why = {""};
    struct args args;
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code)) {
        args_free(&args);
        return code;
    }
    if (!read_options(&args, &send)) {
        args_free(&args);
        return err_exit(ERR_USAGE);
    }
    enum err err = find_range(&args, moment, &send, &why);
    if (err == ERR_OK)
        code = send_play(&send);
    else
        code = err == ERR_USAGE       ? args_wrong(spec.name, "%s", why.s)
               : err == ERR_NOT_FOUND ? args_failed(spec.name, err, &why)
                                      : args_unopened(spec.name, err, &why);
    args_free(&args);
    return code;
}
