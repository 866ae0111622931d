/* state_text - the live checklist for people, on 100 columns: what stands, and what is next.  Pure.
 */
#ifndef REPLAY_STATE_TEXT_H
#define REPLAY_STATE_TEXT_H

#include "replay/deployment.h"

/* What a text needs beside the state. */
struct state_text {
    const struct deployment *deployment;
    const struct ledger_info *info;
    const char *dir; /* the ledger's directory, for the commands that are proposed */
    int64_t now_us;  /* what is overdue is overdue at this time */
    bool live;       /* it is the state now, so that something is next */
};

/**
 * state_text_add(state, buf): Append all of it: head, sections with their nodes, gates, criteria,
 * issues, notes, roles, what is next.
 */
void state_text_add(const struct state_text *state, struct buf *buf);

#endif
