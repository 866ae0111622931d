#include "replay/publication.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/source.h"

char *publication_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    size_t bytes = strlen(base);
    if (bytes > 3 && strcmp(base + bytes - 3, ".md") == 0)
        bytes -= 3;
    return mem_text_n(base, bytes);
}

enum err publication_deliver(struct errand *errand, const struct submit_options *options,
                             const char *path, const struct checklist *checklist,
                             json_t **ret_receipt, struct err_text *ret_why)
{
    char *name = publication_name(path);
    json_t *data = json_object();
    json_object_set_new(data, "name", ijson_text(name));
    json_object_set_new(data, "markdown", json_stringn(checklist->source, checklist->source_bytes));
    struct errand_event event = {"checklist.published", NULL, data};
    free(name);
    return errand_deliver(errand, options, &event, ret_receipt, ret_why);
}

static const struct option options[] = {
    {"help", no_argument, NULL, ARGS_HELP},
    SUBMIT_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "checklist publish",
    .operands = "LEDGER FILE",
    .about =
        "Publishes a checklist on a ledger, which an admin can, under the file's name without\n"
        "`.md`.  Deployments are opened with it by that name or by its SHA-256.\n\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2,
    .writes = true,
    .at_once = true};

static void say_digest(const struct checklist *checklist)
{
    struct buf hex = {0};
    buf_hex(&hex, checklist->sha256, HASH_BYTES);
    fprintf(stderr, "sha256 %s, %zu nodes, %zu warnings\n", (const char *)hex.data,
            checklist->node_count, checklist->warnings.count);
    buf_free(&hex);
}

static enum err deliver(const void *ctx, const struct args *args, struct errand *errand,
                        json_t **ret_receipt, struct err_text *ret_why)
{
    return publication_deliver(errand, &args->submit, args->operand[1], ctx, ret_receipt, ret_why);
}

static int run(const struct args *args)
{
    struct err_text why = {""};
    struct checklist *checklist = NULL;
    enum err err = source_compile(args->operand[1], &checklist, &why);
    if (err != ERR_OK)
        return args_unopened(spec.name, err, &why);
    say_digest(checklist);
    int code = errand_record(spec.name, args, deliver, checklist);
    checklist_free(checklist);
    return code;
}

int publication_command(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = run(&args);
    args_free(&args);
    return code;
}
