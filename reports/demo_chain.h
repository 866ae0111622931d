/* demo_chain - where entries will come to stand: their leaves before they are appended, so that
 * who signs next can rest on them and many go into one commit.
 */
#ifndef REPORTS_DEMO_CHAIN_H
#define REPORTS_DEMO_CHAIN_H

#include "ledger/ledger.h"

/* The last entry of a stream, and the one of it that is looked back to. */
struct demo_place {
    uint64_t count; /* entries; 0: none yet */
    uint8_t leaf[HASH_BYTES];
    uint64_t marked; /* position */
    uint8_t marked_leaf[HASH_BYTES];
};

struct demo_chain {
    uint64_t size;
    int64_t time_us;
    uint8_t leaf[HASH_BYTES];
};

/**
 * demo_chain_read(chain, ledger, ret_why): Where the ledger stands now.  Errors: as ledger_read.
 * demo_chain_add(chain, place, admitted): What is appended next, to the stream of ${place}, which
 * is known whole.
 */
MUST_CHECK enum err demo_chain_read(struct demo_chain *chain, struct ledger *ledger,
                                    struct err_text *ret_why);
void demo_chain_add(struct demo_chain *chain, struct demo_place *place,
                    const struct admitted *admitted);

#endif
