#include "replay/steps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/difference.h"
#include "replay/layout.h"
#include "replay/narrative.h"
#include "replay/offset.h"

#define STEPS_MAGIC MAGIC('S', 'T', 'E', 'P')
#define ALL UINT64_MAX
#define PROMPT "[Enter] next, b back, #12, gate-2 or 10:57:30 go there, q quit: "

/* What is shown of a fold: one entry, or all. */
struct steps {
    uint32_t magic;
    uint64_t only;       /* position, or ALL */
    int64_t time_us;     /* of the entry that was shown last */
    struct facts before; /* of the entry before */
    bool json;
    struct buf *buf;
};

static void add_head(const struct replay_step *step, const struct narrative *said, struct buf *buf)
{
    const struct entry *entry = &step->record->entry;
    const struct deployment *deployment = step->deployment;
    struct buf line = {0};
    char time[INSTANT_TEXT_BYTES];
    instant_short(entry->time_us, time);
    buf_printf(buf, "#%" PRIu64 "  seq %" PRIu64 "  %s UTC", entry->stream_pos, entry->seq, time);
    if (deployment->has_t0) {
        buf_text(buf, "  ");
        offset_add(buf, entry->time_us - deployment->t0_us);
    }
    buf_printf(&line, "%s: %s", entry->part.principal, said->kind);
    if (said->node != NULL)
        buf_printf(&line, " %s", said->node);
    if (said->value != NULL)
        buf_printf(&line, ": %s", said->value);
    if (said->text != NULL)
        buf_printf(&line, ", “%s”", said->text);
    buf_text(buf, "\n  ");
    layout_wrap(buf, 2, 6, (const char *)line.data);
    buf_free(&line);
}

static void add_verdict(const struct verdict *verdict, struct buf *buf)
{
    struct buf line = {0};
    if (verdict->rule != RULE_NONE)
        buf_printf(&line, "REFUSED, %s", rule_name(verdict->rule));
    if (line.bytes > 0 && verdict->reason != NULL)
        buf_text(&line, ": ");
    layout_explained(&line, verdict->flags, verdict->reason);
    if (line.bytes > 0) {
        buf_text(buf, "  ");
        layout_wrap(buf, 2, 6, (const char *)line.data);
    }
    buf_free(&line);
}

static void add_json(const struct replay_step *step, const struct narrative *said,
                     const struct differences *differences, struct buf *buf)
{
    const struct entry *entry = &step->record->entry;
    json_t *json = json_object();
    ijson_put(json, "seq", json_integer((json_int_t)entry->seq));
    ijson_put(json, "pos", json_integer((json_int_t)entry->stream_pos));
    ijson_put(json, "time", ijson_instant(entry->time_us));
    ijson_put(json, "by", ijson_text(entry->part.principal));
    ijson_put(json, "kind", ijson_text(said->kind));
    ijson_put(json, "node", ijson_text(said->node));
    ijson_put(json, "value", ijson_text(said->value));
    ijson_put(json, "text", ijson_text(said->text));
    verdict_json(step->verdict, json);
    ijson_put(json, "changes", difference_json(differences));
    ijson_print(json, buf);
    buf_text(buf, "\n");
    json_decref(json);
}

static void show(struct steps *steps, const struct replay_step *step, const struct facts *after)
{
    struct narrative said = {0};
    struct differences differences = {.cap = 0};
    narrative_of(step->record, step->event, &said);
    difference_find(&steps->before, after, true, &differences);
    if (steps->json) {
        add_json(step, &said, &differences, steps->buf);
    } else {
        add_head(step, &said, steps->buf);
        add_verdict(step->verdict, steps->buf);
        if (differences.count == 0)
            buf_text(steps->buf, "  nothing changed\n");
        difference_text(&differences, steps->buf);
        buf_text(steps->buf, "\n");
    }
    difference_free(&differences);
    narrative_free(&said);
}

static void watch(void *ctx, const struct replay_step *step)
{
    struct steps *steps = NULL;
    CAST_OBJ(steps, ctx, STEPS_MAGIC);
    uint64_t pos = step->record->entry.stream_pos;
    bool shown = steps->only == ALL || steps->only == pos;
    struct facts after = {0};
    if (!shown && steps->only != pos + 1)
        return;
    facts_of(step->deployment, pos, &after);
    if (shown) {
        show(steps, step, &after);
        steps->time_us = step->record->entry.time_us;
    }
    facts_free(&steps->before);
    facts_forget_told(&after);
    steps->before = after;
}

