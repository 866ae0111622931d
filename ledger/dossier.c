#include "ledger/dossier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/dsse.h"
#include "ledger/mem.h"
#include "ledger/signers.h"
#include "ledger/sshsig.h"

#define README "README.txt"
#define EVENT "event.json"
#define SALT "salt"
#define ACT "entry.tlog-proof"
#define LAST "last.tlog-proof"
#define TAIL "tail"
#define KEYS "keys/"
#define KEY_FORMAT KEYS "%06zu.tlog-proof"

enum err dossier_take(const struct buf *text, const char *name, struct dossier_entry *ret,
                      struct err_text *ret_why)
{
    struct dossier_entry entry = {0};
    struct err_text why = {""};
    const char *at = text->bytes > 0 ? (const char *)text->data : "";
    enum err err = proof_parse(at, text->bytes, &entry.proof);
    if (err != ERR_OK)
        return err_say(ret_why, err, "%s is no well-formed tlog-proof", name);
    if (!entry.proof->has_extra ||
        proof_extra_parse(entry.proof->extra.data, entry.proof->extra.bytes, &entry.extra) !=
            ERR_OK) {
        proof_free(entry.proof);
        return err_say(ret_why, ERR_INVALID, "%s carries no entry", name);
    }
    err = proof_extra_check(&entry.extra, entry.proof->seq, &entry.entry, &why);
    if (err != ERR_OK) {
        proof_free(entry.proof);
        return err_say(ret_why, err, "%s: %s", name, why.s);
    }
    entry_leaf(entry.extra.entry, entry.extra.entry_bytes, entry.leaf);
    *ret = entry;
    return ERR_OK;
}

void dossier_drop(struct dossier_entry *entry)
{
    proof_free(entry->proof);
    *entry = (struct dossier_entry){0};
}

void dossier_free(struct dossier *dossier)
{
    if (dossier == NULL)
        return;
    buf_free(&dossier->readme);
    buf_free(&dossier->event);
    buf_free(&dossier->tail);
    dossier_drop(&dossier->act);
    dossier_drop(&dossier->last);
    for (size_t i = 0; i < dossier->key_count; i++)
        dossier_drop(&dossier->keys[i]);
    free(dossier->keys);
    free(dossier);
}

/* The member ${name}, which must be there. */
static enum err need(const struct tar *tar, const char *name, const struct buf **ret,
                     struct err_text *ret_why)
{
    *ret = tar_find(tar, name);
    return *ret != NULL ? ERR_OK
                        : err_say(ret_why, ERR_INVALID, "it has no %s: it is no bundle", name);
}

static enum err copy(const struct tar *tar, const char *name, struct buf *buf,
                     struct err_text *ret_why)
{
    const struct buf *member = NULL;
    enum err err = need(tar, name, &member, ret_why);
    if (err == ERR_OK)
        buf_add(buf, member->data, member->bytes);
    return err;
}

static enum err take(const struct tar *tar, const char *name, struct dossier_entry *ret,
                     struct err_text *ret_why)
{
    const struct buf *member = NULL;
    enum err err = need(tar, name, &member, ret_why);
    return err == ERR_OK ? dossier_take(member, name, ret, ret_why) : err;
}

/* The members keys/000000.tlog-proof and so on, as they stand one behind the other. */
static enum err take_keys(const struct tar *tar, struct dossier *dossier, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    char name[TAR_NAME_BYTES_MAX + 1];
    for (size_t i = 0; err == ERR_OK && i < tar->count; i++) {
        const struct tar_member *member = &tar->members[i];
        snprintf(name, sizeof(name), KEY_FORMAT, dossier->key_count);
        if (strncmp(member->name, KEYS, strlen(KEYS)) != 0)
            continue;
        if (strcmp(member->name, name) != 0)
            return err_say(ret_why, ERR_INVALID, "it has %s in the place of %s: there is a gap",
                           member->name, name);
        struct dossier_entry *key = MEM_PUSH(dossier->keys, dossier->key_count, dossier->key_cap);
        err = dossier_take(&member->data, name, key, ret_why);
    }
    return err;
}

static enum err take_members(const struct tar *tar, struct dossier *dossier,
                             struct err_text *ret_why)
{
    const struct buf *salt = NULL, *tail = tar_find(tar, TAIL);
    enum err err = copy(tar, README, &dossier->readme, ret_why);
    if (err == ERR_OK && dossier->readme.bytes > DOSSIER_README_BYTES_MAX)
        err = err_say(ret_why, ERR_TOO_BIG, README " has more than %d bytes",
                      DOSSIER_README_BYTES_MAX);
    if (err == ERR_OK)
        err = copy(tar, EVENT, &dossier->event, ret_why);
    if (err == ERR_OK)
        err = need(tar, SALT, &salt, ret_why);
    if (err == ERR_OK && salt->bytes != SALT_BYTES)
        err = err_say(ret_why, ERR_INVALID, SALT " has %zu bytes, not %d", salt->bytes, SALT_BYTES);
    if (err == ERR_OK)
        memcpy(dossier->salt, salt->data, SALT_BYTES);
    if (err == ERR_OK)
        err = take(tar, ACT, &dossier->act, ret_why);
    if (err == ERR_OK)
        err = take(tar, LAST, &dossier->last, ret_why);
    if (err == ERR_OK)
        err = take_keys(tar, dossier, ret_why);
    dossier->has_tail = tail != NULL;
    if (tail != NULL)
        buf_add(&dossier->tail, tail->data, tail->bytes);
    return err;
}

