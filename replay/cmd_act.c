#include "replay/replay.h"

#include "replay/verb.h"

static const struct option options[] = {
    {"note", required_argument, NULL, VERB_NOTE},
    {"reason", required_argument, NULL, VERB_REASON},
    {"unit", required_argument, NULL, VERB_UNIT},
    {"node", required_argument, NULL, VERB_NODE},
    {"source", required_argument, NULL, VERB_SOURCE},
    {"query", required_argument, NULL, VERB_QUERY},
    {"window", required_argument, NULL, VERB_WINDOW},
    {"media", required_argument, NULL, VERB_MEDIA},
    {"uri", required_argument, NULL, VERB_URI},
    {"about", required_argument, NULL, VERB_ABOUT},
    {"title", required_argument, NULL, VERB_TITLE},
    {"severity", required_argument, NULL, VERB_SEVERITY},
    {"started", required_argument, NULL, VERB_STARTED},
    {"text", required_argument, NULL, VERB_TEXT},
    {"t0", required_argument, NULL, VERB_T0},
    {"until", required_argument, NULL, VERB_UNTIL},
    {"remove", no_argument, NULL, VERB_REMOVE},
    {"help", no_argument, NULL, ARGS_HELP},
    SUBMIT_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

/* The options of all verbs stand in one table; this says which of them the verb does not take. */
static bool options_fit(const struct verb *verb, const struct args *args)
{
    for (size_t i = 0; i < args->choice_count; i++) {
        int option = args->choices[i].option;
        if ((verb->options & 1u << (option - VERB_OPTION_BASE)) == 0) {
            args_wrong(verb->name, "it takes no --%s", verb_option_name((enum verb_option)option));
            return false;
        }
    }
    return true;
}

static int run(const struct verb *verb, const struct args *args)
{
    struct err_text why = {""};
    struct errand_event event = {NULL, args->operand[1], json_object()};
    enum err err = options_fit(verb, args) ? verb->make(args, &event, &why) : ERR_USAGE;
    if (err == ERR_OK)
        return errand_run(verb->name, args->operand[0], &args->submit, &event);
    json_decref(event.data);
    if (err != ERR_USAGE)
        return args_failed(verb->name, err, &why);
    return why.s[0] != '\0' ? args_wrong(verb->name, "%s", why.s) : err_exit(ERR_USAGE);
}

int cmd_act(int argc, char *argv[])
{
    const struct verb *verb = verb_find(argv[0]);
    ASSERT(verb != NULL);
    struct args_spec spec = {.name = verb->name,
                             .operands = verb->operands,
                             .about = verb->about,
                             .options = options,
                             .operands_min = verb->operands_min,
                             .operands_max = verb->operands_max,
                             .writes = true};
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = run(verb, &args);
    args_free(&args);
    return code;
}
