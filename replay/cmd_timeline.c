#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "replay/blameless.h"
#include "replay/timeline.h"

enum { OPT_FORMAT = 0x3000, OPT_OUT, OPT_BLAMELESS, OPT_JSON };

static const struct option options[] = {
    {"format", required_argument, NULL, OPT_FORMAT}, {"out", required_argument, NULL, OPT_OUT},
    {"blameless", no_argument, NULL, OPT_BLAMELESS}, {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},          {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "timeline",
    .operands = "LEDGER ID",
    .about =
        "Tells every entry of a deployment: when, by whom, what, and how it was judged; then\n"
        "how the sections kept their windows, who acted, the longest silences, the thresholds.\n\n"
        "  --format FORMAT   text (default), json, csv, html (with a chart), md (for a\n"
        "                    post-mortem: only what is notable), or grafana (annotations)\n"
        "  --blameless       roles instead of the names of persons\n"
        "  --json            the same as --format json\n"
        "  --out FILE        write it to this file\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2};

/* Writes to the file, or to standard output for NULL; the exit code. */
static int write_out(const char *path, const struct buf *text)
{
    struct err_text why = {""};
    if (path == NULL)
        return args_print("timeline", text, 0);
    FILE *file = fopen(path, "wbe");
    bool fine = file != NULL && fwrite(text->data, 1, text->bytes, file) == text->bytes;
    fine = file != NULL && fclose(file) == 0 && fine;
    return fine ? 0
                : args_failed("timeline", err_say(&why, ERR_IO, "%s: %s", path, strerror(errno)),
                              &why);
}

static int run(const struct args *args, timeline_format_fn *format)
{
    struct err_text why = {""};
    struct errand errand = {0};
    struct timeline *timeline = NULL;
    struct buf text = {0};
    int code = 0;
    enum err err = errand_open(args->operand[0], &errand, &why);
    if (err != ERR_OK)
        return args_unopened("timeline", err, &why);
    err = timeline_make(&errand, args->operand[1], &timeline, &why);
    if (err == ERR_OK && args_value(args, OPT_BLAMELESS) != NULL)
        blameless_apply(timeline);
    if (err == ERR_OK)
        format(timeline, &text);
    code = err == ERR_OK ? write_out(args_value(args, OPT_OUT), &text)
                         : args_failed("timeline", err, &why);
    buf_free(&text);
    timeline_free(timeline);
    errand_close(&errand);
    return code;
}

int cmd_timeline(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code)) {
        const char *name = args_value(&args, OPT_FORMAT);
        if (name == NULL)
            name = args_value(&args, OPT_JSON) != NULL ? "json" : "text";
        timeline_format_fn *format = timeline_format(name);
        code = format != NULL
                   ? run(&args, format)
                   : args_wrong("timeline", "--format is text, json, csv, html, md or grafana");
    }
    args_free(&args);
    return code;
}
