#include "replay/lint.h"

#include <stdlib.h>
#include <string.h>

#include "replay/errand.h"
#include "replay/soundness.h"
#include "replay/source.h"
#include "replay/weakness.h"

enum { OPT_JSON = 0x5000, OPT_LEDGER, OPT_ROLE, OPT_STRICT };

static const struct option options[] = {
    {"json", no_argument, NULL, OPT_JSON},       {"ledger", required_argument, NULL, OPT_LEDGER},
    {"role", required_argument, NULL, OPT_ROLE}, {"strict", no_argument, NULL, OPT_STRICT},
    {"help", no_argument, NULL, ARGS_HELP},      {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "checklist lint",
    .operands = "FILE",
    .about = "Lists what of a checklist could not be read, and what weakens it, a line for each:\n"
             "FILE:LINE: rule: what it is; what to do.  Exit 1 if there is a warning; notes alone, "
             "which\n"
             "are marked, are no reason.\n\n"
             "  --ledger LEDGER   also who of this ledger holds the roles that it names\n"
             "  --role R=P        also whether each role is held, by those given (repeated)\n"
             "  --strict          notes count as warnings\n"
             "  --json            an array of {line, last, rule, severity, text, advice}\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

static void lint_add_all(struct remark_list *list, const struct remark_list *more)
{
    for (size_t i = 0; i < more->count; i++) {
        const struct remark *remark = &more->remarks[i];
        remark_add(list, remark->rule, remark->line, remark->last, remark->text);
    }
}

void lint_find(const struct checklist *checklist, struct remark_list *list)
{
    lint_add_all(list, &checklist->warnings);
    lint_add_all(list, &checklist->notes);
    weakness_find(checklist, list);
    soundness_find(checklist, list);
    remark_sort(list);
}

/* Where holders of roles are looked for. */
struct lint_people {
    const struct args *args;
    const struct registry *registry; /* NULL without --ledger */
    const char *role;                /* the one that is looked for */
    struct buf names;
};

static void lint_name(struct lint_people *people, const char *principal)
{
    buf_text(&people->names, people->names.bytes > 0 ? ", " : "");
    buf_text(&people->names, principal);
}

static void lint_granted(void *ctx, const char *principal, const char *role, uint64_t from,
                         uint64_t to)
{
    struct lint_people *people = ctx;
    (void)from;
    if (to == SEQ_NONE && registry_role_same(role, people->role))
        lint_name(people, principal);
}

/* Those of --role who hold the role: with a ledger they need its grant, too. */
static void lint_assigned(struct lint_people *people)
{
    size_t at = 0;
    for (const char *given; (given = args_next(people->args, OPT_ROLE, &at)) != NULL;) {
        const char *equals = strrchr(given, '=');
        char *role = mem_text_n(given, (size_t)(equals - given));
        bool granted = people->registry == NULL ||
                       registry_holds(people->registry, equals + 1, people->role, SEQ_NONE - 1);
        if (registry_role_same(role, people->role) && granted)
            lint_name(people, equals + 1);
        free(role);
    }
}

static char *lint_holders(void *ctx, const char *role)
{
    struct lint_people *people = ctx;
    people->role = role;
    buf_clear(&people->names);
    if (args_value(people->args, OPT_ROLE) != NULL)
        lint_assigned(people);
    else
        registry_grants(people->registry, lint_granted, people);
    return people->names.bytes > 0 ? mem_text((const char *)people->names.data) : NULL;
}

/* Whether every --role is ROLE=PRINCIPAL. */
static bool lint_roles_given(const struct args *args)
{
    size_t at = 0;
    for (const char *given; (given = args_next(args, OPT_ROLE, &at)) != NULL;) {
        const char *equals = strrchr(given, '=');
        if (equals == NULL || equals == given || equals[1] == '\0')
            return false;
    }
    return true;
}

static enum err lint_people(const struct args *args, const struct checklist *checklist,
                            struct remark_list *list, struct err_text *ret_why)
{
    const char *dir = args_value(args, OPT_LEDGER);
    struct errand errand = {0};
    struct lint_people people = {.args = args};
    if (dir == NULL && args_value(args, OPT_ROLE) == NULL)
        return ERR_OK;
    enum err err = dir == NULL ? ERR_OK : errand_open(dir, &errand, ret_why);
    if (err != ERR_OK)
        return err;
    people.registry = dir == NULL ? NULL : ledger_registry(errand.ledger);
    soundness_roles(checklist, lint_holders, &people, list);
    remark_sort(list);
    buf_free(&people.names);
    errand_close(&errand);
    return ERR_OK;
}

static int lint_print(const struct args *args, const struct remark_list *list)
{
    struct buf text = {0};
    size_t counted = args_value(args, OPT_STRICT) != NULL ? list->count : remark_warnings(list);
    if (args_value(args, OPT_JSON) != NULL) {
        json_t *json = remark_json(list);
        ijson_pretty(json, &text);
        json_decref(json);
    } else {
        remark_print(list, args->operand[0], &text);
    }
    int code = args_print(spec.name, &text, counted > 0);
    buf_free(&text);
    return code;
}

static int lint_run(const struct args *args)
{
    struct checklist *checklist = NULL;
    struct remark_list list = {0};
    struct err_text why = {""};
    if (!lint_roles_given(args))
        return args_wrong(spec.name, "--role takes ROLE=PRINCIPAL");
    enum err err = source_compile(args->operand[0], &checklist, &why);
    if (err == ERR_OK) {
        lint_find(checklist, &list);
        err = lint_people(args, checklist, &list, &why);
    }
    int code = err == ERR_OK ? lint_print(args, &list) : args_unopened(spec.name, err, &why);
    remark_free(&list);
    checklist_free(checklist);
    return code;
}

int lint_command(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = lint_run(&args);
    args_free(&args);
    return code;
}
