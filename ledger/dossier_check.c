#include "ledger/dossier_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ijson.h"
#include "ledger/mem.h"
#include "ledger/reader.h"
#include "ledger/store.h"
#include "ledger/vouch.h"

/* A bundle under check. */
struct check {
    const struct dossier *dossier;
    struct dossier_finding *finding;
    struct vouch_ledger ledger;           /* once entry 0 is taken */
    const struct dossier_entry *last_key; /* the last of the stream `ledger` that is shown */
    struct err_text *why;
};

/* The proof is of the same checkpoint as the act's, and leads to its root. */
static enum err hold_place(const struct check *check, const struct dossier_entry *entry,
                           const char *name)
{
    const struct buf *note = &check->dossier->act.proof->note, *own = &entry->proof->note;
    const struct checkpoint *checkpoint = &check->finding->checkpoint;
    if (own->bytes != note->bytes || memcmp(own->data, note->data, note->bytes) != 0)
        return err_say(check->why, ERR_PROOF,
                       "%s is of another checkpoint than the act: the bundle is mixed", name);
    if (tree_check_inclusion(entry->proof->seq, checkpoint->size, entry->leaf, &entry->proof->path,
                             checkpoint->root) != ERR_OK)
        return err_say(check->why, ERR_PROOF,
                       "%s: the path does not lead from entry %" PRIu64 " to the checkpoint's root",
                       name, entry->proof->seq);
    return ERR_OK;
}

/* Admission's signature, and those over the entry's event. */
static enum err hold_signatures(const struct check *check, const struct dossier_entry *entry,
                                const struct slice *event)
{
    struct vouch_count count = {0};
    const struct vouch_entry shown = {&entry->entry, entry->extra.entry, entry->extra.entry_bytes,
                                      event->data, event->bytes};
    const char *wrong = vouch_signatures(&check->ledger, &shown, &count);
    if (wrong == NULL && count.webauthn > 0)
        wrong = "it is signed by WebAuthn, which bundles do not know";
    return wrong == NULL
               ? ERR_OK
               : err_say(check->why, ERR_PROOF, "entry %" PRIu64 ": %s", entry->entry.seq, wrong);
}

/* The entry follows the one before it in its stream, from the beginning of the ledger on. */
static enum err hold_stream(const struct check *check, size_t at, const char *name)
{
    static const uint8_t zeros[HASH_BYTES];
    const struct entry *entry = &check->dossier->keys[at].entry;
    const uint8_t *before = at == 0 ? zeros : check->dossier->keys[at - 1].leaf;
    if (strcmp(entry->part.stream, "ledger") != 0)
        return err_say(check->why, ERR_PROOF, "%s is not of the stream `ledger`", name);
    if (entry->stream_pos != at || memcmp(entry->stream_prev, before, HASH_BYTES) != 0 ||
        (at == 0 ? entry->seq != 0 : entry->seq <= check->dossier->keys[at - 1].entry.seq))
        return err_say(check->why, ERR_PROOF,
                       "%s does not follow from the one before it: there is a gap", name);
    return ERR_OK;
}

static enum err hold_ledger(const struct check *check, const struct event *event, const char *name)
{
    if (event->ledger == NULL || strcmp(event->ledger, check->ledger.id_hex) != 0)
        return err_say(check->why, ERR_PROOF, "%s: its event was signed for another ledger", name);
    return ERR_OK;
}

/* One entry of the stream `ledger`: in its place, signed, and folded into the registry. */
static enum err take_key(struct check *check, size_t at)
{
    const struct dossier_entry *key = &check->dossier->keys[at];
    const struct slice shown = {key->extra.event, key->extra.event_bytes};
    struct event *event = NULL;
    struct verdict verdict = {0};
    char name[TAR_NAME_BYTES_MAX + 1];
    snprintf(name, sizeof(name), "keys/%06zu.tlog-proof", at);
    enum err err = hold_place(check, key, name);
    if (err == ERR_OK)
        err = hold_stream(check, at, name);
    if (err == ERR_OK && shown.bytes == 0)
        err = err_say(check->why, ERR_PROOF,
                      "%s does not show its event: what that revoked is held back", name);
    if (err == ERR_OK && event_parse(shown.data, shown.bytes, &event, NULL) != ERR_OK)
        err = err_say(check->why, ERR_PROOF, "%s: its event is no CloudEvent", name);
    if (err != ERR_OK)
        return err;
    registry_apply(check->finding->registry, &key->entry, event, &verdict);
    if (at == 0)
        err = vouch_learn(check->finding->registry, &check->ledger, check->why);
    if (err == ERR_OK && key->entry.part.sig_count > 0)
        err = hold_ledger(check, event, name);
    if (err == ERR_OK)
        err = hold_signatures(check, key, &shown);
    verdict_clear(&verdict);
    event_free(event);
    return err;
}

