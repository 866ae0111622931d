/* cmd_policy - what the rules ask for beyond their defaults: set, list (RULES.md "Policy"). */
#include <stdlib.h>
#include <string.h>

#include "ledger/admin.h"
#include "ledger/ledger.h"

enum {
    OPT_SEPARATION = 0x3000,
    OPT_TOUCH,
    OPT_PIN,
    OPT_QUORUM,
    OPT_RETAIN,
    OPT_RETROACTIVE,
    OPT_SKEW,
    OPT_LATE
};

static const struct option set_options[] = {
    {"separation", required_argument, NULL, OPT_SEPARATION},
    {"touch", required_argument, NULL, OPT_TOUCH},
    {"pin", required_argument, NULL, OPT_PIN},
    {"quorum", required_argument, NULL, OPT_QUORUM},
    {"retain", required_argument, NULL, OPT_RETAIN},
    {"retroactive-hours", required_argument, NULL, OPT_RETROACTIVE},
    {"skew-seconds", required_argument, NULL, OPT_SKEW},
    {"late-refuses", no_argument, NULL, OPT_LATE},
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec set_spec = {
    .name = "policy set",
    .operands = "LEDGER",
    .about =
        "Sets the policy for deployments that are opened from here on: what is not named is as\n"
        "by default.  A weaker one is an exception in every report.  An admin signs it.\n\n"
        "  --separation on|off      whether nobody may give two approvals of one gate, nor an\n"
        "                           author of the change approve or decide (default: on)\n"
        "  --quorum ROLE=K          so many persons must approve as this role (default: 1)\n"
        "  --touch ROLE             approvals and decisions in it need a security key that was\n"
        "                           touched; --pin ROLE: that knew its holder by PIN\n"
        "  --retroactive-hours N    how long after an emergency's first GO its approvals may\n"
        "                           still be given (default: 72)\n"
        "  --skew-seconds N         a claimed time that is further off is flagged (default: 300)\n"
        "  --late-refuses           what comes late is refused, not flagged\n"
        "  --retain CLASS=DAYS      deployments with this environment are kept so many days after\n"
        "                           their last event, 365 or more; `default` is all others\n"
        "                           (default: 365), also those opened before\n\n"
        "  --quorum, --touch, --pin and --retain may be repeated.\n",
    .options = set_options,
    .operands_min = 1,
    .operands_max = 1,
    .writes = true,
};

/* A list of roles, if any are given. */
static void put_roles(json_t *data, const char *name, const struct args *args, int option)
{
    json_t *roles = json_array();
    size_t at = 0;
    for (const char *role; (role = args_next(args, option, &at)) != NULL;)
        json_array_append_new(roles, ijson_text(role));
    if (json_array_size(roles) > 0)
        json_object_set(data, name, roles);
    json_decref(roles);
}

/* A whole number, if it is given; false if it is none. */
static bool put_number(json_t *data, const char *name, const char *text)
{
    uint64_t number;
    if (text == NULL)
        return true;
    if (!args_number(text, &number) || number > INT32_MAX)
        return false;
    return json_object_set_new(data, name, json_integer((json_int_t)number)) == 0;
}

/* NAME=NUMBER each, if any are given; false if one is malformed. */
static bool put_pairs(json_t *data, const char *name, const struct args *args, int option)
{
    json_t *pairs = json_object();
    bool good = true;
    size_t at = 0;
    for (const char *pair; good && (pair = args_next(args, option, &at)) != NULL;) {
        const char *equals = strrchr(pair, '=');
        char *key = mem_text_n(pair, equals == NULL ? 0 : (size_t)(equals - pair));
        good = key[0] != '\0' && put_number(pairs, key, equals + 1);
        free(key);
    }
    if (json_object_size(pairs) > 0)
        json_object_set(data, name, pairs);
    json_decref(pairs);
    return good;
}

/* The members of `policy.set`; NULL, and *${ret_wrong} says which option, if one is malformed. */
static json_t *make_data(const struct args *args, const char **ret_wrong)
{
    json_t *data = json_object();
    const char *separation = args_value(args, OPT_SEPARATION);
    bool on = separation == NULL || strcmp(separation, "on") == 0;
    *ret_wrong = NULL;
    if (!on && strcmp(separation, "off") != 0)
        *ret_wrong = "--separation is on or off";
    else if (!put_pairs(data, "quorum", args, OPT_QUORUM))
        *ret_wrong = "--quorum is ROLE=K, a number of persons";
    else if (!put_pairs(data, "retention", args, OPT_RETAIN))
        *ret_wrong = "--retain is CLASS=DAYS, a number of days from 365 on";
    else if (!put_number(data, "retroactive_hours", args_value(args, OPT_RETROACTIVE)))
        *ret_wrong = "--retroactive-hours is a whole number";
    else if (!put_number(data, "skew_seconds", args_value(args, OPT_SKEW)))
        *ret_wrong = "--skew-seconds is a whole number";
    if (*ret_wrong != NULL) {
        json_decref(data);
        return NULL;
    }
    if (!on)
        json_object_set_new(data, "separation", json_false());
    put_roles(data, "touch", args, OPT_TOUCH);
    put_roles(data, "pin", args, OPT_PIN);
    if (args_value(args, OPT_LATE) != NULL)
        json_object_set_new(data, "late_refuses", json_true());
    return data;
}

static int set(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &set_spec, &args, &code)) {
        const char *wrong;
        json_t *data = make_data(&args, &wrong);
        const struct admin_act act = {set_spec.name, "policy.set", data, NULL};
        code = data == NULL ? args_wrong(set_spec.name, "%s", wrong) : admin_run(&args, &act);
    }
    args_free(&args);
    return code;
}

