#include "replay/replay.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "replay/consent.h"
#include "replay/errand.h"
#include "replay/expectation.h"
#include "replay/run.h"

enum {
    OPT_YES = 0x4000,
    OPT_SET,
    OPT_ENV,
    OPT_TIMEOUT,
    OPT_SHELL,
    OPT_AS_IS,
    OPT_BY_EXIT,
    OPT_INITIATOR
};

static const struct option options[] = {
    {"yes", no_argument, NULL, OPT_YES},
    {"set", required_argument, NULL, OPT_SET},
    {"env", required_argument, NULL, OPT_ENV},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"shell", required_argument, NULL, OPT_SHELL},
    {"as-is", no_argument, NULL, OPT_AS_IS},
    {"by-exit", no_argument, NULL, OPT_BY_EXIT},
    {"initiator", required_argument, NULL, OPT_INITIATOR},
    {"help", no_argument, NULL, ARGS_HELP},
    SUBMIT_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "run",
    .operands = "LEDGER ID NODE",
    .about =
        "Runs an item's command here, once a person has seen it and said yes, and records what it\n"
        "gave: exit, times, output (secrets covered) and its SHA-256, whether the expectation "
        "held.\n\n"
        "  --yes             do not ask: for use without a terminal\n"
        "  --set NAME=VALUE  fill a blank, or set a variable (may be repeated)\n"
        "  --env NAME        hand on this variable of here, as a secret (may be repeated)\n"
        "  --as-is           leave what is not filled as it is\n"
        "  --timeout SECONDS kill it after so long (default 3600)\n"
        "  --shell PATH      default /bin/bash where the checklist says bash, else /bin/sh\n"
        "  --by-exit         where no program can judge the expectation, exit status 0 is enough\n"
        "  --initiator TEXT  who started it (default: who is logged in here)\n",
    .options = options,
    .operands_min = 3,
    .operands_max = 3,
    .writes = true,
    .at_once = true,
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static bool is_stopped(void)
{
    return stopped != 0;
}

/* While the command runs a signal ends it, and not us; behind it another one does. */
static void catch_signals(bool catch)
{
    struct sigaction action = {.sa_handler = catch ? stop : SIG_DFL};
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    ASSERT(sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0 &&
           sigaction(SIGHUP, &action, NULL) == 0 && sigaction(SIGPIPE, &ignored, NULL) == 0);
}

static enum err take_options(const struct args *args, struct run *run, struct err_text *ret_why)
{
    const char *text, *timeout = args_value(args, OPT_TIMEOUT);
    uint64_t seconds = RUN_SECONDS_DEFAULT;
    size_t at = 0;
    enum err err = ERR_OK;
    while (err == ERR_OK && (text = args_next(args, OPT_SET, &at)) != NULL)
        err = setting_take(run->settings, text, ret_why);
    at = 0;
    while (err == ERR_OK && (text = args_next(args, OPT_ENV, &at)) != NULL)
        err = setting_inherit(run->settings, text, ret_why);
    if (err == ERR_OK && timeout != NULL &&
        (!args_number(timeout, &seconds) || seconds < 1 || seconds > RUN_SECONDS_MAX))
        err = err_say(ret_why, ERR_USAGE, "--timeout takes 1 to %d seconds", RUN_SECONDS_MAX);
    if (err == ERR_OK && args->submit.key == NULL && args->submit.token == NULL)
        err = err_say(ret_why, ERR_USAGE,
                      "sign with --key FILE (or COUNTERSIGN_KEY), or set COUNTERSIGN_TOKEN");
    run->timeout_ms = (int64_t)seconds * 1000;
    run->initiator = args_value(args, OPT_INITIATOR);
    return err;
}

/* The item of that id, if it has a command that may be run now. */
static enum err find_node(const struct deployment *deployment, const char *id,
                          const struct node **ret_node, struct err_text *ret_why)
{
    const struct checklist *checklist = deployment->checklist;
    size_t index = checklist != NULL ? checklist_node(checklist, id) : CHECKLIST_NONE;
    if (index == CHECKLIST_NONE)
        return err_say(ret_why, ERR_NOT_FOUND, "%s has no node %s", deployment->id, id);
    const struct node *node = &checklist->nodes[index];
    if (node->command == NULL)
        return err_say(ret_why, ERR_NOT_FOUND, "%s %s has no command", id, node->label);
    if (deployment->phase == PHASE_CLOSED && node->window.set)
        return err_say(ret_why, ERR_FORBIDDEN, "%s is closed: what is run would not count",
                       deployment->id);
    *ret_node = node;
    return ERR_OK;
}

/* Show it, and have a person say yes, or --yes. */
static enum err agree(const struct run *run, const struct args *args, struct err_text *ret_why)
{
    bool yes = args_value(args, OPT_YES) != NULL;
    bool words = run->node->expected != NULL &&
                 (run->expected == NULL || expectation_by_words(run->expected));
    struct buf text = {0};
    run_show(run, &text);
    fwrite(text.data, 1, text.bytes, stderr);
    buf_free(&text);
    if (!yes && !consent_possible())
        return err_say(ret_why, ERR_USAGE, "there is no terminal to ask on: --yes runs it");
    if (yes && words && args_value(args, OPT_BY_EXIT) == NULL)
        return err_say(ret_why, ERR_USAGE,
                       "no program can judge `%.100s`: run it on a terminal without --yes, or with "
                       "--by-exit",
                       run->node->expected);
    if (!yes && consent_ask("Run it? [yes/no] ") != CONSENT_YES)
        return err_say(ret_why, ERR_FORBIDDEN, "it was not run, and nothing is recorded");
    return ERR_OK;
}

