#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reports/annual.h"
#include "reports/html.h"
#include "reports/reports.h"

static const char usage[] =
    "usage: countersign report LEDGER --year YYYY | --from TIME --to TIME [options]\n\n"
    "Writes the audit report of a period: a pure function of the ledger's entries and these "
    "parameters.\n\n"
    "  --year YYYY       the calendar year, UTC\n"
    "  --from T --to T   RFC 3339, half-open\n"
    "  --size N          as of the first N entries (default: all)\n"
    "  --format LIST     of html and json, joined by commas (default: html,json)\n"
    "  --out DIR         where report.html and report.json go (default: the present directory)\n"
    "  --sample N        deployments to draw for testing (default: 25)\n"
    "  --seed S          the seed of the draw (default: 1)\n"
    "  --unverified      do not verify the ledger first; the cover says so\n"
    "  --json            print {deployments, exceptions, size, root, files}\n";

struct report_options {
    const char *ledger;
    struct period period;
    bool has_from, has_to;
    uint64_t size;
    bool html, json, unverified, print_json;
    const char *out;
    size_t sample;
    const char *seed;
};

enum {
    OPTION_YEAR = 1,
    OPTION_FROM,
    OPTION_TO,
    OPTION_SIZE,
    OPTION_FORMAT,
    OPTION_OUT,
    OPTION_SAMPLE,
    OPTION_SEED,
    OPTION_UNVERIFIED,
    OPTION_JSON,
    OPTION_HELP
};

static const struct option long_options[] = {
    {"year", required_argument, NULL, OPTION_YEAR},
    {"from", required_argument, NULL, OPTION_FROM},
    {"to", required_argument, NULL, OPTION_TO},
    {"size", required_argument, NULL, OPTION_SIZE},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"out", required_argument, NULL, OPTION_OUT},
    {"sample", required_argument, NULL, OPTION_SAMPLE},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"unverified", no_argument, NULL, OPTION_UNVERIFIED},
    {"json", no_argument, NULL, OPTION_JSON},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static bool number_within(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
    uint64_t value;
    if (!args_number(text, &value) || value < least || value > most)
        return false;
    *ret = value;
    return true;
}

static bool parse_formats(const char *list, struct report_options *options)
{
    for (const char *at = list; *at != '\0';) {
        size_t bytes = strcspn(at, ",");
        if (bytes == 4 && strncmp(at, "html", 4) == 0)
            options->html = true;
        else if (bytes == 4 && strncmp(at, "json", 4) == 0)
            options->json = true;
        else
            return false;
        at += bytes + (at[bytes] == ',');
    }
    return options->html || options->json;
}

static bool any_character(uint32_t code)
{
    (void)code;
    return true;
}

static bool take_option(struct report_options *options, int option, const char *value)
{
    uint64_t number;
    switch (option) {
    case OPTION_YEAR:
        if (!number_within(value, 1970, 9998, &number))
            return false;
        options->period.from_us = instant_from_date((int)number, 1, 1);
        options->period.to_us = instant_from_date((int)number + 1, 1, 1);
        options->has_from = options->has_to = true;
        return true;
    case OPTION_FROM:
        return options->has_from = instant_parse(value, &options->period.from_us);
    case OPTION_TO:
        return options->has_to = instant_parse(value, &options->period.to_us);
    case OPTION_SIZE:
        return number_within(value, 1, UINT64_MAX - 1, &options->size);
    case OPTION_FORMAT:
        return parse_formats(value, options);
    case OPTION_OUT:
        options->out = value;
        return true;
    case OPTION_SAMPLE:
        if (!number_within(value, 0, 1000000, &number))
            return false;
        options->sample = (size_t)number;
        return true;
    case OPTION_SEED:
        options->seed = value;
        return utf8_all(value, strlen(value), any_character);
    case OPTION_UNVERIFIED:
        return options->unverified = true;
    case OPTION_JSON:
        return options->print_json = true;
    default:
        return false;
    }
}

static enum err write_formats(const struct report_options *options, const json_t *report,
                              struct err_text *ret_why)
{
    struct buf bytes = {0};
    enum err err = ERR_OK;
    if (mkdir(options->out, 0777) != 0 && errno != EEXIST)
        return err_say(ret_why, ERR_IO, "%s cannot be made: %s", options->out, strerror(errno));
    if (options->json) {
        ijson_pretty(report, &bytes);
        err = files_replace(options->out, "report.json", bytes.data, bytes.bytes, ret_why);
    }
    if (err == ERR_OK && options->html) {
        buf_clear(&bytes);
        html_report(report, &bytes);
        err = files_replace(options->out, "report.html", bytes.data, bytes.bytes, ret_why);
    }
    buf_free(&bytes);
    return err;
}

