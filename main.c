/* main - the composition root: the command table, `help`, `version`, and the wiring of `serve`,
 * `append` and `verify`. The only place that sees all four folders.
 */
#include <stdio.h>
#include <string.h>

#include "ingest/ingest.h"
#include "ledger/ledger.h"
#include "replay/replay.h"
#include "reports/reports.h"

typedef int command_fn(int argc, char *argv[]);

struct command {
    const char *name;
    command_fn *run;
    const char *help;
};

static int cmd_help(int argc, char *argv[]);
static int cmd_version(int argc, char *argv[]);
static int cmd_serve(int argc, char *argv[]);
static int cmd_append(int argc, char *argv[]);
static int cmd_send(int argc, char *argv[]);
static int verify(int argc, char *argv[]);

static const struct command commands[] = {
    {"init", cmd_init, "make a ledger, with its first admins"},
    {"key", cmd_key, "enroll, revoke and list keys"},
    {"role", cmd_role, "grant, revoke and list roles"},
    {"policy", cmd_policy, "set and list what the rules ask for beyond their defaults"},
    {"hold", cmd_hold, "place, release and list holds, which keep deployments"},
    {"token", cmd_token, "issue, revoke and list tokens of pipelines"},
    {"serve", cmd_serve, "take events in over HTTP"},
    {"append", cmd_append, "take events in from a file of JSON lines"},
    {"push", cmd_push, "deliver a file of JSON lines to a ledger over HTTP"},
    {"send", cmd_send, "play a deployment again, to RabbitMQ or over HTTP"},
    {"sign", cmd_sign, "sign an event as an envelope"},
    {"log", cmd_log, "list the entries of a ledger or a deployment"},
    {"show", cmd_show, "show one entry; export its signature"},
    {"checkpoint", cmd_checkpoint, "print the signed checkpoint; list those that were kept"},
    {"heads", cmd_heads, "have the ledger say where each deployment stands"},
    {"prove", cmd_prove, "prove that an entry is in the ledger"},
    {"export", cmd_export, "write the log as files that any web server can serve"},
    {"verify", verify, "check the whole ledger, a proof of one entry, or a bundle"},
    {"custody", cmd_custody, "account for every message that was brought"},
    {"repair", cmd_repair, "make the tree and the indexes of a ledger again"},
    {"backup", cmd_backup, "copy the ledger, also while it is served"},
    {"checklist", cmd_checklist, "look at a checklist: show, print, lint; publish it"},
    {"open", cmd_open, "open a deployment"},
    {"check", cmd_act, "tick an item, or say that it failed"},
    {"waive", cmd_act, "waive an item, status, field or choice"},
    {"reopen", cmd_act, "take an item's result back"},
    {"record", cmd_act, "fill in a value"},
    {"status", cmd_status, "where the deployments stand; declare a status"},
    {"sample", cmd_act, "record a measured value of a metric"},
    {"attest", cmd_act, "attach a file as evidence"},
    {"run", cmd_run, "run an item's command, and record what it gave"},
    {"note", cmd_act, "add a note"},
    {"issue", cmd_act, "open, change or resolve an issue"},
    {"clock", cmd_act, "confirm T+0"},
    {"reschedule", cmd_act, "move the planned T+0 or window"},
    {"assign", cmd_act, "assign a role of a deployment, or take it away"},
    {"emergency", cmd_act, "declare an emergency"},
    {"rollback", cmd_act, "start or finish the rollback"},
    {"close", cmd_act, "close a deployment"},
    {"approve", cmd_decide, "give an approval or a sign-off"},
    {"sign-off", cmd_decide, "give a closing signature"},
    {"reject", cmd_decide, "refuse an approval"},
    {"withdraw", cmd_decide, "take an approval back"},
    {"decide", cmd_decide, "decide at a gate, or on a rollback"},
    {"submit", cmd_submit, "hand in an event that was signed elsewhere"},
    {"replay", cmd_replay, "a deployment as of any moment"},
    {"diff", cmd_diff, "what changed between two moments, or differs between two deployments"},
    {"why", cmd_why, "the events behind a node, a gate or a verdict"},
    {"search", cmd_search, "refusals, flags, uses of a key, broken thresholds, states"},
    {"timeline", cmd_timeline, "every entry of a deployment, told and judged"},
    {"report", cmd_report, "the audit report of a period"},
    {"retention", cmd_retention, "what is due, held or kept, and until when"},
    {"bundle", cmd_bundle, "an act, a deployment or a period as one checkable file"},
    {"demo", cmd_demo, "make a ledger with a made-up year, to try all this on"},
    {"help", cmd_help, "this list"},
    {"version", cmd_version, "the program's version"},
};

