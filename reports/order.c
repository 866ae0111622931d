#include "reports/order.h"

#include <string.h>

#include "reports/casefile_files.h"
#include "reports/format.h"

enum {
    OPTION_YEAR = 0x2000,
    OPTION_FROM,
    OPTION_TO,
    OPTION_SIZE,
    OPTION_FORMAT,
    OPTION_OUT,
    OPTION_SAMPLE,
    OPTION_SEED,
    OPTION_ROWS,
    OPTION_PLATFORM,
    OPTION_VERIFY,
    OPTION_UNVERIFIED,
    OPTION_CHECK,
    OPTION_ISSUE,
    OPTION_DEPLOYMENT
};

static const struct option options[] = {
    {"year", required_argument, NULL, OPTION_YEAR},
    {"from", required_argument, NULL, OPTION_FROM},
    {"to", required_argument, NULL, OPTION_TO},
    {"size", required_argument, NULL, OPTION_SIZE},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"out", required_argument, NULL, OPTION_OUT},
    {"sample", required_argument, NULL, OPTION_SAMPLE},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"rows", required_argument, NULL, OPTION_ROWS},
    {"platform", required_argument, NULL, OPTION_PLATFORM},
    {"verify", required_argument, NULL, OPTION_VERIFY},
    {"unverified", no_argument, NULL, OPTION_UNVERIFIED},
    {"check", required_argument, NULL, OPTION_CHECK},
    {"issue", no_argument, NULL, OPTION_ISSUE},
    {"deployment", required_argument, NULL, OPTION_DEPLOYMENT},
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "report",
    .operands = "LEDGER --year YYYY | --from TIME --to TIME | --deployment ID | --check FILE",
    .about =
        "Writes the audit report of a period: a pure function of the ledger's entries and these\n"
        "parameters, the same bytes wherever and whenever it is made.\n\n"
        "  --year YYYY       the calendar year, UTC\n"
        "  --from T --to T   a day (2026-03-01) or RFC 3339, half-open\n"
        "  --size N          as of the first N entries (default: all)\n"
        "  --format LIST     of html, pdf, csv, json and oscal, joined by commas (default: all)\n"
        "  --out DIR         where report.html, .pdf, .json, oscal.json and csv/ go (default: "
        "here)\n"
        "  --sample N        deployments to draw for testing (default: 25)\n"
        "  --seed S          the seed of the draw (default: 1)\n"
        "  --rows N          rows of a table on a page; CSV and JSON have all (default: 1000)\n"
        "  --platform FILE   the platform's own list of deployments, to reconcile with: a CSV "
        "whose\n"
        "                    head names time and one of deployment, artifact, release\n"
        "  --verify WHAT     what to verify first: all, hashes (default; no signatures), none;\n"
        "                    the cover says what was not\n"
        "  --unverified      --verify none\n\n"
        "  --deployment ID   the dossier of one deployment instead, ID.html and ID.pdf: the "
        "checklist "
        "as\n"
        "                    it was filled in, approvals with their keys, findings, evidence, the "
        "timeline,\n"
        "                    the signed events; with --size, --format, --out, --verify\n"
        "  --check FILE      make this file of a report or dossier again, with what it says it "
        "was made\n"
        "                    with, and compare: 0 the same, 1 it differs, 3 not comparable; and "
        "say\n"
        "                    which entry issued it\n"
        "  --issue           record the digests of the files in the ledger, signed by an admin\n\n"
        "With --json it prints {deployments, exceptions, size, root, files}.  To issue:\n\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .writes = true,
    .at_once = true,
};

static bool number_within(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
    uint64_t value;
    if (!args_number(text, &value) || value < least || value > most)
        return false;
    *ret = value;
    return true;
}

static bool any_character(uint32_t code)
{
    (void)code;
    return true;
}

static bool take_year(struct params *params, const char *value)
{
    uint64_t year;
    if (!number_within(value, 1970, 9998, &year))
        return false;
    params->period.from_us = instant_from_date((int)year, 1, 1);
    params->period.to_us = instant_from_date((int)year + 1, 1, 1);
    return true;
}

static bool take_seed(struct params *params, const char *value)
{
    size_t bytes = strlen(value);
    if (bytes > PARAMS_SEED_BYTES_MAX || !utf8_all(value, bytes, any_character))
        return false;
    memcpy(params->seed, value, bytes + 1);
    return true;
}

static bool take_formats(struct order *order, const char *value)
{
    return order->deployment != NULL ? casefile_files_parse(value, &order->formats)
                                     : format_parse(value, &order->formats);
}