static enum err check_ledger(const struct report_options *options, struct err_text *ret_why)
{
    struct verify_result *result = NULL;
    const struct verify_options everything = {0};
    enum err err = verify_ledger(options->ledger, &everything, &result, ret_why);
    if (err == ERR_OK && !result->ok)
        err = err_say(ret_why, ERR_DAMAGED, "no report of a damaged ledger: %s",
                      result->first_bad.what);
    verify_result_free(result);
    return err;
}

static enum err print_summary(const struct report_options *options, const json_t *report,
                              struct err_text *ret_why)
{
    const json_t *cover = ijson_get(report, "cover");
    size_t deployments = json_array_size(ijson_get(report, "population"));
    size_t exceptions = json_array_size(ijson_get(report, "exceptions"));
    struct buf text = {0};
    if (options->print_json) {
        json_t *files = json_array();
        for (int i = 0; i < 2; i++) {
            struct buf path = {0};
            buf_printf(&path, "%s/report.%s", options->out, i == 0 ? "html" : "json");
            if (i == 0 ? options->html : options->json)
                json_array_append_new(files, ijson_text((const char *)path.data));
            buf_free(&path);
        }
        json_t *summary = json_object();
        json_object_set_new(summary, "deployments", json_integer((json_int_t)deployments));
        json_object_set_new(summary, "exceptions", json_integer((json_int_t)exceptions));
        json_object_set(summary, "size", ijson_get(cover, "size"));
        json_object_set(summary, "root", ijson_get(cover, "root"));
        json_object_set_new(summary, "files", files);
        ijson_print(summary, &text);
        buf_text(&text, "\n");
        json_decref(summary);
    } else {
        buf_printf(&text, "deployments %zu, exceptions %zu, size %lld: %s/report.%s\n", deployments,
                   exceptions, json_integer_value(ijson_get(cover, "size")), options->out,
                   options->html ? "html" : "json");
    }
    bool written = fwrite(text.data, 1, text.bytes, stdout) == text.bytes && fflush(stdout) == 0;
    buf_free(&text);
    return written
               ? ERR_OK
               : err_say(ret_why, ERR_IO, "standard output cannot be written: %s", strerror(errno));
}

static enum err run(struct report_options *options, struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    json_t *report = NULL;
    uint64_t size;
    enum err err = ledger_open(options->ledger, false, &ledger, ret_why);
    if (err == ERR_OK)
        err = ledger_size(ledger, &size, ret_why);
    if (err != ERR_OK)
        goto out;
    if (options->size > size) {
        err = err_say(ret_why, ERR_NOT_FOUND, "--size %llu: the ledger has %llu entries",
                      (unsigned long long)options->size, (unsigned long long)size);
        goto out;
    }
    if (!options->unverified)
        err = check_ledger(options, ret_why);
    if (err != ERR_OK)
        goto out;
    struct annual_params params = {options->period, options->size > 0 ? options->size : size,
                                   !options->unverified, options->sample, options->seed};
    err = annual_make(ledger, &params, &report, ret_why);
    if (err == ERR_OK)
        err = write_formats(options, report, ret_why);
    if (err == ERR_OK)
        err = print_summary(options, report, ret_why);
out:
    json_decref(report);
    ledger_close(ledger);
    return err;
}

int cmd_report(int argc, char *argv[])
{
    struct report_options options = {.out = ".", .sample = 25, .seed = "1"};
    struct err_text why = {""};
    int option;
    static char name[] = "countersign report";
    argv[0] = name; /* as getopt names the program when it complains */
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            fputs(usage, stdout);
            return 0;
        }
        if (!take_option(&options, option, optarg)) {
            if (option != '?')
                fprintf(stderr, "countersign report: '%s' cannot be read\n", optarg);
            fputs("countersign report: --help tells how it is used\n", stderr);
            return 2;
        }
    }
    if (optind + 1 != argc || !options.has_from || !options.has_to ||
        options.period.from_us >= options.period.to_us) {
        fputs("countersign report: needs LEDGER, and --year, or --from before --to; --help tells "
              "more\n",
              stderr);
        return 2;
    }
    options.ledger = argv[optind];
    if (!options.html && !options.json)
        options.html = options.json = true;
    enum err err = run(&options, &why);
    if (err != ERR_OK)
        fprintf(stderr, "countersign report: %s\n", why.s[0] != '\0' ? why.s : err_text(err));
    return err_exit(err);
}
