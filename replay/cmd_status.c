#include <stdio.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/moment.h"
#include "replay/shown.h"
#include "replay/standing.h"
#include "replay/state_json.h"

enum { OPT_AT = 0x3000, OPT_GATE };

static const struct option options[] = {
    {"at", required_argument, NULL, OPT_AT},
    {"gate", required_argument, NULL, OPT_GATE},
    {"help", no_argument, NULL, ARGS_HELP},
    SUBMIT_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "status",
    .operands = "LEDGER [ID [NODE VALUE]]",
    .about =
        "Lists all deployments; with ID prints its live checklist, and what is next; with NODE\n"
        "and VALUE declares a status: VALUE is one of its options.\n\n" MOMENT_USAGE
            SHOWN_GATE_USAGE,
    .options = options,
    .operands_min = 1,
    .operands_max = 4,
    .writes = true};

static void add_line(const struct deployment *deployment, struct buf *buf)
{
    const struct checklist *checklist = deployment->checklist;
    struct standing_counts counts = standing_count(deployment, NULL);
    size_t gate = checklist != NULL ? deployment_next_gate(deployment) : CHECKLIST_NONE;
    struct buf cell = {0};
    layout_pad(buf, deployment->id, 24);
    buf_text(&cell, deployment_phase_name(deployment->phase));
    if (deployment->outcome != NULL)
        buf_printf(&cell, ", %s", deployment->outcome);
    layout_pad(buf, (const char *)cell.data, 20);
    layout_pad(buf, deployment->release != NULL ? deployment->release : "-", 14);
    buf_clear(&cell);
    buf_printf(&cell, "%zu/%zu", counts.met, counts.steps);
    layout_pad(buf, (const char *)cell.data, 10);
    buf_clear(&cell);
    if (gate != CHECKLIST_NONE && deployment->phase != PHASE_CLOSED)
        buf_printf(&cell, "gate %zu", standing_gate_number(checklist, gate));
    layout_pad(buf, cell.bytes > 0 ? (const char *)cell.data : "-", 8);
    buf_free(&cell);
    buf_printf(buf, "%7zu %8zu\n", deployment->flagged, deployment->refused);
}

/* Folds each deployment in turn; ${list} is NULL for text. */
static enum err add_all(struct errand *errand, json_t *list, struct buf *buf,
                        struct err_text *ret_why)
{
    char id[STREAM_BYTES_MAX + 1] = "";
    bool found = true;
    enum err err = ERR_OK;
    while (err == ERR_OK && found) {
        char after[STREAM_BYTES_MAX + 1];
        struct deployment *deployment = NULL;
        memcpy(after, id, sizeof(after));
        err = ledger_stream_after(errand->ledger, after, id, &found, ret_why);
        if (err == ERR_OK && found && replay_is_deployment(id))
            err = errand_head(errand, id, &deployment, ret_why);
        if (deployment != NULL && list != NULL)
            json_array_append_new(list, state_json_brief(deployment, ledger_info(errand->ledger)));
        else if (deployment != NULL)
            add_line(deployment, buf);
        deployment_free(deployment);
    }
    return err;
}

static int list_all(const struct args *args)
{
    struct err_text why = {""};
    struct errand errand = {0};
    struct buf text = {0};
    json_t *list = args->submit.json ? json_array() : NULL;
    enum err err = errand_open_all(args->operand[0], &errand, &why);
    if (err != ERR_OK) {
        json_decref(list);
        return args_unopened("status", err, &why);
    }
    if (list == NULL) {
        if (ledger_info(errand.ledger)->simulated)
            buf_text(&text, "SIMULATED: this ledger is for trying and testing\n");
        buf_text(&text, "deployment              phase               release       steps     next"
                        "    flagged  refused\n");
    }
    err = add_all(&errand, list, &text, &why);
    if (err == ERR_OK && list != NULL)
        ijson_pretty(list, &text);
    int code = err == ERR_OK ? args_print("status", &text, 0) : args_failed("status", err, &why);
    json_decref(list);
    buf_free(&text);
    errand_close(&errand);
    return code;
}

static int run(const struct args *args)
{
    const char *at = args_value(args, OPT_AT);
    if (args->operand_count == 3)
        return args_wrong("status", "a status needs its VALUE");
    if (args->operand_count == 2)
        return shown_print(&(struct shown_want){.name = "status",
                                                .dir = args->operand[0],
                                                .id = args->operand[1],
                                                .at = at,
                                                .gate = args_value(args, OPT_GATE),
                                                .json = args->submit.json,
                                                .next = true});
    if (at != NULL || args_value(args, OPT_GATE) != NULL)
        return args_wrong("status", "--%s goes with an ID", at != NULL ? "at" : "gate");
    return list_all(args);
}

int cmd_status(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    bool declares = false;
    if (args_parse(argc, argv, &spec, &args, &code)) {
        declares = args.operand_count == 4;
        code = declares ? 0 : run(&args);
    }
    args_free(&args);
    return declares ? cmd_act(argc, argv) : code;
}
