#include "reports/demo_data.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define MILLI ((int64_t)1000)

void demo_data_member(struct buf *buf, const char *name, const char *text)
{
    json_t *json = json_string(text);
    buf_printf(buf, ",\"%s\":", name);
    ijson_print(json, buf);
    json_decref(json);
}

void demo_data_instant(struct buf *buf, const char *name, int64_t us)
{
    char text[INSTANT_TEXT_BYTES];
    instant_format(us, text);
    buf_printf(buf, ",\"%s\":\"%s\"", name, text);
}

/* A number of thousandths, without zeros at its end. */
static void put_milli(struct buf *buf, int64_t milli)
{
    int64_t rest = milli % MILLI;
    buf_printf(buf, "%" PRId64, milli / MILLI);
    if (rest == 0)
        return;
    if (rest % 100 == 0)
        buf_printf(buf, ".%" PRId64, rest / 100);
    else if (rest % 10 == 0)
        buf_printf(buf, ".%02" PRId64, rest / 10);
    else
        buf_printf(buf, ".%03" PRId64, rest);
}

/* A value within a threshold, or outside it, in thousandths. */
static int64_t measure(struct demo_dice *dice, const struct threshold *threshold, bool good)
{
    int64_t bound = llround(threshold->value * MILLI);
    int64_t unit = bound < MILLI ? 1 : bound < 10 * MILLI ? 10 : bound < 200 * MILLI ? 100 : MILLI;
    bool below = threshold->op == OP_LESS || threshold->op == OP_LESS_EQUAL;
    if (threshold->op == OP_EQUAL) {
        if (good)
            return bound;
        return bound == 0 ? demo_dice_between(dice, 1, 3) * MILLI
                          : bound - demo_dice_between(dice, 1, 40) * bound / 1000;
    }
    bool over = below != good;
    int64_t share = over ? demo_dice_between(dice, 1050, 1800) : demo_dice_between(dice, 300, 900);
    /* No more than all of it. */
    if (over && strcmp(threshold->unit, "%") == 0 && bound > 50 * MILLI)
        return bound + (100 * MILLI - bound) * demo_dice_between(dice, 100, 900) / 1000 / 100 * 100;
    return bound * share / 1000 / unit * unit;
}

/* A value of a field that no threshold judges. */
static void put_free_value(struct demo_story *story, const struct node *node, int64_t at_us,
                           struct buf *buf)
{
    struct demo_dice *dice = &story->dice;
    char text[INSTANT_TEXT_BYTES];
    const char *label = node->label;
    if (node->expectation != NULL) {
        demo_data_member(buf, "value", node->expectation);
    } else if (node->unit != NULL) {
        bool share = strcmp(node->unit, "%") == 0;
        buf_text(buf, ",\"value\":");
        if (share && strstr(label, "rror") != NULL)
            put_milli(buf, demo_dice_between(dice, 1, 9) * 10);
        else
            put_milli(buf, demo_dice_between(dice, share ? 20 : 5, share ? 55 : 15) * MILLI);
    } else if (strstr(label, "ersion") != NULL) {
        demo_data_member(buf, "value", story->release);
    } else if (strstr(label, "digest") != NULL) {
        demo_data_member(buf, "value", story->image);
    } else if (strstr(label, "lead") != NULL || strstr(label, "engineer") != NULL ||
               strstr(label, "DBA") != NULL || strstr(label, "call") != NULL ||
               strstr(label, " by") != NULL) {
        demo_data_member(buf, "value", story->world->cast.members[demo_story_person(story)].name);
    } else if (strstr(label, " at") != NULL || strstr(label, "Ends") != NULL ||
               strstr(label, "Date") != NULL || strstr(label, "indow") != NULL) {
        instant_short(at_us, text);
        text[16] = '\0';
        demo_data_member(buf, "value", text);
    } else if (strstr(label, "record") != NULL) {
        buf_printf(buf, ",\"value\":\"CHG-%05zu\"", 10000 + story->number);
    } else {
        demo_data_member(buf, "value", "as planned");
    }
}

/* The threshold that a field judges for certain: that of the item it is nested in. */
static const struct threshold *bound_of(const struct checklist *checklist, const struct node *node)
{
    return node->parent == CHECKLIST_NONE ? NULL : checklist->nodes[node->parent].threshold;
}

static void put_value(struct demo_story *story, const struct node *node, int64_t at_us,
                      enum demo_turn turn, struct buf *buf)
{
    const struct threshold *bound = bound_of(story->edition->checklist, node);
    if (bound == NULL) {
        put_free_value(story, node, at_us, buf);
        return;
    }
    buf_text(buf, ",\"value\":");
    put_milli(buf, measure(&story->dice, bound, turn == DEMO_GOOD));
}

