#include "replay/errand.h"

#include <string.h>

#include "replay/digest.h"

/* The reducer over a ledger that was opened; takes it. */
static enum err set_up(const char *dir, struct ledger *ledger, struct errand *ret_errand,
                       struct err_text *ret_why)
{
    struct errand errand = {.ledger = ledger};
    enum err err = replay_open(errand.ledger, &errand.replay);
    if (err != ERR_OK) {
        errand_close(&errand);
        return err_say(ret_why, err, "%s: the reducer could not be set up", dir);
    }
    *ret_errand = errand;
    return ERR_OK;
}

enum err errand_open(const char *dir, struct errand *ret_errand, struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    enum err err = ledger_open_sparse(dir, &ledger, ret_why);
    return err == ERR_OK ? set_up(dir, ledger, ret_errand, ret_why) : err;
}

enum err errand_open_all(const char *dir, struct errand *ret_errand, struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    enum err err = ledger_open(dir, false, &ledger, ret_why);
    return err == ERR_OK ? set_up(dir, ledger, ret_errand, ret_why) : err;
}

void errand_close(struct errand *errand)
{
    catalog_free(errand->catalog);
    replay_close(errand->replay);
    ledger_close(errand->ledger);
    *errand = (struct errand){0};
}

enum err errand_id(const char *id, struct err_text *ret_why)
{
    if (event_stream_ok(id) && replay_is_deployment(id))
        return ERR_OK;
    return err_say(ret_why, ERR_NOT_FOUND,
                   "no deployment has such an id; `countersign status LEDGER` lists them");
}

enum err errand_exists(struct errand *errand, const char *id, struct err_text *ret_why)
{
    uint64_t seq = 0;
    bool found = false;
    enum err err = errand_id(id, ret_why);
    if (err == ERR_OK)
        err = ledger_stream_seq(errand->ledger, id, 0, &seq, &found, ret_why);
    if (err == ERR_OK && !found)
        err = err_say(ret_why, ERR_NOT_FOUND, ERRAND_NO_SUCH, id);
    return err;
}

enum err errand_head(struct errand *errand, const char *id, struct deployment **ret_deployment,
                     struct err_text *ret_why)
{
    struct deployment *deployment = NULL;
    enum err err = errand_id(id, ret_why);
    if (err == ERR_OK)
        err = replay_fold(errand->replay, id, UINT64_MAX, NULL, &deployment, ret_why);
    if (err != ERR_OK)
        return err;
    if (deployment->entries == 0) {
        deployment_free(deployment);
        return err_say(ret_why, ERR_NOT_FOUND, ERRAND_NO_SUCH, id);
    }
    *ret_deployment = deployment;
    return ERR_OK;
}

enum err errand_deliver(struct errand *errand, const struct submit_options *options,
                        const struct errand_event *event, json_t **ret_receipt,
                        struct err_text *ret_why)
{
    struct judge judge = replay_judge(errand->replay);
    struct submitter submitter = {errand->ledger, options, &judge};
    return submit_act(&submitter, event->type, event->deployment, event->data, ret_receipt,
                      ret_why);
}

/* A closing says what state it was signed on: that after the deployment's last entry, with what the
 * ledger stream said up to there and no more, so that anyone can make it again. */
static enum err claim_state(struct errand *errand, const struct errand_event *event,
                            struct err_text *ret_why)
{
    struct deployment *head = NULL;
    struct deployment *last = NULL;
    enum err err = errand_head(errand, event->deployment, &head, ret_why);
    if (head != NULL)
        err = replay_fold(errand->replay, event->deployment, head->last.seq + 1, NULL, &last,
                          ret_why);
    if (last != NULL)
        digest_put_claim(event->data, last);
    deployment_free(head);
    deployment_free(last);
    return err;
}

int errand_run(const char *name, const char *dir, const struct submit_options *options,
               const struct errand_event *event)
{
    struct err_text why = {""};
    struct errand errand = {0};
    json_t *receipt = NULL;
    enum err err = errand_open(dir, &errand, &why);
    if (err != ERR_OK) {
        json_decref(event->data);
        return args_unopened(name, err, &why);
    }
    if (strcmp(event->type, "deployment.closed") == 0)
        err = claim_state(&errand, event, &why);
    if (err == ERR_OK)
        err = errand_deliver(&errand, options, event, &receipt, &why);
    else
        json_decref(event->data);
    int code = err == ERR_OK ? submit_print(options, receipt) : args_failed(name, err, &why);
    json_decref(receipt);
    errand_close(&errand);
    return code;
}

int errand_record(const char *name, const struct args *args, errand_record_fn *record,
                  const void *ctx)
{
    struct err_text why = {""};
    struct errand errand = {0};
    json_t *receipt = NULL;
    enum err err = errand_open(args->operand[0], &errand, &why);
    if (err != ERR_OK)
        return args_unopened(name, err, &why);
    err = record(ctx, args, &errand, &receipt, &why);
    int code = err == ERR_OK ? submit_print(&args->submit, receipt) : args_failed(name, err, &why);
    json_decref(receipt);
    errand_close(&errand);
    return code;
}

typedef enum err open_fn(const char *dir, struct errand *ret_errand, struct err_text *ret_why);

static int show(open_fn *open, const char *name, const struct args *args, errand_make_fn *make)
{
    struct err_text why = {""};
    struct errand errand = {0};
    struct buf text = {0};
    enum err err = open(args->operand[0], &errand, &why);
    if (err != ERR_OK)
        return args_unopened(name, err, &why);
    err = make(args, &errand, &text, &why);
    int code = err == ERR_OK      ? args_print(name, &text, 0)
               : err == ERR_USAGE ? args_wrong(name, "%s", why.s)
                                  : args_failed(name, err, &why);
    buf_free(&text);
    errand_close(&errand);
    return code;
}

int errand_show(const char *name, const struct args *args, errand_make_fn *make)
{
    return show(errand_open, name, args, make);
}

int errand_command(int argc, char *argv[], const struct args_spec *spec, errand_make_fn *make)
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, spec, &args, &code))
        code = errand_show(spec->name, &args, make);
    args_free(&args);
    return code;
}

int errand_command_all(int argc, char *argv[], const struct args_spec *spec, errand_make_fn *make)
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, spec, &args, &code))
        code = show(errand_open_all, spec->name, &args, make);
    args_free(&args);
    return code;
}
