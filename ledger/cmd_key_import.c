/* cmd_key_import - the keys of an allowed_signers file enrolled, all or none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/cmd_key.h"
#include "ledger/daemon.h"
#include "ledger/files.h"
#include "ledger/ledger.h"
#include "ledger/signers.h"

#define NAME "key import"
#define VOUCHERS_MAX (ENTRY_SIGS_MAX - 1)
#define KEY_FILE_BYTES_MAX 16384

static const struct option options[] = {
    {"vouch", required_argument, NULL, 'v'},
    {"dry-run", no_argument, NULL, 'n'},
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = NAME,
    .operands = "LEDGER FILE",
    .about =
        "Enrolls the keys of an OpenSSH allowed_signers file (- for standard input), one "
        "principal\n"
        "and one key a line.  The whole file is judged first: one line that cannot be taken "
        "refuses\n"
        "it, with its number and the reason.  Keys that are enrolled to their principals already\n"
        "are passed over.  An admin signs each; without a daemon they come in one commit, with "
        "one\n"
        "one by one: a run that breaks off says so, and running it again goes on.\n\n"
        "  --vouch FILE      a valid key of a principal in the file, which signs that principal's\n"
        "                    further keys too; may be repeated\n"
        "  --dry-run         judge the file, and say what would be enrolled\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2,
    .writes = true,
    .at_once = true,
};

/* A key that vouches for others of its principal. */
struct voucher {
    const char *file;
    const struct registry_key *key; /* borrowed from the registry */
};

/* One import under way. */
struct import {
    const struct args *args;
    struct ledger *ledger; /* opened for reading */
    struct signers signers;
    bool *skipped;    /* by line: enrolled already; owned */
    uint64_t *seqs;   /* by line: where it was enrolled; owned */
    size_t new_count; /* lines that are not skipped */
    size_t done;      /* of them enrolled */
    struct voucher vouchers[VOUCHERS_MAX];
    size_t voucher_count;
    struct err_text why;
};

static void fingerprint_of(const struct signers_line *line, char ret[SSHKEY_FINGERPRINT_BYTES])
{
    sshkey_fingerprint(line->key.id, ret);
}

static bool has_token(const struct registry *registry, const char *principal)
{
    size_t count = 0;
    const struct registry_token *const *tokens = registry_tokens(registry, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(tokens[i]->principal, principal) == 0)
            return true;
    }
    return false;
}

/* Whether the file has the same key in a line before. */
static bool repeats(const struct import *import, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (memcmp(import->signers.lines[i].key.id, import->signers.lines[at].key.id,
                   KEY_ID_BYTES) == 0)
            return true;
    }
    return false;
}

/* Judge one line by what the ledger holds already. */
static enum err judge_line(struct import *import, size_t at)
{
    const struct registry *registry = ledger_registry(import->ledger);
    const struct signers_line *line = &import->signers.lines[at];
    const struct registry_key *known = registry_key(registry, line->key.id);
    struct err_text *why = &import->why;
    if (known != NULL && strcmp(known->principal, line->principal) != 0)
        return err_say(why, ERR_CONFLICT, "line %zu: the key is enrolled to %s", line->number,
                       known->principal);
    if (known != NULL && known->revoked_seq != SEQ_NONE)
        return err_say(why, ERR_CONFLICT, "line %zu: the key was revoked at entry %llu, for ever",
                       line->number, (unsigned long long)known->revoked_seq);
    if (known == NULL && has_token(registry, line->principal))
        return err_say(why, ERR_CONFLICT, "line %zu: %s has a token, and so cannot have keys",
                       line->number, line->principal);
    import->skipped[at] = known != NULL || repeats(import, at);
    import->new_count += import->skipped[at] ? 0 : 1;
    return ERR_OK;
}

