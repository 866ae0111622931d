/* cmd_bundle - one act of a deployment as a file that can be checked without the ledger. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/reports.h"

static const struct option options[] = {
    {"approval", required_argument, NULL, 'a'},
    {"out", required_argument, NULL, 'o'},
    {"size", required_argument, NULL, 's'},
    {"checkpoint", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "bundle",
    .operands = "LEDGER ID --approval NODE|SEQ --out FILE",
    .about =
        "Writes one file by which an approval, a decision or any other signed act of a deployment\n"
        "can be checked without the ledger: the event, its signatures, its place in the ledger "
        "with\n"
        "the proof of it, the signed checkpoint, and the whole history of keys and roles, "
        "likewise\n"
        "proved.  The same ledger, act and checkpoint make the same file.\n\n"
        "    countersign bundle LEDGER web-42 --approval 1.11.3.1 --out approval.tar\n"
        "    countersign verify approval.tar --vkey \"$(cat vkey)\"\n\n"
        "It is a tar; README.txt in it says how it is checked with ssh-keygen, sha256sum and "
        "openssl\n"
        "alone.  It shows the checklists and the names that the ledger's history has, and of the\n"
        "entries behind it their digests, streams and principals.\n\n"
        "  --approval NODE    the approval or decision that stands at this node\n"
        "  --approval SEQ     the act at this position of the ledger\n"
        "  --out FILE         where it goes; - for standard output\n"
        "  --size N           as of the checkpoint of size N (checkpoint --history lists them)\n"
        "  --checkpoint FILE  as of this checkpoint of the ledger, cosigned perhaps\n"
        "  --json             print {seq, origin, size, sha256, bytes, against}\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2,
};

/* What is asked for. */
struct wanted {
    const char *id, *act, *out;
    uint64_t seq; /* of the act, once it is known */
    struct kept_choice as_of;
};

static bool take_options(const struct args *args, struct wanted *wanted, int *ret_exit)
{
    struct err_text why = {""};
    *wanted = (struct wanted){
        .id = args->operand[1], .act = args_value(args, 'a'), .out = args_value(args, 'o')};
    if (wanted->act == NULL || wanted->out == NULL)
        *ret_exit = args_wrong(spec.name, "--approval NODE|SEQ and --out FILE are needed");
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

/* What was written, and where it is from. */
static void describe(const struct wanted *wanted, const struct buf *note, const struct buf *bundle,
                     const char *against, struct buf *text)
{
    uint8_t digest[HASH_BYTES];
    struct checkpoint checkpoint;
    const char *at = (const char *)note->data;
    ASSERT(checkpoint_parse(at, note->bytes, &checkpoint) == ERR_OK); /* the bundle is of it */
    json_t *object = json_object();
    hash_bytes(bundle->data, bundle->bytes, digest);
    json_object_set_new(object, "seq", json_integer((json_int_t)wanted->seq));
    json_object_set_new(object, "origin", ijson_text(checkpoint.origin));
    json_object_set_new(object, "size", json_integer((json_int_t)checkpoint.size));
    json_object_set_new(object, "sha256", ijson_hex(digest, sizeof(digest)));
    json_object_set_new(object, "bytes", json_integer((json_int_t)bundle->bytes));
    json_object_set_new(object, "against", ijson_text(against));
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

int cmd_bundle(int argc, char *argv[])
{
    struct args args;
    struct wanted wanted;
    struct ledger *ledger = NULL;
    struct err_text why = {""};
    struct buf note = {0}, bundle = {0}, text = {0};
    char *against = NULL;
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code) || !take_options(&args, &wanted, &code))
        goto out;
    enum err err = ledger_open(args.operand[0], false, &ledger, &why);
    if (err != ERR_OK) {
        code = args_unopened(spec.name, err, &why);
        goto out;
    }
    err = find_act(ledger, &wanted, &why);
    if (err == ERR_OK)
        err = kept_chosen(ledger, &wanted.as_of, &note, &why);
    if (err == ERR_OK)
        err = dossier_make_act(ledger, wanted.seq, &note, &bundle, &against, &why);
    if (err == ERR_OK)
        err = write_out(&wanted, &bundle, &text, &why);
    if (err == ERR_OK && against != NULL)
        fprintf(stderr, "countersign: bundle: the act does not count: %s\n", against);
    if (err == ERR_OK && args_value(&args, 'j') != NULL)
        describe(&wanted, &note, &bundle, against, &text);
    code = err == ERR_OK ? args_print(spec.name, &text, 0) : args_failed(spec.name, err, &why);
out:
    free(against);
    ledger_close(ledger);
    args_free(&args);
    buf_free(&note);
    buf_free(&bundle);
    buf_free(&text);
    return code;
}
