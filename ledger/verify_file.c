#include "ledger/verify_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/args.h"
#include "ledger/files.h"
#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "ledger/telling.h"
#include "ledger/verify_bundle.h"

/* What the check of a file came to. */
struct finding {
    struct checkpoint checkpoint;
    struct note_signer *signers; /* owned */
    size_t signer_count;
    struct proof *proof;    /* owned; NULL: the file is a checkpoint */
    struct buf entry_bytes; /* brought or carried; empty: only the leaf hash was given */
    bool has_entry;         /* decoded from entry_bytes */
    struct entry entry;
    uint8_t leaf[HASH_BYTES];
    size_t event_bytes;  /* of the event that the proof carries; 0: none */
    struct event *event; /* owned; NULL: none, or no CloudEvent */
};

static void finding_free(struct finding *finding)
{
    free(finding->signers);
    proof_free(finding->proof);
    buf_free(&finding->entry_bytes);
    event_free(finding->event);
}

bool verify_file_is(const char *path)
{
    struct stat info;
    return strcmp(path, "-") == 0 || (stat(path, &info) == 0 && !S_ISDIR(info.st_mode));
}

/* What is brought need not be an entry of ours: a leaf is any bytes. */
static enum err hold_entry(const struct verify_file *file, const struct proof_extra *extra,
                           struct finding *finding, struct err_text *ret_why)
{
    struct proof_extra shown = *extra;
    shown.entry = finding->entry_bytes.data;
    shown.entry_bytes = finding->entry_bytes.bytes;
    entry_leaf(shown.entry, shown.entry_bytes, finding->leaf);
    enum err err = proof_extra_check(&shown, finding->proof->seq, &finding->entry, ret_why);
    if (err == ERR_INVALID && file->entry != NULL)
        return ERR_OK;
    finding->has_entry = err == ERR_OK;
    if (err != ERR_OK || shown.salt == NULL)
        return err;
    finding->event_bytes = shown.event_bytes;
    if (event_parse(shown.event, shown.event_bytes, &finding->event, NULL) != ERR_OK)
        finding->event = NULL;
    return ERR_OK;
}

/* The entry that the proof is of: brought, or carried; its leaf hash, or the one that was given. */
static enum err find_entry(const struct verify_file *file, const struct proof_extra *extra,
                           struct finding *finding, struct err_text *ret_why)
{
    struct buf *bytes = &finding->entry_bytes;
    uint8_t leaf[HASH_BYTES];
    enum err err = ERR_OK;
    if (file->entry != NULL)
        err = files_input(file->entry, ENTRY_BYTES_MAX, bytes, ret_why);
    else
        buf_add(bytes, extra->entry, extra->entry_bytes);
    if (err == ERR_OK && bytes->bytes > 0)
        err = hold_entry(file, extra, finding, ret_why);
    if (err != ERR_OK || file->leaf == NULL)
        return err == ERR_NOT_FOUND ? ERR_IO : err;
    ASSERT(bytes_from_hex(file->leaf, leaf, HASH_BYTES));
    if (bytes->bytes > 0 && memcmp(leaf, finding->leaf, HASH_BYTES) != 0)
        return err_say(ret_why, ERR_PROOF, "the entry has another leaf hash than the one given");
    memcpy(finding->leaf, leaf, HASH_BYTES);
    return ERR_OK;
}

static enum err check_proof(const struct verify_file *file, const struct note_key *key,
                            struct finding *finding, struct err_text *ret_why)
{
    struct proof_extra extra = {0};
    const struct proof *proof = finding->proof;
    if ((!proof->has_extra ||
         proof_extra_parse(proof->extra.data, proof->extra.bytes, &extra) != ERR_OK) &&
        file->entry == NULL && file->leaf == NULL)
        return err_say(ret_why, ERR_INVALID,
                       "the proof carries no entry: give its bytes with --entry FILE, or its leaf "
                       "hash with --leaf HEX");
    enum err err = find_entry(file, &extra, finding, ret_why);
    if (err == ERR_OK)
        err = proof_check(proof, finding->leaf, key, 1, &finding->checkpoint, ret_why);
    return err;
}

/* Tell the two kinds apart and check the one it is. */
static enum err check(const struct verify_file *file, const struct note_key *key,
                      const struct buf *text, struct finding *finding, struct err_text *ret_why)
{
    const char *at = text->bytes > 0 ? (const char *)text->data : "";
    size_t header = strlen(PROOF_HEADER);
    const struct buf *note = text;
    struct checkpoint checkpoint;
    enum err err = ERR_OK;
    if (text->bytes >= header && memcmp(at, PROOF_HEADER, header) == 0) {
        err = proof_parse(at, text->bytes, &finding->proof);
        if (err != ERR_OK)
            return err_say(ret_why, err, "%s is no well-formed tlog-proof", file->path);
        note = &finding->proof->note;
        err = check_proof(file, key, finding, ret_why);
    } else if (checkpoint_parse(at, text->bytes, &checkpoint) != ERR_OK) {
        err =
            err_say(ret_why, ERR_INVALID, "%s is no bundle, tlog-proof or checkpoint", file->path);
    } else if (file->entry != NULL || file->leaf != NULL) {
        err = err_say(ret_why, ERR_USAGE, "--entry and --leaf go with a proof; %s is a checkpoint",
                      file->path);
    } else {
        err = proof_check_note(at, text->bytes, key, 1, &finding->checkpoint, ret_why);
    }
    if (err == ERR_OK)
        err = note_signers((const char *)note->data, note->bytes, &finding->signers,
                           &finding->signer_count);
    return err;
}

