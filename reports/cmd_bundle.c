/* cmd_bundle - a part of a ledger as a file that can be checked without it: one act, a deployment,
 * or all of a period. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/casefile_files.h"
#include "reports/format.h"
#include "reports/insert.h"
#include "reports/printer.h"
#include "reports/reports.h"
#include "reports/takeout.h"

static const struct option options[] = {
    {"approval", required_argument, NULL, 'a'},
    {"year", required_argument, NULL, 'y'},
    {"from", required_argument, NULL, 'f'},
    {"to", required_argument, NULL, 't'},
    {"out", required_argument, NULL, 'o'},
    {"report", required_argument, NULL, 'r'},
    {"with", required_argument, NULL, 'w'},
    {"size", required_argument, NULL, 's'},
    {"checkpoint", required_argument, NULL, 'c'},
    {"no-verify", no_argument, NULL, 'n'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "bundle",
    .operands = "LEDGER [ID] --out FILE",
    .about =
        "Writes one file, a tar, by which a part of the ledger can be checked without it.  The "
        "same\n"
        "entries, checkpoint and options make the same bytes.\n\n"
        "    countersign bundle LEDGER web-42 --out web-42.tar                      a deployment\n"
        "    countersign bundle LEDGER --year 2026 --out 2026.tar                   a period\n"
        "    countersign bundle LEDGER web-42 --approval 1.11.3.1 --out act.tar     one act\n"
        "    countersign verify web-42.tar --vkey \"$(cat vkey)\"\n\n"
        "It holds the entries with their events and salts, what leads from them to the signed\n"
        "checkpoint, and the whole history of keys and roles; README.txt in it says how it is\n"
        "checked with ssh-keygen, sha256sum and openssl alone.  What is written was checked before "
        "it\n"
        "has its name.\n\n"
        "Of a deployment it holds the whole stream; of a period each deployment that had an entry "
        "in\n"
        "it, or was open, whole, and the streams `ledger` and `inbox`.  All kinds show the\n"
        "checklists and names that the ledger's history has, and of some entries behind it their\n"
        "digests, streams and principals.\n\n"
        "  --out FILE         where it goes; - for standard output\n"
        "  --year YYYY        the calendar year, UTC\n"
        "  --from T --to T    a day (2026-03-01) or RFC 3339, half-open\n"
        "  --approval NODE    of a deployment only the approval or decision that stands at this "
        "node\n"
        "  --approval SEQ     only the act at this position of the ledger, signed by its author\n"
        "  --report LIST      formats of the period's report that go in, under report/ (default:\n"
        "                     html,json,csv,oscal; `report LEDGER --check FILE` makes each "
        "again);\n"
        "                     of a deployment its dossier (default: html); none for none; pdf is "
        "the\n"
        "                     same only for the same libraries, and so must be asked for\n"
        "  --with FILE        put this file in, too, under report/; may be given again\n"
        "  --size N           as of the checkpoint of size N (checkpoint --history lists them)\n"
        "  --checkpoint FILE  as of this checkpoint of the ledger, cosigned perhaps\n"
        "  --no-verify        do not check what was written; nor is what goes to standard output\n"
        "  --json             print {of, origin, size, sha256, bytes} and what it holds\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
};

/* What is asked for. */
struct wanted {
    const char *id, *act, *out; /* id: NULL for a period; act: NULL for more than one */
    uint64_t seq;               /* of the act, once it is known */
    struct kept_choice as_of;
    int64_t from_us, to_us; /* of a period */
    unsigned formats;       /* of the report that goes in: of a period, or a deployment's dossier */
    bool unchecked;
};

/* The period that the options give; false if they give none. */
static bool take_period(const struct args *args, struct wanted *wanted)
{
    const char *year = args_value(args, 'y');
    const char *from = args_value(args, 'f'), *to = args_value(args, 't');
    uint64_t number = 0;
    if (year == NULL)
        return from != NULL && to != NULL && args_moment(from, &wanted->from_us) &&
               args_moment(to, &wanted->to_us) && wanted->from_us < wanted->to_us;
    if (from != NULL || to != NULL || !args_number(year, &number) || number < 1970 || number > 9998)
        return false;
    wanted->from_us = instant_from_date((int)number, 1, 1);
    wanted->to_us = instant_from_date((int)number + 1, 1, 1);
    return true;
}

