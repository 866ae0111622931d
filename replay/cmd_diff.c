/* cmd_diff - what changed between two moments of a deployment, or what differs between two
 * deployments of one checklist.
 */
#include "replay/between.h"
#include "replay/comparison.h"

enum { OPT_JSON = 0x3000 };

static const struct option options[] = {
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "diff",
    .operands = "LEDGER ID A B | LEDGER ID1 ID2",
    .about =
        "What changed in a deployment between the moments A and B: each change with who made it\n"
        "and where it stands.  A moment is a time (2026-03-03T10:57:30Z), a seq (412), a\n"
        "position in the stream ('#38'), or what happened: open, gate-1 (the first gate's\n"
        "GO), rollback, close, now.\n\n"
        "Or how two deployments of one checklist went: phases, thresholds, who decided, what\n"
        "was skipped or late.\n\n"
        "  --json            print it as JSON\n",
    .options = options,
    .operands_min = 3,
    .operands_max = 4};

static int run(const struct args *args)
{
    struct err_text why = {""};
    struct errand errand = {0};
    struct buf text = {0};
    enum err err = errand_open(args->operand[0], &errand, &why);
    if (err != ERR_OK)
        return args_unopened(spec.name, err, &why);
    bool json = args_value(args, OPT_JSON) != NULL;
    const char *const *operands = &args->operand[1];
    err = args->operand_count == 4
              ? between_make(&errand, operands[0], &operands[1], json, &text, &why)
              : comparison_make(&errand, operands, json, &text, &why);
    int code = err == ERR_OK      ? args_print(spec.name, &text, 0)
               : err == ERR_USAGE ? args_wrong(spec.name, "%s", why.s)
                                  : args_failed(spec.name, err, &why);
    buf_free(&text);
    errand_close(&errand);
    return code;
}

int cmd_diff(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = run(&args);
    args_free(&args);
    return code;
}
