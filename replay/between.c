#include "replay/between.h"

#include <inttypes.h>

#include "replay/difference.h"
#include "replay/moment.h"

/* One of the two moments. */
struct side {
    const char *text;
    struct moment moment;
    struct deployment *deployment; /* owned */
    struct facts facts;            /* owned */
};

static enum err fold(struct errand *errand, const char *id, struct side *side,
                     struct err_text *ret_why)
{
    enum err err = moment_find(errand, id, side->text, &side->moment, ret_why);
    return err != ERR_OK ? err
                         : moment_fold(errand, id, &side->moment, NULL, &side->deployment, ret_why);
}

static void add_side(const char *word, const struct side *side, struct buf *buf)
{
    const struct deployment *deployment = side->deployment;
    char time[INSTANT_TEXT_BYTES];
    buf_printf(buf, "%s ", word);
    printable_add(buf, side->text);
    if (deployment->last.set) {
        instant_short(deployment->last.time_us, time);
        buf_printf(buf, ": up to seq %" PRIu64 ", position #%" PRIu64 ", %s UTC\n",
                   deployment->last.seq, deployment->last.pos, time);
    } else {
        buf_text(buf, ": before its first entry\n");
    }
}

static json_t *side_json(const struct side *side)
{
    const struct mark *last = &side->deployment->last;
    json_t *json = json_object();
    ijson_put(json, "at", ijson_text(side->text));
    ijson_put(json, "seq", last->set ? json_integer((json_int_t)last->seq) : json_null());
    ijson_put(json, "pos", last->set ? json_integer((json_int_t)last->pos) : json_null());
    ijson_put(json, "time", last->set ? ijson_instant(last->time_us) : json_null());
    return json;
}

static void describe(const char *id, struct side sides[2], const struct differences *differences,
                     struct buf *buf)
{
    uint64_t before = sides[0].deployment->entries, after = sides[1].deployment->entries;
    buf_printf(buf, "%s\n", id);
    add_side("from", &sides[0], buf);
    add_side("to", &sides[1], buf);
    if (after >= before)
        buf_printf(buf, "%" PRIu64 " entries between\n\n", after - before);
    else
        buf_printf(buf, "%" PRIu64 " entries between, backwards\n\n", before - after);
    if (differences->count == 0)
        buf_text(buf, "nothing changed\n");
    difference_text(differences, buf);
}

static void describe_json(const char *id, const struct side sides[2],
                          const struct differences *differences, struct buf *buf)
{
    json_t *json = json_object();
    ijson_put(json, "id", ijson_text(id));
    ijson_put(json, "from", side_json(&sides[0]));
    ijson_put(json, "to", side_json(&sides[1]));
    ijson_put(json, "changes", difference_json(differences));
    ijson_pretty(json, buf);
    json_decref(json);
}

enum err between_make(struct errand *errand, const char *id, const char *const moments[2],
                      bool json, struct buf *buf, struct err_text *ret_why)
{
    struct side sides[2] = {{.text = moments[0]}, {.text = moments[1]}};
    struct differences differences = {.cap = 0};
    enum err err = errand_exists(errand, id, ret_why);
    for (size_t i = 0; err == ERR_OK && i < 2; i++)
        err = fold(errand, id, &sides[i], ret_why);
    if (err == ERR_OK) {
        uint64_t a = sides[0].deployment->entries, b = sides[1].deployment->entries;
        for (size_t i = 0; i < 2; i++)
            facts_of(sides[i].deployment, a < b ? a : b, &sides[i].facts);
        difference_find(&sides[0].facts, &sides[1].facts, true, &differences);
        if (json)
            describe_json(id, sides, &differences, buf);
        else
            describe(id, sides, &differences, buf);
    }
    difference_free(&differences);
    for (size_t i = 0; i < 2; i++) {
        facts_free(&sides[i].facts);
        deployment_free(sides[i].deployment);
    }
    return err;
}