static bool asks_period(const struct args *args)
{
    return args_value(args, 'y') != NULL || args_value(args, 'f') != NULL ||
           args_value(args, 't') != NULL;
}

/* What is put in of reports; false if a format is unknown. */
static bool take_formats(const struct args *args, struct wanted *wanted)
{
    const char *list = args_value(args, 'r');
    if (list != NULL && strcmp(list, "none") == 0)
        return true;
    if (wanted->id != NULL)
        return casefile_files_parse(list != NULL ? list : "html", &wanted->formats);
    return format_parse(list != NULL ? list : "html,json,csv,oscal", &wanted->formats);
}

static bool take_options(const struct args *args, struct wanted *wanted, int *ret_exit)
{
    struct err_text why = {""};
    *wanted = (struct wanted){.id = args->operand_count > 1 ? args->operand[1] : NULL,
                              .act = args_value(args, 'a'),
                              .out = args_value(args, 'o'),
                              .unchecked = args_value(args, 'n') != NULL};
    if (wanted->out == NULL)
        *ret_exit = args_wrong(spec.name, "--out FILE is needed");
    else if ((wanted->id != NULL) == asks_period(args))
        *ret_exit = args_wrong(spec.name, "give a deployment's ID, or a period: --year, or --from "
                                          "and --to; not both");
    else if (wanted->id == NULL && !take_period(args, wanted))
        *ret_exit = args_wrong(spec.name, "--year takes a year from 1970 on, --from and --to days "
                                          "or RFC 3339 times, the first before the second");
    else if (!take_formats(args, wanted))
        *ret_exit = args_wrong(spec.name, "--report takes formats as `report --format` does, of a "
                                          "deployment html and pdf; or none");
    else if (wanted->act != NULL && wanted->id == NULL)
        *ret_exit = args_wrong(spec.name, "--approval is of a deployment: give its ID");
    else if (wanted->act != NULL &&
             (args_value(args, 'w') != NULL || args_value(args, 'r') != NULL || wanted->unchecked))
        *ret_exit = args_wrong(spec.name, "--report, --with and --no-verify are not for one act");
    else if (kept_choose(args_value(args, 's'), args_value(args, 'c'), &wanted->as_of, &why) !=
             ERR_OK)
        *ret_exit = args_wrong(spec.name, "%s", why.s);
    else if (strcmp(wanted->out, "-") == 0 && args_value(args, 'j') != NULL)
        *ret_exit = args_wrong(spec.name, "--json and --out - both want standard output");
    else
        return true;
    return false;
}

/* The latest act at the node, which must not have been taken back; a twin has its gate's. */
static enum err take_standing(const struct deployment *deployment, size_t node,
                              struct wanted *wanted, struct err_text *ret_why)
{
    const size_t gate = deployment->checklist->nodes[node].twin_of;
    const struct node_state *state = &deployment->nodes[gate == CHECKLIST_NONE ? node : gate];
    if (state->undone.set && (!state->mark.set || state->undone.seq > state->mark.seq))
        return err_say(ret_why, ERR_NOT_FOUND,
                       "what stood at %s of %s was taken back at position %" PRIu64
                       "; `countersign log LEDGER %s` has the position at which it was given",
                       wanted->act, wanted->id, state->undone.seq, wanted->id);
    if (!state->mark.set)
        return err_say(ret_why, ERR_NOT_FOUND, "nothing stands at %s of %s", wanted->act,
                       wanted->id);
    wanted->seq = state->mark.seq;
    return ERR_OK;
}

