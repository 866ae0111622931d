#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/operand.h"
#include "replay/signing.h"
#include "replay/target.h"

enum {
    OPT_ROLE = 0x3000,
    OPT_COMMENT,
    OPT_REASON,
    OPT_CRITERION,
    OPT_YES,
    OPT_ANYWAY,
    OPT_SHOW_EVENT
};

static const struct option options[] = {
    {"role", required_argument, NULL, OPT_ROLE},
    {"comment", required_argument, NULL, OPT_COMMENT},
    {"reason", required_argument, NULL, OPT_REASON},
    {"criterion", required_argument, NULL, OPT_CRITERION},
    {"yes", no_argument, NULL, OPT_YES},
    {"anyway", no_argument, NULL, OPT_ANYWAY},
    {"show-event", no_argument, NULL, OPT_SHOW_EVENT},
    {"help", no_argument, NULL, ARGS_HELP},
    SUBMIT_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

#define WHICH "NODE is its id, or its role; it may be left out where one alone waits for you.\n"

#define CEREMONY                                                                                   \
    "  --yes             on a terminal: do not ask before signing\n"                               \
    "  --anyway          also what would be refused; the refusal goes on record\n"                 \
    "  --show-event      show the bytes that are signed\n"

#define ROLE "  --role ROLE       as which role (default: the one that the checklist names)\n"

/* The acts; an option that an act does not take is 0. */
static const struct decision {
    const char *name;
    const char *type;
    const char *operands;
    const char *about;
    size_t operands_min, operands_max;
    int takes[2];
    enum target_kind kind;
    bool basis; /* the signature covers what the signer saw */
} decisions[] = {
    {"approve",
     "approval.given",
     "LEDGER ID [NODE]",
     "Gives an approval or a sign-off.  What is signed is shown first.\n" WHICH "\n" ROLE
     "  --comment TEXT    a comment\n" CEREMONY,
     2,
     3,
     {OPT_ROLE, OPT_COMMENT},
     TARGET_APPROVAL,
     true},
    {"sign-off",
     "approval.given",
     "LEDGER ID [NODE]",
     "Gives a sign-off.  What is signed is shown first.\n" WHICH "\n" ROLE
     "  --comment TEXT    a comment\n" CEREMONY,
     2,
     3,
     {OPT_ROLE, OPT_COMMENT},
     TARGET_SIGNOFF,
     true},
    {"reject",
     "approval.rejected",
     "LEDGER ID [NODE] --reason TEXT",
     "Refuses an approval, or takes it back for its role.\n" WHICH "\n" ROLE
     "  --reason TEXT     why\n" CEREMONY,
     2,
     3,
     {OPT_ROLE, OPT_REASON},
     TARGET_REJECTED,
     false},
    {"withdraw",
     "approval.withdrawn",
     "LEDGER ID [NODE]",
     "Takes back an approval that one gave.\n" WHICH "\n" ROLE "  --reason TEXT     why\n" CEREMONY,
     2,
     3,
     {OPT_ROLE, OPT_REASON},
     TARGET_GIVEN,
     false},
    {"decide",
     "decision.made",
     "LEDGER ID NODE VALUE",
     "Decides at a gate, or for or against a rollback.  What is signed is shown first.\n"
     "NODE is its id, gate-N, or rollback; VALUE one of its options, in capitals or not.\n\n"
     "  --comment TEXT    a comment\n"
     "  --criterion ID    a criterion that the decision covers (may be repeated)\n" CEREMONY,
     3,
     4,
     {OPT_COMMENT, OPT_CRITERION},
     TARGET_DECISION,
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
        if (option < OPT_YES && decision->takes[0] != option && decision->takes[1] != option) {
            args_wrong(decision->name, "it takes no --%s", option_name(option));
            return false;
        }
    }
    const char *reason = args_value(args, OPT_REASON);
    if (strcmp(decision->name, "reject") != 0 || (reason != NULL && reason[0] != '\0'))
        return true;
    args_wrong(decision->name, "say why: --reason TEXT");
    return false;
}

/* The command as it is carried out. */
struct course {
    const struct decision *decision;
    const struct args *args;
    struct errand errand;
    struct deployment *deployment;
    struct signer_key key; /* name NULL: none */
    const char *node;
    const char *role;  /* or NULL */
    const char *value; /* of a decision, as the checklist names it; or NULL */
};

static const struct node *node_of(const struct course *course)
{
    const struct checklist *checklist = course->deployment->checklist;
    size_t at = checklist != NULL ? checklist_node(checklist, course->node) : CHECKLIST_NONE;
    return at != CHECKLIST_NONE ? &checklist->nodes[at] : NULL;
}

/* Who signs; of a request that may be left open. */
static enum err find_key(struct course *course, struct err_text *ret_why)
{
    const struct submit_options *submit = &course->args->submit;
    struct ledger *ledger = course->errand.ledger;
    if (submit->key == NULL && submit->token == NULL && submit->offline == NULL)
        return err_say(ret_why, ERR_USAGE,
                       "a person signs it: --key FILE (or COUNTERSIGN_KEY), --agent, or elsewhere "
                       "with --offline FILE");
    bool elsewhere = submit->offline != NULL && !submit->key_given;
    if (submit->key == NULL || elsewhere)
        return ERR_OK;
    enum err err = submit_key(ledger, submit, &course->key, ret_why);
    if (err == ERR_OK)
        err = signer_known(&course->key, ledger_registry(ledger), ledger_dir(ledger), ret_why);
    return err;
}

static enum err find_node(struct course *course, struct err_text *ret_why)
{
    const struct registry *registry = ledger_registry(course->errand.ledger);
    const struct registry_key *known =
        course->key.name != NULL ? registry_key(registry, course->key.id) : NULL;
    const struct target target = {.deployment = course->deployment,
                                  .kind = course->decision->kind,
                                  .name = course->args->operand[2],
                                  .role = args_value(course->args, OPT_ROLE),
                                  .principal = known != NULL ? known->principal : NULL,
                                  .seq = registry_size(registry),
                                  .time_us = ledger_now(course->errand.ledger)};
    enum err err = target_find(&target, &course->node, ret_why);
    const struct node *node = err == ERR_OK ? node_of(course) : NULL;
    course->role = target.role;
    if (node != NULL && course->role == NULL && course->decision->kind != TARGET_DECISION)
        course->role = node->role;
    return err;
}

/* The option that is meant; what is none is left to the rules to refuse. */
static enum err find_value(struct course *course, struct err_text *ret_why)
{
    const char *value = course->args->operand[3];
    const struct node *node = node_of(course);
    struct buf list = {0};
    course->value = value;
    if (course->decision->kind != TARGET_DECISION)
        return ERR_OK;
    bool decides = node != NULL && node->kind == NODE_DECISION;
    size_t option = decides && value != NULL ? target_option(node, value) : CHECKLIST_NONE;
    if (option != CHECKLIST_NONE)
        course->value = node->options[option].label;
    bool open = value == NULL || (decides && option == CHECKLIST_NONE &&
                                  args_value(course->args, OPT_ANYWAY) == NULL);
    if (!open)
        return ERR_OK;
    if (decides)
        target_options(node, &list);
    enum err err = decides ? err_say(ret_why, ERR_USAGE, "%s is decided by one of: %s",
                                     course->node, (const char *)list.data)
                           : err_say(ret_why, ERR_USAGE, "%s is no decision", course->node);
    buf_free(&list);
    return err;
}

static json_t *make_data(const struct course *course)
{
    const struct args *args = course->args;
    const struct deployment *deployment = course->deployment;
    json_t *data = json_object();
    json_t *criteria = json_array();
    size_t at = 0;
    for (const char *id; (id = args_next(args, OPT_CRITERION, &at)) != NULL;)
        json_array_append_new(criteria, ijson_text(id));
    operand_put(data, "node", course->node);
    operand_put(data, "value", course->value);
    operand_put(data, "role", course->role);
    operand_put(data, "comment", args_value(args, OPT_COMMENT));
    operand_put(data, "reason", args_value(args, OPT_REASON));
    if (json_array_size(criteria) > 0)
        json_object_set(data, "criteria", criteria);
    json_decref(criteria);
    if (course->decision->basis) {
        uint64_t pos = deployment->entries - 1;
        json_t *basis = json_object();
        json_object_set_new(basis, "pos", json_integer((json_int_t)pos));
        json_object_set_new(basis, "leaf", ijson_hex(deployment->leaves[pos], HASH_BYTES));
        json_object_set_new(data, "basis", basis);
    }
    return data;
}

/* What the person says, on one line: "NO-GO: too many errors (covers threshold:2.3.1)". */
static void describe(const struct course *course, struct buf *text)
{
    const struct args *args = course->args;
    const char *comment = args_value(args, OPT_COMMENT);
    const char *why = comment != NULL ? comment : args_value(args, OPT_REASON);
    const char *criterion = NULL;
    size_t at = 0;
    buf_printf(text, "%s%s%s", course->value != NULL ? course->value : "",
               course->value != NULL && why != NULL ? ": " : "", why != NULL ? why : "");
    while ((criterion = args_next(args, OPT_CRITERION, &at)) != NULL)
        buf_printf(text, ", covers %s", criterion);
}

static int sign(struct course *course)
{
    const struct args *args = course->args;
    struct buf text = {0};
    describe(course, &text);
    char *what = buf_take_text(&text);
    const struct signing signing = {.name = course->decision->name,
                                    .errand = &course->errand,
                                    .submit = &args->submit,
                                    .deployment = course->deployment,
                                    .key = course->key.name != NULL ? &course->key : NULL,
                                    .type = course->decision->type,
                                    .data = make_data(course),
                                    .node = course->node,
                                    .role = course->role,
                                    .what = what[0] != '\0' ? what : NULL,
                                    .yes = args_value(args, OPT_YES) != NULL,
                                    .anyway = args_value(args, OPT_ANYWAY) != NULL,
                                    .show_event = args_value(args, OPT_SHOW_EVENT) != NULL};
    int code = signing_run(&signing);
    free(what);
    return code;
}

static int run(const struct decision *decision, const struct args *args)
{
    struct err_text why = {""};
    struct course course = {.decision = decision, .args = args};
    enum err err = errand_open(args->operand[0], &course.errand, &why);
    if (err != ERR_OK)
        return args_unopened(decision->name, err, &why);
    err = errand_head(&course.errand, args->operand[1], &course.deployment, &why);
    if (err == ERR_OK)
        err = find_key(&course, &why);
    if (err == ERR_OK)
        err = find_node(&course, &why);
    if (err == ERR_OK)
        err = find_value(&course, &why);
    int code = err == ERR_OK      ? sign(&course)
               : err == ERR_USAGE ? args_wrong(decision->name, "%s", why.s)
                                  : args_failed(decision->name, err, &why);
    signer_key_free(&course.key);
    deployment_free(course.deployment);
    errand_close(&course.errand);
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
                             .operands_min = decision->operands_min,
                             .operands_max = decision->operands_max,
                             .writes = true};
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = options_fit(decision, &args) ? run(decision, &args) : err_exit(ERR_USAGE);
    args_free(&args);
    return code;
}
