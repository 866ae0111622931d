#include "ingest/account.h"

#include <string.h>

static struct custody_key key_of(struct ledger *ledger, const struct courier *courier,
                                 enum custody_outcome outcome)
{
    struct custody_key key = {
        .day = custody_day(ledger_now(ledger)), .way = courier->origin, .outcome = outcome};
    memcpy(key.principal, courier->principal, sizeof(key.principal));
    return key;
}

void account_refused(struct ledger *ledger, const struct job *job)
{
    if (job->counted || job->err == ERR_OK)
        return;
    struct custody_key key = key_of(ledger, &job->courier, custody_outcome(job->err));
    if (job->err == ERR_UNAUTHENTICATED)
        key.principal[0] = '\0'; /* whoever it says it is */
    ledger_count(ledger, &key, job->count);
}

void account_head(struct ledger *ledger, enum err err)
{
    const struct courier nobody = {.origin = ORIGIN_HTTP};
    struct custody_key key = key_of(ledger, &nobody, custody_outcome(err));
    ledger_count(ledger, &key, 1);
}

void account_dead(struct ledger *ledger, const struct courier *courier)
{
    struct custody_key key = key_of(ledger, courier, CUSTODY_DEAD_LETTERED);
    ledger_count(ledger, &key, 1);
}
