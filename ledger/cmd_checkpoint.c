/* cmd_checkpoint - print the signed checkpoint of a ledger's last commit. */
#include "ledger/args.h"
#include "ledger/ledger.h"

static const struct option options[] = {
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "checkpoint",
    .operands = "LEDGER",
    .about =
        "Prints the checkpoint of the last commit, a signed note: kept elsewhere, it proves later\n"
        "that nothing before it was changed (countersign verify LEDGER --against FILE).\n\n"
        "  --json  print {origin, size, root, note}\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

static enum err describe(const struct buf *note, struct buf *text, struct err_text *ret_why)
{
    struct checkpoint checkpoint;
    if (checkpoint_parse((const char *)note->data, note->bytes, &checkpoint) != ERR_OK)
        return err_say(ret_why, ERR_DAMAGED, "the stored checkpoint is malformed");
    json_t *object = json_object();
    json_object_set_new(object, "origin", ijson_text(checkpoint.origin));
    json_object_set_new(object, "size", json_integer((json_int_t)checkpoint.size));
    json_object_set_new(object, "root", ijson_hex(checkpoint.root, HASH_BYTES));
    json_object_set_new(object, "note", ijson_text((const char *)note->data));
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
    return ERR_OK;
}

int cmd_checkpoint(int argc, char *argv[])
{
    struct args args;
    struct ledger *ledger = NULL;
    struct err_text why = {""};
    struct buf note = {0}, text = {0};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    enum err err = ledger_open(args.operand[0], false, &ledger, &why);
    if (err == ERR_OK)
        err = ledger_checkpoint(ledger, &note, &why);
    if (err == ERR_OK && args_value(&args, 'j') != NULL)
        err = describe(&note, &text, &why);
    else if (err == ERR_OK)
        buf_add(&text, note.data, note.bytes);
    code = err == ERR_OK ? args_print(spec.name, &text, 0) : args_unopened(spec.name, err, &why);
out:
    ledger_close(ledger);
    args_free(&args);
    buf_free(&note);
    buf_free(&text);
    return code;
}