enum err dossier_parse(const void *bytes, size_t count, struct dossier **ret_dossier,
                       struct err_text *ret_why)
{
    struct tar tar = {0};
    enum err err = tar_read(bytes, count, &tar, ret_why);
    if (err != ERR_OK)
        return err;
    struct dossier *dossier = mem_zero(1, sizeof(*dossier));
    err = take_members(&tar, dossier, ret_why);
    tar_free(&tar);
    if (err == ERR_OK)
        *ret_dossier = dossier;
    else
        dossier_free(dossier);
    return err;
}

uint64_t dossier_tail_end(const struct dossier *dossier, uint64_t size)
{
    ASSERT(dossier->key_count > 0);
    const uint64_t from = dossier->keys[dossier->key_count - 1].entry.seq + 1;
    const uint64_t act = dossier->act.entry.seq + 1;
    if (size > from && size - from <= DOSSIER_TAIL_ENTRIES_MAX)
        return size;
    return act > from && act - from <= DOSSIER_TAIL_ENTRIES_MAX ? act : from;
}

static void add(struct tar *tar, const char *name, const struct buf *data)
{
    tar_add(tar, name, data->data, data->bytes);
}

static void add_proof(struct tar *tar, const char *name, const struct dossier_entry *entry)
{
    struct buf text = {0};
    proof_format(entry->proof, &text);
    add(tar, name, &text);
    buf_free(&text);
}

/* event.json.sig for the first SSH signature, event.json.2.sig for the second, and who may sign. */
static void add_ssh(struct tar *tar, const struct dossier *dossier, const struct registry *registry)
{
    const struct admitted_part *part = &dossier->act.entry.part;
    struct buf text = {0}, signers = {0};
    char name[TAR_NAME_BYTES_MAX + 1] = EVENT ".sig";
    size_t count = 0;
    for (size_t i = 0; i < part->sig_count; i++) {
        const struct registry_key *key = registry_key(registry, part->sigs[i].key_id);
        ASSERT(key != NULL);
        signers_format(key->principal, &key->key, -1, -1, &signers);
        if (part->sigs[i].alg != SIG_SSHSIG)
            continue;
        if (++count > 1)
            snprintf(name, sizeof(name), EVENT ".%zu.sig", count);
        sshsig_armor(part->sigs[i].data, part->sigs[i].bytes, &text);
        add(tar, name, &text);
        buf_clear(&text);
    }
    add(tar, "allowed_signers", &signers);
    buf_free(&text);
    buf_free(&signers);
}

/* Signatures that ssh-keygen does not know, in the envelope that DSSE has for them. */
static void add_envelope(struct tar *tar, const struct dossier *dossier)
{
    const struct admitted_part *part = &dossier->act.entry.part;
    struct dsse dsse = {.payload = dossier->event};
    struct buf text = {0};
    for (size_t i = 0; i < part->sig_count; i++) {
        const struct entry_sig *sig = &part->sigs[i];
        if (sig->alg != SIG_DSSE_ED25519)
            continue;
        struct dsse_sig *to = &dsse.sigs[dsse.sig_count++];
        memcpy(to->key_id, sig->key_id, KEY_ID_BYTES);
        to->data = mem_copy(sig->data, sig->bytes);
        to->bytes = sig->bytes;
    }
    if (dsse.sig_count > 0) {
        dsse_format(&dsse, &text);
        add(tar, EVENT ".dsse", &text);
    }
    for (size_t i = 0; i < dsse.sig_count; i++)
        free(dsse.sigs[i].data);
    buf_free(&text);
}

static void make(const struct dossier *dossier, const struct registry *registry, struct tar *tar)
{
    const struct dossier_entry *act = &dossier->act;
    char name[TAR_NAME_BYTES_MAX + 1];
    add(tar, README, &dossier->readme);
    add(tar, EVENT, &dossier->event);
    add_ssh(tar, dossier, registry);
    add_envelope(tar, dossier);
    tar_add(tar, "entry", act->extra.entry, act->extra.entry_bytes);
    tar_add(tar, SALT, dossier->salt, SALT_BYTES);
    add_proof(tar, ACT, act);
    add(tar, "checkpoint", &act->proof->note);
    for (size_t i = 0; i < dossier->key_count; i++) {
        snprintf(name, sizeof(name), KEY_FORMAT, i);
        add_proof(tar, name, &dossier->keys[i]);
    }
    if (dossier->has_tail)
        add(tar, TAIL, &dossier->tail);
    add_proof(tar, LAST, &dossier->last);
    tar_add_sums(tar);
}

enum err dossier_format(const struct dossier *dossier, const struct registry *registry,
                        struct buf *buf, struct err_text *ret_why)
{
    struct tar tar = {0};
    make(dossier, registry, &tar);
    enum err err = tar_write(&tar, buf, ret_why);
    tar_free(&tar);
    return err;
}

/* The name of the first member that is another, or in another place. */
static const char *first_other(const struct tar *a, const struct tar *b)
{
    size_t at = 0;
    while (at < a->count && at < b->count) {
        const struct tar_member *x = &a->members[at], *y = &b->members[at];
        if (strcmp(x->name, y->name) != 0 || x->data.bytes != y->data.bytes ||
            (x->data.bytes > 0 && memcmp(x->data.data, y->data.data, x->data.bytes) != 0))
            break;
        at++;
    }
    return at < a->count ? a->members[at].name : at < b->count ? b->members[at].name : NULL;
}

bool dossier_differs(const struct dossier *dossier, const struct registry *registry,
                     const void *bytes, size_t count, struct buf *buf)
{
    struct tar made = {0}, given = {0};
    make(dossier, registry, &made);
    ASSERT(tar_read(bytes, count, &given, NULL) == ERR_OK); /* it was read before */
    const char *name = first_other(&given, &made);
    if (name != NULL)
        buf_text(buf, name);
    tar_free(&made);
    tar_free(&given);
    return name != NULL;
}
