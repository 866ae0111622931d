#include "replay/suspect.h"

#include <string.h>

#include "replay/criterion.h"
#include "replay/met.h"
#include "replay/ready.h"

bool suspect_mark(const struct deployment *deployment, const struct mark *mark)
{
    if (!mark->set || mark->key_id == NULL)
        return false;
    const struct registry_key *key = registry_key(deployment->registry, mark->key_id);
    return key != NULL && registry_key_suspect(key, mark->seq, deployment->fold->now_seq);
}

void suspect_use(struct deployment *deployment, const struct registry_key *key)
{
    struct fold *fold = deployment->fold;
    for (size_t i = 0; i < fold->key_count; i++) {
        if (fold->keys[i].key == key)
            return;
    }
    struct key_used *used = MEM_PUSH(fold->keys, fold->key_count, fold->key_cap);
    used->key = key;
}

/* A suspect note is none: the latest other one is the node's.  Whether it was suspect. */
static bool settle_note(struct deployment *deployment, size_t index)
{
    struct mark *noted = &deployment->fold->nodes[index].noted;
    if (!suspect_mark(deployment, noted))
        return false;
    *noted = (struct mark){0};
    for (size_t i = deployment->note_count; i > 0 && !noted->set; i--) {
        const struct note_taken *note = &deployment->notes[i - 1];
        if (note->node == index && !suspect_mark(deployment, &note->mark))
            *noted = note->mark;
    }
    return true;
}

/* Look at the signatures of one node again; whether one has become suspect. */
static bool settle_node(struct deployment *deployment, size_t index)
{
    struct node_state *state = &deployment->nodes[index];
    struct node_fold *fold = &deployment->fold->nodes[index];
    bool suspect = suspect_mark(deployment, &state->mark), found = false;
    for (size_t i = 0; i < fold->giver_count; i++) {
        bool giver = suspect_mark(deployment, &fold->givers[i].mark);
        found = found || (giver && !fold->givers[i].suspect);
        fold->givers[i].suspect = giver;
        suspect = suspect || giver;
    }
    bool waiver = suspect_mark(deployment, &state->waived);
    found = settle_note(deployment, index) || found || (suspect && !state->suspect) ||
            (waiver && !fold->waiver_suspect);
    state->suspect = suspect;
    fold->waiver_suspect = waiver;
    return found;
}

/* The mark of what follows from a revocation: it stands just before the next entry. */
static struct mark mark_of(const struct deployment *deployment, const struct registry_key *key)
{
    return (struct mark){.set = true,
                         .seq = key->suspected_seq,
                         .pos = deployment->entries,
                         .time_us = key->suspected_us,
                         .principal = names_keep(&deployment->fold->principals, "ledger")};
}

static void settle_key(struct deployment *deployment, const struct registry_key *key)
{
    const struct checklist *checklist = deployment->checklist;
    struct mark mark = mark_of(deployment, key);
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    sshkey_fingerprint(key->key.id, fingerprint);
    for (size_t i = 0; checklist != NULL && i < checklist->node_count; i++) {
        bool was_met = deployment_met(deployment, i);
        bool was_suspect = deployment->nodes[i].suspect;
        if (!settle_node(deployment, i))
            continue;
        met_refresh(deployment, i, mark.pos, "rests on a key that was revoked");
        /* A suspect note on what is not met, say, holds up no gate. */
        bool suspect = deployment->nodes[i].suspect && !was_suspect;
        bool decided = suspect && deployment_gate_open(deployment, i);
        bool lost = was_met && !deployment_met(deployment, i);
        if (decided || (lost && ready_behind_open(deployment, i)))
            criterion_arise(deployment, criterion_at(deployment, CRITERION_SIGNATURE, i), &mark,
                            "%s of %s was revoked since before it signed", fingerprint,
                            key->principal);
    }
}

void suspect_settle(struct deployment *deployment, uint64_t seq)
{
    struct fold *fold = deployment->fold;
    if (seq > fold->now_seq)
        fold->now_seq = seq;
    for (size_t i = 0; i < fold->key_count; i++) {
        struct key_used *used = &fold->keys[i];
        if (used->settled || used->key->suspected_seq >= fold->now_seq)
            continue; /* it may be revoked first, and suspected later */
        used->settled = true;
        settle_key(deployment, used->key);
    }
}
