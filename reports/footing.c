#include "reports/footing.h"

#include <inttypes.h>

static enum err open_at(const char *dir, uint64_t *size, struct ledger **ret,
                        struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    uint64_t entries = 0;
    enum err err = ledger_open(dir, false, &ledger, ret_why);
    if (err == ERR_NOT_FOUND)
        return ERR_IO; /* an input that could not be had; a size above the ledger's is another */
    if (err == ERR_OK)
        err = ledger_size(ledger, &entries, ret_why);
    if (err == ERR_OK && *size > entries)
        err = err_say(ret_why, ERR_NOT_FOUND,
                      "size %" PRIu64 ": the ledger has %" PRIu64 " entries", *size, entries);
    if (err != ERR_OK) {
        ledger_close(ledger);
        return err;
    }
    *size = *size == 0 ? entries : *size;
    *ret = ledger;
    return ERR_OK;
}

static void show(void *ctx, uint64_t done, uint64_t total)
{
    progress_draw(ctx, "%" PRIu64 " of %" PRIu64 " entries verified", done, total);
}

static enum err check(const char *dir, enum params_verify verify, struct progress *progress,
                      struct err_text *ret_why)
{
    struct verify_result *result = NULL;
    const struct verify_options wanted = {.only_hashes = verify == VERIFY_HASHES,
                                          .progress = show,
                                          .stop = interrupt_came,
                                          .ctx = progress};
    if (verify == VERIFY_NONE)
        return ERR_OK;
    enum err err = verify_ledger(dir, &wanted, &result, ret_why);
    if (err == ERR_OK && result->stopped)
        err = err_say(ret_why, ERR_IO, "it was interrupted");
    else if (err == ERR_OK && !result->ok)
        err = err_say(ret_why, ERR_DAMAGED, "no report of a damaged ledger: %s",
                      result->first_bad.what);
    verify_result_free(result);
    return err;
}

enum err footing_open(const char *dir, enum params_verify verify, uint64_t *size,
                      struct progress *progress, struct ledger **ret_ledger,
                      struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    enum err err = open_at(dir, size, &ledger, ret_why);
    if (err == ERR_OK)
        err = check(dir, verify, progress, ret_why);
    if (err == ERR_OK)
        *ret_ledger = ledger;
    else
        ledger_close(ledger);
    return err;
}
