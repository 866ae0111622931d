#include "replay/node_act.h"

#include <string.h>

#include "replay/evidence.h"
#include "replay/operand.h"

enum err node_act_check(const struct args *args, struct errand_event *ret_event,
                        struct err_text *ret_why)
{
    const char *result = args->operand[3] != NULL ? args->operand[3] : "pass";
    if (strcmp(result, "pass") != 0 && strcmp(result, "fail") != 0 && strcmp(result, "na") != 0)
        return err_say(ret_why, ERR_USAGE, "a result is pass, fail or na");
    ret_event->type = "item.checked";
    operand_put(ret_event->data, "node", args->operand[2]);
    operand_put(ret_event->data, "result", result);
    operand_put(ret_event->data, "note", args_value(args, VERB_NOTE));
    return ERR_OK;
}

enum err node_act_waive(const struct args *args, struct errand_event *ret_event,
                        struct err_text *ret_why)
{
    if (args_value(args, VERB_REASON) == NULL)
        return err_say(ret_why, ERR_USAGE, "a waiver needs --reason");
    ret_event->type = "item.waived";
    operand_put(ret_event->data, "node", args->operand[2]);
    operand_put(ret_event->data, "reason", args_value(args, VERB_REASON));
    return ERR_OK;
}

enum err node_act_reopen(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why)
{
    (void)ret_why;
    ret_event->type = "item.reopened";
    operand_put(ret_event->data, "node", args->operand[2]);
    operand_put(ret_event->data, "reason", args_value(args, VERB_REASON));
    return ERR_OK;
}

enum err node_act_record(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why)
{
    (void)ret_why;
    ret_event->type = "field.recorded";
    operand_put(ret_event->data, "node", args->operand[2]);
    json_object_set_new(ret_event->data, "value", operand_value(args->operand[3]));
    operand_put(ret_event->data, "unit", args_value(args, VERB_UNIT));
    operand_put(ret_event->data, "reason", args_value(args, VERB_REASON));
    return ERR_OK;
}

enum err node_act_status(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why)
{
    (void)ret_why;
    ret_event->type = "status.declared";
    operand_put(ret_event->data, "node", args->operand[2]);
    operand_put(ret_event->data, "value", args->operand[3]);
    return ERR_OK;
}

enum err node_act_sample(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why)
{
    const char *window = args_value(args, VERB_WINDOW);
    long seconds = 0;
    json_t *value = operand_value(args->operand[3]);
    if (!json_is_number(value)) {
        json_decref(value);
        return err_say(ret_why, ERR_USAGE, "a sample's value is a number");
    }
    json_object_set_new(ret_event->data, "metric", ijson_text(args->operand[2]));
    json_object_set_new(ret_event->data, "value", value);
    if (window != NULL && !operand_number(window, 1, &seconds))
        return err_say(ret_why, ERR_USAGE, "--window of a sample is a number of seconds");
    ret_event->type = "metric.sampled";
    operand_put(ret_event->data, "unit", args_value(args, VERB_UNIT));
    operand_put(ret_event->data, "node", args_value(args, VERB_NODE));
    operand_put(ret_event->data, "source", args_value(args, VERB_SOURCE));
    operand_put(ret_event->data, "query", args_value(args, VERB_QUERY));
    if (window != NULL)
        json_object_set_new(ret_event->data, "window_s", json_integer(seconds));
    return ERR_OK;
}

enum err node_act_attest(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why)
{
    ret_event->type = "evidence.attached";
    operand_put(ret_event->data, "node", args->operand[2]);
    operand_put(ret_event->data, "media", args_value(args, VERB_MEDIA));
    operand_put(ret_event->data, "uri", args_value(args, VERB_URI));
    return evidence_attach(args->operand[3], args_value(args, VERB_URI) == NULL, ret_event->data,
                           ret_why);
}