/* What a good file does not show, one line each, for text and for JSON. */
static void tell_skipped(const struct finding *finding, const struct note_key *key,
                         telling_fn *tell, void *ctx)
{
    struct buf text = {0};
    for (size_t i = 0; i < finding->signer_count; i++) {
        const struct note_signer *signer = &finding->signers[i];
        if (signer->id == key->id && strcmp(signer->name, key->name) == 0)
            continue;
        buf_clear(&text);
        buf_printf(&text, "the signature by %s+%08x, whose key was not given", signer->name,
                   (unsigned)signer->id);
        tell(ctx, (const char *)text.data);
    }
    buf_free(&text);
    if (finding->proof != NULL && finding->has_entry) {
        tell(ctx, "the signatures of the entry itself: their keys are in the ledger");
        if (finding->event_bytes == 0)
            tell(ctx, "the event: the proof carries its digest only");
    } else if (finding->proof != NULL) {
        tell(ctx, finding->entry_bytes.bytes > 0
                      ? "what the entry says: its bytes are no entry of ours"
                      : "the entry: only its leaf hash was given");
    }
    tell(ctx, finding->proof != NULL
                  ? "the other entries, and whether others were shown the same checkpoint"
                  : "the entries, and whether others were shown the same checkpoint");
}

static void describe_entry(const struct finding *finding, struct buf *text)
{
    const struct entry *entry = &finding->entry;
    char time[INSTANT_TEXT_BYTES];
    instant_format(entry->time_us, time);
    buf_printf(text, "%-13s%s #%" PRIu64 "\n", "stream", entry->part.stream, entry->stream_pos);
    telling_line(text, "time", time);
    telling_line(text, "principal", entry->part.principal);
    telling_line(text, "origin", entry_origin_name(entry->part.origin));
    telling_hash(text, "event digest", entry->part.event_digest);
    if (finding->event != NULL) {
        telling_line(text, "event type", finding->event->type);
        telling_line(text, "event id", finding->event->id);
    } else if (finding->event_bytes > 0) {
        buf_printf(text, "%-13s%zu bytes that are no CloudEvent\n", "event", finding->event_bytes);
    }
}

static void describe(const struct finding *finding, const struct note_key *key, struct buf *text)
{
    const struct checkpoint *checkpoint = &finding->checkpoint;
    if (finding->proof != NULL)
        buf_printf(text, "good: entry %" PRIu64 " is in the ledger as of size %" PRIu64 "\n",
                   finding->proof->seq, checkpoint->size);
    else
        buf_printf(text, "good: a checkpoint of size %" PRIu64 "\n", checkpoint->size);
    telling_line(text, "ledger", checkpoint->origin);
    buf_printf(text, "%-13s%" PRIu64 "\n", "size", checkpoint->size);
    telling_hash(text, "root", checkpoint->root);
    if (finding->proof != NULL) {
        buf_printf(text, "%-13s%" PRIu64 "\n", "seq", finding->proof->seq);
        telling_hash(text, "leaf", finding->leaf);
    }
    if (finding->has_entry)
        describe_entry(finding, text);
    tell_skipped(finding, key, telling_text, text);
}

/* {seq, leaf}, and what the entry says if it is there. */
static json_t *entry_json(const struct finding *finding)
{
    const struct entry *entry = &finding->entry;
    json_t *object = json_object(), *event = NULL;
    char time[INSTANT_TEXT_BYTES];
    ijson_put(object, "seq", json_integer((json_int_t)finding->proof->seq));
    ijson_put(object, "leaf", ijson_hex(finding->leaf, HASH_BYTES));
    if (!finding->has_entry)
        return object;
    instant_format(entry->time_us, time);
    ijson_put(object, "stream", ijson_text(entry->part.stream));
    ijson_put(object, "stream_pos", json_integer((json_int_t)entry->stream_pos));
    ijson_put(object, "time", ijson_text(time));
    ijson_put(object, "principal", ijson_text(entry->part.principal));
    ijson_put(object, "origin", ijson_text(entry_origin_name(entry->part.origin)));
    ijson_put(object, "event_digest", ijson_hex(entry->part.event_digest, HASH_BYTES));
    if (finding->event != NULL) {
        event = json_object();
        ijson_put(event, "type", ijson_text(finding->event->type));
        ijson_put(event, "source", ijson_text(finding->event->source));
        ijson_put(event, "id", ijson_text(finding->event->id));
    }
    ijson_put(object, "event", event != NULL ? event : json_null());
    return object;
}

