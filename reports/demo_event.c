#include "reports/demo_event.h"

#include <inttypes.h>
#include <string.h>

static const struct demo_member *doer(const struct demo_event_of *of, const struct demo_act *act)
{
    return &of->world->cast.members[act->who];
}

/* A UUIDv7 that follows from when it was and whose act it is. */
static void put_id(const struct demo_event_of *of, const struct demo_act *act, struct buf *ret)
{
    size_t order = act->order - act->twice;
    uint64_t number = (uint64_t)act->place * 0x9e3779b97f4a7c15 + order;
    struct demo_dice dice = {.state = of->world->seed ^ number * 0xff51afd7ed558ccd};
    uint64_t ms = (uint64_t)act->claimed_us / 1000 - (act->twice ? 1000 : 0);
    uint64_t high = demo_dice_next(&dice), low = demo_dice_next(&dice);
    buf_printf(ret, "%08" PRIx64 "-%04" PRIx64 "-7%03" PRIx64 "-8%03" PRIx64 "-%012" PRIx64,
               ms >> 16 & 0xffffffff, ms & 0xffff, high & 0xfff, low >> 48 & 0xfff,
               low & 0xffffffffffff);
}

static void put_basis(const struct demo_event_of *of, const struct demo_act *act, struct buf *ret)
{
    const struct demo_place *place = of->place;
    bool marked = act->rests == DEMO_RESTS_MARK;
    uint64_t pos = marked ? place->marked : place->count - 1;
    uint8_t leaf[HASH_BYTES];
    memcpy(leaf, marked ? place->marked_leaf : place->leaf, HASH_BYTES);
    leaf[0] ^= act->rests == DEMO_RESTS_WRONG;
    buf_printf(ret, ",\"basis\":{\"pos\":%" PRIu64 ",\"leaf\":\"", pos);
    buf_hex(ret, leaf, HASH_BYTES);
    buf_text(ret, "\"}");
}

void demo_event_text(const struct demo_event_of *of, const struct demo_act *act, struct buf *ret)
{
    const struct demo_member *member = doer(of, act);
    char time[INSTANT_TEXT_BYTES];
    instant_format(act->claimed_us, time);
    buf_text(ret, "{\"specversion\":\"1.0\",\"id\":\"");
    put_id(of, act, ret);
    buf_printf(ret, "\",\"source\":\"%s%s\",\"type\":\"",
               member->machine ? "/machines/" : "/console", member->machine ? member->name : "");
    if (act->foreign)
        buf_text(ret, act->type);
    else
        buf_printf(ret, "%s%s.v1", EVENT_OWN_PREFIX, act->type);
    buf_printf(ret, "\",\"time\":\"%s\",", time);
    if (!act->foreign)
        buf_printf(ret, "\"ledger\":\"%s\",", of->ledger_hex);
    if (act->stream != NULL)
        buf_printf(ret, "\"deployment\":\"%s\",", act->stream);
    if (act->spooled)
        buf_text(ret, "\"spooled\":true,");
    if (act->replayed)
        buf_text(ret, "\"replayed\":true,");
    buf_printf(ret, "\"data\":{%s", act->data);
    if (of->place != NULL)
        put_basis(of, act, ret);
    if (act->since_us != 0)
        buf_printf(ret, ",\"since\":%" PRIu64, of->since);
    buf_text(ret, "}}");
}

bool demo_event_sign(const struct demo_event_of *of, const struct demo_act *act,
                     const struct buf *text, struct buf *ret)
{
    const struct demo_member *member = doer(of, act);
    struct dsse dsse = {.sig_count = 0};
    struct demo_touch touch = {.flags = SSHSIG_TOUCHED, .counter = of->counter};
    if (member->machine)
        return false;
    if (act->touch.untouched)
        touch.flags = 0;
    if (act->touch.repeated)
        touch.counter = 1;
    size_t key = act->key != SIZE_MAX ? act->key
                                      : demo_cast_key(&of->world->cast, act->who, act->claimed_us);
    demo_key_sign(&member->keys[key], text, &touch, &dsse);
    if (act->also_who != SIZE_MAX)
        demo_key_sign(&of->world->cast.members[act->also_who].keys[act->also_key], text, &touch,
                      &dsse);
    demo_key_envelope(&dsse, text, ret);
    return true;
}
