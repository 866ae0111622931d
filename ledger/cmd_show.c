/* cmd_show - one entry in full, and its signature for a check without us. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/args.h"
#include "ledger/files.h"
#include "ledger/ledger.h"
#include "ledger/signers.h"
#include "ledger/sshsig.h"
#include "ledger/visit.h"
#include "ledger/word.h"

static const struct option options[] = {
    {"sshsig", required_argument, NULL, 'd'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "show",
    .operands = "LEDGER SEQ",
    .about =
        "Shows the entry at position SEQ: its place, who brought and signed it, and the event's\n"
        "own bytes.\n\n"
        "  --json        one JSON line, as GET /v1/events/SEQ gives it\n"
        "  --sshsig DIR  write event.json, event.json.sig (a further one: event.json.2.sig) and\n"
        "                allowed_signers into DIR, and print the ssh-keygen commands that check\n"
        "                them without countersign; signatures in DSSE envelopes it does not know\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2,
};

static const char *alg_name(uint8_t alg)
{
    return alg == SIG_DSSE_ED25519 ? "DSSE, Ed25519" : alg == SIG_SSHSIG ? "SSHSIG" : "WebAuthn";
}

static void line_hex(struct buf *text, const char *name, const void *data, size_t bytes)
{
    buf_printf(text, "%-13s", name);
    buf_hex(text, data, bytes);
    buf_text(text, "\n");
}

static void line_time(struct buf *text, const char *name, int64_t us)
{
    char time[INSTANT_TEXT_BYTES];
    instant_format(us, time);
    buf_printf(text, "%-13s%s\n", name, time);
}

/* A signature, and who holds its key; the key's state is that at the entry's position. */
static void describe_sig(const struct ledger *ledger, const struct entry *entry,
                         const struct entry_sig *sig, struct buf *text)
{
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    struct touch touch = {.attested = false};
    const struct registry_key *key = registry_key(ledger_registry(ledger), sig->key_id);
    sshkey_fingerprint(sig->key_id, fingerprint);
    buf_printf(text, "%-13s%s (%s", "signature", fingerprint, alg_name(sig->alg));
    if (touch_of(sig, &touch) && sig->alg == SIG_SSHSIG)
        buf_printf(text, ", %s%s", sshkey_type_name(touch.type), touch.attested ? ": " : "");
    touch_text(&touch, text);
    buf_text(text, ")");
    if (key == NULL)
        buf_text(text, " of a key that is not enrolled");
    else
        buf_printf(text, " of %s%s%s", key->principal,
                   registry_key_valid(key, entry->seq) ? "" : ", not valid then",
                   registry_key_suspect(key, entry->seq, SEQ_NONE) ? ", suspect" : "");
    buf_text(text, "\n");
}

/* How the rules judged an entry of the stream `ledger`. */
static void describe_verdict(const struct ledger *ledger, const struct entry *entry,
                             struct buf *text)
{
    const struct verdict *verdict = strcmp(entry->part.stream, "ledger") == 0
                                        ? ledger_verdict(ledger, entry->stream_pos)
                                        : NULL;
    if (verdict == NULL)
        return;
    buf_printf(text, "%-13s", "verdict");
    if (verdict->rule == RULE_NONE)
        buf_text(text, "accepted");
    else
        buf_printf(text, "refused, %s: ", rule_name(verdict->rule));
    printable_add(text, verdict->reason);
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
        if (verdict_has(verdict, flag))
            buf_printf(text, ", %s", flag_name(flag));
    }
    buf_text(text, "\n");
}

