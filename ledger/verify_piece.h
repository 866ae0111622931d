/* verify_piece - TILE_WIDTH entries under check: what can be told of them in any thread, and what
 * in their order.
 */
#ifndef LEDGER_VERIFY_PIECE_H
#define LEDGER_VERIFY_PIECE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/rows.h"
#include "ledger/verify.h"

struct verify_state;

#define VERIFY_PIECE_LEVEL 8 /* of the node over a full piece */
#define VERIFY_ABOVE (64 - VERIFY_PIECE_LEVEL)

/* The part of one stream that is in a piece: it is whole in itself, and must follow from what is
 * before the piece. */
struct verify_link {
    uint8_t stream[16]; /* verify_streams_key */
    unsigned first, last;
    uint64_t first_pos, last_pos;
    uint8_t first_prev[HASH_BYTES];
    bool trusted; /* it follows from an entry that is not checked again */
};

struct verify_piece {
    uint64_t from;  /* a multiple of TILE_WIDTH */
    unsigned count; /* entries that are due, 1..TILE_WIDTH */
    unsigned skip;  /* of these, at the front, are not checked again */

    /* The source's, while it is loaded. */
    unsigned rows; /* so many leading entries are there; verify_piece_bad has said why not all */
    struct slice entries[TILE_WIDTH];
    struct slice events[TILE_WIDTH];      /* salt | event; data NULL: there is no such row */
    const uint8_t *nodes[2 * TILE_WIDTH]; /* of level l from verify_piece_level(l) on; NULL: none */
    bool has_above[VERIFY_ABOVE];         /* of the nodes that end with the piece, level 8 and up */
    uint8_t above[VERIFY_ABOVE][HASH_BYTES];
    void *hold; /* whatever the source needs */

    /* What was found. */
    unsigned done;          /* entries at the front that are good in themselves */
    unsigned leaf_count;    /* those whose leaf hash is known */
    int64_t first_us;       /* of the first that is checked: time_us and admitted_us */
    int64_t first_admitted; /* of the first that is checked */
    int64_t last_us;        /* time_us of the last one done */
    uint8_t first_prev[HASH_BYTES];
    uint8_t leaves[TILE_WIDTH][HASH_BYTES];
    uint8_t root[HASH_BYTES]; /* of a full piece */
    unsigned link_count;
    struct verify_link links[TILE_WIDTH]; /* in order of `first` */
    uint16_t link_slots[2 * TILE_WIDTH];  /* by key: 1 + where it is in `links`; 0: none */
    uint64_t signatures, erased, webauthn, unknown;
    bool of_type[TILE_WIDTH]; /* its event is of the type that the options name */
    struct verify_bad bad;    /* the lowest, in itself */
    struct err_text why;      /* of an error */
};

/**
 * verify_piece_work, verify_piece_retire(state, index):
 * Check piece ${index} of the pass in itself, and in order; a pool_work_fn and a pool_retire_fn.
 * Errors: IO, BUSY (also: stopped), DAMAGED (verify_state_bad).
 */
enum err verify_piece_work(void *state, uint64_t index);
enum err verify_piece_retire(void *state, uint64_t index);

/**
 * verify_piece_bad(piece, at, format, ...):
 * Note what does not hold of entry ${at} of the piece, unless it is known of it or of one before;
 * gives false.
 */
bool verify_piece_bad(struct verify_piece *piece, unsigned at, const char *format, ...)
    PRINTF_LIKE(3, 4);

/**
 * verify_piece_seq(piece, at): The seq of entry ${at} of the piece, as it is printed.
 *
 * verify_piece_node(piece, at, level, hash): Take in the stored ${hash} of the node of ${level}
 * that entry ${at} completes; below VERIFY_PIECE_LEVEL it is borrowed.
 *
 * verify_piece_level(level): Where the nodes of ${level} < VERIFY_PIECE_LEVEL begin in `nodes`.
 */
unsigned long long verify_piece_seq(const struct verify_piece *piece, unsigned at);
void verify_piece_node(struct verify_piece *piece, unsigned at, unsigned level,
                       const uint8_t *hash);
unsigned verify_piece_level(unsigned level);

#endif
