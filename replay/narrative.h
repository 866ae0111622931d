/* narrative - what an event says, in a few words: its kind, its value, its text.  Pure. */
#ifndef REPLAY_NARRATIVE_H
#define REPLAY_NARRATIVE_H

#include "ledger/ledger.h"

/* All owned, as the event has them: whoever prints them makes them harmless. */
struct narrative {
    char *kind;  /* "item.checked" of our own version 1, else the whole type */
    char *node;  /* node id as the event names it, or NULL */
    char *value; /* "pass", "187 ms", "GO", a role, ... numbers as their source text; or NULL */
    char *text;  /* note, comment, reason, title; or NULL */
};

/**
 * narrative_of(record, event, ret_narrative): Tell the event of ${record}; ${event} is its parsed
 * event, NULL if erased (then the kind is "erased").  Free with narrative_free.
 * narrative_brief(narrative, buf): Append kind, node and value: "item.checked 2.2.2 pass".
 */
void narrative_of(const struct record *record, const struct event *event,
                  struct narrative *ret_narrative);
void narrative_brief(const struct narrative *narrative, struct buf *buf);
void narrative_free(struct narrative *narrative);

#endif
