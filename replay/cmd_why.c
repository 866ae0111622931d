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

static int run(const struct args *args)
{
    struct err_text why_not = {""};
    struct errand errand = {0};
    struct why why = {.held = NULL};
    struct buf text = {0};
    enum err err = errand_open(args->operand[0], &errand, &why_not);
    if (err != ERR_OK)
        return args_unopened(spec.name, err, &why_not);
    err = why_make(&errand, args->operand[1], args->operand[2], args_value(args, OPT_AT), &why,
                   &why_not);
    if (err == ERR_OK && args_value(args, OPT_JSON) != NULL) {
        json_t *json = cause_json(&why.cause);
        ijson_pretty(json, &text);
        json_decref(json);
    } else if (err == ERR_OK) {
        cause_text(&why.cause, &text);
    }
    int code = err == ERR_OK      ? args_print(spec.name, &text, 0)
               : err == ERR_USAGE ? args_wrong(spec.name, "%s", why_not.s)
                                  : args_failed(spec.name, err, &why_not);
    buf_free(&text);
    why_free(&why);
    errand_close(&errand);
    return code;
}

int cmd_why(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = run(&args);
    args_free(&args);
    return code;
}
