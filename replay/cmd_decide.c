#include <stdio.h>
#include <string.h>

#include "replay/errand.h"
#include "replay/operand.h"
#include "replay/summary.h"

enum { OPT_ROLE = 0x3000, OPT_COMMENT, OPT_REASON, OPT_CRITERION };

static const struct option options[] = {
    {"role", required_argument, NULL, OPT_ROLE},
    {"comment", required_argument, NULL, OPT_COMMENT},
    {"reason", required_argument, NULL, OPT_REASON},
    {"criterion", required_argument, NULL, OPT_CRITERION},
    {"help", no_argument, NULL, ARGS_HELP},
    SUBMIT_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

/* The four acts; an option that an act does not take is 0. */
static const struct decision {
    const char *name;
    const char *type;
    const char *operands;
    const char *about;
    size_t operand_count;
    int takes[3];
    bool basis; /* the signature covers what the signer saw */
} decisions[] = {
    {"approve",
     "approval.given",
     "LEDGER ID NODE",
     "Gives an approval or a sign-off.  What is signed is shown first.\n\n"
     "  --role ROLE       as which role (default: the one that the checklist names)\n"
     "  --comment TEXT    a comment\n",
     3,
     {OPT_ROLE, OPT_COMMENT, 0},
     true},
    {"reject",
     "approval.rejected",
     "LEDGER ID NODE",
     "Refuses an approval, or takes it back for its role.\n\n"
     "  --role ROLE       as which role (default: the one that the checklist names)\n"
     "  --reason TEXT     why\n",
     3,
     {OPT_ROLE, OPT_REASON, 0},
     false},
    {"withdraw",
     "approval.withdrawn",
     "LEDGER ID NODE",
     "Takes back an approval that one gave.\n\n"
     "  --role ROLE       as which role (default: the one that the checklist names)\n"
     "  --reason TEXT     why\n",
     3,
     {OPT_ROLE, OPT_REASON, 0},
     false},
    {"decide",
     "decision.made",
     "LEDGER ID NODE VALUE",
     "Decides at a gate, or for or against a rollback.  What is signed is shown first.\n\n"
     "  --comment TEXT    a comment\n"
     "  --criterion ID    a criterion that the decision covers (may be repeated)\n",
     4,
     {OPT_COMMENT, OPT_CRITERION, 0},
     true},
};

static const struct decision *find(const char *name)
{
    for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++) {
        if (strcmp(decisions[i].name, name) == 0)
            return &decisions[i];
    }
    return NULL;
}

static const char *option_name(int option)
{
    for (size_t i = 0; options[i].name != NULL; i++) {
        if (options[i].val == option)
            return options[i].name;
    }
    return "";
}

static bool options_fit(const struct decision *decision, const struct args *args)
{
    for (size_t i = 0; i < args->choice_count; i++) {
        int option = args->choices[i].option;
        if (decision->takes[0] != option && decision->takes[1] != option &&
            decision->takes[2] != option) {
            args_wrong(decision->name, "it takes no --%s", option_name(option));
            return false;
        }
    }
    return true;
}

static const char *role_of(const struct deployment *deployment, const char *id)
{
    const struct checklist *checklist = deployment->checklist;
    size_t node = checklist != NULL ? checklist_node(checklist, id) : CHECKLIST_NONE;
    return node != CHECKLIST_NONE ? checklist->nodes[node].role : NULL;
}

static json_t *make_data(const struct decision *decision, const struct args *args, const char *role,
                         const struct deployment *deployment)
{
    json_t *data = json_object();
    json_t *criteria = json_array();
    size_t at = 0;
    for (const char *id; (id = args_next(args, OPT_CRITERION, &at)) != NULL;)
        json_array_append_new(criteria, ijson_text(id));
    operand_put(data, "node", args->operand[2]);
    operand_put(data, "value", args->operand[3]);
    operand_put(data, "role", role);
    operand_put(data, "comment", args_value(args, OPT_COMMENT));
    operand_put(data, "reason", args_value(args, OPT_REASON));
    if (json_array_size(criteria) > 0)
        json_object_set(data, "criteria", criteria);
    json_decref(criteria);
    if (decision->basis) {
        uint64_t pos = deployment->entries - 1;
        json_t *basis = json_object();
        json_object_set_new(basis, "pos", json_integer((json_int_t)pos));
        json_object_set_new(basis, "leaf", ijson_hex(deployment->leaves[pos], HASH_BYTES));
        json_object_set_new(data, "basis", basis);
    }
    return data;
}

static void show(const struct summary *summary)
{
    struct buf text = {0};
    summary_add(summary, &text);
    fwrite(text.data, 1, text.bytes, stderr);
    buf_free(&text);
}

static int run(const struct decision *decision, const struct args *args)
{
    struct err_text why = {""};
    struct errand errand = {0};
    struct deployment *deployment = NULL;
    json_t *receipt = NULL;
    int code = 0;
    enum err err = errand_open(args->operand[0], &errand, &why);
    if (err != ERR_OK)
        return args_unopened(decision->name, err, &why);
    err = errand_head(&errand, args->operand[1], &deployment, &why);
    if (err == ERR_OK) {
        const char *role = args_value(args, OPT_ROLE);
        const char *what = args->operand[3] != NULL                ? args->operand[3]
                           : args_value(args, OPT_COMMENT) != NULL ? args_value(args, OPT_COMMENT)
                                                                   : args_value(args, OPT_REASON);
        if (role == NULL && args->operand[3] == NULL)
            role = role_of(deployment, args->operand[2]);
        show(&(struct summary){deployment, ledger_info(errand.ledger), decision->name,
                               args->operand[2], role, what});
        struct errand_event event = {decision->type, args->operand[1],
                                     make_data(decision, args, role, deployment)};
        err = errand_deliver(&errand, &args->submit, &event, &receipt, &why);
    }
    code = err == ERR_OK ? submit_print(&args->submit, receipt)
                         : args_failed(decision->name, err, &why);
    json_decref(receipt);
    deployment_free(deployment);
    errand_close(&errand);
    return code;
}

int cmd_decide(int argc, char *argv[])
{
    const struct decision *decision = find(argv[0]);
    ASSERT(decision != NULL);
    struct args_spec spec = {.name = decision->name,
                             .operands = decision->operands,
                             .about = decision->about,
                             .options = options,
                             .operands_min = decision->operand_count,
                             .operands_max = decision->operand_count,
                             .writes = true};
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = options_fit(decision, &args) ? run(decision, &args) : err_exit(ERR_USAGE);
    args_free(&args);
    return code;
}
