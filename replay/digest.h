/* digest - one hash of what the rules made of a deployment: the same on every machine and in every
 * build, so that a closing can record it and anyone can make it again.  Pure.
 */
#ifndef REPLAY_DIGEST_H
#define REPLAY_DIGEST_H

#include "replay/deployment.h"

/**
 * digest_text(deployment, buf): Append the state as the lines that are hashed,
 * "countersign/state/v1" first.  A line is words joined by blanks and ends in a newline.  Acts are
 * named by their position in the deployment's stream ("-": none), times are Unix microseconds, a
 * text is "BYTES:" and its bytes ("-": none), lists stand in the order in which the fold came upon
 * them, nodes in that of the document.  No seq and no leaf: two ledgers that hold the same acts
 * have the same lines.
 *
 * digest_state(deployment, ret): SHA-256 of them.
 */
void digest_text(const struct deployment *deployment, struct buf *buf);
void digest_state(const struct deployment *deployment, uint8_t ret[HASH_BYTES]);

/* What a closing says of the state that it was signed on. */
struct digest_claim {
    uint64_t pos; /* the state after the entry at this position, below the closing's own */
    uint8_t digest[HASH_BYTES];
};

/**
 * digest_put_claim(data, deployment): Give the data of a `deployment.closed` the member `state`
 * {pos, digest}: the deployment's as it is folded.
 *
 * digest_claim(event, ret): What an event claims; false unless it is a `deployment.closed` with a
 * well-formed `state`.
 */
void digest_put_claim(json_t *data, const struct deployment *deployment);
bool digest_claim(const struct event *event, struct digest_claim *ret);

#endif