static enum err fold(struct errand *errand, const char *id, uint64_t to_seq, struct steps *steps,
                     struct err_text *ret_why)
{
    const struct replay_view view = {.fn = watch, .ctx = steps};
    struct deployment *start = deployment_new(id, ledger_registry(errand->ledger), NULL);
    struct deployment *deployment = NULL;
    facts_of(start, 0, &steps->before);
    enum err err = replay_fold(errand->replay, id, to_seq, &view, &deployment, ret_why);
    facts_free(&steps->before);
    deployment_free(deployment);
    deployment_free(start);
    return err;
}

/* How many entries there were as of a moment. */
static enum err count_to(struct errand *errand, const char *id, const char *at, uint64_t *ret_count,
                         struct err_text *ret_why)
{
    struct moment moment;
    struct deployment *deployment = NULL;
    enum err err = moment_find(errand, id, at, &moment, ret_why);
    if (err == ERR_OK)
        err = moment_fold(errand, id, &moment, NULL, &deployment, ret_why);
    if (err == ERR_OK)
        *ret_count = deployment->entries;
    deployment_free(deployment);
    return err;
}

enum err steps_print(struct errand *errand, const char *id, const char *at, bool json,
                     struct buf *buf, struct err_text *ret_why)
{
    struct steps steps = {.magic = STEPS_MAGIC, .only = ALL, .json = json, .buf = buf};
    struct moment moment;
    enum err err = errand_exists(errand, id, ret_why);
    if (err == ERR_OK)
        err = moment_find(errand, id, at, &moment, ret_why);
    return err == ERR_OK ? fold(errand, id, moment.to_seq, &steps, ret_why) : err;
}

/* Shows the entry at one position; ${ret_time_us} is its time. */
static enum err show_one(struct errand *errand, const char *id, uint64_t pos, int64_t *ret_time_us,
                         struct err_text *ret_why)
{
    struct buf text = {0};
    struct steps steps = {.magic = STEPS_MAGIC, .only = pos, .buf = &text};
    uint64_t seq = 0;
    bool found = false;
    enum err err = ledger_stream_seq(errand->ledger, id, pos, &seq, &found, ret_why);
    if (err == ERR_OK)
        err = fold(errand, id, seq + 1, &steps, ret_why);
    fwrite(text.data, 1, text.bytes, stdout);
    *ret_time_us = steps.time_us;
    buf_free(&text);
    return err;
}

/* How many entries there were as of what was typed at an entry of ${time_us}: of a time without a
 * day, on that day. */
static enum err count_typed(struct errand *errand, const char *id, const char *line,
                            int64_t time_us, uint64_t *ret_count, struct err_text *ret_why)
{
    struct buf at = {0};
    char day[INSTANT_TEXT_BYTES];
    if (strspn(line, "0123456789") == 2 && line[2] == ':') {
        instant_day(time_us, day);
        buf_printf(&at, "%s ", day);
    }
    buf_text(&at, line);
    enum err err = count_to(errand, id, (const char *)at.data, ret_count, ret_why);
    buf_free(&at);
    return err;
}

/* Where the answer leads from ${pos}, an entry of ${time_us}; false to end. */
static bool follow(struct errand *errand, const char *id, char *line, int64_t time_us,
                   uint64_t count, uint64_t *pos)
{
    struct err_text why = {""};
    uint64_t there = 0;
    line[strcspn(line, "\r\n")] = '\0';
    if (strcmp(line, "q") == 0)
        return false;
    if (line[0] == '\0' || strcmp(line, "n") == 0) {
        if (*pos + 1 < count)
            ++*pos;
        else
            puts("this is the last entry");
    } else if (strcmp(line, "b") == 0) {
        if (*pos > 0)
            --*pos;
        else
            puts("this is the first entry");
    } else if (count_typed(errand, id, line, time_us, &there, &why) != ERR_OK) {
        puts(why.s);
    } else if (there == 0) {
        puts("nothing had happened then");
    } else {
        *pos = there - 1;
    }
    return true;
}

enum err steps_walk(struct errand *errand, const char *id, const char *at, struct err_text *ret_why)
{
    uint64_t count = 0, from = 0;
    int64_t time_us = 0;
    char *line = NULL;
    size_t cap = 0;
    bool more = true;
    enum err err = errand_exists(errand, id, ret_why);
    if (err == ERR_OK)
        err = count_to(errand, id, NULL, &count, ret_why);
    if (err == ERR_OK && at != NULL)
        err = count_to(errand, id, at, &from, ret_why);
    uint64_t pos = from > 0 ? from - 1 : 0;
    while (err == ERR_OK && more) {
        err = show_one(errand, id, pos, &time_us, ret_why);
        fputs(PROMPT, stdout);
        fflush(stdout);
        more = err == ERR_OK && getline(&line, &cap, stdin) >= 0 &&
               follow(errand, id, line, time_us, count, &pos);
    }
    free(line);
    return err;
}
