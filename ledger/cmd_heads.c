/* cmd_heads - where all streams stand, said by the ledger itself; what it has said so far. */
#include "ledger/args.h"
#include "ledger/ledger.h"

static const struct option options[] = {
    {"list", no_argument, NULL, 'l'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "heads",
    .operands = "LEDGER",
    .about =
        "Has the ledger say where each of its streams stands, in an entry of its own\n"
        "(ledger.heads): with it a bundle proves that it holds a deployment whole.  A daemon does\n"
        "so every day by itself; before a report, do it once more.  It takes the ledger's own\n"
        "keys, so who may read these; a daemon may run.  Nothing is written where the last entry\n"
        "is such a one.\n\n"
        "  --list  write nothing, list what was said so far\n"
        "  --json  {seq, time, size, root}; with --list an array of them\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

static json_t *heads_json(const struct registry_heads *said)
{
    json_t *row = json_object();
    json_object_set_new(row, "seq", json_integer((json_int_t)said->seq));
    json_object_set_new(row, "time", ijson_instant(said->time_us));
    json_object_set_new(row, "size", json_integer((json_int_t)said->size));
    json_object_set_new(row, "root", ijson_hex(said->root, HASH_BYTES));
    return row;
}

static void heads_text(const struct registry_heads *said, struct buf *text)
{
    char time[INSTANT_TEXT_BYTES];
    instant_format(said->time_us, time);
    buf_printf(text, "entry %llu  %s  of %llu entries  ", (unsigned long long)said->seq, time,
               (unsigned long long)said->size);
    buf_hex(text, said->root, HASH_BYTES);
    buf_text(text, "\n");
}

static void list(const struct ledger *ledger, json_t *rows, struct buf *text)
{
    size_t count = 0;
    const struct registry_heads *said = registry_heads(ledger_registry(ledger), &count);
    for (size_t i = 0; i < count; i++) {
        if (rows != NULL)
            json_array_append_new(rows, heads_json(&said[i]));
        else
            heads_text(&said[i], text);
    }
}

/* Say them now. */
static enum err say(struct ledger *ledger, json_t **ret_row, struct buf *text,
                    struct err_text *ret_why)
{
    struct registry_heads said;
    bool new = false;
    enum err err = heads_make_append(ledger, &said, &new, ret_why);
    if (err == ERR_OK && ret_row != NULL)
        *ret_row = heads_json(&said);
    else if (err == ERR_OK)
        heads_text(&said, text);
    return err;
}

int cmd_heads(int argc, char *argv[])
{
    struct args args;
    struct ledger *ledger = NULL;
    struct err_text why = {""};
    struct buf text = {0};
    json_t *json = NULL;
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    bool lists = args_value(&args, 'l') != NULL, objects = args_value(&args, 'j') != NULL;
    enum err err = ledger_open(args.operand[0], !lists, &ledger, &why);
    if (err != ERR_OK) {
        code = args_unopened(spec.name, err, &why);
        goto out;
    }
    if (lists) {
        json = objects ? json_array() : NULL;
        list(ledger, json, &text);
    } else {
        err = say(ledger, objects ? &json : NULL, &text, &why);
    }
    if (json != NULL) {
        ijson_print(json, &text);
        buf_text(&text, "\n");
    }
    code = err == ERR_OK ? args_print(spec.name, &text, 0) : args_failed(spec.name, err, &why);
out:
    json_decref(json);
    ledger_close(ledger);
    args_free(&args);
    buf_free(&text);
    return code;
}