static const struct args_spec list_spec = {
    .name = "policy list",
    .operands = "LEDGER",
    .about = "Lists the policies, the one in force first; the last is the default.\n\n"
             "  --json  an array of objects\n",
    .options = admin_list_options,
    .operands_min = 1,
    .operands_max = 1,
};

/* A member of the policy as it was set, or ${by_default}, which is stolen. */
static json_t *member(const struct registry_policy *policy, const char *name, json_t *by_default)
{
    json_t *value = ijson_get(policy->json, name);
    if (value == NULL)
        return by_default;
    json_decref(by_default);
    return json_incref(value);
}

static json_t *policy_json(const struct registry_policy *policy)
{
    json_t *row = json_object();
    json_object_set_new(row, "seq",
                        policy->json == NULL ? json_null() : json_integer((json_int_t)policy->seq));
    json_object_set_new(row, "separation", json_boolean(policy->separation));
    json_object_set_new(row, "quorum", member(policy, "quorum", json_object()));
    json_object_set_new(row, "touch", member(policy, "touch", json_array()));
    json_object_set_new(row, "pin", member(policy, "pin", json_array()));
    json_object_set_new(row, "retroactive_hours",
                        json_integer(policy->retroactive_us / (3600 * INSTANT_SECOND_US)));
    json_object_set_new(row, "skew_seconds", json_integer(policy->skew_us / INSTANT_SECOND_US));
    json_object_set_new(row, "late_refuses", json_boolean(policy->late_refuses));
    json_object_set_new(row, "retention", member(policy, "retention", json_object()));
    json_object_set_new(row, "weaker", json_boolean(registry_policy_weaker(policy)));
    return row;
}

/* "seq 12: separation off, quorum {...}, ..., weaker than the default" */
static void add_text(const struct registry_policy *policy, struct buf *text)
{
    json_t *row = policy_json(policy);
    const char *name;
    json_t *value;
    if (policy->json == NULL)
        buf_text(text, "default:");
    else
        buf_printf(text, "seq %llu:", (unsigned long long)policy->seq);
    json_object_foreach (row, name, value) {
        struct buf shown = {0};
        if (strcmp(name, "seq") == 0 || strcmp(name, "weaker") == 0)
            continue;
        ijson_print(value, &shown);
        buf_printf(text, " %s ", name);
        printable_add(text, (const char *)shown.data);
        buf_free(&shown);
    }
    buf_text(text, registry_policy_weaker(policy) ? ", weaker than the default\n" : "\n");
    json_decref(row);
}

static void list_policies(const struct ledger *ledger, struct buf *text, json_t *rows)
{
    const struct registry_policy *policy = registry_policy(ledger_registry(ledger), SEQ_NONE);
    for (bool more = true; more; policy = registry_policy(ledger_registry(ledger), policy->seq)) {
        if (rows != NULL)
            json_array_append_new(rows, policy_json(policy));
        else
            add_text(policy, text);
        more = policy->json != NULL;
    }
}

static int list(int argc, char *argv[])
{
    return admin_list(argc, argv, &list_spec, list_policies);
}

int cmd_policy(int argc, char *argv[])
{
    static const struct admin_verb verbs[] = {
        {"set", set, "set LEDGER [--separation on|off] [--quorum ROLE=K] ..."},
        {"list", list, "list LEDGER [--json]"},
        {NULL, NULL, NULL},
    };
    return admin_verbs(argc, argv, verbs);
}
