#include "replay/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/forecast.h"
#include "replay/signing.h"

#define SIGNATURE ".sig" /* behind the event's file, as ssh-keygen names it */

static const struct option options[] = {
    {"anyway", no_argument, NULL, 'a'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "submit",
    .operands = "LEDGER EVENT [SIGNATURE...]",
    .about = "Hands an event in that was signed elsewhere: a request as --offline writes it, and "
             "what\n`ssh-keygen -Y sign -n event@countersign -f KEY EVENT` made of it (EVENT.sig; "
             "of\nseveral signatures the actor's first).\n\n"
             "  --anyway  also what would be refused; the refusal goes on record\n"
             "  --json    print the receipt as JSON\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2 + ENTRY_SIGS_MAX,
};

/* The event and who signed it, out of the envelope; whether that is known here. */
static enum err look_inside(struct errand *errand, const struct buf *envelope,
                            struct dsse **ret_dsse, struct err_text *ret_why)
{
    struct dsse *dsse = NULL;
    enum err err = dsse_parse(envelope->data, envelope->bytes, &dsse, ret_why);
    for (size_t i = 0; err == ERR_OK && i < dsse->sig_count; i++) {
        struct signer_key key = {.name = mem_text("KEY")};
        memcpy(key.id, dsse->sigs[i].key_id, KEY_ID_BYTES);
        sshkey_fingerprint(key.id, key.fingerprint);
        err = signer_known(&key, ledger_registry(errand->ledger), ledger_dir(errand->ledger),
                           ret_why);
        signer_key_free(&key);
    }
    if (err == ERR_OK)
        *ret_dsse = dsse;
    else
        dsse_free(dsse);
    return err;
}

/* What the ledger would answer to an event of a deployment. */
static enum err foresee(struct errand *errand, const struct dsse *dsse, bool anyway,
                        struct err_text *ret_why)
{
    struct verdict verdict = {0};
    struct event *event = NULL;
    enum err err = event_parse(dsse->payload.data, dsse->payload.bytes, &event, ret_why);
    bool judged = err == ERR_OK && event->deployment != NULL && event_is_own(event) &&
                  replay_is_deployment(event->deployment);
    event_free(event);
    if (!judged || anyway)
        return err;
    struct entry_sig sig = {
        .alg = SIG_SSHSIG, .data = dsse->sigs[0].data, .bytes = (uint16_t)dsse->sigs[0].bytes};
    memcpy(sig.key_id, dsse->sigs[0].key_id, KEY_ID_BYTES);
    err = forecast_make(errand, &dsse->payload, &sig, &verdict, ret_why);
    if (err == ERR_OK && verdict.rule != RULE_NONE) {
        fprintf(stderr, "would be refused: %s", rule_name(verdict.rule));
        struct buf text = {0};
        printable_add(&text, verdict.reason);
        fprintf(stderr, ": %.*s\n", (int)text.bytes, text.bytes > 0 ? (const char *)text.data : "");
        buf_free(&text);
        err = signing_refusal(&verdict, ret_why);
    }
    verdict_clear(&verdict);
    return err;
}

static enum err submit(const void *ctx, const struct args *args, struct errand *errand,
                       json_t **ret_receipt, struct err_text *ret_why)
{
    (void)ctx;
    struct judge judge = replay_judge(errand->replay);
    const struct submitter submitter = {errand->ledger, &args->submit, &judge};
    const char *signatures[ENTRY_SIGS_MAX];
    size_t count = 0;
    struct buf name = {0}, envelope = {0};
    struct dsse *dsse = NULL;
    buf_printf(&name, "%s" SIGNATURE, args->operand[1]);
    while (args->operand[2 + count] != NULL) {
        signatures[count] = args->operand[2 + count];
        count++;
    }
    if (count == 0)
        signatures[count++] = (const char *)name.data;
    enum err err = request_read(args->operand[1], signatures, count, &envelope, ret_why);
    if (err == ERR_NOT_FOUND)
        err = err_say(ret_why, ERR_IO, "%s", ret_why->s);
    if (err == ERR_OK)
        err = look_inside(errand, &envelope, &dsse, ret_why);
    if (err == ERR_OK)
        err = foresee(errand, dsse, args_value(args, 'a') != NULL, ret_why);
    if (err == ERR_OK)
        err = submit_message(&submitter, DSSE_MEDIA_TYPE, &envelope, ret_receipt, ret_why);
    dsse_free(dsse);
    buf_free(&envelope);
    buf_free(&name);
    return err;
}

int cmd_submit(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code)) {
        args.submit.json = args_value(&args, 'j') != NULL;
        code = errand_record(spec.name, &args, submit, NULL);
    }
    args_free(&args);
    return code;
}
