#include "replay/why.h"

enum { OPT_AT = 0x3000, OPT_JSON };

static const struct option options[] = {
    {"at", required_argument, NULL, OPT_AT},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "why",
    .operands = "LEDGER ID NODE|gate-N|SEQ|'#POS'|criteria",
    .about =
        "What lies behind where a node or a gate stands, behind the verdict of an entry, or\n"
        "behind the criteria that are open: each event with who and when, and what would have\n"
        "had to be different.\n\n" MOMENT_USAGE "  --json            print it as JSON\n",
    .options = options,
    .operands_min = 3,
    .operands_max = 3};

static enum err make(const struct args *args, struct errand *errand, struct buf *buf,
                     struct err_text *ret_why)
{
    struct why why = {.held = NULL};
    enum err err = why_make(errand, args->operand[1], args->operand[2], args_value(args, OPT_AT),
                            &why, ret_why);
    if (err != ERR_OK)
        return err;
    if (args_value(args, OPT_JSON) != NULL) {
        json_t *json = cause_json(&why.cause);
        ijson_pretty(json, buf);
        json_decref(json);
    } else {
        cause_text(&why.cause, buf);
    }
    why_free(&why);
    return ERR_OK;
}

int cmd_why(int argc, char *argv[])
{
    return errand_command(argc, argv, &spec, make);
}
