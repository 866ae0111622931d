#include "ingest/ingest.h"

#include "ingest/push.h"

enum {
    OPT_SPOOL = 0x100,
    OPT_SPOOL_MAX,
    OPT_DRAIN,
    OPT_FOLLOW,
    OPT_WAIT,
    OPT_LATE,
    OPT_UNMARKED,
    OPT_STRICT,
    OPT_TOKEN_FILE,
    OPT_CACERT,
    OPT_CERT,
    OPT_CERT_KEY,
    OPT_JSON
};

static const struct option options[] = {
    {"spool", required_argument, NULL, OPT_SPOOL},
    {"spool-max", required_argument, NULL, OPT_SPOOL_MAX},
    {"drain", no_argument, NULL, OPT_DRAIN},
    {"follow", no_argument, NULL, OPT_FOLLOW},
    {"wait", required_argument, NULL, OPT_WAIT},
    {"late", required_argument, NULL, OPT_LATE},
    {"unmarked", no_argument, NULL, OPT_UNMARKED},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"token-file", required_argument, NULL, OPT_TOKEN_FILE},
    {"cacert", required_argument, NULL, OPT_CACERT},
    {"cert", required_argument, NULL, OPT_CERT},
    {"cert-key", required_argument, NULL, OPT_CERT_KEY},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "push",
    .operands = "URL [FILE]",
    .about =
        "Delivers JSON lines of FILE (default standard input, or -), each a CloudEvent or a DSSE\n"
        "envelope around one, in order to the ledger at URL (https://ledger.example).\n\n"
        "  --spool DIR        sync lines to DIR first: while the ledger cannot be reached they "
        "wait\n"
        "                     there, and this or a later push delivers them, in order, once\n"
        "  --spool-max BYTES  of all that waits (default 1073741824)\n"
        "  --drain            read nothing: deliver what waits in the spool\n"
        "  --follow           the same, and what others spool, until SIGTERM\n"
        "  --wait SECONDS     how long to try while the ledger cannot be reached or says not now\n"
        "                     (default 30; with --spool 5)\n"
        "  --late SECONDS     a line that waited longer is late (default 60): it is reported, and\n"
        "                     its event marked `spooled` if it is not signed\n"
        "  --unmarked         report late events, and send them as they are\n"
        "  --strict           end at the first line that is refused\n"
        "  --token-file FILE  a token (default: COUNTERSIGN_TOKEN); signed lines need none\n"
        "  --cacert FILE      trust these authorities (PEM) instead of the system's\n"
        "  --cert FILE        client certificate (PEM), and --cert-key FILE its key\n"
        "  --json             print receipts and problems as JSON lines\n\n"
        "A line that the ledger refuses is reported; in a spool it is put aside in DIR/refused.\n"
        "Exit codes: 0 every line is in the ledger or safe in the spool (with --drain: in the\n"
        "ledger), 1 one was refused, 2 usage, 3 could not.\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
};

/* A number of seconds; false, with a word, if it is none. */
static bool take_seconds(const struct args *args, int option, const char *name, int64_t unit,
                         int64_t *ret)
{
    const char *text = args_value(args, option);
    uint64_t seconds = 0;
    if (text == NULL)
        return true;
    if (!args_number(text, &seconds) || seconds > PUSH_SECONDS_MAX) {
        args_wrong(spec.name, "--%s takes seconds, at most %d", name, PUSH_SECONDS_MAX);
        return false;
    }
    *ret = (int64_t)seconds * unit;
    return true;
}

static bool take_spool_max(const struct args *args, uint64_t *ret)
{
    const char *text = args_value(args, OPT_SPOOL_MAX);
    if (text == NULL)
        return true;
    if (args_number(text, ret) && *ret >= SPOOL_BYTES_MIN)
        return true;
    args_wrong(spec.name, "--spool-max takes bytes, at least %llu", SPOOL_BYTES_MIN);
    return false;
}

/* What does not go together. */
static bool fits(const struct args *args, const struct push_options *push)
{
    bool drains = args_value(args, OPT_DRAIN) != NULL || push->follow;
    if (!post_url_ok(push->url))
        args_wrong(spec.name, "'%.200s' is no http:// or https:// URL of a ledger", push->url);
    else if (push->spool_dir == NULL && drains)
        args_wrong(spec.name, "--drain and --follow need --spool");
    else if (push->spool_dir == NULL && (args_value(args, OPT_SPOOL_MAX) != NULL ||
                                         args_value(args, OPT_LATE) != NULL || push->unmarked))
        args_wrong(spec.name, "--spool-max, --late and --unmarked need --spool");
    else if (drains && args->operand[1] != NULL)
        args_wrong(spec.name, "--drain and --follow read no lines");
    else
        return true;
    return false;
}

static bool read_options(const struct args *args, struct push_options *ret)
{
    const char *spool = args_value(args, OPT_SPOOL);
    bool follow = args_value(args, OPT_FOLLOW) != NULL;
    bool drains = follow || args_value(args, OPT_DRAIN) != NULL;
    const char *file = args->operand[1] != NULL ? args->operand[1] : "-";
    *ret = (struct push_options){
        .url = args->operand[0],
        .file = drains ? NULL : file,
        .spool_dir = spool,
        .token_file = args_value(args, OPT_TOKEN_FILE),
        .post = {.ca_file = args_value(args, OPT_CACERT),
                 .cert_file = args_value(args, OPT_CERT),
                 .cert_key_file = args_value(args, OPT_CERT_KEY)},
        .spool_max = SPOOL_BYTES_DEFAULT,
        .wait_ms = (spool != NULL ? PUSH_SPOOL_SECONDS : PUSH_WAIT_SECONDS) * INT64_C(1000),
        .late_us = PUSH_LATE_SECONDS * INT64_C(1000000),
        .unmarked = args_value(args, OPT_UNMARKED) != NULL,
        .strict = args_value(args, OPT_STRICT) != NULL,
        .follow = follow,
        .json = args_value(args, OPT_JSON) != NULL};
    return fits(args, ret) && take_seconds(args, OPT_WAIT, "wait", 1000, &ret->wait_ms) &&
           take_seconds(args, OPT_LATE, "late", 1000000, &ret->late_us) &&
           take_spool_max(args, &ret->spool_max);
}

int cmd_push(int argc, char *argv[])
{
    struct push_options push;
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = read_options(&args, &push) ? push_run(&push) : err_exit(ERR_USAGE);
    args_free(&args);
    return code;
}