static int cmd_help(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    puts("countersign: the audit ledger for production deployments\n\nusage: countersign COMMAND "
         "...\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    puts("\n`countersign COMMAND --help` tells more.\n"
         "Exit codes: 0 yes or done, 1 no, 2 usage, 3 could not, 4 the ledger is damaged.");
    return 0;
}

static int cmd_version(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    puts("countersign " COUNTERSIGN_VERSION);
    return 0;
}

/* The live reducer judges what `serve` and `append` take in. */
static enum err judge_new(struct ledger *ledger, struct judge *ret_judge)
{
    struct replay *replay = NULL;
    enum err err = replay_open(ledger, &replay);
    if (err == ERR_OK)
        *ret_judge = replay_judge(replay);
    return err;
}

static void judge_free(struct judge *judge)
{
    replay_close(judge->ctx);
}

static enum err open_views(const char *dir, void **ret_views, struct err_text *ret_why)
{
    struct views *views = NULL;
    enum err err = views_open(dir, &views, ret_why);
    if (err == ERR_OK)
        *ret_views = views;
    return err;
}

static enum err make_view(void *views, const struct ingest_want *want, struct buf *buf,
                          struct err_text *ret_why)
{
    if (want->view == INGEST_LIST)
        return views_list(views, want->id, want->limit, buf, ret_why);
    if (want->view == INGEST_STATE)
        return views_state(views, want->id, want->at, buf, ret_why);
    if (want->view == INGEST_WHY)
        return views_why(views, want->id, want->of, want->at, buf, ret_why);
    if (want->view == INGEST_DIFF && want->with != NULL)
        return views_compare(views, (const char *const[2]){want->id, want->with}, buf, ret_why);
    if (want->view == INGEST_DIFF)
        return views_diff(views, want->id, want->from, want->to, buf, ret_why);
    return views_timeline(views, want->id, want->format, buf, ret_why);
}

static void close_views(void *views)
{
    views_close(views);
}

static const struct ingest_parts parts = {.judge_new = judge_new,
                                          .judge_free = judge_free,
                                          .views_open = open_views,
                                          .views_make = make_view,
                                          .views_close = close_views};

static int cmd_serve(int argc, char *argv[])
{
    return serve_run(argc, argv, &parts);
}

static int cmd_append(int argc, char *argv[])
{
    return append_run(argc, argv, &parts);
}

/* A moment in a deployment's life, for `send`. */
static enum err find_moment(const char *dir, const char *id, const char *text,
                            struct ingest_moment *ret_moment, struct err_text *ret_why)
{
    struct views *views = NULL;
    enum err err = views_open(dir, &views, ret_why);
    if (err == ERR_OK)
        err = views_moment(views, id, text, &ret_moment->to_seq, &ret_moment->time_us, ret_why);
    views_close(views);
    return err;
}

static int cmd_send(int argc, char *argv[])
{
    return send_run(argc, argv, find_moment);
}

static int verify(int argc, char *argv[])
{
    return cmd_verify(argc, argv, closings_check);
}

int main(int argc, char *argv[])
{
    if (argc < 2) {
        cmd_help(argc, argv);
        return 2;
    }
    const char *name = strcmp(argv[1], "--help") == 0      ? "help"
                       : strcmp(argv[1], "--version") == 0 ? "version"
                                                           : argv[1];
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "countersign: no command '%s'; `countersign help` lists them\n", argv[1]);
    return 2;
}
