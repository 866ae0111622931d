#include "replay/shown.h"

#include <inttypes.h>
#include <stdio.h>

#include "replay/moment.h"
#include "replay/state_json.h"
#include "replay/state_text.h"

/* Which moment it is: said first, as only a part of the ledger is seen. */
static void add_moment(const struct shown_want *want, const struct moment *moment,
                       const struct deployment *deployment, struct buf *buf)
{
    char time[INSTANT_TEXT_BYTES] = "";
    if (want->at == NULL)
        return;
    if (deployment->last.set)
        instant_short(deployment->last.time_us, time);
    buf_text(buf, "As of ");
    printable_add(buf, want->at);
    if (want->occurred)
        buf_printf(buf, " by claimed times; %zu entries left out as not yet occurred\n",
                   moment->left_out);
    else if (deployment->last.set)
        buf_printf(buf, ": up to seq %" PRIu64 ", position #%" PRIu64 ", %s UTC\n",
                   deployment->last.seq, deployment->last.pos, time);
    else
        buf_text(buf, ": before its first entry\n");
}

static void add_json(const struct shown_want *want, const struct moment *moment,
                     const struct deployment *deployment, const struct ledger_info *info,
                     struct buf *buf)
{
    json_t *json = state_json_full(deployment, info);
    if (want->at != NULL)
        json_object_set_new(json, "at", ijson_text(want->at));
    if (want->occurred)
        json_object_set_new(json, "left_out", json_integer((json_int_t)moment->left_out));
    ijson_pretty(json, buf);
    json_decref(json);
}

static enum err fold(const struct shown_want *want, struct errand *errand, struct moment *moment,
                     struct deployment **ret_deployment, struct err_text *ret_why)
{
    struct deployment *head = NULL;
    enum err err = errand_head(errand, want->id, &head, ret_why);
    if (err == ERR_OK && want->at == NULL) {
        *ret_deployment = head;
        return ERR_OK;
    }
    deployment_free(head);
    if (err == ERR_OK)
        err = moment_find(errand, want->id, want->at, moment, ret_why);
    if (err == ERR_OK)
        err = moment_fold(errand, want->id, moment, want->occurred, ret_deployment, ret_why);
    return err;
}

enum err shown_json(struct errand *errand, const char *id, const char *at, struct buf *buf,
                    struct err_text *ret_why)
{
    const struct shown_want want = {.id = id, .at = at, .json = true};
    struct moment moment = {UINT64_MAX, -1, 0};
    struct deployment *deployment = NULL;
    enum err err = fold(&want, errand, &moment, &deployment, ret_why);
    if (err == ERR_OK)
        add_json(&want, &moment, deployment, ledger_info(errand->ledger), buf);
    deployment_free(deployment);
    return err;
}

int shown_print(const struct shown_want *want)
{
    struct err_text why = {""};
    struct errand errand = {0};
    struct moment moment = {UINT64_MAX, -1, 0};
    struct deployment *deployment = NULL;
    struct buf text = {0};
    int64_t time_us = 0;
    if (want->occurred && (want->at == NULL || !instant_parse(want->at, &time_us)))
        return args_wrong(want->name, "--occurred goes with --at TIME");
    enum err err = errand_open(want->dir, &errand, &why);
    if (err != ERR_OK)
        return args_unopened(want->name, err, &why);
    err = fold(want, &errand, &moment, &deployment, &why);
    if (err == ERR_OK && want->json) {
        add_json(want, &moment, deployment, ledger_info(errand.ledger), &text);
    } else if (err == ERR_OK) {
        struct state_text state = {.deployment = deployment,
                                   .info = ledger_info(errand.ledger),
                                   .dir = want->dir,
                                   .now_us = ledger_now(errand.ledger),
                                   .live = want->next && want->at == NULL};
        add_moment(want, &moment, deployment, &text);
        state_text_add(&state, &text);
    }
    int code = err == ERR_OK      ? args_print(want->name, &text, 0)
               : err == ERR_USAGE ? args_wrong(want->name, "%s", why.s)
                                  : args_failed(want->name, err, &why);
    buf_free(&text);
    deployment_free(deployment);
    errand_close(&errand);
    return code;
}
