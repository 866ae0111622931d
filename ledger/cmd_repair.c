/* cmd_repair - make again what follows from a ledger's entries and events. */
#include <stdlib.h>

#include "ledger/args.h"
#include "ledger/interrupt.h"
#include "ledger/ledger.h"
#include "ledger/progress.h"
#include "ledger/reindex.h"

static const struct option options[] = {
    {"index", no_argument, NULL, 'i'},
    {"discard-old", no_argument, NULL, 'd'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "repair",
    .operands = "LEDGER --index",
    .about = "Makes the tree and the indexes of a ledger again from its entries and events, in a "
             "new file\n"
             "that is checked whole before it takes the old one's place.  No other process may "
             "have\n"
             "the ledger open.  Until the last moment, and when it fails or is stopped, the ledger "
             "is\n"
             "as it was.  Exit code 4 if entries, events or checkpoints are damaged: a repair "
             "would\n"
             "only hide that, so restore a backup.\n\n"
             "  --index        what to repair; there is nothing else that could be\n"
             "  --discard-old  do not keep the old file (default: it stays beside the new one as\n"
             "                 data.mdb.before-repair, as evidence, until it is removed by hand)\n"
             "  --json         print {changed, size, root, nodes, ids, streams, kept}\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

static void show_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    progress_draw(ctx, "%s %llu of %llu entries", what, (unsigned long long)done,
                  (unsigned long long)total);
}

static json_t *found_json(const struct reindex_found *found)
{
    json_t *object = json_object();
    json_object_set_new(object, "readable", json_boolean(!found->unreadable));
    json_object_set_new(object, "missing", json_integer((json_int_t)found->missing));
    json_object_set_new(object, "added", json_integer((json_int_t)found->added));
    json_object_set_new(object, "wrong", json_integer((json_int_t)found->wrong));
    return object;
}

static void describe_json(const struct reindex_result *result, const char *dir, struct buf *text)
{
    json_t *object = json_object();
    char *kept = files_path(dir, result->kept);
    json_object_set_new(object, "changed", json_boolean(result->changed));
    json_object_set_new(object, "size", json_integer((json_int_t)result->size));
    json_object_set_new(object, "root", ijson_hex(result->root, HASH_BYTES));
    for (size_t i = 0; i < REINDEX_TABLES; i++)
        json_object_set_new(object, result->found[i].name, found_json(&result->found[i]));
    json_object_set_new(object, "kept", result->kept[0] != '\0' ? ijson_text(kept) : json_null());
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
    free(kept);
}

static void describe_found(const struct reindex_found *found, struct buf *text)
{
    if (found->unreadable)
        buf_printf(text, "%s: could not be read\n", found->name);
    else if (found->missing > 0 || found->added > 0 || found->wrong > 0)
        buf_printf(text, "%s: %llu rows missing, %llu too many, %llu wrong\n", found->name,
                   (unsigned long long)found->missing, (unsigned long long)found->added,
                   (unsigned long long)found->wrong);
    else
        buf_printf(text, "%s: as it should be\n", found->name);
}

static void describe(const struct reindex_result *result, const char *dir, struct buf *text)
{
    buf_text(text, result->changed ? "repaired: " : "nothing to repair: ");
    buf_printf(text, "%llu entries, root ", (unsigned long long)result->size);
    buf_hex(text, result->root, HASH_BYTES);
    buf_text(text, "\n");
    for (size_t i = 0; i < REINDEX_TABLES; i++)
        describe_found(&result->found[i], text);
    if (result->kept[0] != '\0') {
        buf_text(text, "the old file is kept as ");
        printable_add(text, dir);
        buf_printf(text, "/%s: remove it once nobody needs it as evidence\n", result->kept);
    }
}

int cmd_repair(int argc, char *argv[])
{
    struct args args;
    struct progress progress = progress_begin();
    struct reindex_options repair = {.progress = show_progress, .stop = interrupt_came};
    struct reindex_result result;
    struct err_text why = {""};
    struct buf text = {0};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    if (args_value(&args, 'i') == NULL) {
        code = args_wrong(spec.name, "say what to repair: --index");
        goto out;
    }
    interrupt_catch();
    repair.discard_old = args_value(&args, 'd') != NULL;
    repair.ctx = &progress;
    enum err err = reindex_ledger(args.operand[0], &repair, &result, &why);
    progress_end(&progress);
    if (err != ERR_OK) {
        code = args_unopened(spec.name, err, &why);
        goto out;
    }
    if (args_value(&args, 'j') != NULL)
        describe_json(&result, args.operand[0], &text);
    else
        describe(&result, args.operand[0], &text);
    code = args_print(spec.name, &text, 0);
out:
    args_free(&args);
    buf_free(&text);
    return code;
}
