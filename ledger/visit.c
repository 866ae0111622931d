#include "ledger/visit.h"

#include "ledger/ledger.h"

int visit_ledger(const char *name, const struct args *args, visit_fn *fn, void *ctx)
{
    struct ledger *ledger = NULL;
    struct err_text why = {""};
    struct buf text = {0};
    enum err err = ledger_open(args->operand[0], false, &ledger, &why);
    if (err != ERR_OK)
        return args_unopened(name, err, &why);
    err = fn(ctx, args, ledger, &text, &why);
    int code = err == ERR_OK ? args_print(name, &text, 0) : args_failed(name, err, &why);
    ledger_close(ledger);
    buf_free(&text);
    return code;
}