/* The act that stands at a node, as of now. */
static enum err find_standing(struct ledger *ledger, struct wanted *wanted,
                              struct err_text *ret_why)
{
    struct replay *replay = NULL;
    struct deployment *deployment = NULL;
    enum err err = replay_open(ledger, &replay);
    if (err == ERR_OK)
        err = replay_fold(replay, wanted->id, SEQ_NONE, NULL, &deployment, ret_why);
    if (err != ERR_OK)
        goto out;
    size_t node = deployment->checklist == NULL
                      ? CHECKLIST_NONE
                      : checklist_node(deployment->checklist, wanted->act);
    if (deployment->entries == 0)
        err = err_say(ret_why, ERR_NOT_FOUND,
                      "%s: no such deployment; `countersign status LEDGER` lists them", wanted->id);
    else if (node == CHECKLIST_NONE)
        err = err_say(ret_why, ERR_NOT_FOUND, "%s has no node %s", wanted->id, wanted->act);
    else
        err = take_standing(deployment, node, wanted, ret_why);
out:
    deployment_free(deployment);
    replay_close(replay);
    return err;
}

/* The act at a position, which must be of the deployment. */
static enum err find_act(struct ledger *ledger, struct wanted *wanted, struct err_text *ret_why)
{
    struct record *record = NULL;
    if (!args_number(wanted->act, &wanted->seq))
        return find_standing(ledger, wanted, ret_why);
    enum err err = ledger_read(ledger, wanted->seq, &record, ret_why);
    if (err == ERR_OK && strcmp(record->entry.part.stream, wanted->id) != 0)
        err = err_say(ret_why, ERR_NOT_FOUND, "entry %" PRIu64 " is of the stream %s, not of %s",
                      wanted->seq, record->entry.part.stream, wanted->id);
    ledger_record_free(record);
    return err;
}

/* What was written, and where it is from; the caller adds what it holds. */
static json_t *describe(const char *of, const struct buf *note, const uint8_t digest[HASH_BYTES],
                        uint64_t bytes)
{
    struct checkpoint checkpoint;
    const char *at = (const char *)note->data;
    ASSERT(checkpoint_parse(at, note->bytes, &checkpoint) == ERR_OK); /* the bundle is of it */
    json_t *object = json_object();
    ijson_put(object, "of", json_string(of));
    ijson_put(object, "origin", ijson_text(checkpoint.origin));
    ijson_put(object, "size", json_integer((json_int_t)checkpoint.size));
    ijson_put(object, "sha256", ijson_hex(digest, HASH_BYTES));
    ijson_put(object, "bytes", json_integer((json_int_t)bytes));
    return object;
}

static void print_json(json_t *object, struct buf *text)
{
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
}

static enum err write_out(const struct wanted *wanted, const struct buf *bundle,
                          struct buf *ret_text, struct err_text *ret_why)
{
    if (strcmp(wanted->out, "-") != 0)
        return files_output(wanted->out, bundle->data, bundle->bytes, ret_why);
    buf_add(ret_text, bundle->data, bundle->bytes);
    return ERR_OK;
}

/* One act. */
static enum err bundle_act(struct ledger *ledger, const struct args *args, struct wanted *wanted,
                           const struct buf *note, struct buf *text, struct err_text *ret_why)
{
    struct buf bundle = {0};
    uint8_t digest[HASH_BYTES];
    char *against = NULL;
    enum err err = dossier_make_act(ledger, wanted->seq, note, &bundle, &against, ret_why);
    if (err == ERR_OK)
        err = write_out(wanted, &bundle, text, ret_why);
    if (err == ERR_OK && against != NULL)
        fprintf(stderr, "countersign: bundle: the act does not count: %s\n", against);
    if (err == ERR_OK && args_value(args, 'j') != NULL) {
        hash_bytes(bundle.data, bundle.bytes, digest);
        json_t *object = describe("act", note, digest, bundle.bytes);
        ijson_put(object, "seq", json_integer((json_int_t)wanted->seq));
        ijson_put(object, "against", ijson_text(against));
        print_json(object, text);
    }
    free(against);
    buf_free(&bundle);
    return err;
}