static enum err read_file(struct import *import)
{
    struct buf text = {0};
    const char *file = import->args->operand[1];
    struct err_text why = {""};
    enum err err = files_input(file, SIGNERS_BYTES_MAX, &text, &import->why);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_IO : err;
    err = signers_parse((const char *)text.data, text.bytes, &import->signers, &why);
    buf_free(&text);
    if (err != ERR_OK)
        return err_say(&import->why, err, "%s: nothing is enrolled: %s", file, why.s);
    import->skipped = mem_zero(import->signers.count, sizeof(*import->skipped));
    import->seqs = mem_zero(import->signers.count, sizeof(*import->seqs));
    for (size_t i = 0; err == ERR_OK && i < import->signers.count; i++)
        err = judge_line(import, i);
    why = import->why;
    if (err != ERR_OK)
        err_say(&import->why, err, "%s: nothing is enrolled: %s", file, why.s);
    return err;
}

/* The public half of a key file, which stands beside it. */
static enum err read_public(const char *file, struct sshkey *ret, struct err_text *ret_why)
{
    size_t bytes = strlen(file);
    bool is_public = bytes > 4 && strcmp(file + bytes - 4, ".pub") == 0;
    struct buf path = {0}, text = {0};
    buf_printf(&path, "%s%s", file, is_public ? "" : ".pub");
    enum err err = files_input((const char *)path.data, KEY_FILE_BYTES_MAX, &text, ret_why);
    if (err == ERR_OK)
        err = sshkey_from_text((const char *)text.data, ret, ret_why);
    buf_free(&path);
    buf_free(&text);
    return err;
}

static enum err take_vouchers(struct import *import)
{
    const struct registry *registry = ledger_registry(import->ledger);
    size_t at = 0;
    struct sshkey key;
    for (const char *file; (file = args_next(import->args, 'v', &at)) != NULL;) {
        if (import->voucher_count == VOUCHERS_MAX)
            return err_say(&import->why, ERR_USAGE, "--vouch at most %d times", VOUCHERS_MAX);
        enum err err = read_public(file, &key, &import->why);
        if (err != ERR_OK)
            return err == ERR_NOT_FOUND ? ERR_IO : err;
        const struct registry_key *known = registry_key(registry, key.id);
        if (known == NULL || known->revoked_seq != SEQ_NONE)
            return err_say(&import->why, ERR_UNAUTHENTICATED, "%s is no valid key of anybody",
                           file);
        import->vouchers[import->voucher_count++] = (struct voucher){file, known};
    }
    return ERR_OK;
}

/* The event of one line, in an envelope signed by the admin and by who vouches. */
static enum err make_envelope(struct import *import, size_t at, struct buf *envelope)
{
    const struct signers_line *line = &import->signers.lines[at];
    const char *keys[ENTRY_SIGS_MAX] = {import->args->submit.key};
    size_t count = 1;
    struct buf event = {0}, text = {0};
    sshkey_format(&line->key, &text);
    json_t *data = json_object();
    json_object_set_new(data, "principal", ijson_text(line->principal));
    json_object_set_new(data, "public_key", ijson_text((const char *)text.data));
    submit_build(import->ledger, &import->args->submit, "key.enrolled", NULL, data, &event);
    for (size_t i = 0; i < import->voucher_count; i++) {
        if (strcmp(import->vouchers[i].key->principal, line->principal) == 0)
            keys[count++] = import->vouchers[i].file;
    }
    enum err err = submit_sign_all(keys, count, &event, envelope, &import->why);
    buf_free(&event);
    buf_free(&text);
    return err;
}

static void show_progress(const struct import *import, const char *what, size_t done)
{
    if (isatty(STDERR_FILENO) == 1)
        fprintf(stderr, "\r%s %zu of %zu keys%s", what, done, import->new_count,
                done == import->new_count ? "\n" : "");
}

