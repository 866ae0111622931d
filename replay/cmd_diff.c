/* cmd_diff - what changed between two moments of a deployment, or what differs between two
 * deployments of one checklist.
 */
#include <inttypes.h>
#include <string.h>

#include "replay/comparison.h"
#include "replay/difference.h"
#include "replay/moment.h"

enum { OPT_JSON = 0x3000 };

static const struct option options[] = {
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "diff",
    .operands = "LEDGER ID A B | LEDGER ID1 ID2",
    .about =
        "What changed in a deployment between the moments A and B: each change with who made it\n"
        "and where it stands.  A moment is a time (2026-03-03T10:57:30Z), a seq (412), a\n"
        "position in the stream ('#38'), or what happened: open, gate-1 (the first gate's\n"
        "GO), rollback, close, now.\n\n"
        "Or how two deployments of one checklist went: phases, thresholds, who decided, what\n"
        "was skipped or late.\n\n"
        "  --json            print it as JSON\n",
    .options = options,
    .operands_min = 3,
    .operands_max = 4};

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
    const char *at = strcmp(side->text, "now") == 0 ? NULL : side->text;
    enum err err = moment_find(errand, id, at, &side->moment, ret_why);
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

static enum err of_moments(const struct args *args, struct errand *errand, struct buf *buf,
                           struct err_text *ret_why)
{
    const char *id = args->operand[1];
    struct side sides[2] = {{.text = args->operand[2]}, {.text = args->operand[3]}};
    struct deployment *head = NULL;
    struct differences differences = {.cap = 0};
    enum err err = errand_head(errand, id, &head, ret_why);
    deployment_free(head);
    for (size_t i = 0; err == ERR_OK && i < 2; i++)
        err = fold(errand, id, &sides[i], ret_why);
    if (err == ERR_OK) {
        uint64_t a = sides[0].deployment->entries, b = sides[1].deployment->entries;
        for (size_t i = 0; i < 2; i++)
            facts_of(sides[i].deployment, a < b ? a : b, &sides[i].facts);
        difference_find(&sides[0].facts, &sides[1].facts, true, &differences);
        if (args_value(args, OPT_JSON) != NULL) {
            json_t *json = json_object();
            ijson_put(json, "id", ijson_text(id));
            ijson_put(json, "from", side_json(&sides[0]));
            ijson_put(json, "to", side_json(&sides[1]));
            ijson_put(json, "changes", difference_json(&differences));
            ijson_pretty(json, buf);
            json_decref(json);
        } else {
            describe(id, sides, &differences, buf);
        }
    }
    difference_free(&differences);
    for (size_t i = 0; i < 2; i++) {
        facts_free(&sides[i].facts);
        deployment_free(sides[i].deployment);
    }
    return err;
}

static int run(const struct args *args)
{
    struct err_text why = {""};
    struct errand errand = {0};
    struct buf text = {0};
    enum err err = errand_open(args->operand[0], &errand, &why);
    if (err != ERR_OK)
        return args_unopened(spec.name, err, &why);
    if (args->operand_count == 4)
        err = of_moments(args, &errand, &text, &why);
    else
        err = comparison_make(&errand, &args->operand[1], args_value(args, OPT_JSON) != NULL, &text,
                              &why);
    int code = err == ERR_OK      ? args_print(spec.name, &text, 0)
               : err == ERR_USAGE ? args_wrong(spec.name, "%s", why.s)
                                  : args_failed(spec.name, err, &why);
    buf_free(&text);
    errand_close(&errand);
    return code;
}

int cmd_diff(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = run(&args);
    args_free(&args);
    return code;
}
