/* views - what `serve` shows of deployments: lists, states, timelines, from a ledger of their own
 * that is opened for reading, so that folding them waits for nobody and nobody waits for it.
 */
#ifndef REPLAY_VIEWS_H
#define REPLAY_VIEWS_H

#include "ledger/ledger.h"

struct views;

/**
 * views_open(dir, ret_views, ret_why): Open the ledger; one thread at a time may use it.  Errors:
 * NOT_FOUND, IO, DAMAGED, DISK_LOW, BUSY.
 * views_close(views): NULL is fine.
 *
 * views_moment(views, id, text, ret_to_seq, ret_time_us, ret_why): The moment that ${text} names
 * (moment.h): entries with seq < *${ret_to_seq} are up to it; if it was named as a time, that; else
 * -1. Errors: USAGE (no moment), NOT_FOUND, IO, DAMAGED.
 *
 * views_list(views, after, limit, buf, ret_why): Append {deployments: [...], next}: of each what
 * `status --json` lists, in order of their ids, those behind ${after} ("" for all), ${limit} (1..)
 * at most; after VIEWS_ENTRIES_MAX entries read it ends early.  next is the id to pass as after,
 * null once nothing follows.  Errors: IO, DAMAGED, BUSY.
 *
 * views_state(views, id, at, buf, ret_why): Append the state as `status --json` prints it, now or
 * at a moment (moment.h; NULL: now).  Errors: NOT_FOUND (no such deployment or moment), USAGE (no
 * moment), IO, DAMAGED, BUSY.
 *
 * views_timeline(views, id, format, buf, ret_why): Append the timeline as `timeline --format`
 * prints it: json, text, csv, html, md or grafana.  Errors: NOT_FOUND, USAGE (no such format), IO,
 * DAMAGED, BUSY.
 *
 * views_diff(views, id, from, to, buf, ret_why): Append what changed between two moments (NULL:
 * open, now) as `diff --json` prints it; views_compare(views, ids, buf, ret_why) two deployments of
 * one checklist; views_why(views, id, of, at, buf, ret_why) what lies behind a node, gate or entry,
 * as `why --json` prints it.  Errors: NOT_FOUND, USAGE (no moment), CONFLICT (two checklists), IO,
 * DAMAGED, BUSY.
 */
MUST_CHECK enum err views_open(const char *dir, struct views **ret_views, struct err_text *ret_why);
void views_close(struct views *views);
MUST_CHECK enum err views_moment(struct views *views, const char *id, const char *text,
                                 uint64_t *ret_to_seq, int64_t *ret_time_us,
                                 struct err_text *ret_why);
MUST_CHECK enum err views_list(struct views *views, const char *after, uint64_t limit,
                               struct buf *buf, struct err_text *ret_why);
MUST_CHECK enum err views_state(struct views *views, const char *id, const char *at,
                                struct buf *buf, struct err_text *ret_why);
MUST_CHECK enum err views_timeline(struct views *views, const char *id, const char *format,
                                   struct buf *buf, struct err_text *ret_why);
MUST_CHECK enum err views_diff(struct views *views, const char *id, const char *from,
                               const char *to, struct buf *buf, struct err_text *ret_why);
MUST_CHECK enum err views_compare(struct views *views, const char *const ids[2], struct buf *buf,
                                  struct err_text *ret_why);
MUST_CHECK enum err views_why(struct views *views, const char *id, const char *of, const char *at,
                              struct buf *buf, struct err_text *ret_why);

#endif
