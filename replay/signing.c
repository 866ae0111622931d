#include "replay/signing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/consent.h"
#include "replay/forecast.h"
#include "replay/summary.h"

enum err signing_refusal(const struct verdict *verdict, struct err_text *ret_why)
{
    return err_say(ret_why, ERR_FORBIDDEN,
                   "it would be refused as %s: nothing is sent (--anyway sends it, and puts the "
                   "refusal on record)",
                   rule_name(verdict->rule));
}

/* What the ledger would answer now. */
static enum err foresee(const struct signing *signing, const struct buf *event,
                        struct verdict *ret_verdict, struct err_text *ret_why)
{
    struct entry_sig sig = {.alg = SIG_SSHSIG};
    if (signing->key != NULL)
        memcpy(sig.key_id, signing->key->id, KEY_ID_BYTES);
    return forecast_make(signing->errand, event, signing->key != NULL ? &sig : NULL, ret_verdict,
                         ret_why);
}

static void tell(struct buf *text)
{
    fwrite(text->data, 1, text->bytes, stderr);
    buf_clear(text);
}

/* Show what is signed. */
static json_t *show(const struct signing *signing, const struct buf *event,
                    const struct verdict *expected)
{
    const struct registry *registry = ledger_registry(signing->errand->ledger);
    const struct registry_key *known =
        signing->key != NULL ? registry_key(registry, signing->key->id) : NULL;
    bool nobody = signing->key == NULL && signing->submit->offline != NULL;
    const struct summary summary = {.deployment = signing->deployment,
                                    .info = ledger_info(signing->errand->ledger),
                                    .act = signing->name,
                                    .node = signing->node,
                                    .role = signing->role,
                                    .what = signing->what,
                                    .principal = known != NULL ? known->principal : NULL,
                                    .key = signing->key,
                                    .event = event,
                                    .expected = nobody ? NULL : expected};
    json_t *json = summary_json(&summary);
    struct buf text = {0};
    summary_text(json, &text);
    if (signing->show_event) {
        char *bytes = mem_text_n((const char *)event->data, event->bytes);
        printable_add(&text, bytes);
        buf_text(&text, "\n");
        free(bytes);
    }
    tell(&text);
    buf_free(&text);
    return json;
}

/* Have the person say yes. */
static enum err agree(const struct signing *signing, struct err_text *ret_why)
{
    if (signing->yes || signing->submit->offline != NULL || isatty(STDERR_FILENO) != 1)
        return ERR_OK;
    enum consent consent = consent_ask("Sign? [y/N] ");
    if (consent == CONSENT_NOBODY)
        return err_say(ret_why, ERR_USAGE, "there is no terminal to ask on: --yes signs");
    if (consent == CONSENT_NO)
        return err_say(ret_why, ERR_FORBIDDEN, "it was not signed, and nothing is recorded");
    return ERR_OK;
}

/* What has come into the deployment behind what the person saw, for them to see. */
static enum err tell_since(const struct signing *signing, size_t *ret_count,
                           struct err_text *ret_why)
{
    struct buf lines = {0}, text = {0};
    size_t count = 0;
    uint64_t pos = signing->deployment->entries - 1;
    enum err err =
        forecast_since(signing->errand, signing->deployment->id, pos, &lines, &count, ret_why);
    if (err == ERR_OK && count > 0) {
        char *list = buf_take_text(&lines);
        buf_printf(&text, "%zu event%s came since position #%llu:\n%s", count,
                   count == 1 ? "" : "s", (unsigned long long)pos, list);
        if (count > FORECAST_SINCE_MAX)
            buf_printf(&text, "and %zu more\n", count - FORECAST_SINCE_MAX);
        tell(&text);
        free(list);
    }
    if (err == ERR_OK)
        *ret_count = count;
    buf_free(&text);
    buf_free(&lines);
    return err;
}

