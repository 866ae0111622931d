/* spool - lines that wait on disk until the ledger takes them: added by any number of pushers,
 * delivered in order by one at a time, each line out of it only once it is somewhere else.
 *
 * Its directory (mode 0700) has
 *   url            the ledger that the lines are for
 *   NNNNNNNNNN.q   files of frames (frame.h), numbered in order; numbers are never used again
 *   state          JSON: {file, done, decided, late}: the first file, how many of its bytes are
 *                  dealt with, up to where it is decided in which form lines are sent, and whether
 *                  they are sent marked as late
 *   refused        JSON lines: what the ledger did not take (aside.h)
 *   torn           bytes that were no whole frame
 *   add.lock, deliver.lock
 * What is added is synced when spool_add returns.  After a crash lines may be sent again, from
 * `done` on, in the form that was decided: a ledger gives the first receipt once more.
 */
#ifndef INGEST_SPOOL_H
#define INGEST_SPOOL_H

#include "ledger/ledger.h"

struct spool;

/* A place in the spool: byte ${at} of file ${file}. */
struct spool_place {
    uint64_t file;
    uint64_t at;
};

/* One line that waits. */
struct spool_line {
    struct spool_place place, end; /* of its frame: from, to */
    int64_t taken_us;
    bool late;         /* to be sent marked as late */
    bool damaged;      /* it is not what was added */
    struct piece line; /* borrowed until spool_leave */
};

/**
 * spool_open(dir, url, bytes_max, ret_spool, ret_why): Open the spool in ${dir} for the ledger at
 * ${url}, and make it where there is none.  spool_add refuses what would make its files larger
 * than ${bytes_max}.  Errors: IO, USAGE (it is another ledger's).
 * spool_close(spool): NULL is fine; gives up the turn.
 */
MUST_CHECK enum err spool_open(const char *dir, const char *url, uint64_t bytes_max,
                               struct spool **ret_spool, struct err_text *ret_why);
void spool_close(struct spool *spool);

/**
 * spool_add(spool, frames, ret_from, ret_to, ret_why): Add ${frames} (frame_add) behind all others
 * and sync them; they lie in [*${ret_from}, *${ret_to}).  All or none.  Waits for others that add.
 * Errors: DISK_LOW (no room: bytes_max, or the disk), IO.
 */
MUST_CHECK enum err spool_add(struct spool *spool, const struct buf *frames,
                              struct spool_place *ret_from, struct spool_place *ret_to,
                              struct err_text *ret_why);

/**
 * spool_turn(spool, ret_mine, ret_why): Take the turn to deliver, unless another has it
 * (*${ret_mine} false), and read where delivery stands.  Errors: IO, INVALID (state).
 * spool_leave(spool, ret_why): Write where delivery stands, and give up the turn; fine without one.
 * Errors: IO.
 * spool_done_to(spool, ret_place, ret_why): Where delivery stands, without the turn: what lies
 * before it is delivered or refused.  Errors: IO, INVALID.
 */
MUST_CHECK enum err spool_turn(struct spool *spool, bool *ret_mine, struct err_text *ret_why);
MUST_CHECK enum err spool_leave(struct spool *spool, struct err_text *ret_why);
MUST_CHECK enum err spool_done_to(struct spool *spool, struct spool_place *ret_place,
                                  struct err_text *ret_why);

/* In which form lines are sent that nobody has decided on yet. */
struct spool_choice {
    int64_t now_us;
    int64_t late_us; /* a line that waited longer is marked as late; INT64_MAX: none is */
};

/**
 * spool_next(spool, choice, ret_line, ret_found, ret_why): With the turn: the first line that
 * waits; *${ret_found} is false where none does.  In which form it is sent is on disk when this
 * returns.  Bytes that are no frame are set aside in `torn`, and counted (spool_torn).
 * Errors: IO.
 * spool_following(spool, at, ret_line): The next line behind ${at} of the same form, decided and in
 * memory; false if there is none.
 * spool_pass(spool, line): It is dealt with, and so is all before it.
 * spool_decided(spool, place): The lines from ${place} on were surely not sent: in which form they
 * are may be decided anew.
 */
MUST_CHECK enum err spool_next(struct spool *spool, const struct spool_choice *choice,
                               struct spool_line *ret_line, bool *ret_found,
                               struct err_text *ret_why);
bool spool_following(const struct spool *spool, const struct spool_line *at,
                     struct spool_line *ret_line);
void spool_pass(struct spool *spool, const struct spool_line *line);
void spool_decided(struct spool *spool, const struct spool_place *place);

/**
 * spool_waiting(spool, ret_lines, ret_why): With the turn or without: how many lines wait.  Cost: a
 * pass over all files.  Errors: IO, INVALID.
 * spool_torn(spool): How many bytes were set aside since it was opened.
 * spool_before(a, b): Whether ${a} is before ${b}.
 */
MUST_CHECK enum err spool_waiting(struct spool *spool, uint64_t *ret_lines,
                                  struct err_text *ret_why);
uint64_t spool_torn(const struct spool *spool);
bool spool_before(const struct spool_place *a, const struct spool_place *b);

#endif
