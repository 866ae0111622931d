#include <stdio.h>

#include "replay/moment.h"
#include "replay/shown.h"

enum { OPT_AT = 0x3000, OPT_OCCURRED, OPT_GATE, OPT_DIGEST, OPT_JSON };

static const struct option options[] = {
    {"at", required_argument, NULL, OPT_AT},
    {"occurred", no_argument, NULL, OPT_OCCURRED},
    {"gate", required_argument, NULL, OPT_GATE},
    {"digest", no_argument, NULL, OPT_DIGEST},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "replay",
    .operands = "LEDGER ID",
    .about =
        "Rebuilds the deployment as of a moment (default: now) and prints its "
        "checklist.\n\n" MOMENT_USAGE
        "  --occurred        what had happened by a time by the events' own claims, not what\n"
        "                    was known then\n" SHOWN_GATE_USAGE
        "  --digest          only one hash of the state: the same on every machine for the same\n"
        "                    acts; what a closing says it was signed on\n"
        "  --json            the whole state as JSON\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2};

int cmd_replay(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code)) {
        struct shown_want want = {.name = "replay",
                                  .dir = args.operand[0],
                                  .id = args.operand[1],
                                  .at = args_value(&args, OPT_AT),
                                  .gate = args_value(&args, OPT_GATE),
                                  .occurred = args_value(&args, OPT_OCCURRED) != NULL,
                                  .digest = args_value(&args, OPT_DIGEST) != NULL,
                                  .json = args_value(&args, OPT_JSON) != NULL};
        code = shown_print(&want);
    }
    args_free(&args);
    return code;
}