/* One entry of the tail, which follows the one before it and is not of the stream `ledger`. */
static enum err take_tail_entry(const struct check *check, struct reader *reader, uint64_t seq,
                                uint8_t leaf[HASH_BYTES])
{
    struct entry entry;
    size_t bytes = reader_u16(reader);
    const uint8_t *at = reader_take(reader, bytes);
    if (at == NULL || entry_decode(at, bytes, &entry, NULL) != ERR_OK || entry.seq != seq ||
        memcmp(entry.prev, leaf, HASH_BYTES) != 0)
        return err_say(
            check->why, ERR_PROOF,
            "tail: what stands for entry %" PRIu64 " does not follow from the one before it", seq);
    if (strcmp(entry.part.stream, "ledger") == 0)
        return err_say(check->why, ERR_PROOF,
                       "tail: entry %" PRIu64 " is of the stream `ledger`, and is not among keys/",
                       seq);
    entry_leaf(at, bytes, leaf);
    if (seq == check->dossier->act.entry.seq &&
        memcmp(leaf, check->dossier->act.leaf, HASH_BYTES) != 0)
        return err_say(check->why, ERR_PROOF, "tail: entry %" PRIu64 " is not the act", seq);
    return ERR_OK;
}

/* The entries behind the last of the stream `ledger`, up to the last of all or to the act. */
static enum err hold_tail(struct check *check)
{
    const struct dossier *dossier = check->dossier;
    const uint64_t from = check->last_key->entry.seq + 1, act = dossier->act.entry.seq;
    const uint64_t size = check->finding->checkpoint.size, end = dossier_tail_end(dossier, size);
    struct reader reader = {dossier->tail.data, dossier->tail.bytes, false};
    uint8_t leaf[HASH_BYTES];
    enum err err = ERR_OK;
    memcpy(leaf, check->last_key->leaf, HASH_BYTES);
    if (dossier->has_tail != (end > from))
        return err_say(check->why, ERR_PROOF,
                       dossier->has_tail ? "tail has no place in this bundle"
                                         : "tail is missing: whether something was revoked later "
                                           "is held back");
    for (uint64_t seq = from; err == ERR_OK && seq < end; seq++)
        err = take_tail_entry(check, &reader, seq, leaf);
    if (err == ERR_OK &&
        (reader.bytes > 0 || (end == size && memcmp(leaf, dossier->last.leaf, HASH_BYTES) != 0)))
        err = err_say(check->why, ERR_PROOF, "tail does not end where it must");
    check->finding->whole_now = end == size;
    check->finding->whole_then = from > act || end > act;
    return err;
}

static enum err hold_last(const struct check *check)
{
    const struct dossier_entry *last = &check->dossier->last;
    if (last->proof->seq + 1 != check->finding->checkpoint.size)
        return err_say(check->why, ERR_PROOF,
                       "last.tlog-proof is of entry %" PRIu64 ", not of the checkpoint's last",
                       last->proof->seq);
    return hold_place(check, last, "last.tlog-proof");
}

/* The checkpoint is signed by all keys that the ledger says sign it, and by the one that is given.
 */
static enum err hold_note(struct check *check, const struct note_key *given)
{
    struct dossier_finding *finding = check->finding;
    const struct buf *note = &check->dossier->act.proof->note;
    const char *text = (const char *)note->data;
    struct checkpoint checkpoint;
    finding->key_count =
        registry_checkpoint_keys(finding->registry, finding->checkpoint.size,
                                 check->dossier->last.entry.time_us, finding->keys);
    if (finding->key_count == 0)
        return err_say(check->why, ERR_PROOF, "entry 0 names no key that signs checkpoints");
    enum err err = ERR_OK;
    if (given != NULL)
        err = proof_check_note(text, note->bytes, given, 1, &checkpoint, check->why);
    for (size_t i = 0; err == ERR_OK && i < finding->key_count; i++)
        err = proof_check_note(text, note->bytes, &finding->keys[i], 1, &checkpoint, check->why);
    return err;
}

