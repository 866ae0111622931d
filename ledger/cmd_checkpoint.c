/* cmd_checkpoint - print the signed checkpoint of a ledger's last commit, or those it has kept. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/args.h"
#include "ledger/kept.h"
#include "ledger/ledger.h"
#include "ledger/visit.h"

static const struct option options[] = {
    {"history", no_argument, NULL, 'h'},
    {"size", required_argument, NULL, 's'},
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
        "  --history  list those that the ledger keeps, one for each 10 s of writing, and the "
        "last:\n"
        "             size, time of its last entry, root, the keys that signed\n"
        "  --size N   print the kept checkpoint of size N\n"
        "  --json     print {origin, size, root, note}; of a history a line {size, time, root,\n"
        "             keys} for each\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

static enum err describe(const struct buf *note, struct buf *text, struct err_text *ret_why)
{
    json_t *object = NULL;
    enum err err = kept_json(note, &object, ret_why);
    if (err != ERR_OK)
        return err;
    json_object_set_new(object, "note", ijson_text((const char *)note->data));
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
    return ERR_OK;
}

static void line_json(const struct checkpoint *checkpoint, const char *time,
                      const struct note_signer *signers, size_t count, struct buf *text)
{
    json_t *object = json_object(), *keys = json_array();
    for (size_t i = 0; i < count; i++) {
        struct buf key = {0};
        buf_printf(&key, "%s+%08x", signers[i].name, (unsigned)signers[i].id);
        json_array_append_new(keys, ijson_text((const char *)key.data));
        buf_free(&key);
    }
    json_object_set_new(object, "size", json_integer((json_int_t)checkpoint->size));
    json_object_set_new(object, "time", ijson_text(time));
    json_object_set_new(object, "root", ijson_hex(checkpoint->root, HASH_BYTES));
    json_object_set_new(object, "keys", keys);
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
}

static void line_text(const struct checkpoint *checkpoint, const char *time,
                      const struct note_signer *signers, size_t count, struct buf *text)
{
    buf_printf(text, "%8" PRIu64 "  %s  ", checkpoint->size, time);
    buf_hex(text, checkpoint->root, HASH_BYTES);
    for (size_t i = 0; i < count; i++) {
        buf_text(text, i == 0 ? "  " : ", ");
        printable_add(text, signers[i].name);
        buf_printf(text, "+%08x", (unsigned)signers[i].id);
    }
    buf_text(text, "\n");
}

/* One line of the history. */
static enum err line(const struct kept *kept, bool json, struct buf *text, struct err_text *ret_why)
{
    struct checkpoint checkpoint;
    struct note_signer *signers = NULL;
    size_t count = 0;
    char time[INSTANT_TEXT_BYTES];
    const char *note = (const char *)kept->note.data;
    if (checkpoint_parse(note, kept->note.bytes, &checkpoint) != ERR_OK ||
        note_signers(note, kept->note.bytes, &signers, &count) != ERR_OK)
        return err_say(ret_why, ERR_DAMAGED, "the kept checkpoint of size %" PRIu64 " is malformed",
                       kept->size);
    instant_format(kept->time_us, time);
    (json ? line_json : line_text)(&checkpoint, time, signers, count, text);
    free(signers);
    return ERR_OK;
}

/* Prints as it reads: a history may be long. */
static enum err list(struct ledger *ledger, bool json, struct err_text *ret_why)
{
    uint64_t size = 0;
    for (;;) {
        struct kept kept = {.size = size};
        struct buf text = {0};
        bool found = false;
        enum err err = kept_after(ledger, size, &kept, &found, ret_why);
        if (err == ERR_OK && found)
            err = line(&kept, json, &text, ret_why);
        if (err == ERR_OK && found && fwrite(text.data, 1, text.bytes, stdout) != text.bytes)
            err = err_say(ret_why, ERR_IO, "standard output cannot be written");
        size = kept.size;
        buf_free(&kept.note);
        buf_free(&text);
        if (err != ERR_OK || !found)
            return err;
    }
}

/* The options go together; false, and the exit code is set, if they do not. */
static bool take_options(const struct args *args, uint64_t *size, int *ret_exit)
{
    const char *text = args_value(args, 's');
    if (text != NULL && args_value(args, 'h') != NULL)
        *ret_exit = args_wrong(spec.name, "--size and --history exclude each other");
    else if (text != NULL && (!args_number(text, size) || *size == 0))
        *ret_exit = args_wrong(spec.name, "--size takes a number from 1 on");
    else
        return true;
    return false;
}

/* A history is printed as it is read, and appends nothing. */
static enum err show(void *ctx, const struct args *args, struct ledger *ledger, struct buf *text,
                     struct err_text *ret_why)
{
    const uint64_t *size = ctx;
    struct buf note = {0};
    bool json = args_value(args, 'j') != NULL;
    if (args_value(args, 'h') != NULL)
        return list(ledger, json, ret_why);
    enum err err = *size > 0 ? kept_note(ledger, *size, &note, ret_why)
                             : ledger_checkpoint(ledger, &note, ret_why);
    if (err == ERR_OK && json)
        err = describe(&note, text, ret_why);
    else if (err == ERR_OK)
        buf_add(text, note.data, note.bytes);
    buf_free(&note);
    return err;
}

int cmd_checkpoint(int argc, char *argv[])
{
    struct args args;
    uint64_t size = 0;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code) && take_options(&args, &size, &code))
        code = visit_ledger(spec.name, &args, show, &size);
    args_free(&args);
    return code;
}
