#include "ledger/verify_dossier.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/dossier_check.h"
#include "ledger/ijson.h"
#include "ledger/instant.h"
#include "ledger/printable.h"
#include "ledger/telling.h"

/* What is told of one bundle. */
struct telling {
    const struct dossier *dossier;
    const struct dossier_finding *finding;
    bool given; /* the key by which it was checked was brought along */
};

static json_t *seq_json(uint64_t seq)
{
    return seq == SEQ_NONE ? json_null() : json_integer((json_int_t)seq);
}

static const struct note_key *newest(const struct telling *telling)
{
    return &telling->finding->keys[telling->finding->key_count - 1];
}

static const struct registry_key *signer(const struct telling *telling, size_t at)
{
    const struct entry_sig *sig = &telling->dossier->act.entry.part.sigs[at];
    return registry_key(telling->finding->registry, sig->key_id);
}

static const char *form_name(uint8_t alg)
{
    return alg == SIG_SSHSIG ? "SSHSIG" : "DSSE, Ed25519";
}

/* What a good bundle does not show, one line each, for text and for JSON. */
static void tell_skipped(const struct telling *telling, telling_fn *tell, void *ctx)
{
    const struct dossier_finding *finding = telling->finding;
    if (!telling->given)
        telling_own_key(newest(telling), tell, ctx);
    if (!finding->whole_then)
        tell(ctx, "whether a key or role was lost between the last entry of the stream `ledger` "
                  "that is here and the act: there are too many entries between them");
    else if (!finding->whole_now)
        tell(ctx, "whether a key was revoked, or called suspect, behind the last entry of the "
                  "stream `ledger` that is here: too many entries follow");
    tell(ctx, "how the rules judged the act: that follows from all entries of its deployment");
    tell(ctx, "README.txt, which is for people");
    tell(ctx, "whether others were shown the same checkpoint");
}

/* The roles that the signer held at the act's position. */
struct roles {
    const struct telling *telling;
    struct buf *text; /* either */
    json_t *list;
};

static void add_role(void *ctx, const char *principal, const char *role, uint64_t from, uint64_t to)
{
    struct roles *roles = ctx;
    const struct entry *act = &roles->telling->dossier->act.entry;
    if (strcmp(principal, act->part.principal) != 0 || from >= act->seq || to < act->seq)
        return;
    if (roles->list != NULL) {
        json_t *row = json_object();
        ijson_put(row, "role", ijson_text(role));
        ijson_put(row, "granted", seq_json(from));
        ijson_put(row, "revoked", seq_json(to));
        json_array_append_new(roles->list, row);
        return;
    }
    buf_printf(roles->text, "%-13s", "role");
    printable_add(roles->text, role);
    buf_printf(roles->text, ", granted at %" PRIu64, from);
    if (to != SEQ_NONE)
        buf_printf(roles->text, ", revoked at %" PRIu64, to);
    buf_text(roles->text, "\n");
}

static void describe_signer(const struct telling *telling, size_t at, struct buf *text)
{
    const struct registry_key *key = signer(telling, at);
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    sshkey_fingerprint(key->key.id, fingerprint);
    buf_printf(text, "%-13s%s of %s (%s), enrolled at %" PRIu64, "signature", fingerprint,
               key->principal, form_name(telling->dossier->act.entry.part.sigs[at].alg),
               key->enrolled_seq);
    if (key->revoked_seq != SEQ_NONE)
        buf_printf(text, ", revoked at %" PRIu64, key->revoked_seq);
    buf_text(text, "\n");
}

static void describe(const struct telling *telling, struct buf *text)
{
    const struct dossier_finding *finding = telling->finding;
    const struct entry *entry = &telling->dossier->act.entry;
    const struct dossier_entry *last = &telling->dossier->keys[telling->dossier->key_count - 1];
    const json_t *data = finding->event->data;
    struct roles roles = {telling, text, NULL};
    char time[INSTANT_TEXT_BYTES];
    instant_format(entry->time_us, time);
    if (finding->against == NULL)
        buf_printf(text,
                   "good: entry %" PRIu64 " is signed by %s, and in the ledger as of size %" PRIu64
                   "\n",
                   entry->seq, entry->part.principal, finding->checkpoint.size);
    else
        buf_printf(text, "it does not count: %s\n", finding->against);
    telling_line(text, "ledger", finding->checkpoint.origin);
    buf_printf(text, "%-13s%" PRIu64 "\n", "size", finding->checkpoint.size);
    telling_hash(text, "root", finding->checkpoint.root);
    telling_hash(text, "leaf", telling->dossier->act.leaf);
    buf_printf(text, "%-13s%s #%" PRIu64 "\n", "stream", entry->part.stream, entry->stream_pos);
    telling_line(text, "time", time);
    telling_line(text, "event type", finding->event->type);
    telling_line(text, "event id", finding->event->id);
    telling_line(text, "node", ijson_string(data, "node"));
    telling_line(text, "value", ijson_string(data, "value"));
    telling_line(text, "as", ijson_string(data, "role"));
    telling_line(text, "comment", ijson_string(data, "comment"));
    telling_line(text, "reason", ijson_string(data, "reason"));
    for (size_t i = 0; i < entry->part.sig_count; i++)
        describe_signer(telling, i, text);
    registry_grants(finding->registry, add_role, &roles);
    buf_printf(text, "%-13s%zu entries of the stream `ledger`, the last at %" PRIu64 "%s\n", "keys",
               telling->dossier->key_count, last->entry.seq,
               finding->whole_now ? ": none is held back" : "");
    tell_skipped(telling, telling_text, text);
}

