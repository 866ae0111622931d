/* cmd_export - write a ledger as files that any web server can serve. */
#include <inttypes.h>

#include "ledger/args.h"
#include "ledger/ledger.h"
#include "ledger/progress.h"
#include "ledger/shelf.h"
#include "ledger/visit.h"

static const struct option options[] = {
    {"tiles", required_argument, NULL, 't'},
    {"events", no_argument, NULL, 'e'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "export",
    .operands = "LEDGER --tiles DIR",
    .about =
        "Writes the log as static files (C2SP tlog-tiles) that any web server can serve and any\n"
        "client of transparency logs can check: checkpoint, tile/... and tile/entries/...\n\n"
        "Run it again to bring DIR up to date: what is there already is left. The checkpoint is\n"
        "written last, so that DIR is whole at every moment, also when this is broken off.\n\n"
        "  --tiles DIR  the directory, made if absent; another ledger's is refused\n"
        "  --events     the events with their salts too (tile/events/...), for those who may read\n"
        "               them: entries have digests of events only\n"
        "  --json       print {origin, size, root, events, written, left}\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

static void show_progress(void *ctx, uint64_t done, uint64_t total)
{
    progress_draw(ctx, "%" PRIu64 " of %" PRIu64 " files", done, total);
}

static void describe_json(const struct ledger *ledger, const struct shelf_result *result,
                          bool events, struct buf *text)
{
    json_t *object = json_object();
    json_object_set_new(object, "origin", ijson_text(ledger_info(ledger)->origin));
    json_object_set_new(object, "size", json_integer((json_int_t)result->size));
    json_object_set_new(object, "root", ijson_hex(result->root, HASH_BYTES));
    json_object_set_new(object, "events", json_boolean(events));
    json_object_set_new(object, "written", json_integer((json_int_t)result->written));
    json_object_set_new(object, "left", json_integer((json_int_t)result->left));
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
}

static void describe(const char *dir, const struct shelf_result *result, struct buf *text)
{
    printable_add(text, dir);
    buf_printf(text, ": %" PRIu64 " entries, root ", result->size);
    buf_hex(text, result->root, HASH_BYTES);
    buf_printf(text, "; %" PRIu64 " tiles written, %" PRIu64 " left as they were\n",
               result->written, result->left);
}

static enum err export(void *ctx, const struct args *args, struct ledger *ledger, struct buf *text,
                       struct err_text *ret_why) {
    (void)ctx; const char *dir = args_value(args, 't'); struct shelf_result result;
    struct progress progress = progress_begin();
    const struct shelf_options shelf = {.events = args_value(args, 'e') != NULL,
                                        .progress = show_progress,
                                        .ctx = &progress};
    enum err err = shelf_export(ledger, dir, &shelf, &result, ret_why);
    progress_end(&progress);
    if (err == ERR_OK && args_value(args, 'j') != NULL)
        describe_json(ledger, &result, shelf.events, text);
    else if (err == ERR_OK) describe(dir, &result, text);
    return err;
}

int cmd_export(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code)) {
        const char *dir = args_value(&args, 't');
        code = dir != NULL && dir[0] != '\0' ? visit_ledger(spec.name, &args, export, NULL)
                                             : args_wrong(spec.name, "--tiles DIR says where to");
    }
    args_free(&args);
    return code;
}
