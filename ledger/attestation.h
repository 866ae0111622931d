/* attestation - what evidence says for itself: whether its bytes are those that its digest names,
 * which enrolled keys signed its envelope, which artifacts its statement is about.
 * Source: DSSE v1.0.2; in-toto Attestation Framework, Statement v1 and v0.1; RULES.md "Events".
 * Nothing is believed of the sender: all follows from the bytes and the registry.  Pure.
 */
#ifndef LEDGER_ATTESTATION_H
#define LEDGER_ATTESTATION_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/registry.h"

#define ATTESTATION_STATEMENT_TYPE "application/vnd.in-toto+json"

struct attestation {
    json_t *json; /* owned; as `replay --json` gives it in `evidence` */
    char *text;   /* owned; what was found, for a person; NULL: nothing to say */
};

/* What it is held against. */
struct attestation_against {
    const struct registry *registry;
    uint64_t seq;           /* keys as of this position */
    char *const *artifacts; /* sha256, hex, of the deployment; none: nothing to compare */
    size_t artifact_count;
};

/**
 * attestation_read(against, data, ret): Read the data of an evidence.attached, whose members have
 * the right types.  An envelope is what `media` calls one (application/vnd.dsse.envelope.v1+json,
 * or a type that ends in +dsse), a statement what an envelope's payloadType or `media` calls
 * application/vnd.in-toto+json.  Free with attestation_free.  Cost: one pass, and a check for each
 * signature and Ed25519 key.
 * attestation_free(attestation): Free what it owns.
 */
void attestation_read(const struct attestation_against *against, const json_t *data,
                      struct attestation *ret);
void attestation_free(struct attestation *attestation);

/**
 * attestation_media(bytes, count): The media type of what a file holds, where it is an envelope or
 * a statement; else NULL.  Static.
 */
const char *attestation_media(const void *bytes, size_t count);

#endif
