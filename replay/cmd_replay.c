#include <stdlib.h>
#include <unistd.h>

#include "replay/moment.h"
#include "replay/shown.h"
#include "replay/steps.h"
#include "replay/whatif.h"

enum {
    OPT_AT = 0x3000,
    OPT_OCCURRED,
    OPT_GATE,
    OPT_DIGEST,
    OPT_STEP,
    OPT_WITHOUT,
    OPT_POLICY,
    OPT_JSON
};

static const struct option options[] = {
    {"at", required_argument, NULL, OPT_AT},
    {"occurred", no_argument, NULL, OPT_OCCURRED},
    {"gate", required_argument, NULL, OPT_GATE},
    {"digest", no_argument, NULL, OPT_DIGEST},
    {"step", no_argument, NULL, OPT_STEP},
    {"without", required_argument, NULL, OPT_WITHOUT},
    {"policy", required_argument, NULL, OPT_POLICY},
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
        "  --step            event by event, each with the changes that it made; on a terminal "
        "one\n"
        "                    by one, both ways, from --at on\n"
        "  --without SEQ     what would have been judged otherwise, and would stand otherwise,\n"
        "                    without that entry (or '#38'); may be repeated\n"
        "  --policy FILE     the same by another policy: the data of a policy.set, as JSON\n"
        "  --json            the whole state as JSON\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2};

/* What does not go together, or NULL. */
static const char *usage_fault(const struct args *args)
{
    bool supposes = args_value(args, OPT_WITHOUT) != NULL || args_value(args, OPT_POLICY) != NULL;
    bool steps = args_value(args, OPT_STEP) != NULL;
    bool shows = args_value(args, OPT_DIGEST) != NULL || args_value(args, OPT_GATE) != NULL ||
                 args_value(args, OPT_OCCURRED) != NULL;
    if ((supposes || steps) && shows)
        return "--digest, --gate and --occurred go neither with --step nor with --without and "
               "--policy";
    return supposes && steps ? "--step does not go with --without and --policy" : NULL;
}

static int show(const struct args *args)
{
    struct shown_want want = {.name = spec.name,
                              .dir = args->operand[0],
                              .id = args->operand[1],
                              .at = args_value(args, OPT_AT),
                              .gate = args_value(args, OPT_GATE),
                              .occurred = args_value(args, OPT_OCCURRED) != NULL,
                              .digest = args_value(args, OPT_DIGEST) != NULL,
                              .json = args_value(args, OPT_JSON) != NULL};
    return shown_print(&want);
}

static enum err step(const struct args *args, struct errand *errand, struct buf *text,
                     struct err_text *ret_why)
{
    const char *id = args->operand[1], *at = args_value(args, OPT_AT);
    bool json = args_value(args, OPT_JSON) != NULL;
    if (!json && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1)
        return steps_walk(errand, id, at, ret_why);
    return steps_print(errand, id, at, json, text, ret_why);
}

static enum err suppose(const struct args *args, struct errand *errand, struct buf *text,
                        struct err_text *ret_why)
{
    const char **without = mem_zero(args->choice_count, sizeof(*without));
    size_t count = 0, at = 0;
    for (const char *one; (one = args_next(args, OPT_WITHOUT, &at)) != NULL; count++)
        without[count] = one;
    struct whatif whatif = {args->operand[1], args_value(args, OPT_AT), without, count,
                            args_value(args, OPT_POLICY)};
    enum err err = whatif_make(errand, &whatif, args_value(args, OPT_JSON) != NULL, text, ret_why);
    free(without);
    return err;
}

static int run(const struct args *args)
{
    const char *fault = usage_fault(args);
    if (fault != NULL)
        return args_wrong(spec.name, "%s", fault);
    if (args_value(args, OPT_STEP) != NULL)
        return errand_show(spec.name, args, step);
    if (args_value(args, OPT_WITHOUT) != NULL || args_value(args, OPT_POLICY) != NULL)
        return errand_show(spec.name, args, suppose);
    return show(args);
}

int cmd_replay(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = run(&args);
    args_free(&args);
    return code;
}
