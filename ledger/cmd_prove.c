/* cmd_prove - write the proof that an entry is in the ledger. */
#include "ledger/args.h"
#include "ledger/kept.h"
#include "ledger/ledger.h"
#include "ledger/prove.h"
#include "ledger/visit.h"

static const struct option options[] = {
    {"size", required_argument, NULL, 's'}, {"checkpoint", required_argument, NULL, 'c'},
    {"with-event", no_argument, NULL, 'e'}, {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP}, {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "prove",
    .operands = "LEDGER SEQ",
    .about =
        "Prints a C2SP tlog-proof that the entry at position SEQ is in the ledger, against its "
        "last\n"
        "checkpoint. Whoever has the ledger's vkey can check it without the ledger:\n\n"
        "    countersign prove LEDGER 7 > 7.tlog-proof\n"
        "    countersign verify 7.tlog-proof --vkey \"$(cat vkey)\"\n\n"
        "It carries the entry: position, time, stream, principal, signatures, the event's "
        "digest.\n\n"
        "  --size N           against the checkpoint of size N (checkpoint --history lists them)\n"
        "  --checkpoint FILE  against this checkpoint of the ledger, cosigned perhaps; - for\n"
        "                     standard input\n"
        "  --with-event       carry the event itself too, with its salt\n"
        "  --json             print {origin, size, root, seq, proof}: the proof as a string\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2,
};

/* What is asked for. */
struct wanted {
    uint64_t seq;
    struct kept_choice against;
};

/* Read what is asked for; false, and the exit code is set, if it is malformed. */
static bool take_options(const struct args *args, struct wanted *wanted, int *ret_exit)
{
    struct err_text why = {""};
    if (!args_number(args->operand[1], &wanted->seq))
        *ret_exit = args_wrong(spec.name, "SEQ is a position, a number from 0 on");
    else if (kept_choose(args_value(args, 's'), args_value(args, 'c'), &wanted->against, &why) !=
             ERR_OK)
        *ret_exit = args_wrong(spec.name, "%s", why.s);
    else
        return true;
    return false;
}

/* The proof in an object, beside what it is of. */
static enum err describe(const struct wanted *wanted, const struct buf *note, struct buf *text,
                         struct err_text *ret_why)
{
    json_t *object = NULL;
    enum err err = kept_json(note, &object, ret_why);
    if (err != ERR_OK)
        return err;
    json_object_set_new(object, "seq", json_integer((json_int_t)wanted->seq));
    json_object_set_new(object, "proof", ijson_text((const char *)text->data));
    buf_clear(text);
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
    return ERR_OK;
}

/* A checkpoint that is named is an input: what is wrong with it is not for the ledger to answer. */
static enum err choose(const struct wanted *wanted, struct ledger *ledger, struct buf *note,
                       struct err_text *ret_why)
{
    enum err err = kept_chosen(ledger, &wanted->against, note, ret_why);
    bool named = wanted->against.file != NULL;
    return named && err != ERR_OK && err != ERR_DAMAGED ? ERR_IO : err;
}

static enum err prove(void *ctx, const struct args *args, struct ledger *ledger, struct buf *text,
                      struct err_text *ret_why)
{
    const struct wanted *wanted = ctx;
    struct buf note = {0};
    enum err err = choose(wanted, ledger, &note, ret_why);
    if (err == ERR_OK)
        err = prove_entry(ledger, wanted->seq, &note, args_value(args, 'e') != NULL, text, ret_why);
    if (err == ERR_PROOF && wanted->against.file == NULL) /* it was the ledger's own checkpoint */
        err = ERR_DAMAGED;
    if (err == ERR_OK && args_value(args, 'j') != NULL)
        err = describe(wanted, &note, text, ret_why);
    buf_free(&note);
    return err;
}

int cmd_prove(int argc, char *argv[])
{
    struct args args;
    struct wanted wanted = {0};
    int code = 0;
    if (args_parse(argc, argv, &spec, &args, &code) && take_options(&args, &wanted, &code))
        code = visit_ledger(spec.name, &args, prove, &wanted);
    args_free(&args);
    return code;
}
