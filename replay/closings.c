#include "replay/closings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/digest.h"
#include "replay/errand.h"

#define FOLDING_MAGIC MAGIC('C', 'L', 'S', 'F')

/* One claim that is to be held against what replay gives. */
struct claim {
    char *id;     /* owned: the deployment */
    uint64_t seq; /* of the closing */
    struct digest_claim says;
    bool made; /* the state has been made again, and is `given` */
    uint8_t given[HASH_BYTES];
};

struct claims {
    struct claim *list;
    size_t count, cap;
};

/* The claims of one deployment while it is folded. */
struct folding {
    uint32_t magic;
    struct claim *claims;
    size_t count;
    struct verify_closings *result;
};

/* Adds what the closing at ${seq} claims, if it was signed and claims anything. */
static enum err read_claim(struct ledger *ledger, uint64_t seq, struct claims *claims,
                           struct err_text *ret_why)
{
    struct record *record = NULL;
    struct event *event = NULL;
    struct digest_claim says;
    enum err err = ledger_read(ledger, seq, &record, ret_why);
    if (err != ERR_OK)
        return err;
    const struct entry *entry = &record->entry;
    if (entry->part.sig_count > 0 && replay_is_deployment(entry->part.stream) &&
        event_parse(record->event.data, record->event.bytes, &event, NULL) == ERR_OK &&
        digest_claim(event, &says) && says.pos < entry->stream_pos) {
        struct claim *claim = MEM_PUSH(claims->list, claims->count, claims->cap);
        *claim = (struct claim){.id = mem_text(entry->part.stream), .seq = seq, .says = says};
    }
    event_free(event);
    ledger_record_free(record);
    return ERR_OK;
}

static void differs(struct folding *folding, const struct claim *claim)
{
    struct verify_bad *first = &folding->result->first;
    struct buf text = {0};
    folding->result->differing++;
    if (first->found && first->seq < claim->seq)
        return;
    buf_printf(&text, "the closing at seq %llu of %s names state ", (unsigned long long)claim->seq,
               claim->id);
    buf_hex(&text, claim->says.digest, HASH_BYTES);
    buf_printf(&text, " at #%llu, where replay gives ", (unsigned long long)claim->says.pos);
    buf_hex(&text, claim->given, HASH_BYTES);
    *first = (struct verify_bad){.found = true, .seq = claim->seq};
    snprintf(first->what, sizeof(first->what), "%s", (const char *)text.data);
    buf_free(&text);
}

static void look(void *ctx, const struct replay_step *step)
{
    struct folding *folding;
    CAST_OBJ(folding, ctx, FOLDING_MAGIC);
    const struct entry *entry = &step->record->entry;
    for (size_t i = 0; i < folding->count; i++) {
        struct claim *claim = &folding->claims[i];
        if (claim->says.pos == entry->stream_pos) {
            digest_state(step->deployment, claim->given);
            claim->made = true;
        }
        if (claim->seq != entry->seq || !claim->made || step->verdict->rule != RULE_NONE)
            continue;
        if (memcmp(claim->given, claim->says.digest, HASH_BYTES) == 0)
            folding->result->held++;
        else
            differs(folding, claim);
    }
}

/* Folds the deployment of the claims from ${at} on; *${ret_next} is the first of the next one. */
static enum err fold(struct replay *replay, const struct claims *claims, size_t at,
                     struct verify_closings *ret, size_t *ret_next, struct err_text *ret_why)
{
    const char *id = claims->list[at].id;
    size_t end = at + 1;
    while (end < claims->count && strcmp(claims->list[end].id, id) == 0)
        end++;
    struct folding folding = {FOLDING_MAGIC, &claims->list[at], end - at, ret};
    if (folding.count > CLOSINGS_CLAIMS_MAX) {
        ret->unchecked += folding.count - CLOSINGS_CLAIMS_MAX;
        folding.count = CLOSINGS_CLAIMS_MAX;
    }
    const struct replay_view view = {.fn = look, .ctx = &folding, .lean = true};
    struct deployment *deployment = NULL;
    enum err err =
        replay_fold(replay, id, claims->list[end - 1].seq + 1, &view, &deployment, ret_why);
    deployment_free(deployment);
    *ret_next = end;
    return err;
}

static int by_deployment(const void *a, const void *b)
{
    const struct claim *one = a, *other = b;
    int order = strcmp(one->id, other->id);
    return order != 0 ? order : (one->seq > other->seq) - (one->seq < other->seq);
}

enum err closings_check(const char *dir, const uint64_t *seqs, size_t count,
                        struct verify_closings *ret, struct err_text *ret_why)
{
    struct errand errand = {0};
    struct claims claims = {0};
    struct verify_closings result = {0};
    enum err err = errand_open_all(dir, &errand, ret_why);
    for (size_t i = 0; err == ERR_OK && i < count; i++)
        err = read_claim(errand.ledger, seqs[i], &claims, ret_why);
    if (claims.count > 0)
        qsort(claims.list, claims.count, sizeof(*claims.list), by_deployment);
    for (size_t at = 0; err == ERR_OK && at < claims.count;)
        err = fold(errand.replay, &claims, at, &result, &at, ret_why);
    if (err == ERR_OK)
        *ret = result;
    for (size_t i = 0; i < claims.count; i++)
        free(claims.list[i].id);
    free(claims.list);
    errand_close(&errand);
    return err;
}
