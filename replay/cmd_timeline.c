#include "replay/blameless.h"
#include "replay/errand.h"
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
        "  --blameless       roles instead of names, and no keys\n"
        "  --json            the same as --format json\n"
        "  --out FILE        write it to this file\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2};

static timeline_format_fn *format_of(const struct args *args)
{
    const char *name = args_value(args, OPT_FORMAT);
    if (name == NULL)
        name = args_value(args, OPT_JSON) != NULL ? "json" : "text";
    return timeline_format(name);
}

static enum err make(const struct args *args, struct errand *errand, struct buf *buf,
                     struct err_text *ret_why)
{
    const char *out = args_value(args, OPT_OUT);
    timeline_format_fn *format = format_of(args);
    struct timeline *timeline = NULL;
    if (format == NULL)
        return err_say(ret_why, ERR_USAGE, "--format is text, json, csv, html, md or grafana");
    enum err err = timeline_make(errand, args->operand[1], &timeline, ret_why);
    if (err != ERR_OK)
        return err;
    if (args_value(args, OPT_BLAMELESS) != NULL)
        blameless_apply(timeline);
    format(timeline, buf);
    if (out != NULL) {
        err = files_output(out, buf->data, buf->bytes, ret_why);
        buf_clear(buf);
    }
    timeline_free(timeline);
    return err;
}

int cmd_timeline(int argc, char *argv[])
{
    return errand_command(argc, argv, &spec, make);
}