/* A file that does not hold is {ok, what}. */
static void describe_json(const struct finding *finding, const struct note_key *key,
                          const char *what, struct buf *text)
{
    const struct checkpoint *checkpoint = &finding->checkpoint;
    json_t *object = json_object(), *skipped = NULL;
    ijson_put(object, "ok", json_boolean(what == NULL));
    ijson_put(object, "kind", ijson_text(finding->proof != NULL ? "proof" : "checkpoint"));
    if (what != NULL) {
        ijson_put(object, "what", ijson_text(what));
    } else {
        ijson_put(object, "origin", ijson_text(checkpoint->origin));
        ijson_put(object, "size", json_integer((json_int_t)checkpoint->size));
        ijson_put(object, "root", ijson_hex(checkpoint->root, HASH_BYTES));
        if (finding->proof != NULL)
            ijson_put(object, "entry", entry_json(finding));
        skipped = json_array();
        tell_skipped(finding, key, telling_json, skipped);
        ijson_put(object, "skipped", skipped);
    }
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
}

/* The options are usable; else the exit code is set. */
static bool take_options(const struct verify_file *file, bool bundle, struct note_key *key,
                         int *ret_exit)
{
    uint8_t leaf[HASH_BYTES];
    if (bundle && (file->entry != NULL || file->leaf != NULL))
        *ret_exit = args_wrong(file->name, "--entry and --leaf go with a proof; %s is a bundle",
                               file->path);
    else if (bundle && file->vkey == NULL)
        return true;
    else if (file->vkey == NULL)
        *ret_exit = args_wrong(file->name,
                               "a file is checked by a key that does not come with it: --vkey K, "
                               "the line that init printed when the ledger was made (its owner "
                               "publishes it; entry 0 of the ledger has it too)");
    else if (note_key_parse(file->vkey, key) != ERR_OK)
        *ret_exit = args_wrong(file->name, "--vkey takes a key like NAME+0123abcd+BASE64");
    else if (file->leaf != NULL && !bytes_from_hex(file->leaf, leaf, HASH_BYTES))
        *ret_exit = args_wrong(file->name, "--leaf takes a leaf hash, 64 lower-case hex digits");
    else
        return true;
    return false;
}

/* A proof or a checkpoint. */
static int verify_text(const struct verify_file *file, const struct note_key *key,
                       const struct buf *input)
{
    struct finding finding = {0};
    struct err_text why = {""};
    struct buf text = {0};
    int code = 0;
    enum err err = check(file, key, input, &finding, &why);
    if (err == ERR_OK && file->json)
        describe_json(&finding, key, NULL, &text);
    else if (err == ERR_OK)
        describe(&finding, key, &text);
    else if (err == ERR_PROOF && file->json)
        describe_json(&finding, key, why.s, &text);
    if (err == ERR_OK || text.bytes > 0)
        code = args_print(file->name, &text, err_exit(err));
    else
        code = args_failed(file->name, err, &why);
    finding_free(&finding);
    buf_free(&text);
    return code;
}

/* A file that is a tar stays where it is; anything else is small, and is read. */
static enum err open_file(const struct verify_file *file, struct tar_source *source,
                          struct buf *input, struct err_text *ret_why)
{
    struct stat info;
    if (strcmp(file->path, "-") != 0) {
        source->fd = open(file->path, O_RDONLY | O_CLOEXEC);
        if (source->fd < 0 || fstat(source->fd, &info) != 0)
            return err_say(ret_why, ERR_IO, "%s: %s", file->path, strerror(errno));
        source->bytes = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
        if (tar_index_is(source))
            return ERR_OK;
    }
    enum err err = files_input(file->path, TAR_BYTES_MAX, input, ret_why);
    if (err == ERR_TOO_BIG && strcmp(file->path, "-") == 0)
        err = err_say(ret_why, err,
                      "standard input has more than %d bytes: give a larger bundle as a file",
                      TAR_BYTES_MAX);
    source->data = input->data;
    source->bytes = input->bytes;
    return err == ERR_NOT_FOUND ? ERR_IO : err;
}

int verify_file_run(const struct verify_file *file)
{
    struct note_key key;
    struct tar_source source = {.fd = -1};
    struct err_text why = {""};
    struct buf input = {0};
    int code = 0;
    enum err err = open_file(file, &source, &input, &why);
    const bool bundle = err == ERR_OK && tar_index_is(&source);
    if (err != ERR_TOO_BIG && !take_options(file, bundle, &key, &code))
        goto out;
    if (err != ERR_OK)
        code = args_failed(file->name, err, &why);
    else if (bundle)
        code = verify_bundle_run(file->name, &source, file->vkey != NULL ? &key : NULL, file->json);
    else
        code = verify_text(file, &key, &input);
out:
    if (source.fd >= 0)
        close(source.fd);
    buf_free(&input);
    return code;
}
