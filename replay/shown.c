#include "replay/shown.h"

#include <inttypes.h>
#include <stdio.h>

#include "replay/digest.h"
#include "replay/moment.h"
#include "replay/operand.h"
#include "replay/standing.h"
#include "replay/state_json.h"
#include "replay/state_next.h"
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

/* The number of the gate that is asked for, from 1; 0 if it is none. */
static size_t gate_number(const struct shown_want *want, const struct deployment *deployment)
{
    const struct checklist *checklist = deployment->checklist;
    long number = 0;
    if (checklist == NULL)
        return 0;
    if (operand_number(want->gate, 1, &number))
        return (size_t)number <= checklist->gate_count ? (size_t)number : 0;
    size_t node = checklist_node(checklist, want->gate);
    return node == CHECKLIST_NONE ? 0 : standing_gate_number(checklist, node);
}

static enum err add_gate(const struct shown_want *want, const struct deployment *deployment,
                         struct buf *buf, struct err_text *ret_why)
{
    size_t number = gate_number(want, deployment);
    if (number == 0)
        return err_say(ret_why, ERR_NOT_FOUND, "%s has no gate '%s': name its number or its node",
                       deployment->id, want->gate);
    if (want->json) {
        json_t *json = state_json_gate(deployment, number);
        ijson_pretty(json, buf);
        json_decref(json);
    } else {
        state_next_needs(deployment, number, buf);
    }
    return ERR_OK;
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

static void add_digest(const struct shown_want *want, const struct deployment *deployment,
                       struct buf *buf)
{
    uint8_t digest[HASH_BYTES];
    digest_state(deployment, digest);
    if (want->json) {
        json_t *json = json_pack(
            "{s:s, s:o, s:o}", "id", deployment->id, "pos",
            deployment->last.set ? json_integer((json_int_t)deployment->last.pos) : json_null(),
            "digest", ijson_hex(digest, HASH_BYTES));
        ijson_pretty(json, buf);
        json_decref(json);
        return;
    }
    buf_hex(buf, digest, HASH_BYTES);
    buf_printf(buf, "  %s", deployment->id);
    if (deployment->last.set)
        buf_printf(buf, " #%" PRIu64, deployment->last.pos);
    buf_text(buf, "\n");
}

static enum err fold(const struct shown_want *want, struct errand *errand, struct moment *moment,
                     struct deployment **ret_deployment, struct err_text *ret_why)
{
    static const struct supposition occurred = {.occurred = true};
    enum err err = errand_exists(errand, want->id, ret_why);
    if (err == ERR_OK)
        err = moment_find(errand, want->id, want->at, moment, ret_why);
    if (err == ERR_OK)
        err = moment_fold(errand, want->id, moment, want->occurred ? &occurred : NULL,
                          ret_deployment, ret_why);
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
    if (err == ERR_OK && !want->json && !want->digest)
        add_moment(want, &moment, deployment, &text);
    if (err == ERR_OK && want->digest) {
        add_digest(want, deployment, &text);
    } else if (err == ERR_OK && want->gate != NULL) {
        err = add_gate(want, deployment, &text, &why);
    } else if (err == ERR_OK && want->json) {
        add_json(want, &moment, deployment, ledger_info(errand.ledger), &text);
    } else if (err == ERR_OK) {
        struct state_text state = {.deployment = deployment,
                                   .info = ledger_info(errand.ledger),
                                   .dir = want->dir,
                                   .now_us = ledger_now(errand.ledger),
                                   .live = want->next && want->at == NULL};
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