static json_t *act_json(const struct telling *telling)
{
    const struct entry *entry = &telling->dossier->act.entry;
    const struct event *event = telling->finding->event;
    json_t *json = json_object();
    ijson_put(json, "seq", seq_json(entry->seq));
    ijson_put(json, "leaf", ijson_hex(telling->dossier->act.leaf, HASH_BYTES));
    ijson_put(json, "stream", ijson_text(entry->part.stream));
    ijson_put(json, "stream_pos", seq_json(entry->stream_pos));
    ijson_put(json, "time", ijson_instant(entry->time_us));
    ijson_put(json, "principal", ijson_text(entry->part.principal));
    ijson_put(json, "origin", ijson_text(entry_origin_name(entry->part.origin)));
    ijson_put(json, "type", ijson_text(event->type));
    ijson_put(json, "id", ijson_text(event->id));
    ijson_put(json, "data", json_deep_copy(event->data));
    return json;
}

static json_t *signers_json(const struct telling *telling)
{
    json_t *list = json_array();
    for (size_t i = 0; i < telling->dossier->act.entry.part.sig_count; i++) {
        const struct registry_key *key = signer(telling, i);
        char fingerprint[SSHKEY_FINGERPRINT_BYTES];
        json_t *row = json_object();
        sshkey_fingerprint(key->key.id, fingerprint);
        ijson_put(row, "key", ijson_text(fingerprint));
        ijson_put(row, "principal", ijson_text(key->principal));
        ijson_put(row, "form", ijson_text(form_name(telling->dossier->act.entry.part.sigs[i].alg)));
        ijson_put(row, "enrolled", seq_json(key->enrolled_seq));
        ijson_put(row, "revoked", seq_json(key->revoked_seq));
        json_array_append_new(list, row);
    }
    return list;
}

static void describe_json(const struct telling *telling, json_t *json)
{
    const struct dossier_finding *finding = telling->finding;
    const struct dossier_entry *last = &telling->dossier->keys[telling->dossier->key_count - 1];
    struct roles roles = {telling, NULL, json_array()};
    struct buf vkey = {0};
    json_t *keys = json_object(), *skipped = json_array();
    note_key_format(newest(telling), &vkey);
    ijson_put(json, "origin", ijson_text(finding->checkpoint.origin));
    ijson_put(json, "vkey", ijson_text((const char *)vkey.data));
    ijson_put(json, "vkey_from", json_string(telling->given ? "given" : "bundle"));
    ijson_put(json, "size", seq_json(finding->checkpoint.size));
    ijson_put(json, "root", ijson_hex(finding->checkpoint.root, HASH_BYTES));
    ijson_put(json, "act", act_json(telling));
    ijson_put(json, "signatures", signers_json(telling));
    registry_grants(finding->registry, add_role, &roles);
    ijson_put(json, "roles", roles.list);
    ijson_put(keys, "entries", seq_json(telling->dossier->key_count));
    ijson_put(keys, "last", seq_json(last->entry.seq));
    ijson_put(keys, "whole_to_act", json_boolean(finding->whole_then));
    ijson_put(keys, "whole_to_size", json_boolean(finding->whole_now));
    ijson_put(json, "keys", keys);
    tell_skipped(telling, telling_json, skipped);
    ijson_put(json, "skipped", skipped);
    buf_free(&vkey);
}

/* Check all that can be checked, also that what follows from the parts is as it follows. */
static enum err check(const struct buf *bundle, const struct note_key *key,
                      struct dossier **ret_dossier, struct dossier_finding *ret_finding,
                      struct err_text *ret_why)
{
    struct dossier *dossier = NULL;
    struct dossier_finding finding = {0};
    struct buf name = {0};
    enum err err = dossier_parse(bundle->data, bundle->bytes, &dossier, ret_why);
    if (err == ERR_OK)
        err = dossier_check_whole(dossier, key, &finding, ret_why);
    if (err == ERR_OK &&
        dossier_differs(dossier, finding.registry, bundle->data, bundle->bytes, &name))
        err = err_say(ret_why, ERR_PROOF, "%s is not what follows from the rest of the bundle",
                      (const char *)name.data);
    buf_free(&name);
    if (err == ERR_OK) {
        *ret_dossier = dossier;
        *ret_finding = finding;
        return ERR_OK;
    }
    if (finding.registry != NULL)
        dossier_check_free(&finding);
    dossier_free(dossier);
    return ERR_PROOF;
}

enum err verify_dossier_tell(const struct buf *bundle, const struct note_key *key, bool json,
                             struct buf *text, struct err_text *ret_why)
{
    struct dossier *dossier = NULL;
    struct dossier_finding finding = {0};
    struct err_text why = {""};
    enum err err = check(bundle, key, &dossier, &finding, &why);
    const struct telling telling = {dossier, &finding, key != NULL};
    const bool holds = err == ERR_OK;
    if (holds && finding.against != NULL)
        err = err_say(&why, ERR_PROOF, "%s", finding.against);
    if (json) {
        json_t *object = json_object();
        ijson_put(object, "ok", json_boolean(err == ERR_OK));
        ijson_put(object, "kind", json_string("bundle"));
        if (err != ERR_OK)
            ijson_put(object, "what", ijson_text(why.s));
        if (holds)
            describe_json(&telling, object);
        ijson_print(object, text);
        buf_text(text, "\n");
        json_decref(object);
    } else if (holds) {
        describe(&telling, text);
    }
    if (holds)
        dossier_check_free(&finding);
    dossier_free(dossier);
    return err == ERR_OK ? ERR_OK : err_say(ret_why, err, "%s", why.s);
}