static void put_command(struct demo_story *story, const struct node *node, int64_t at_us,
                        enum demo_turn turn, struct buf *buf)
{
    struct demo_dice *dice = &story->dice;
    uint8_t sha256[HASH_BYTES];
    bool fails = turn == DEMO_BAD, differs = turn == DEMO_DOUBTFUL && node->expected != NULL;
    const char *output = fails                    ? "error: connection refused\n"
                         : differs                ? "warning: 1 of 12 checks did not answer\n"
                         : node->expected != NULL ? node->expected
                                                  : "done\n";
    hash_bytes(output, strlen(output), sha256);
    demo_data_instant(buf, "started", at_us - demo_dice_between(dice, 800, 25000) * 1000);
    buf_printf(buf, ",\"exit\":%d,\"matched\":%s,\"output_sha256\":\"", fails ? 1 : 0,
               fails || differs ? "false" : "true");
    buf_hex(buf, sha256, sizeof(sha256));
    buf_text(buf, "\"");
    demo_data_member(buf, "output", output);
    buf_printf(buf, ",\"host\":\"runner-%d\"", (int)demo_dice_between(dice, 1, 9));
}

static void put_sample(struct demo_story *story, const struct node *node, enum demo_turn turn,
                       struct buf *buf)
{
    buf_text(buf, ",\"value\":");
    put_milli(buf, measure(&story->dice, node->threshold, turn == DEMO_GOOD));
    buf_text(buf, ",\"source\":\"prometheus\",\"window_s\":60");
}

const char *demo_data_option(const struct demo_story *story, const struct demo_step *step,
                             enum demo_turn turn)
{
    const struct node *node = &story->edition->checklist->nodes[step->node];
    enum option_mark wanted = turn == DEMO_BAD ? MARK_BAD : MARK_WARN;
    for (size_t i = 0; turn != DEMO_GOOD && i < node->option_count; i++) {
        if (node->options[i].mark == wanted)
            return node->options[i].label;
    }
    return node->options[0].label;
}

static void put_result(const struct demo_story *story, enum demo_turn turn, struct buf *buf)
{
    (void)story;
    if (turn == DEMO_GOOD)
        buf_text(buf, ",\"result\":\"pass\"");
    else if (turn == DEMO_BAD)
        buf_text(buf, ",\"result\":\"fail\",\"note\":\"seen to, and done again\"");
    else
        buf_text(buf, ",\"result\":\"na\",\"note\":\"does not apply to this service\"");
}

static void put_outcome(const struct demo_story *story, struct buf *buf)
{
    static const char *const outcomes[] = {
        [DEMO_SUCCESSFUL] = "successful", [DEMO_ROLLED_BACK] = "rolled-back",
        [DEMO_FAILED] = "failed",         [DEMO_ABANDONED] = "abandoned",
        [DEMO_FORGOTTEN] = "successful",  [DEMO_NEVER_OPENED] = "failed"};
    buf_printf(buf, ",\"outcome\":\"%s\"", outcomes[story->end]);
}

/* What varies of a step's data, each member behind a comma. */
static void put_varying(struct demo_story *story, const struct demo_step *step, int64_t at_us,
                        enum demo_turn turn, struct buf *buf)
{
    const struct node *node =
        step->node == CHECKLIST_NONE ? NULL : &story->edition->checklist->nodes[step->node];
    ASSERT(node != NULL || step->what == DEMO_CLOCK || step->what == DEMO_FINISH ||
           step->what == DEMO_CLOSE);
    switch (step->what) {
    case DEMO_CLOCK:
        demo_data_instant(buf, "t0", story->slot->t0_us);
        break;
    case DEMO_COMMAND:
        put_command(story, node, at_us, turn, buf);
        break;
    case DEMO_SAMPLE:
        put_sample(story, node, turn, buf);
        break;
    case DEMO_CHECK:
        put_result(story, turn, buf);
        break;
    case DEMO_FIELD:
        put_value(story, node, at_us, turn, buf);
        break;
    case DEMO_STATUS:
    case DEMO_CHOICE:
    case DEMO_DECISION:
        demo_data_member(buf, "value", demo_data_option(story, step, turn));
        break;
    case DEMO_FINISH:
        demo_data_member(buf, "status",
                         node == NULL ? "successful" : demo_data_option(story, step, turn));
        break;
    case DEMO_CLOSE:
        put_outcome(story, buf);
        break;
    case DEMO_APPROVAL:
        break;
    }
}

static size_t doer_of(struct demo_story *story, const struct demo_step *step)
{
    if (step->role != NULL)
        return demo_story_part(story, step->role);
    return demo_story_machine(story, step->what == DEMO_SAMPLE ? DEMO_MONITOR : DEMO_DEPLOY);
}

struct demo_act *demo_data_step(struct demo_story *story, const struct demo_step *step,
                                int64_t at_us, enum demo_turn turn)
{
    struct buf members = {0};
    size_t who = doer_of(story, step);
    buf_text(&members, step->fixed);
    put_varying(story, step, at_us, turn, &members);
    const char *text = members.bytes == 0 ? "" : (const char *)members.data;
    struct demo_act *act = demo_story_add(story, (struct demo_by){at_us, who},
                                          demo_plan_type(step->what), "%s", text + (*text == ','));
    if (step->what == DEMO_APPROVAL || step->what == DEMO_DECISION)
        act->rests = DEMO_RESTS_HEAD;
    if (step->what == DEMO_SAMPLE && demo_dice_chance(&story->dice, 400))
        act->way = DEMO_WAY_AMQP;
    buf_free(&members);
    return act;
}
