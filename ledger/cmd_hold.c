/* cmd_hold - deployments that must be kept until further notice: place, release, list. */
#include <string.h>

#include "ledger/admin.h"
#include "ledger/ledger.h"

enum { OPT_REASON = 0x3000, OPT_HOLD };

static const struct option place_options[] = {
    {"reason", required_argument, NULL, OPT_REASON},
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct option release_options[] = {
    {"reason", required_argument, NULL, OPT_REASON},
    {"hold", required_argument, NULL, OPT_HOLD},
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec place_spec = {
    .name = "hold place",
    .operands = "LEDGER DEPLOYMENT --reason R",
    .about = "Places a hold: the deployment is kept, whatever its age, until the hold is\n"
             "released.  Each placing is a hold of its own.  An admin signs it.\n\n"
             "  --reason R        why: the case, the audit\n",
    .options = place_options,
    .operands_min = 2,
    .operands_max = 2,
    .writes = true,
};

static const struct args_spec release_spec = {
    .name = "hold release",
    .operands = "LEDGER DEPLOYMENT --reason R",
    .about = "Releases a hold; others on the deployment stay.  An admin signs it.\n\n"
             "  --reason R        why it is no longer needed\n"
             "  --hold SEQ        of several the one that entry SEQ placed (hold list)\n",
    .options = release_options,
    .operands_min = 2,
    .operands_max = 2,
    .writes = true,
};

/* Whether there is such a deployment; its name may be mistyped. */
static enum err check_there(struct ledger *ledger, const char *id, struct err_text *ret_why)
{
    uint64_t seq = 0;
    bool found = false;
    if (!event_stream_ok(id) || strcmp(id, "ledger") == 0 || strcmp(id, "inbox") == 0)
        return err_say(ret_why, ERR_USAGE, "'%s' cannot name a deployment", id);
    enum err err = ledger_stream_seq(ledger, id, 0, &seq, &found, ret_why);
    if (err == ERR_OK && !found)
        err = err_say(ret_why, ERR_NOT_FOUND, "there is no deployment '%s'", id);
    return err;
}

/* Whether a hold is on it. */
static enum err check_held(struct ledger *ledger, const char *id, struct err_text *ret_why)
{
    size_t count = 0;
    if (registry_hold_on(ledger_registry(ledger), id, SEQ_NONE, &count) == NULL)
        return err_say(ret_why, ERR_NOT_FOUND, "there is no hold on '%s'", id);
    return ERR_OK;
}

typedef enum err check_fn(struct ledger *ledger, const char *id, struct err_text *ret_why);

/* What is a slip of the pen becomes no record. */
static int check(const struct args *args, const char *name, check_fn *fn)
{
    struct ledger *ledger = NULL;
    struct err_text why = {""};
    enum err err = ledger_open(args->operand[0], false, &ledger, &why);
    if (err != ERR_OK)
        return args_unopened(name, err, &why);
    err = fn(ledger, args->operand[1], &why);
    ledger_close(ledger);
    return err == ERR_OK ? 0 : args_failed(name, err, &why);
}

/* The reason that is given; NULL if there is none. */
static const char *reason_of(const struct args *args)
{
    const char *reason = args_value(args, OPT_REASON);
    return reason != NULL && reason[0] != '\0' ? reason : NULL;
}

static int deliver(const struct args *args, const char *name, const char *type,
                   const uint64_t *hold)
{
    json_t *data = json_object();
    json_object_set_new(data, "deployment", ijson_text(args->operand[1]));
    json_object_set_new(data, "reason", ijson_text(reason_of(args)));
    if (hold != NULL)
        json_object_set_new(data, "hold", json_integer((json_int_t)*hold));
    const struct admin_act act = {name, type, data, NULL};
    return admin_run(args, &act);
}

static int place(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &place_spec, &args, &code)) {
        if (reason_of(&args) == NULL)
            code = args_wrong(place_spec.name, "say why: --reason R");
        else
            code = check(&args, place_spec.name, check_there);
        if (code == 0)
            code = deliver(&args, place_spec.name, "hold.placed", NULL);
    }
    args_free(&args);
    return code;
}

static int release(int argc, char *argv[])
{
    struct args args;
    uint64_t hold = 0;
    int code = 0;
    if (args_parse(argc, argv, &release_spec, &args, &code)) {
        const char *named = args_value(&args, OPT_HOLD);
        if (reason_of(&args) == NULL)
            code = args_wrong(release_spec.name, "say why: --reason R");
        else if (named != NULL && (!args_number(named, &hold) || hold > JSON_INTEGER_MAX))
            code = args_wrong(release_spec.name, "--hold takes the position of an entry");
        else
            code = check(&args, release_spec.name, check_held);
        if (code == 0)
            code = deliver(&args, release_spec.name, "hold.released", named != NULL ? &hold : NULL);
    }
    args_free(&args);
    return code;
}

static const struct args_spec list_spec = {
    .name = "hold list",
    .operands = "LEDGER",
    .about = "Lists all holds in the order of their placing, also those that are released.\n\n"
             "  --json  an array of objects\n",
    .options = admin_list_options,
    .operands_min = 1,
    .operands_max = 1,
};

static json_t *side_json(uint64_t seq, int64_t time_us, const char *principal, const char *reason)
{
    json_t *side = json_object();
    json_object_set_new(side, "seq", json_integer((json_int_t)seq));
    json_object_set_new(side, "time", ijson_instant(time_us));
    json_object_set_new(side, "principal", ijson_text(principal));
    json_object_set_new(side, "reason", ijson_text(reason));
    return side;
}

static json_t *hold_json(const struct registry_hold *hold)
{
    json_t *row = json_object();
    bool released = hold->released_seq != SEQ_NONE;
    json_object_set_new(row, "deployment", ijson_text(hold->deployment));
    json_object_set_new(
        row, "placed", side_json(hold->placed_seq, hold->placed_us, hold->placed_by, hold->reason));
    json_object_set_new(row, "released",
                        released ? side_json(hold->released_seq, hold->released_us,
                                             hold->released_by, hold->release_reason)
                                 : json_null());
    return row;
}

static void hold_text(const struct registry_hold *hold, struct buf *text)
{
    buf_printf(text, "%-24s  entry %llu, by %s: ", hold->deployment,
               (unsigned long long)hold->placed_seq, hold->placed_by);
    printable_add(text, hold->reason);
    if (hold->released_seq != SEQ_NONE) {
        buf_printf(text, "; released at %llu, by %s: ", (unsigned long long)hold->released_seq,
                   hold->released_by);
        printable_add(text, hold->release_reason);
    }
    buf_text(text, "\n");
}

static void list_holds(const struct ledger *ledger, struct buf *text, json_t *rows)
{
    size_t count = 0;
    const struct registry_hold *const *holds = registry_hold_list(ledger_registry(ledger), &count);
    for (size_t i = 0; i < count; i++) {
        if (rows != NULL)
            json_array_append_new(rows, hold_json(holds[i]));
        else
            hold_text(holds[i], text);
    }
}

static int list(int argc, char *argv[])
{
    return admin_list(argc, argv, &list_spec, list_holds);
}

int cmd_hold(int argc, char *argv[])
{
    static const struct admin_verb verbs[] = {
        {"place", place, "place LEDGER DEPLOYMENT --reason R"},
        {"release", release, "release LEDGER DEPLOYMENT --reason R [--hold SEQ]"},
        {"list", list, "list LEDGER [--json]"},
        {NULL, NULL, NULL},
    };
    return admin_verbs(argc, argv, verbs);
}