/* A refusal of one is a refusal of all: the same admin signs them. */
static enum err check_admin(struct import *import, struct ledger *ledger,
                            const struct admitted *admitted)
{
    const struct registry *registry = ledger_registry(ledger);
    const char *principal = admitted->part.principal;
    const struct registry_key *key = registry_key(registry, admitted->part.sigs[0].key_id);
    uint64_t size = 0;
    enum err err = ledger_size(ledger, &size, &import->why);
    if (err != ERR_OK)
        return err;
    if (!registry_holds(registry, principal, "admin", size))
        return err_say(&import->why, ERR_FORBIDDEN, "nothing is enrolled: %s is not an admin",
                       principal);
    return key != NULL && registry_key_valid(key, size)
               ? ERR_OK
               : err_say(&import->why, ERR_FORBIDDEN,
                         "nothing is enrolled: the key that %s signed with is revoked", principal);
}

/* Append all in one commit, and note where they came to stand. */
static enum err append_all(struct import *import, struct ledger *ledger,
                           struct admitted *const *admitted)
{
    struct receipt *receipts = mem_zero(import->new_count, sizeof(*receipts));
    enum err err = ledger_append(ledger, admitted, import->new_count, NULL, receipts, &import->why);
    if (err != ERR_OK) {
        free(receipts);
        return err;
    }
    for (size_t i = 0, line = 0; i < import->new_count; i++, line++) {
        while (import->skipped[line])
            line++;
        import->seqs[line] = receipts[i].seq;
        if (err != ERR_OK)
            continue;
        if (receipts[i].err != ERR_OK)
            err = ledger_receipt_why(&receipts[i], &import->why);
        else if (receipts[i].verdict.rule != RULE_NONE)
            err = err_say(&import->why, ERR_FORBIDDEN, "line %zu: recorded and refused: %s",
                          import->signers.lines[line].number, receipts[i].verdict.reason);
        else
            import->done++;
    }
    ledger_receipts_free(receipts, import->new_count);
    free(receipts);
    return err;
}

static enum err import_here(struct import *import)
{
    struct ledger *ledger = NULL;
    struct courier courier = {.origin = ORIGIN_CLI};
    struct admitted **admitted = mem_zero(import->new_count, sizeof(struct admitted *));
    size_t count = 0;
    enum err err = ledger_open(import->args->operand[0], true, &ledger, &import->why);
    for (size_t i = 0; err == ERR_OK && i < import->signers.count; i++) {
        struct buf envelope = {0};
        if (import->skipped[i])
            continue;
        err = make_envelope(import, i, &envelope);
        const struct admit_message message = {DSSE_MEDIA_TYPE, envelope.data, envelope.bytes, NULL};
        if (err == ERR_OK)
            err = admit_event(ledger_admission(ledger), ledger_registry(ledger), &courier, &message,
                              &admitted[count], &import->why);
        if (err == ERR_OK && count == 0)
            err = check_admin(import, ledger, admitted[0]);
        if (err == ERR_OK)
            show_progress(import, "signed", ++count);
        buf_free(&envelope);
    }
    if (err == ERR_OK)
        err = append_all(import, ledger, admitted);
    for (size_t i = 0; i < import->new_count; i++)
        admit_free(admitted[i]);
    free(admitted);
    ledger_close(ledger);
    return err;
}

/* Have the daemon append one; the first that it does not accept ends the import. */
static enum err send_one(struct import *import, const struct daemon *daemon, size_t at)
{
    struct buf envelope = {0};
    json_t *receipt = NULL;
    enum err err = make_envelope(import, at, &envelope);
    if (err == ERR_OK)
        err = daemon_post(daemon, DSSE_MEDIA_TYPE, NULL, &envelope, &receipt, &import->why);
    const char *verdict = ijson_string(receipt, "verdict");
    const char *reason = ijson_string(receipt, "reason");
    if (err == ERR_OK && (verdict == NULL || strcmp(verdict, "accepted") != 0))
        err =
            err_say(&import->why, ERR_FORBIDDEN, "line %zu: recorded and refused: %s",
                    import->signers.lines[at].number, reason != NULL ? reason : "no reason given");
    if (err == ERR_OK)
        import->seqs[at] = (uint64_t)json_integer_value(ijson_get(receipt, "seq"));
    json_decref(receipt);
    buf_free(&envelope);
    return err;
}

