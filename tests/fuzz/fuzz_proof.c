#include "ledger/proof.h"

#include <stdlib.h>
#include <string.h>

/* A proof that parses formats to itself; so does what it carries; and checking it ends well. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void try_extra(const struct proof *proof)
{
    struct proof_extra extra;
    struct entry entry;
    struct buf again = {0};
    if (proof_extra_parse(proof->extra.data, proof->extra.bytes, &extra) != ERR_OK)
        return;
    proof_extra_format(&extra, &again);
    ASSERT(again.bytes == proof->extra.bytes &&
           memcmp(again.data, proof->extra.data, again.bytes) == 0);
    if (proof_extra_check(&extra, proof->seq, &entry, NULL) == ERR_OK)
        ASSERT(entry.seq == proof->seq &&
               (extra.salt == NULL || extra.event_bytes == entry.part.event_bytes));
    buf_free(&again);
}

/* The signatures do not hold, but for a corpus of real proofs; the path is tried at any rate. */
static void try_check(const struct proof *proof)
{
    static const char vkey[] =
        "ledger.example/prod+77b80c1d+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    struct note_key key;
    struct checkpoint checkpoint;
    uint8_t leaf[HASH_BYTES];
    ASSERT(note_key_parse(vkey, &key) == ERR_OK);
    tree_leaf("b", 1, leaf);
    if (proof_check(proof, leaf, &key, 1, &checkpoint, NULL) == ERR_OK)
        ASSERT(proof->seq < checkpoint.size && strcmp(checkpoint.origin, key.name) == 0);
    if (checkpoint_parse((const char *)proof->note.data, proof->note.bytes, &checkpoint) ==
            ERR_OK &&
        tree_check_inclusion(proof->seq, checkpoint.size, leaf, &proof->path, checkpoint.root) ==
            ERR_OK)
        ASSERT(proof->seq < checkpoint.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct proof *proof = NULL;
    struct buf again = {0};
    struct note_signer *signers = NULL;
    size_t count = 0;
    if (proof_parse((const char *)data, bytes, &proof) != ERR_OK)
        return 0;
    proof_format(proof, &again);
    ASSERT(again.bytes == bytes && memcmp(again.data, data, bytes) == 0);
    if (proof->has_extra)
        try_extra(proof);
    try_check(proof);
    if (note_signers((const char *)proof->note.data, proof->note.bytes, &signers, &count) == ERR_OK)
        ASSERT(count >= 1 && count <= NOTE_SIGS_MAX);
    free(signers);
    proof_free(proof);
    buf_free(&again);
    return 0;
}
