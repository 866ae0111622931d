#include "ledger/counters.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"
#include "ledger/touch.h"

struct counter_seen {
    uint8_t key_id[KEY_ID_BYTES];
    uint32_t highest;
};

static struct counter_seen *find(const struct counters *counters,
                                 const uint8_t key_id[KEY_ID_BYTES])
{
    for (size_t i = 0; i < counters->count; i++) {
        if (memcmp(counters->keys[i].key_id, key_id, KEY_ID_BYTES) == 0)
            return &counters->keys[i];
    }
    return NULL;
}

/* Whether the signature's counter did not grow. */
static bool note_one(struct counters *counters, const struct entry_sig *sig, struct buf *why)
{
    struct touch touch;
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    if (!touch_of(sig, &touch) || !touch.attested)
        return false;
    struct counter_seen *seen = find(counters, sig->key_id);
    if (seen == NULL) {
        seen = MEM_PUSH(counters->keys, counters->count, counters->cap);
        memcpy(seen->key_id, sig->key_id, KEY_ID_BYTES);
        seen->highest = touch.counter;
        return false;
    }
    if (touch.counter > seen->highest) {
        seen->highest = touch.counter;
        return false;
    }
    if (seen->highest == 0)
        return false;
    sshkey_fingerprint(sig->key_id, fingerprint);
    if (why != NULL)
        buf_printf(why, "%s%s counts %u after %u", why->bytes > 0 ? ", " : "", fingerprint,
                   touch.counter, seen->highest);
    return true;
}

bool counters_note(struct counters *counters, const struct entry *entry, struct buf *why)
{
    bool stuck = false;
    for (size_t i = 0; i < entry->part.sig_count; i++)
        stuck = note_one(counters, &entry->part.sigs[i], why) || stuck;
    return stuck;
}

void counters_free(struct counters *counters)
{
    free(counters->keys);
    *counters = (struct counters){0};
}