/* While the person read and thought, others may have acted. */
static enum err look_again(const struct signing *signing, const struct buf *event,
                           struct err_text *ret_why)
{
    struct verdict verdict = {0};
    size_t count = 0;
    enum err err = ledger_refresh(signing->errand->ledger, ret_why);
    if (err == ERR_OK)
        err = tell_since(signing, &count, ret_why);
    if (err != ERR_OK || count == 0)
        return err;
    err = foresee(signing, event, &verdict, ret_why);
    if (err == ERR_OK && verdict.rule != RULE_NONE && !signing->anyway)
        err = err_say(ret_why, ERR_FORBIDDEN,
                      "nothing is signed: it would now be refused as %s: %.150s: run it again",
                      rule_name(verdict.rule), verdict.reason != NULL ? verdict.reason : "");
    verdict_clear(&verdict);
    return err;
}

static enum err deliver(const struct signing *signing, const struct buf *event,
                        const json_t *summary, json_t **ret_receipt, struct err_text *ret_why)
{
    struct judge judge = replay_judge(signing->errand->replay);
    struct submit_options options = *signing->submit;
    const struct submitter submitter = {signing->errand->ledger, &options, &judge};
    struct buf text = {0};
    enum err err = ERR_OK;
    if (options.offline != NULL) {
        summary_text(summary, &text);
        options.summary = (const char *)text.data;
        err = submit_built(&submitter, event, ret_receipt, ret_why);
        buf_free(&text);
        return err;
    }
    if (signing->key != NULL && signing->key->touched)
        fputs("Touch your security key when it blinks.\n", stderr);
    err = submit_signed(&submitter, signing->key != NULL ? signing->key->name : NULL, event,
                        ret_receipt, ret_why);
    const char *rule = err == ERR_OK ? ijson_string(*ret_receipt, "rule") : NULL;
    size_t count;
    if (rule != NULL && strcmp(rule, rule_name(RULE_STALE_BASIS)) == 0 &&
        tell_since(signing, &count, ret_why) == ERR_OK)
        fputs("run it again to see and sign what stands now\n", stderr);
    return err;
}

/* With --json the summary is part of what is printed. */
static int print(const struct signing *signing, json_t *receipt, json_t *summary)
{
    if (signing->submit->json)
        json_object_set(receipt, "summary", summary);
    return submit_print(signing->submit, receipt);
}

static int fail(const struct signing *signing, enum err err, const struct err_text *why,
                json_t *summary)
{
    struct buf text = {0};
    json_t *answer = json_object();
    json_object_set_new(answer, "signed", json_false());
    json_object_set_new(answer, "reason", ijson_text(why->s));
    json_object_set(answer, "summary", summary);
    ijson_print(answer, &text);
    buf_text(&text, "\n");
    int code = args_failed(signing->name, err, why);
    if (signing->submit->json && err_exit(err) == 1)
        code = args_print(signing->name, &text, code);
    json_decref(answer);
    buf_free(&text);
    return code;
}

int signing_run(const struct signing *signing)
{
    struct err_text why = {""};
    struct buf event = {0};
    struct verdict expected = {0};
    json_t *summary = NULL, *receipt = NULL;
    submit_build(signing->errand->ledger, signing->submit, signing->type, signing->deployment->id,
                 signing->data, &event);
    enum err err = foresee(signing, &event, &expected, &why);
    if (err == ERR_OK) {
        bool known = signing->key != NULL || signing->submit->offline == NULL;
        summary = show(signing, &event, &expected);
        if (expected.rule != RULE_NONE && known && !signing->anyway)
            err = signing_refusal(&expected, &why);
    }
    if (err == ERR_OK)
        err = agree(signing, &why);
    if (err == ERR_OK)
        err = look_again(signing, &event, &why);
    if (err == ERR_OK)
        err = deliver(signing, &event, summary, &receipt, &why);
    int code = err == ERR_OK      ? print(signing, receipt, summary)
               : err == ERR_USAGE ? args_wrong(signing->name, "%s", why.s)
                                  : fail(signing, err, &why, summary);
    verdict_clear(&expected);
    json_decref(summary);
    json_decref(receipt);
    buf_free(&event);
    return code;
}