static bool take_option(struct order *order, int option, const char *value)
{
    struct params *params = &order->params;
    switch (option) {
    case OPTION_YEAR:
        return take_year(params, value);
    case OPTION_FROM:
        return args_moment(value, &params->period.from_us);
    case OPTION_TO:
        return args_moment(value, &params->period.to_us);
    case OPTION_SIZE:
        return number_within(value, 1, JSON_INTEGER_MAX, &params->size);
    case OPTION_FORMAT:
        return take_formats(order, value);
    case OPTION_SAMPLE:
        return number_within(value, 0, REPORT_SAMPLE_MAX, &params->sample);
    case OPTION_SEED:
        return take_seed(params, value);
    case OPTION_ROWS:
        return number_within(value, 0, REPORT_ROWS_MAX, &params->rows);
    case OPTION_VERIFY:
        return params_verify_of(value, &params->verify);
    case OPTION_UNVERIFIED:
        params->verify = VERIFY_NONE;
        return true;
    default: /* a text, as it is */
        return true;
    }
}

static bool has(const struct order *order, int option)
{
    return args_value(&order->args, option) != NULL;
}

/* Whether no option was given but these, of which the last is 0. */
static bool has_only(const struct order *order, const int *allowed)
{
    for (size_t i = 0; i < order->args.choice_count; i++) {
        const int *at = allowed;
        while (*at != 0 && *at != order->args.choices[i].option)
            at++;
        if (*at == 0)
            return false;
    }
    return true;
}

/* NULL, or what does not go together. */
static const char *fault(const struct order *order)
{
    static const int of_dossier[] = {OPTION_DEPLOYMENT,
                                     OPTION_SIZE,
                                     OPTION_FORMAT,
                                     OPTION_OUT,
                                     OPTION_VERIFY,
                                     OPTION_UNVERIFIED,
                                     0};
    static const int of_check[] = {OPTION_CHECK, OPTION_PLATFORM, 0};
    const struct period *period = &order->params.period;
    bool from = has(order, OPTION_FROM), to = has(order, OPTION_TO);
    bool has_period = has(order, OPTION_YEAR) ? !from && !to : from && to;
    if (order->check != NULL)
        return has_only(order, of_check) ? NULL
                                         : "--check takes all else from the file, but --platform";
    if (order->deployment != NULL)
        return has_only(order, of_dossier)
                   ? NULL
                   : "--deployment goes with --size, --format, --out, --verify";
    if (!has_period || period->from_us >= period->to_us)
        return "needs --year, or --from before --to, or --deployment";
    if (order->issues && order->args.submit.key == NULL)
        return "an admin issues it: --key FILE, --agent, or COUNTERSIGN_KEY";
    return NULL;
}

static bool take_options(struct order *order, int *ret_exit)
{
    const char *out = args_value(&order->args, OPTION_OUT);
    order->dir = order->args.operand[0];
    order->out = out == NULL ? "." : out;
    order->check = args_value(&order->args, OPTION_CHECK);
    order->deployment = args_value(&order->args, OPTION_DEPLOYMENT);
    order->issues = has(order, OPTION_ISSUE);
    order->formats = order->deployment != NULL ? CASEFILE_ALL : format_all();
    for (size_t i = 0; i < order->args.choice_count; i++) {
        const struct args_choice *choice = &order->args.choices[i];
        if (!take_option(order, choice->option, choice->value)) {
            *ret_exit = args_wrong(spec.name, "'%s' cannot be read", choice->value);
            return false;
        }
    }
    order->pdf = (order->formats & (order->deployment != NULL ? CASEFILE_PDF : format_pdf())) != 0;
    const char *wrong = fault(order);
    if (wrong != NULL)
        *ret_exit = args_wrong(spec.name, "%s", wrong);
    return wrong == NULL;
}

bool order_take(int argc, char *argv[], struct order *ret_order, int *ret_exit)
{
    *ret_order = (struct order){.params = {.verify = VERIFY_HASHES,
                                           .sample = PARAMS_SAMPLE_DEFAULT,
                                           .seed = PARAMS_SEED_DEFAULT,
                                           .rows = PARAMS_ROWS_DEFAULT}};
    return args_parse(argc, argv, &spec, &ret_order->args, ret_exit) &&
           take_options(ret_order, ret_exit);
}

enum err order_platform(struct order *order, struct err_text *ret_why)
{
    const char *path = args_value(&order->args, OPTION_PLATFORM);
    struct params *params = &order->params;
    if (path == NULL)
        return ERR_OK;
    enum err err = files_input(path, PLATFORM_BYTES_MAX, &order->platform, ret_why);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_IO : err;
    params->has_platform = true;
    params->platform = order->platform.bytes > 0 ? (const char *)order->platform.data : "";
    params->platform_bytes = order->platform.bytes;
    hash_bytes(params->platform, order->platform.bytes, params->platform_sha256);
    return ERR_OK;
}

const char *order_name(void)
{
    return spec.name;
}

void order_free(struct order *order)
{
    buf_free(&order->platform);
    args_free(&order->args);
}