/* The files beside the evidence. */
static enum err take_inserts(struct ledger *ledger, const struct args *args,
                             const struct wanted *wanted, const struct buf *note,
                             struct inserts *inserts, struct err_text *ret_why)
{
    struct insert_want want = {.period = {wanted->from_us, wanted->to_us},
                               .formats = wanted->formats};
    struct checkpoint checkpoint;
    size_t at = 0;
    enum err err = checkpoint_parse((const char *)note->data, note->bytes, &checkpoint);
    if (err != ERR_OK)
        return err_say(ret_why, err, "the checkpoint is malformed");
    want.size = checkpoint.size;
    err = wanted->id != NULL ? insert_dossier(inserts, ledger, wanted->id, &want, ret_why)
                             : insert_report(inserts, ledger, &want, ret_why);
    for (const char *path; err == ERR_OK && (path = args_next(args, 'w', &at)) != NULL;)
        err = insert_file(inserts, path, ret_why);
    return err == ERR_OK ? insert_order(inserts, ret_why) : err;
}

/* A deployment, or a period. */
static enum err bundle_streams(struct ledger *ledger, const struct args *args,
                               const struct wanted *wanted, const struct buf *note,
                               struct buf *text, struct err_text *ret_why)
{
    struct inserts inserts;
    struct takeout_result result;
    struct takeout takeout = {
        .plan = {.kind = DOCKET_PERIOD, .from_us = wanted->from_us, .to_us = wanted->to_us},
        .note = note,
        .path = wanted->out,
        .unchecked = wanted->unchecked};
    if (wanted->id != NULL) {
        if (!event_stream_ok(wanted->id) || !replay_is_deployment(wanted->id))
            return err_say(ret_why, ERR_NOT_FOUND, "%s is no deployment", wanted->id);
        takeout.plan = (struct docket_plan){.kind = DOCKET_DEPLOYMENT};
        memcpy(takeout.plan.deployment, wanted->id, strlen(wanted->id) + 1);
    }
    interrupt_catch();
    insert_begin(wanted->out, &inserts);
    enum err err = take_inserts(ledger, args, wanted, note, &inserts, ret_why);
    takeout.files = inserts.files;
    takeout.file_count = inserts.count;
    takeout.source = inserts.source;
    if (err == ERR_OK)
        err = takeout_write(ledger, &takeout, &result, ret_why);
    if (err == ERR_OK && args_value(args, 'j') != NULL) {
        json_t *object = describe(wanted->id != NULL ? "deployment" : "period", note, result.digest,
                                  result.bytes);
        ijson_put(object, "streams", json_integer((json_int_t)result.made.streams));
        ijson_put(object, "entries", json_integer((json_int_t)result.made.entries));
        ijson_put(object, "tiles", json_integer((json_int_t)result.made.tiles));
        print_json(object, text);
    }
    insert_free(&inserts);
    return err;
}

static enum err make(void *ctx, const struct args *args, struct ledger *ledger, struct buf *text,
                     struct err_text *ret_why)
{
    struct wanted *wanted = ctx;
    struct buf note = {0};
    enum err err = wanted->act != NULL ? find_act(ledger, wanted, ret_why) : ERR_OK;
    if (err == ERR_OK)
        err = kept_chosen(ledger, &wanted->as_of, &note, ret_why);
    if (err == ERR_OK)
        err = wanted->act != NULL ? bundle_act(ledger, args, wanted, &note, text, ret_why)
                                  : bundle_streams(ledger, args, wanted, &note, text, ret_why);
    buf_free(&note);
    return err;
}

/* Whether it is another program's to make. */
static bool prints(const struct wanted *wanted)
{
    const unsigned pdf = wanted->id != NULL ? CASEFILE_PDF : format_pdf();
    return wanted->act == NULL && printer_needed(NULL, (wanted->formats & pdf) != 0);
}

int cmd_bundle(int argc, char *argv[])
{
    struct args args;
    struct wanted wanted;
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code) && take_options(&args, &wanted, &code)) {
        struct err_text why = {""};
        code = prints(&wanted) ? args_failed(spec.name, printer_become(argc, argv, &why), &why)
                               : visit_ledger(spec.name, &args, make, &wanted);
    }
    args_free(&args);
    return code;
}