static struct run_verdict judge(const struct run *run, const struct args *args,
                                const struct child_end *end)
{
    bool known = false;
    bool held = run_judge(run, end, &known);
    if (run->node->expected == NULL)
        return (struct run_verdict){true, RUN_BY_NOBODY};
    if (known || end->exit != 0)
        return (struct run_verdict){held, known && end->exit == 0 ? RUN_BY_OUTPUT : RUN_BY_EXIT};
    if (args_value(args, OPT_BY_EXIT) != NULL)
        return (struct run_verdict){true, RUN_BY_EXIT};
    if (args_value(args, OPT_YES) != NULL)
        return (struct run_verdict){false, RUN_BY_NOBODY};
    struct buf question = {0};
    buf_text(&question, "Expected: ");
    printable_add(&question, run->node->expected);
    buf_text(&question, "\nDid it hold? [yes/no] ");
    enum consent consent = consent_ask((const char *)question.data);
    buf_free(&question);
    return (struct run_verdict){consent == CONSENT_YES,
                                consent == CONSENT_NOBODY ? RUN_BY_NOBODY : RUN_BY_PERSON};
}

/* Deliver the event; where that fails it is printed, so that it is not lost. */
static enum err record(struct errand *errand, const struct args *args, json_t *data,
                       json_t **ret_receipt, struct err_text *ret_why)
{
    const struct submit_options *submit = &args->submit;
    struct judge judge = replay_judge(errand->replay);
    const struct submitter submitter = {errand->ledger, submit, &judge};
    struct buf event = {0};
    submit_build(errand->ledger, submit, "command.finished", args->operand[1], data, &event);
    enum err err = submit_built(&submitter, &event, ret_receipt, ret_why);
    if (err != ERR_OK) {
        buf_text(&event, "\n");
        fwrite(event.data, 1, event.bytes, stdout);
        err_say(ret_why, err,
                "it ran, and is not recorded: %.200s; `countersign append` takes the event above",
                ret_why->s);
    }
    buf_free(&event);
    return err;
}

static void tell(const struct run *run, const struct child_end *end,
                 const struct run_verdict *verdict)
{
    fprintf(stderr, "%s: exit %d after %.1f s", end->timed_out ? "its time was up" : "it ended",
            end->exit, (double)(end->ended_us - end->started_us) / 1e6);
    if (run->node->expected != NULL)
        fprintf(stderr, ", %s", verdict->matched ? "as expected" : "not as expected");
    fputs("\n", stderr);
}

/* Run it, judge it, record it; the exit code. */
static int carry_out(struct run *run, struct errand *errand, const struct args *args)
{
    struct child_end end = {0};
    struct err_text why = {""};
    json_t *receipt = NULL;
    const struct child_config config = {.shell = run->shell,
                                        .command = run->command,
                                        .environment = run->settings->environment,
                                        .timeout_ms = run->timeout_ms,
                                        .out_fd = args->submit.json ? STDERR_FILENO : STDOUT_FILENO,
                                        .stopped = is_stopped};
    fflush(stdout);
    catch_signals(true);
    enum err err = child_run(&config, &end, &why);
    catch_signals(false);
    if (err != ERR_OK)
        return args_failed(spec.name, err, &why);
    struct run_verdict verdict = judge(run, args, &end);
    tell(run, &end, &verdict);
    bool good = end.exit == 0 && verdict.matched;
    err = record(errand, args, run_data(run, &end, &verdict), &receipt, &why);
    int code =
        err == ERR_OK ? submit_print(&args->submit, receipt) : args_failed(spec.name, err, &why);
    json_decref(receipt);
    child_end_free(&end);
    return code == 0 && !good ? 1 : code;
}

static int run_it(struct run *run, struct errand *errand, const struct args *args)
{
    struct err_text why = {""};
    struct buf missing = {0};
    enum err err = find_node(run->deployment, args->operand[2], &run->node, &why);
    if (err == ERR_OK)
        err = run_prepare(run, args_value(args, OPT_SHELL), args_value(args, OPT_AS_IS) != NULL,
                          &missing, &why);
    if (err == ERR_OK)
        err = agree(run, args, &why);
    int code = err == ERR_OK      ? carry_out(run, errand, args)
               : err == ERR_USAGE ? args_wrong(spec.name, "%s", why.s)
                                  : args_failed(spec.name, err, &why);
    if (missing.bytes > 0)
        fwrite(missing.data, 1, missing.bytes, stderr);
    buf_free(&missing);
    return code;
}

static int run_command(const struct args *args)
{
    struct err_text why = {""};
    struct errand errand = {0};
    struct deployment *deployment = NULL;
    struct settings settings = {0};
    struct run run = {.settings = &settings};
    int code = 0;
    enum err err = take_options(args, &run, &why);
    if (err != ERR_OK) {
        setting_free(&settings);
        return args_wrong(spec.name, "%s", why.s);
    }
    err = errand_open(args->operand[0], &errand, &why);
    if (err != ERR_OK) {
        setting_free(&settings);
        return args_unopened(spec.name, err, &why);
    }
    err = errand_head(&errand, args->operand[1], &deployment, &why);
    run.deployment = deployment;
    code = err == ERR_OK ? run_it(&run, &errand, args) : args_failed(spec.name, err, &why);
    run_free(&run);
    setting_free(&settings);
    deployment_free(deployment);
    errand_close(&errand);
    return code;
}

int cmd_run(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code))
        code = run_command(&args);
    args_free(&args);
    return code;
}
