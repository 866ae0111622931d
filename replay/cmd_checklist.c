#include <stdio.h>
#include <string.h>

#include "replay/filled.h"
#include "replay/lint.h"
#include "replay/listing.h"
#include "replay/moment.h"
#include "replay/publication.h"
#include "replay/source.h"

enum { OPT_JSON = 0x5000, OPT_AT };

static const struct option plain_options[] = {
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct option print_options[] = {
    {"at", required_argument, NULL, OPT_AT},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec show_spec = {
    .name = "checklist show",
    .operands = "FILE",
    .about = "Shows what a checklist compiles to: sections, nodes, what each asks for, and what\n"
             "could not be placed.\n\n"
             "  --json            all properties, as JSON\n",
    .options = plain_options,
    .operands_min = 1,
    .operands_max = 1,
};

static const struct args_spec print_spec = {
    .name = "checklist print",
    .operands = "FILE|LEDGER ID",
    .about =
        "Prints the checklist's Markdown byte for byte; of a deployment the filled copy, with\n"
        "who, when and seq behind each mark.\n\n" MOMENT_USAGE
        "  --json            an object with the Markdown and the checklist's SHA-256\n",
    .options = print_options,
    .operands_min = 1,
    .operands_max = 2,
};

static int show(const struct args *args)
{
    struct checklist *checklist = NULL;
    struct err_text why = {""};
    struct buf text = {0};
    enum err err = source_compile(args->operand[0], &checklist, &why);
    if (err != ERR_OK)
        return args_unopened(show_spec.name, err, &why);
    if (args_value(args, OPT_JSON) != NULL) {
        json_t *json = checklist_json(checklist);
        ijson_pretty(json, &text);
        json_decref(json);
    } else {
        listing_add(checklist, &text);
    }
    int code = args_print(show_spec.name, &text, 0);
    buf_free(&text);
    checklist_free(checklist);
    return code;
}

static int print_markdown(const struct args *args, const struct checklist *checklist,
                          struct buf *markdown)
{
    if (args_value(args, OPT_JSON) == NULL)
        return args_print(print_spec.name, markdown, 0);
    struct buf text = {0};
    json_t *json = json_object();
    json_object_set_new(json, "sha256", ijson_hex(checklist->sha256, HASH_BYTES));
    json_object_set_new(json, "markdown",
                        json_stringn((const char *)markdown->data, markdown->bytes));
    ijson_pretty(json, &text);
    int code = args_print(print_spec.name, &text, 0);
    json_decref(json);
    buf_free(&text);
    return code;
}

static enum err fold(struct errand *errand, const struct args *args,
                     struct deployment **ret_deployment, struct err_text *ret_why)
{
    const char *id = args->operand[1], *at = args_value(args, OPT_AT);
    struct moment moment = {UINT64_MAX, -1, 0};
    enum err err = errand_head(errand, id, ret_deployment, ret_why);
    if (err == ERR_OK && at != NULL) {
        deployment_free(*ret_deployment);
        *ret_deployment = NULL;
        err = moment_find(errand, id, at, &moment, ret_why);
        if (err == ERR_OK)
            err = moment_fold(errand, id, &moment, NULL, ret_deployment, ret_why);
    }
    if (err == ERR_OK && (*ret_deployment)->checklist == NULL)
        err = err_say(ret_why, ERR_NOT_FOUND, "%s: not opened with a checklist", id);
    return err;
}

static int print_filled(const struct args *args)
{
    struct errand errand = {0};
    struct deployment *deployment = NULL;
    struct err_text why = {""};
    struct buf text = {0};
    int code = 0;
    enum err err = errand_open(args->operand[0], &errand, &why);
    if (err != ERR_OK)
        return args_unopened(print_spec.name, err, &why);
    err = fold(&errand, args, &deployment, &why);
    if (err == ERR_OK) {
        filled_add(deployment, ledger_info(errand.ledger), &text);
        code = print_markdown(args, deployment->checklist, &text);
    } else {
        code = err == ERR_USAGE ? args_wrong(print_spec.name, "%s", why.s)
                                : args_failed(print_spec.name, err, &why);
    }
    buf_free(&text);
    deployment_free(deployment);
    errand_close(&errand);
    return code;
}

static int print(const struct args *args)
{
    struct checklist *checklist = NULL;
    struct err_text why = {""};
    struct buf text = {0};
    if (args->operand_count == 2)
        return print_filled(args);
    if (args_value(args, OPT_AT) != NULL)
        return args_wrong(print_spec.name, "--at goes with LEDGER ID");
    enum err err = source_compile(args->operand[0], &checklist, &why);
    if (err != ERR_OK)
        return args_unopened(print_spec.name, err, &why);
    buf_add(&text, checklist->source, checklist->source_bytes);
    int code = print_markdown(args, checklist, &text);
    buf_free(&text);
    checklist_free(checklist);
    return code;
}

static void print_usage(FILE *out)
{
    fputs("usage: countersign checklist show FILE             what it compiles to\n"
          "       countersign checklist print FILE|LEDGER ID  its Markdown, or a filled copy\n"
          "       countersign checklist lint FILE             what could not be read, what weakens "
          "it\n"
          "       countersign checklist publish LEDGER FILE   make it known to a ledger\n"
          "FILE may be - for standard input.  `countersign checklist VERB --help` tells more.\n",
          out);
}

int cmd_checklist(int argc, char *argv[])
{
    static const struct {
        const char *name;
        const struct args_spec *spec;
        int (*run)(const struct args *args);
    } verbs[] = {{"show", &show_spec, show}, {"print", &print_spec, print}};
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "lint") == 0)
        return lint_command(argc - 1, argv + 1);
    if (strcmp(name, "publish") == 0)
        return publication_command(argc - 1, argv + 1);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        struct args args;
        int code = 0;
        if (strcmp(verbs[i].name, name) != 0)
            continue;
        if (args_parse(argc - 1, argv + 1, verbs[i].spec, &args, &code))
            code = verbs[i].run(&args);
        args_free(&args);
        return code;
    }
    bool help = strcmp(name, "--help") == 0;
    print_usage(help ? stdout : stderr);
    return help ? 0 : err_exit(ERR_USAGE);
}
