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

static enum err make(const struct args *args, struct errand *errand, struct buf *buf,
                     struct err_text *ret_why)
{
    bool json = args_value(args, OPT_JSON) != NULL;
    const char *const *operands = &args->operand[1];
    return args->operand_count == 4
               ? between_make(errand, operands[0], &operands[1], json, buf, ret_why)
               : comparison_make(errand, operands, json, buf, ret_why);
}

int cmd_diff(int argc, char *argv[])
{
    return errand_command(argc, argv, &spec, make);
}
