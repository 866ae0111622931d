#include "ledger/verdict.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/buf.h"
#include "ledger/ijson.h"

static const char *const rule_names[] = {
#define X(name, text) text,
    RULE_TABLE(X)
#undef X
};

static const char *const flag_names[] = {
#define X(name, text) text,
    FLAG_TABLE(X)
#undef X
};

_Static_assert(FLAG_COUNT <= 32, "flags are bits of a uint32_t");

void verdict_refuse(struct verdict *verdict, enum rule rule, const char *format, ...)
{
    struct buf reason = {0};
    va_list args;
    ASSERT(rule != RULE_NONE);
    va_start(args, format);
    buf_vprintf(&reason, format, args);
    va_end(args);
    free(verdict->reason);
    *verdict = (struct verdict){.rule = rule, .reason = buf_take_text(&reason)};
}

void verdict_flag(struct verdict *verdict, enum flag flag)
{
    ASSERT(flag < FLAG_COUNT);
    verdict->flags |= UINT32_C(1) << flag;
}

bool verdict_has(const struct verdict *verdict, enum flag flag)
{
    ASSERT(flag < FLAG_COUNT);
    return (verdict->flags >> flag & 1) != 0;
}

void verdict_clear(struct verdict *verdict)
{
    free(verdict->reason);
    *verdict = (struct verdict){0};
}

const char *rule_name(enum rule rule)
{
    ASSERT(rule < sizeof(rule_names) / sizeof(rule_names[0]));
    return rule_names[rule];
}

const char *flag_name(enum flag flag)
{
    ASSERT(flag < FLAG_COUNT);
    return flag_names[flag];
}

static json_t *reason_json(const struct verdict *verdict)
{
    if (verdict->rule == RULE_NONE)
        return ijson_text(verdict->reason);
    struct buf text = {0};
    buf_printf(&text, "%s: %s", rule_name(verdict->rule),
               verdict->reason == NULL ? "refused" : verdict->reason);
    json_t *json = ijson_text((const char *)text.data);
    buf_free(&text);
    return json;
}

void verdict_json(const struct verdict *verdict, json_t *object)
{
    bool refused = verdict->rule != RULE_NONE;
    json_t *flags = json_array();
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++)
        if (verdict_has(verdict, flag))
            json_array_append_new(flags, ijson_text(flag_name(flag)));
    json_object_set_new(object, "verdict", ijson_text(refused ? "refused" : "accepted"));
    if (refused)
        json_object_set_new(object, "rule", ijson_text(rule_name(verdict->rule)));
    json_object_set_new(object, "flags", flags);
    json_object_set_new(object, "reason", reason_json(verdict));
}
