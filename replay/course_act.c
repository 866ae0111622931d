#include "replay/course_act.h"

#include <stdlib.h>
#include <string.h>

#include "replay/operand.h"

enum err course_act_note(const struct args *args, struct errand_event *ret_event,
                         struct err_text *ret_why)
{
    const char *about = args_value(args, VERB_ABOUT);
    ret_event->type = "note.added";
    operand_put(ret_event->data, "text", args->operand[2]);
    operand_put(ret_event->data, "node", args_value(args, VERB_NODE));
    if (about == NULL)
        return ERR_OK;
    const char *colon = strchr(about, ':');
    long from = 0;
    long to = 0;
    char *first = mem_text_n(about, colon != NULL ? (size_t)(colon - about) : 0);
    bool fine =
        colon != NULL && operand_number(first, 0, &from) && operand_number(colon + 1, from, &to);
    free(first);
    if (!fine)
        return err_say(ret_why, ERR_USAGE, "--about is FROM:TO, two positions in the stream");
    json_object_set_new(ret_event->data, "about",
                        json_pack("{s:I,s:I}", "from", (json_int_t)from, "to", (json_int_t)to));
    return ERR_OK;
}

enum err course_act_issue(const struct args *args, struct errand_event *ret_event,
                          struct err_text *ret_why)
{
    const char *what = args->operand[2];
    const char *severity = args_value(args, VERB_SEVERITY);
    const char *started = args_value(args, VERB_STARTED);
    long number = 0;
    bool open = strcmp(what, "open") == 0;
    if (!open && strcmp(what, "change") != 0 && strcmp(what, "resolve") != 0)
        return err_say(ret_why, ERR_USAGE,
                       "an issue is opened, changed or resolved: open, change "
                       "or resolve");
    if (open && (args_value(args, VERB_TITLE) == NULL || severity == NULL))
        return err_say(ret_why, ERR_USAGE, "opening an issue needs --title and --severity");
    if (!open && (args_value(args, VERB_TITLE) != NULL || severity != NULL || started != NULL))
        return err_say(ret_why, ERR_USAGE,
                       "--title, --severity and --started go with opening an issue");
    if (severity != NULL && (!operand_number(severity, 1, &number) || number > 4))
        return err_say(ret_why, ERR_USAGE, "--severity is 1 (worst) to 4");
    if (started != NULL && operand_time(started, ret_why) != ERR_OK)
        return ERR_USAGE;
    ret_event->type = open                          ? "issue.opened"
                      : strcmp(what, "change") == 0 ? "issue.changed"
                                                    : "issue.resolved";
    operand_put(ret_event->data, "issue", args->operand[3]);
    operand_put(ret_event->data, "title", args_value(args, VERB_TITLE));
    if (severity != NULL)
        json_object_set_new(ret_event->data, "severity", json_integer(number));
    operand_put(ret_event->data, "started", started);
    operand_put(ret_event->data, "text", args_value(args, VERB_TEXT));
    return ERR_OK;
}

enum err course_act_clock(const struct args *args, struct errand_event *ret_event,
                          struct err_text *ret_why)
{
    ret_event->type = "clock.started";
    operand_put(ret_event->data, "t0", args->operand[2]);
    return operand_time(args->operand[2], ret_why);
}

enum err course_act_reschedule(const struct args *args, struct errand_event *ret_event,
                               struct err_text *ret_why)
{
    const char *t0 = args_value(args, VERB_T0);
    const char *window = args_value(args, VERB_WINDOW);
    json_t *span = NULL;
    if (t0 == NULL && window == NULL)
        return err_say(ret_why, ERR_USAGE, "give --t0, --window or both");
    if (args_value(args, VERB_REASON) == NULL)
        return err_say(ret_why, ERR_USAGE, "rescheduling needs --reason");
    if (t0 != NULL && operand_time(t0, ret_why) != ERR_OK)
        return ERR_USAGE;
    if (window != NULL && operand_span(window, &span, ret_why) != ERR_OK)
        return ERR_USAGE;
    ret_event->type = "deployment.rescheduled";
    operand_put(ret_event->data, "t0", t0);
    if (span != NULL)
        json_object_set_new(ret_event->data, "window", span);
    operand_put(ret_event->data, "reason", args_value(args, VERB_REASON));
    return ERR_OK;
}

enum err course_act_assign(const struct args *args, struct errand_event *ret_event,
                           struct err_text *ret_why)
{
    const char *until = args_value(args, VERB_UNTIL);
    bool remove = args_value(args, VERB_REMOVE) != NULL;
    if (until != NULL && (remove || operand_time(until, ret_why) != ERR_OK))
        return remove ? err_say(ret_why, ERR_USAGE, "--until does not go with --remove")
                      : ERR_USAGE;
    ret_event->type = remove ? "role.unassigned" : "role.assigned";
    operand_put(ret_event->data, "role", args->operand[2]);
    operand_put(ret_event->data, "principal", args->operand[3]);
    operand_put(ret_event->data, "until", until);
    operand_put(ret_event->data, "reason", args_value(args, VERB_REASON));
    return ERR_OK;
}

enum err course_act_emergency(const struct args *args, struct errand_event *ret_event,
                              struct err_text *ret_why)
{
    if (args_value(args, VERB_REASON) == NULL)
        return err_say(ret_why, ERR_USAGE, "an emergency needs --reason");
    ret_event->type = "emergency.declared";
    operand_put(ret_event->data, "reason", args_value(args, VERB_REASON));
    return ERR_OK;
}

enum err course_act_rollback(const struct args *args, struct errand_event *ret_event,
                             struct err_text *ret_why)
{
    bool start = strcmp(args->operand[2], "start") == 0;
    const char *reason = args_value(args, VERB_REASON);
    if (!start && strcmp(args->operand[2], "finish") != 0)
        return err_say(ret_why, ERR_USAGE, "a rollback is started or finished: start or finish");
    if (start && (reason == NULL || args->operand[3] != NULL))
        return err_say(ret_why, ERR_USAGE,
                       "`rollback LEDGER ID start` needs --reason, and no more");
    if (!start && (reason != NULL || args->operand[3] == NULL))
        return err_say(ret_why, ERR_USAGE,
                       "`rollback LEDGER ID finish` needs a status, and no more");
    ret_event->type = start ? "rollback.started" : "rollback.finished";
    operand_put(ret_event->data, "reason", reason);
    operand_put(ret_event->data, "status", args->operand[3]);
    return ERR_OK;
}

enum err course_act_close(const struct args *args, struct errand_event *ret_event,
                          struct err_text *ret_why)
{
    static const char *const outcomes[] = {"successful", "rolled-back", "failed", "abandoned"};
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (strcmp(args->operand[2], outcomes[i]) == 0) {
            ret_event->type = "deployment.closed";
            operand_put(ret_event->data, "outcome", args->operand[2]);
            return ERR_OK;
        }
    }
    return err_say(ret_why, ERR_USAGE,
                   "an outcome is successful, rolled-back, failed or abandoned");
}
