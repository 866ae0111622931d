/* cmd_verify - check the whole of a ledger. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/args.h"
#include "ledger/files.h"
#include "ledger/ledger.h"
#include "ledger/verify.h"
#include "ledger/verify_file.h"

static const struct option options[] = {
    {"vkey", required_argument, NULL, 'k'},    {"only", required_argument, NULL, 'o'},
    {"against", required_argument, NULL, 'a'}, {"json", no_argument, NULL, 'j'},
    {"entry", required_argument, NULL, 'e'},   {"leaf", required_argument, NULL, 'l'},
    {"help", no_argument, NULL, ARGS_HELP},    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "verify",
    .operands = "LEDGER|FILE",
    .about =
        "Recomputes every hash, chain, index and root of a ledger and checks every signature.\n"
        "Exit code 4, with the entry's seq and what is wrong, if anything was changed.\n\n"
        "  --vkey K        the key that checks checkpoints, as init printed it, from a copy kept\n"
        "                  elsewhere (default: the one that the ledger itself names)\n"
        "  --only hashes   check no signature\n"
        "  --against FILE  a checkpoint kept elsewhere must lie in this ledger's history\n"
        "  --json          print {ok, size, root, entries, signatures, skipped, first_bad}\n\n"
        "FILE is a tlog-proof (countersign prove) or a checkpoint, - for standard input; it is\n"
        "checked by --vkey alone, exit code 1 if it does not hold.\n\n"
        "  --entry FILE    the entry's bytes, for a proof that does not carry them\n"
        "  --leaf HEX      its leaf hash, where the entry is not to be shown\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

static void show_progress(void *ctx, uint64_t done, uint64_t total)
{
    (void)ctx;
    fprintf(stderr, "\r%llu of %llu entries", (unsigned long long)done, (unsigned long long)total);
}

static void clear_progress(void)
{
    fputs("\r\033[K", stderr);
}

static void describe_json(const struct verify_result *result, struct buf *text)
{
    json_t *object = json_object(), *skipped = json_array(), *bad = NULL;
    for (size_t i = 0; i < result->skipped_count; i++)
        json_array_append_new(skipped, ijson_text(result->skipped[i]));
    if (result->first_bad.found) {
        bad = json_object();
        json_object_set_new(bad, "seq", json_integer((json_int_t)result->first_bad.seq));
        json_object_set_new(bad, "what", ijson_text(result->first_bad.what));
    }
    json_object_set_new(object, "ok", json_boolean(result->ok));
    json_object_set_new(object, "size", json_integer((json_int_t)result->size));
    json_object_set_new(object, "root", ijson_hex(result->root, HASH_BYTES));
    json_object_set_new(object, "entries", json_integer((json_int_t)result->entries));
    json_object_set_new(object, "signatures", json_integer((json_int_t)result->signatures));
    json_object_set_new(object, "skipped", skipped);
    json_object_set_new(object, "first_bad", bad != NULL ? bad : json_null());
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
}

static void describe(const struct verify_result *result, struct buf *text)
{
    if (result->ok) {
        buf_printf(text, "good: %llu entries, %llu signatures, root ",
                   (unsigned long long)result->entries, (unsigned long long)result->signatures);
        buf_hex(text, result->root, HASH_BYTES);
    } else {
        buf_text(text, "damaged: ");
        printable_add(text, result->first_bad.what);
        buf_printf(text, "\n%llu of %llu entries were checked and are good",
                   (unsigned long long)result->entries, (unsigned long long)result->size);
    }
    buf_text(text, "\n");
    for (size_t i = 0; i < result->skipped_count; i++) {
        buf_text(text, "not checked: ");
        printable_add(text, result->skipped[i]);
        buf_text(text, "\n");
    }
}

/* One file, by itself. */
static int verify_one_file(const struct args *args)
{
    const struct verify_file file = {spec.name,
                                     args->operand[0],
                                     args_value(args, 'k'),
                                     args_value(args, 'e'),
                                     args_value(args, 'l'),
                                     args_value(args, 'j') != NULL};
    if (args_value(args, 'a') != NULL)
        return args_wrong(spec.name, "--against needs the tree between two checkpoints: give the "
                                     "ledger, or a directory of its tiles, not one file");
    if (args_value(args, 'o') != NULL)
        return args_wrong(spec.name, "--only is for a ledger, not for one file");
    return verify_file_run(&file);
}

int cmd_verify(int argc, char *argv[])
{
    struct args args;
    struct verify_options verify = {0};
    struct verify_note note;
    struct verify_result *result = NULL;
    struct err_text why = {""};
    struct buf against = {0}, text = {0};
    enum err err = ERR_OK;
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    if (verify_file_is(args.operand[0])) {
        code = verify_one_file(&args);
        goto out;
    }
    const char *only = args_value(&args, 'o'), *file = args_value(&args, 'a');
    if (only != NULL && strcmp(only, "hashes") != 0) {
        code = args_wrong(spec.name, "--only takes hashes");
        goto out;
    }
    if (args_value(&args, 'e') != NULL || args_value(&args, 'l') != NULL) {
        code = args_wrong(spec.name, "--entry and --leaf are for a proof, not for a ledger");
        goto out;
    }
    verify.only_hashes = only != NULL;
    verify.vkey = args_value(&args, 'k');
    verify.progress = isatty(STDERR_FILENO) == 1 ? show_progress : NULL;
    if (file != NULL) {
        err = files_input(file, NOTE_BYTES_MAX, &against, &why);
        note = (struct verify_note){file, (const char *)against.data, against.bytes};
        verify.against = &note;
        verify.against_count = 1;
    }
    if (err == ERR_OK)
        err = verify_ledger(args.operand[0], &verify, &result, &why);
    if (verify.progress != NULL)
        clear_progress();
    if (err != ERR_OK) {
        code = args_unopened(spec.name, err, &why);
        goto out;
    }
    if (args_value(&args, 'j') != NULL)
        describe_json(result, &text);
    else
        describe(result, &text);
    code = args_print(spec.name, &text, result->ok ? 0 : err_exit(ERR_DAMAGED));
out:
    verify_result_free(result);
    args_free(&args);
    buf_free(&against);
    buf_free(&text);
    return code;
}
