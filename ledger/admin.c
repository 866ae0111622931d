#include "ledger/admin.h"

#include <stdio.h>
#include <string.h>

#include "ledger/ledger.h"
#include "ledger/signer.h"
#include "ledger/visit.h"

const struct option admin_list_options[] = {
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

/* Sign with both keys, the admin's first, and deliver. */
static enum err deliver_vouched(const struct submitter *submitter, const struct admin_act *act,
                                json_t **ret_receipt, struct err_text *ret_why)
{
    struct signer_key key = {0};
    struct buf event = {0}, envelope = {0};
    submit_build(submitter->ledger, submitter->options, act->type, NULL, act->data, &event);
    enum err err = submit_key(submitter->ledger, submitter->options, &key, ret_why);
    if (err == ERR_OK) {
        const char *const keys[] = {key.name, act->vouch};
        err = submit_sign_all(keys, 2, &event, &envelope, ret_why);
    }
    if (err == ERR_OK)
        err = submit_message(submitter, DSSE_MEDIA_TYPE, &envelope, ret_receipt, ret_why);
    signer_key_free(&key);
    buf_free(&event);
    buf_free(&envelope);
    return err;
}

int admin_deliver(const struct args *args, const struct admin_act *act, json_t **ret_receipt)
{
    struct err_text why = {""};
    struct ledger *ledger = NULL;
    *ret_receipt = NULL;
    if (args->submit.key == NULL && args->submit.offline == NULL) {
        json_decref(act->data);
        return args_wrong(act->name, "an admin signs it: --key FILE, --agent, or COUNTERSIGN_KEY");
    }
    if (args->submit.offline != NULL && act->vouch != NULL) {
        json_decref(act->data);
        return args_wrong(act->name, "two keys sign it, elsewhere too: without --vouch, and both "
                                     "signatures to `countersign submit`");
    }
    enum err err = ledger_open(args->operand[0], false, &ledger, &why);
    if (err != ERR_OK) {
        json_decref(act->data);
        return args_unopened(act->name, err, &why);
    }
    const struct submitter submitter = {.ledger = ledger, .options = &args->submit};
    err = act->vouch != NULL
              ? deliver_vouched(&submitter, act, ret_receipt, &why)
              : submit_act(&submitter, act->type, NULL, act->data, ret_receipt, &why);
    ledger_close(ledger);
    if (err != ERR_OK)
        return args_failed(act->name, err, &why);
    const char *verdict = ijson_string(*ret_receipt, "verdict");
    return verdict != NULL && strcmp(verdict, "accepted") == 0 ? 0 : 1;
}

int admin_run(const struct args *args, const struct admin_act *act)
{
    json_t *receipt = NULL;
    int code = admin_deliver(args, act, &receipt);
    if (receipt != NULL)
        code = submit_print(&args->submit, receipt);
    json_decref(receipt);
    return code;
}

struct listing {
    admin_list_fn *fn;
};

static enum err list(void *ctx, const struct args *args, struct ledger *ledger, struct buf *text,
                     struct err_text *ret_why)
{
    const struct listing *listing = ctx;
    json_t *rows = args_value(args, 'j') != NULL ? json_array() : NULL;
    (void)ret_why;
    listing->fn(ledger, text, rows);
    if (rows != NULL) {
        ijson_print(rows, text);
        buf_text(text, "\n");
    }
    json_decref(rows);
    return ERR_OK;
}

int admin_rows(const char *name, const struct args *args, admin_list_fn *fn)
{
    return visit_ledger(name, args, list, &(struct listing){fn});
}

int admin_list(int argc, char *argv[], const struct args_spec *spec, admin_list_fn *fn)
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, spec, &args, &code))
        code = admin_rows(spec->name, &args, fn);
    args_free(&args);
    return code;
}

int admin_verbs(int argc, char *argv[], const struct admin_verb *verbs)
{
    bool help = argc > 1 && strcmp(argv[1], "--help") == 0;
    for (const struct admin_verb *verb = verbs; argc > 1 && verb->name != NULL; verb++) {
        if (strcmp(argv[1], verb->name) == 0)
            return verb->run(argc - 1, argv + 1);
    }
    if (!help)
        return argc > 1 ? args_wrong(argv[0], "no '%s'", argv[1])
                        : args_wrong(argv[0], "say what to do");
    printf("usage: countersign %s VERB LEDGER ...\n\n", argv[0]);
    for (const struct admin_verb *verb = verbs; verb->name != NULL; verb++)
        printf("  %s %s\n", argv[0], verb->help);
    return 0;
}
