#include "ledger/rekey.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "ledger/files.h"

static struct secret_place checkpoint_place(const struct ledger *ledger)
{
    return (struct secret_place){ledger->dir, SECRET_CHECKPOINT, SECRET_CHECKPOINT_NEXT,
                                 SECRET_CHECKPOINT_AFTER};
}

static struct secret_place admission_place(const struct ledger *ledger)
{
    return (struct secret_place){ledger->dir, SECRET_ADMISSION, SECRET_ADMISSION_NEXT,
                                 SECRET_ADMISSION_AFTER};
}

/* The newest pair, and the one before it (NULL: none). */
static const struct registry_pair *newest(const struct ledger *ledger,
                                          const struct registry_pair **ret_before)
{
    size_t count = 0;
    const struct registry_pair *const *pairs = registry_pairs(ledger->registry, &count);
    *ret_before = count > 1 ? pairs[count - 2] : NULL;
    return count > 0 ? pairs[count - 1] : NULL;
}

/* Whether the next checkpoint may need the old key still.  An entry's time is no earlier than the
 * clock of its admission: once that has passed the end, nothing can need it. */
static bool overlaps(struct ledger *ledger, const struct registry_pair *pair, int64_t last_us)
{
    return last_us <= pair->until_us && ledger_now(ledger) <= pair->until_us + CLOCK_LEAP_US;
}

/* Puts the files of the newest pair in the places of the old. */
static enum err settle(struct ledger *ledger, const struct registry_pair *pair,
                       struct err_text *ret_why)
{
    const struct secret_place checkpoint = checkpoint_place(ledger);
    const struct secret_place admission = admission_place(ledger);
    int lock = -1;
    static const char *const names[] = {SECRET_CHECKPOINT_NEXT, SECRET_ADMISSION_NEXT,
                                        SECRET_CHECKPOINT_AFTER, SECRET_ADMISSION_AFTER};
    bool there = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        there = there || files_there(ledger->dir, names[i]);
    if (!there)
        return ERR_OK;
    enum err err = secret_lock(ledger->dir, &lock, ret_why);
    if (err == ERR_OK)
        err = secret_settle(&checkpoint, pair->checkpoint.public_key, ret_why);
    if (err == ERR_OK)
        err = secret_settle(&admission, pair->admission_key, ret_why);
    if (lock >= 0)
        close(lock);
    return err;
}

static void arm(struct ledger *ledger, struct secret *admission_key, struct secret *checkpoint_key,
                struct secret *former_key)
{
    memcpy(ledger->admission->secret_key, admission_key->secret_key,
           sizeof(ledger->admission->secret_key));
    secret_free(ledger->checkpoint_key);
    secret_free(ledger->former_key);
    ledger->checkpoint_key = checkpoint_key;
    ledger->former_key = former_key;
    registry_pairs(ledger->registry, &ledger->pair_count);
}

enum err rekey_load(struct ledger *ledger, struct err_text *ret_why)
{
    const struct secret_place checkpoint = checkpoint_place(ledger);
    const struct secret_place admission = admission_place(ledger);
    struct secret *admission_key = NULL, *checkpoint_key = NULL, *former_key = NULL;
    const struct registry_pair *before = NULL, *pair = newest(ledger, &before);
    ASSERT(ledger->admission != NULL);
    if (pair == NULL)
        return err_say(ret_why, ERR_DAMAGED, "%s: the ledger names no keys", ledger->dir);
    bool both = before != NULL && overlaps(ledger, pair, ledger->admission->last_us);
    enum err err = secret_find(&admission, pair->admission_key, &admission_key, ret_why);
    if (err == ERR_OK)
        err = secret_find(&checkpoint, pair->checkpoint.public_key, &checkpoint_key, ret_why);
    if (err == ERR_OK && both)
        err = secret_find(&checkpoint, before->checkpoint.public_key, &former_key, ret_why);
    if (err == ERR_OK) {
        arm(ledger, admission_key, checkpoint_key, former_key);
        checkpoint_key = former_key = NULL;
        if (!both)
            err = settle(ledger, pair, ret_why);
    }
    secret_free(admission_key);
    secret_free(checkpoint_key);
    secret_free(former_key);
    return err;
}

bool rekey_due(const struct ledger *ledger)
{
    const struct registry_pair *before = NULL, *pair = newest(ledger, &before);
    size_t count = 0;
    registry_pairs(ledger->registry, &count);
    bool ended = ledger->former_key != NULL && ledger->admission->last_us > pair->until_us;
    return count != ledger->pair_count || ended;
}

/* Takes the next keys from disk, or makes them; ${behind} the next, which are in use. */
static enum err take_next(struct ledger *ledger, bool behind, struct registry_pair *ret_pair,
                          struct err_text *ret_why)
{
    struct secret_place checkpoint = checkpoint_place(ledger);
    struct secret_place admission = admission_place(ledger);
    struct secret *checkpoint_key = NULL, *admission_key = NULL;
    int lock = -1;
    if (behind) {
        checkpoint.next = checkpoint.after;
        admission.next = admission.after;
    }
    enum err err = secret_lock(ledger->dir, &lock, ret_why);
    if (err == ERR_OK)
        err = secret_next(&checkpoint, &checkpoint_key, ret_why);
    if (err == ERR_OK)
        err = secret_next(&admission, &admission_key, ret_why);
    if (err == ERR_OK)
        err = files_sync_dir(ledger->dir, ret_why);
    if (err == ERR_OK) {
        note_key_make(ledger->info.origin, checkpoint_key->public_key, &ret_pair->checkpoint);
        memcpy(ret_pair->admission_key, admission_key->public_key, ED25519_KEY_BYTES);
    }
    if (lock >= 0)
        close(lock);
    secret_free(checkpoint_key);
    secret_free(admission_key);
    return err;
}

enum err rekey_prepare(struct ledger *ledger, bool at_once, struct registry_pair *ret_pair,
                       struct err_text *ret_why)
{
    const struct registry_pair *before = NULL, *pair = newest(ledger, &before);
    char until[INSTANT_TEXT_BYTES];
    int64_t last_us = 0;
    enum err err = ledger_last_us(ledger, &last_us, ret_why);
    if (err != ERR_OK)
        return err;
    if (pair == NULL)
        return err_say(ret_why, ERR_DAMAGED, "%s: the ledger names no keys", ledger->dir);
    bool overlap = before != NULL && overlaps(ledger, pair, last_us);
    if (overlap && !at_once) {
        instant_format(pair->until_us, until);
        return err_say(ret_why, ERR_CONFLICT,
                       "the keys were replaced at entry %llu, and the old ones hold until %s "
                       "(--overlap 0 ends them now)",
                       (unsigned long long)pair->seq, until);
    }
    if (!overlap)
        err = settle(ledger, pair, ret_why);
    if (err == ERR_OK)
        err = take_next(ledger, overlap, ret_pair, ret_why);
    return err;
}

bool rekey_take(const struct ledger *ledger, const struct registry_pair *pair,
                struct secret **ret_checkpoint_key)
{
    const struct secret_place checkpoint = checkpoint_place(ledger);
    const struct secret_place admission = admission_place(ledger);
    struct secret *checkpoint_key = NULL, *admission_key = NULL;
    bool there =
        secret_find(&checkpoint, pair->checkpoint.public_key, &checkpoint_key, NULL) == ERR_OK &&
        secret_find(&admission, pair->admission_key, &admission_key, NULL) == ERR_OK;
    secret_free(admission_key);
    if (there)
        *ret_checkpoint_key = checkpoint_key;
    else
        secret_free(checkpoint_key);
    return there;
}
