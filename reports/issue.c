#include "reports/issue.h"

enum err issue_heads(const char *dir, struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    struct registry_heads heads;
    bool new = false;
    enum err err = ledger_open(dir, true, &ledger, ret_why);
    if (err == ERR_OK)
        err = heads_make_append(ledger, &heads, &new, ret_why);
    ledger_close(ledger);
    return err;
}

enum err issue_deliver(const char *dir, const struct submit_options *options,
                       const struct params *params, json_t *files, json_t **ret_receipt,
                       struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    enum err err = ledger_open(dir, false, &ledger, ret_why);
    if (err != ERR_OK) {
        json_decref(files);
        return err;
    }
    const struct submitter submitter = {.ledger = ledger, .options = options};
    json_t *data = json_object();
    ijson_put(data, "parameters", params_made_with(params));
    ijson_put(data, "files", files);
    err = submit_act(&submitter, "report.issued", NULL, data, ret_receipt, ret_why);
    ledger_close(ledger);
    return err;
}
