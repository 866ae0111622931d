/* verify_state - what the files of verify share while one ledger is checked. */
#ifndef LEDGER_VERIFY_STATE_H
#define LEDGER_VERIFY_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/note.h"
#include "ledger/registry.h"
#include "ledger/rows.h"
#include "ledger/store.h"
#include "ledger/verify.h"

struct verify_state {
    const char *dir;
    const struct verify_options *options;
    struct store *store;
    struct store_txn *txn; /* of the page that is being checked */
    struct verify_result *result;
    struct err_text *why;

    struct note_key key; /* checks checkpoints */
    uint8_t ledger_id[HASH_BYTES];
    char ledger_hex[2 * HASH_BYTES + 1];
    uint8_t admission_key[ED25519_KEY_BYTES];
    char origin[NOTE_NAME_BYTES_MAX + 1];

    struct registry *registry; /* owned: of the entries checked so far */
    uint64_t next;             /* seq of the next entry; all below hold */
    struct rows_head head;     /* of the entry before it */
    uint64_t erased;           /* events that are not there any more */
    uint64_t webauthn;         /* signatures of alg 3 */

    uint64_t counts[STORE_TABLES]; /* rows at the beginning */
    struct buf last;               /* owned: the checkpoint of the last commit, then */
};

/**
 * verify_state_bad(state, seq, format, ...):
 * Note the first thing that does not hold, at entry ${seq}; gives DAMAGED.
 */
enum err verify_state_bad(struct verify_state *state, uint64_t seq, const char *format, ...)
    PRINTF_LIKE(3, 4);

/**
 * verify_state_skip(state, format, ...): Note something that is not checked.
 */
void verify_state_skip(struct verify_state *state, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
