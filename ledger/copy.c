#include "ledger/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "ledger/clock.h"
#include "ledger/files.h"
#include "ledger/inside.h"

enum err copy_keep(struct ledger *ledger, struct err_text *ret_why)
{
    if (ledger->copied_us != 0 && clock_monotonic_us() - ledger->copied_us < CHECKPOINT_KEEP_US)
        return ERR_OK;
    return copy_write(ledger, ret_why);
}

enum err copy_write(struct ledger *ledger, struct err_text *ret_why)
{
    /* The lock is on a file that is never replaced. */
    char *lock_path = files_path(ledger->dir, SECRET_CHECKPOINT);
    struct buf note = {0};
    enum err err;
    int fd = open(lock_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        err = err_say(ret_why, ERR_IO, "%s cannot be locked: %s", lock_path, strerror(errno));
        goto out;
    }
    err = ledger_checkpoint(ledger, &note, ret_why);
    if (err == ERR_OK)
        err = files_replace(ledger->dir, COPY_NAME, note.data, note.bytes, ret_why);
    if (err == ERR_OK) {
        ledger->copied_us = clock_monotonic_us();
        ledger->copy_behind = false;
    }
out:
    if (fd >= 0)
        close(fd);
    buf_free(&note);
    free(lock_path);
    return err;
}

/* Why a checkpoint does not lie in this history. */
static const char is_ahead[] = "covers entries that the ledger no longer has";
static const char is_later[] = "is signed by keys that came after the ledger's last entry";
static const char is_forked[] = "has another root than the ledger's entries";

/* Whether a key that the ledger has or had has signed it. */
static bool signed_by_any(const struct ledger *ledger, const struct buf *note)
{
    size_t count = 0;
    const struct registry_pair *const *pairs = registry_pairs(ledger->registry, &count);
    for (size_t i = 0; i < count; i++) {
        if (note_check((const char *)note->data, note->bytes, &pairs[i]->checkpoint, 1, NULL) ==
            ERR_OK)
            return true;
    }
    return false;
}

/* Whether the keys that sign a checkpoint of that size have signed it. */
static enum err signed_then(struct ledger *ledger, const struct buf *note, uint64_t size)
{
    struct record *record = NULL;
    enum err err = size == 0 ? ERR_DAMAGED : ledger_read(ledger, size - 1, &record, NULL);
    if (err == ERR_OK && !registry_note_signed(ledger->registry, note, size, record->entry.time_us))
        err = ERR_DAMAGED;
    ledger_record_free(record);
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* Whether those who have signed it have the ledger's name, and none is a key that it has or had:
 * then the ledger is a copy from before they came. */
static bool signed_later(const struct ledger *ledger, const struct buf *note)
{
    struct note_signer *signers = NULL;
    size_t signer_count = 0, pair_count = 0, ours = 0;
    const struct registry_pair *const *pairs = registry_pairs(ledger->registry, &pair_count);
    if (note_signers((const char *)note->data, note->bytes, &signers, &signer_count) != ERR_OK)
        return false;
    for (size_t i = 0; i < signer_count; i++) {
        bool named = strcmp(signers[i].name, ledger->info.origin) == 0, known = false;
        for (size_t j = 0; j < pair_count; j++)
            known = known || signers[i].id == pairs[j]->checkpoint.id;
        if (named && known) { /* but it has not: signed_by_any */
            ours = 0;
            break;
        }
        ours += named;
    }
    free(signers);
    return ours > 0;
}

/* Checks a note of ours: signature, form, origin, and its root by our tree. */
static enum err note_hold(struct ledger *ledger, const struct buf *note, uint64_t *ret_size,
                          const char **ret_what)
{
    struct checkpoint checkpoint;
    uint8_t root[HASH_BYTES];
    const char *text = (const char *)note->data;
    *ret_what = "is not signed by this ledger's key";
    if (checkpoint_parse(text, note->bytes, &checkpoint) != ERR_OK ||
        strcmp(checkpoint.origin, ledger->info.origin) != 0)
        return ERR_DAMAGED;
    if (!signed_by_any(ledger, note)) {
        if (signed_later(ledger, note))
            *ret_what = is_later;
        return ERR_DAMAGED;
    }
    *ret_what = is_ahead;
    enum err err = ledger_root(ledger, checkpoint.size, root, NULL);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
    *ret_what = "is not signed by the keys that the ledger had then";
    err = signed_then(ledger, note, checkpoint.size);
    if (err != ERR_OK)
        return err;
    *ret_what = is_forked;
    if (memcmp(root, checkpoint.root, HASH_BYTES) != 0)
        return ERR_DAMAGED;
    *ret_size = checkpoint.size;
    return ERR_OK;
}

/* Checks the copy outside; what is signed and not of this history goes to *${ret_lost}. */
static enum err outside_check(struct ledger *ledger, struct buf *ret_lost, struct err_text *ret_why)
{
    struct buf note = {0};
    struct checkpoint checkpoint = {0};
    uint64_t covered = 0;
    const char *what = NULL;
    enum err err = files_read(ledger->dir, COPY_NAME, NOTE_BYTES_MAX, &note, ret_why);
    if (err == ERR_NOT_FOUND)
        return copy_write(ledger, ret_why);
    if (err != ERR_OK)
        return err;
    err = note_hold(ledger, &note, &covered, &what);
    bool lost = err == ERR_DAMAGED && (what == is_ahead || what == is_forked || what == is_later) &&
                checkpoint_parse((const char *)note.data, note.bytes, &checkpoint) == ERR_OK;
    if (lost && registry_gave_up(ledger->registry, checkpoint.size, checkpoint.root)) {
        err = copy_write(ledger, ret_why); /* killed between recording it and this */
    } else if (lost) {
        buf_add(ret_lost, note.data, note.bytes);
        err_say(ret_why, err,
                "%s/" COPY_NAME " %s: an older copy was restored, or entries were lost; put the "
                "newer data.mdb back, or give up what is lost, on the record: serve "
                "--accept-rollback",
                ledger->dir, what);
    } else if (err != ERR_OK) {
        err_say(ret_why, err,
                "%s/" COPY_NAME " %s: put the right one there, or, if nobody has one, remove it",
                ledger->dir, what);
    }
    buf_free(&note);
    return err;
}

enum err copy_check(struct ledger *ledger, struct buf *ret_lost, struct err_text *ret_why)
{
    struct buf note = {0};
    uint64_t covered = 0, size = 0;
    const char *what = NULL;
    enum err err = ledger_size(ledger, &size, ret_why);
    if (err == ERR_OK)
        err = ledger_checkpoint(ledger, &note, ret_why);
    if (err != ERR_OK)
        goto out;
    err = note_hold(ledger, &note, &covered, &what);
    if (err == ERR_OK && covered < size) { /* others may have appended meanwhile */
        err = ERR_DAMAGED;
        what = "does not cover the whole";
    }
    if (err != ERR_OK)
        err_say(ret_why, err, "the last checkpoint in %s %s: run verify", ledger->dir, what);
    else
        err = outside_check(ledger, ret_lost, ret_why);
out:
    buf_free(&note);
    return err;
}