/* What an attached file was found to be, by the keys of that position. */
static void describe_evidence(const struct ledger *ledger, const struct record *record,
                              struct buf *text)
{
    const struct attestation_against against = {.registry = ledger_registry(ledger),
                                                .seq = record->entry.seq};
    struct event *event = NULL;
    struct attestation found = {0};
    if (record->event.bytes == 0 ||
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return;
    const char *name = event_subject_verb(event);
    if (name != NULL && strcmp(name, "evidence.attached") == 0)
        attestation_read(&against, event->data, &found);
    if (found.text != NULL) {
        buf_printf(text, "%-13s", "evidence");
        printable_add(text, found.text);
        buf_text(text, "\n");
    }
    attestation_free(&found);
    event_free(event);
}

/* The event's bytes; no JSON string has a raw line end, so that its lines can stay as they are. */
static void describe_event(const struct record *record, struct buf *text)
{
    const char *at = (const char *)record->event.data;
    if (record->event.bytes == 0) {
        buf_text(text, "\n(the event is erased)\n");
        return;
    }
    buf_text(text, "\n");
    while (*at != '\0') {
        size_t bytes = strcspn(at, "\n");
        char *line = mem_text_n(at, bytes > 0 && at[bytes - 1] == '\r' ? bytes - 1 : bytes);
        printable_add(text, line);
        buf_text(text, "\n");
        free(line);
        at += bytes + (at[bytes] == '\n');
    }
}

static void describe(const struct ledger *ledger, const struct record *record, struct buf *text)
{
    const struct entry *entry = &record->entry;
    buf_printf(text, "%-13s%llu\n%-13s%s #%llu\n", "seq", (unsigned long long)entry->seq, "stream",
               entry->part.stream, (unsigned long long)entry->stream_pos);
    line_time(text, "time", entry->time_us);
    line_time(text, "admitted", entry->part.admitted_us);
    buf_printf(text, "%-13s%s\n%-13s%s\n", "principal", entry->part.principal, "origin",
               entry_origin_name(entry->part.origin));
    for (size_t i = 0; i < entry->part.sig_count; i++)
        describe_sig(ledger, entry, &entry->part.sigs[i], text);
    describe_verdict(ledger, entry, text);
    describe_evidence(ledger, record, text);
    line_hex(text, "leaf", record->leaf, HASH_BYTES);
    line_hex(text, "prev", entry->prev, HASH_BYTES);
    line_hex(text, "stream prev", entry->stream_prev, HASH_BYTES);
    line_hex(text, "credential", entry->part.credential, HASH_BYTES);
    line_hex(text, "event digest", entry->part.event_digest, HASH_BYTES);
    line_hex(text, "salt", record->salt, SALT_BYTES);
    describe_event(record, text);
}

/* The command that checks one signature; ${name} is its file's. */
static void add_command(const char *principal, const char *name, struct buf *text)
{
    buf_printf(text, "ssh-keygen -Y verify -n %s -f allowed_signers -I %s -s %s < event.json",
               SSHSIG_NAMESPACE, principal, name);
}

/* Files of what ssh-keygen checks, while they are written. */
struct export
{
    const struct ledger *ledger;
    const struct record *record;
    const char *dir;
    struct buf signers;
    struct buf commands;
    size_t count, others; /* SSH signatures, and those of other forms */
};

/* One signature: its file if it is an SSH signature, its key's line, its command. */
static enum err export_sig(struct export *export, const struct entry_sig *sig,
                           struct err_text *ret_why)
{
    char name[48] = "event.json.sig";
    struct buf armored = {0};
    const struct registry_key *key = registry_key(ledger_registry(export->ledger), sig->key_id);
    if (sig->alg != SIG_SSHSIG) {
        export->others++;
        return ERR_OK;
    }
    if (key == NULL)
        return err_say(ret_why, ERR_DAMAGED, "entry %llu is signed by a key that is not enrolled",
                       (unsigned long long)export->record->entry.seq);
    if (++export->count > 1) {
        snprintf(name, sizeof(name), "event.json.%zu.sig", export->count);
        buf_text(&export->commands, " && ");
    }
    add_command(key->principal, name, &export->commands);
    signers_format(key->principal, &key->key, -1, -1, &export->signers);
    sshsig_armor(sig->data, sig->bytes, &armored);
    enum err err = files_replace(export->dir, name, armored.data, armored.bytes, ret_why);
    buf_free(&armored);
    return err;
}

static bool has_ssh(const struct entry *entry)
{
    for (size_t i = 0; i < entry->part.sig_count; i++) {
        if (entry->part.sigs[i].alg == SIG_SSHSIG)
            return true;
    }
    return false;
}

/* What there is to be said where nothing can be written. */
static enum err refuse_sshsig(const struct record *record, struct err_text *ret_why)
{
    const unsigned long long seq = record->entry.seq;
    if (record->event.bytes == 0)
        return err_say(ret_why, ERR_NOT_FOUND, "the event of entry %llu is erased", seq);
    if (record->entry.part.sig_count == 0)
        return err_say(ret_why, ERR_NOT_FOUND, "entry %llu has no signature of a person", seq);
    return err_say(ret_why, ERR_NOT_FOUND,
                   "entry %llu has no SSH signature: it is signed as DSSE has it, which ssh-keygen "
                   "does not know; `countersign bundle` writes what checks it with openssl",
                   seq);
}

/* Write the event, its SSH signatures and who may sign. */
static enum err write_sshsig(const struct ledger *ledger, const struct record *record,
                             const char *dir, struct buf *text, struct err_text *ret_why)
{
    struct export export = {.ledger = ledger, .record = record, .dir = dir};
    if (!has_ssh(&record->entry) || record->event.bytes == 0)
        return refuse_sshsig(record, ret_why);
    enum err err = files_directory(dir, ret_why);
    for (size_t i = 0; err == ERR_OK && i < record->entry.part.sig_count; i++)
        err = export_sig(&export, &record->entry.part.sigs[i], ret_why);
    if (err == ERR_OK)
        err = files_replace(dir, "event.json", record->event.data, record->event.bytes, ret_why);
    if (err == ERR_OK)
        err = files_replace(dir, "allowed_signers", export.signers.data, export.signers.bytes,
                            ret_why);
    buf_text(text, "cd ");
    word_quote(dir, text);
    buf_text(text, " && ");
    buf_add(text, export.commands.data, export.commands.bytes);
    buf_text(text, "\n");
    if (export.others > 0)
        buf_printf(text,
                   "# %zu further signature%s as DSSE has it, which ssh-keygen does not know: "
                   "`countersign bundle`\n",
                   export.others, export.others == 1 ? " is" : "s are");
    buf_free(&export.signers);
    buf_free(&export.commands);
    return err;
}

static enum err show(void *ctx, const struct args *args, struct ledger *ledger, struct buf *text,
                     struct err_text *ret_why)
{
    const uint64_t *seq = ctx;
    const char *dir = args_value(args, 'd');
    struct record *record = NULL;
    enum err err = ledger_read(ledger, *seq, &record, ret_why);
    if (err == ERR_OK && dir != NULL) {
        err = write_sshsig(ledger, record, dir, text, ret_why);
    } else if (err == ERR_OK && args_value(args, 'j') != NULL) {
        ledger_record_text(record, text);
        buf_text(text, "\n");
    } else if (err == ERR_OK) {
        describe(ledger, record, text);
    }
    ledger_record_free(record);
    return err;
}

int cmd_show(int argc, char *argv[])
{
    struct args args;
    uint64_t seq = 0;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = args_number(args.operand[1], &seq)
                   ? visit_ledger(spec.name, &args, show, &seq)
                   : args_wrong(spec.name, "SEQ is a number from 0 on, not '%s'", args.operand[1]);
    args_free(&args);
    return code;
}