static enum err import_there(struct import *import, const struct daemon *daemon)
{
    enum err err = ERR_OK;
    struct err_text why;
    for (size_t i = 0; err == ERR_OK && i < import->signers.count; i++) {
        if (import->skipped[i])
            continue;
        err = send_one(import, daemon, i);
        if (err == ERR_OK)
            show_progress(import, "enrolled", ++import->done);
    }
    if (err == ERR_OK)
        return err;
    why = import->why;
    return err_say(&import->why, err, "%zu of %zu keys are enrolled; run it again to go on: %s",
                   import->done, import->new_count, why.s);
}

static enum err run(struct import *import)
{
    struct daemon daemon = {0};
    enum err err = read_file(import);
    if (err == ERR_OK)
        err = take_vouchers(import);
    if (err != ERR_OK || import->new_count == 0 || args_value(import->args, 'n') != NULL)
        return err;
    err = daemon_find(import->args->operand[0], &daemon, &import->why);
    if (err == ERR_OK)
        err = daemon.url != NULL ? import_there(import, &daemon) : import_here(import);
    daemon_free(&daemon);
    return err;
}

static void describe(const struct import *import, bool dry, struct buf *text)
{
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    for (size_t i = 0; i < import->signers.count; i++) {
        const struct signers_line *line = &import->signers.lines[i];
        fingerprint_of(line, fingerprint);
        buf_printf(text, "line %zu: %s  %s  ", line->number, fingerprint, line->principal);
        if (import->skipped[i])
            buf_text(text, "is enrolled already\n");
        else if (dry)
            buf_text(text, "would be enrolled\n");
        else
            buf_printf(text, "enrolled at %llu\n", (unsigned long long)import->seqs[i]);
    }
    buf_printf(text, "%zu %s, %zu enrolled already\n", import->new_count,
               dry ? "would be enrolled" : "enrolled", import->signers.count - import->new_count);
}

static void describe_json(const struct import *import, bool dry, struct buf *text)
{
    json_t *object = json_object(), *enrolled = json_array(), *skipped = json_array();
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    for (size_t i = 0; i < import->signers.count; i++) {
        const struct signers_line *line = &import->signers.lines[i];
        json_t *row = json_object();
        fingerprint_of(line, fingerprint);
        json_object_set_new(row, "line", json_integer((json_int_t)line->number));
        json_object_set_new(row, "principal", ijson_text(line->principal));
        json_object_set_new(row, "key", json_string(fingerprint));
        if (!import->skipped[i] && !dry)
            json_object_set_new(row, "seq", json_integer((json_int_t)import->seqs[i]));
        json_array_append_new(import->skipped[i] ? skipped : enrolled, row);
    }
    json_object_set_new(object, "dry_run", json_boolean(dry));
    json_object_set_new(object, "enrolled", enrolled);
    json_object_set_new(object, "skipped", skipped);
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
}

static int finish(struct import *import, enum err err)
{
    bool dry = args_value(import->args, 'n') != NULL;
    struct buf text = {0};
    if (err != ERR_OK)
        return args_failed(NAME, err, &import->why);
    if (import->args->submit.json)
        describe_json(import, dry, &text);
    else
        describe(import, dry, &text);
    int code = args_print(NAME, &text, 0);
    buf_free(&text);
    return code;
}

int cmd_key_import(int argc, char *argv[])
{
    struct args args;
    struct import import = {.args = &args};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    if (args.submit.key == NULL && args_value(&args, 'n') == NULL) {
        code = args_wrong(NAME, "an admin signs it: --key FILE, or COUNTERSIGN_KEY");
        goto out;
    }
    if (args.submit.id != NULL) {
        code = args_wrong(NAME, "--event-id names one event, and an import makes many");
        goto out;
    }
    enum err err = ledger_open(args.operand[0], false, &import.ledger, &import.why);
    code = err == ERR_OK ? finish(&import, run(&import)) : args_unopened(NAME, err, &import.why);
out:
    signers_free(&import.signers);
    free(import.skipped);
    free(import.seqs);
    ledger_close(import.ledger);
    args_free(&args);
    return code;
}