/* The act: its event is the entry's, of this ledger and deployment, and signed. */
static enum err hold_act(struct check *check)
{
    const struct dossier *dossier = check->dossier;
    const struct admitted_part *part = &dossier->act.entry.part;
    const struct slice shown = {dossier->event.data, dossier->event.bytes};
    uint8_t digest[HASH_BYTES];
    entry_event_digest(dossier->salt, shown.data, shown.bytes, digest);
    if (dossier->act.extra.salt != NULL)
        return err_say(check->why, ERR_PROOF, "entry.tlog-proof carries an event of its own");
    if (shown.bytes != part->event_bytes || memcmp(digest, part->event_digest, HASH_BYTES) != 0)
        return err_say(check->why, ERR_PROOF,
                       "event.json with salt does not have the event digest of the entry");
    if (event_parse(shown.data, shown.bytes, &check->finding->event, NULL) != ERR_OK)
        return err_say(check->why, ERR_PROOF, "event.json is no CloudEvent");
    const struct event *event = check->finding->event;
    if (event->deployment == NULL || strcmp(event->deployment, part->stream) != 0)
        return err_say(check->why, ERR_PROOF, "event.json is not of the deployment %s",
                       part->stream);
    if (part->sig_count == 0)
        return err_say(check->why, ERR_PROOF, "nobody signed the act: a token brought it");
    enum err err = hold_ledger(check, event, "event.json");
    if (err == ERR_OK)
        err = hold_place(check, &dossier->act, "entry.tlog-proof");
    return err == ERR_OK ? hold_signatures(check, &dossier->act, &shown) : err;
}

/* What the keys and roles of that position say against the act. */
static void judge(struct check *check)
{
    struct dossier_finding *finding = check->finding;
    const struct entry *entry = &check->dossier->act.entry;
    const char *role = ijson_string(finding->event->data, "role");
    struct buf text = {0};
    for (size_t i = 0; text.bytes == 0 && i < entry->part.sig_count; i++) {
        const struct registry_key *key =
            registry_key(finding->registry, entry->part.sigs[i].key_id);
        if (!registry_key_valid(key, entry->seq))
            buf_printf(&text, "the key that signed it was revoked at position %" PRIu64,
                       key->revoked_seq);
        else if (registry_key_suspect(key, entry->seq, finding->checkpoint.size))
            buf_printf(&text,
                       "the key that signed it was revoked at position %" PRIu64
                       ", and what it signed from position %" PRIu64 " on is suspect",
                       key->suspected_seq, key->suspect_seq);
    }
    if (text.bytes == 0 && role != NULL &&
        !registry_holds(finding->registry, entry->part.principal, role, entry->seq))
        buf_printf(&text, "%s did not hold the role %s at that position", entry->part.principal,
                   role);
    if (text.bytes > 0)
        finding->against = buf_take_text(&text);
    buf_free(&text);
}

enum err dossier_check_whole(const struct dossier *dossier, const struct note_key *key,
                             struct dossier_finding *ret_finding, struct err_text *ret_why)
{
    struct dossier_finding finding = {.registry = registry_new()};
    struct check check = {.dossier = dossier, .finding = &finding, .why = ret_why};
    const struct buf *note = &dossier->act.proof->note;
    enum err err = ERR_OK;
    if (checkpoint_parse((const char *)note->data, note->bytes, &finding.checkpoint) != ERR_OK)
        err = err_say(ret_why, ERR_PROOF, "the checkpoint is malformed");
    else if (dossier->key_count == 0)
        err = err_say(ret_why, ERR_PROOF, "it has nothing of the stream `ledger`");
    for (size_t i = 0; err == ERR_OK && i < dossier->key_count; i++)
        err = take_key(&check, i);
    if (err == ERR_OK) {
        check.last_key = &dossier->keys[dossier->key_count - 1];
        err = hold_last(&check);
    }
    if (err == ERR_OK)
        err = hold_note(&check, key);
    if (err == ERR_OK)
        err = hold_act(&check);
    if (err == ERR_OK)
        err = hold_tail(&check);
    if (err == ERR_OK) {
        judge(&check);
        *ret_finding = finding;
    } else {
        dossier_check_free(&finding);
    }
    return err;
}

void dossier_check_free(struct dossier_finding *finding)
{
    registry_free(finding->registry);
    event_free(finding->event);
    free(finding->against);
    *finding = (struct dossier_finding){0};
}
