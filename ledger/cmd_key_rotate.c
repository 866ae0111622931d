/* cmd_key_rotate - new keys for the ledger itself, and the list of those it has and had. */
#include "ledger/cmd_key.h"

#include <string.h>

#include "ledger/admin.h"
#include "ledger/inside.h"
#include "ledger/rekey.h"

#define OVERLAP_DAYS 30

static const struct option rotate_options[] = {
    {"overlap", required_argument, NULL, 'o'},
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec rotate_spec = {
    .name = "key rotate",
    .operands = "LEDGER",
    .about =
        "Replaces the two secret keys of the ledger itself (not those of people): the one that\n"
        "signs checkpoints and the one that admits events.  Prints the new vkey: keep a copy of\n"
        "it elsewhere.  An admin signs it.  A running daemon takes the new keys at once.\n\n"
        "  --overlap DAYS    so long checkpoints carry both signatures (default 30); 0, where a\n"
        "                    key is compromised: only the checkpoint of the change itself does, "
        "and\n"
        "                    where an earlier change still overlaps, that ends too\n",
    .options = rotate_options,
    .operands_min = 1,
    .operands_max = 1,
    .writes = true,
    .at_once = true,
};

static json_t *pair_data(const struct registry_pair *pair)
{
    struct buf vkey = {0};
    json_t *data = json_object();
    note_key_format(&pair->checkpoint, &vkey);
    json_object_set_new(data, "vkey", ijson_text((const char *)vkey.data));
    json_object_set_new(data, "admission_key", ijson_hex(pair->admission_key, ED25519_KEY_BYTES));
    json_object_set_new(data, "until",
                        pair->until_us >= 0 ? ijson_instant(pair->until_us) : json_null());
    buf_free(&vkey);
    return data;
}

/* From when on the overlap counts: the clock, or what a simulated ledger takes for it. */
static int64_t start_us(struct ledger *ledger, const struct submit_options *options)
{
    bool claimed = ledger_info(ledger)->simulated && options->time_us >= 0;
    return claimed ? options->time_us : ledger_now(ledger);
}

static int print_rotated(const struct submit_options *options, const struct registry_pair *pair,
                         json_t *receipt)
{
    struct buf text = {0};
    const char *verdict = ijson_string(receipt, "verdict");
    if (verdict == NULL || strcmp(verdict, "accepted") != 0)
        return submit_print(options, receipt);
    if (options->json) {
        json_t *data = pair_data(pair);
        json_object_update(data, receipt);
        ijson_print(data, &text);
        json_decref(data);
    } else {
        note_key_format(&pair->checkpoint, &text);
    }
    buf_text(&text, "\n");
    int code = args_print(rotate_spec.name, &text, 0);
    buf_free(&text);
    return code;
}

/* Make the keys, then the event that names them. */
static int rotate_ledger(struct ledger *ledger, const struct args *args, uint64_t days)
{
    const struct submitter submitter = {.ledger = ledger, .options = &args->submit};
    struct registry_pair pair = {.until_us = -1};
    struct err_text why = {""};
    json_t *receipt = NULL;
    enum err err = rekey_prepare(ledger, days == 0, &pair, &why);
    if (err == ERR_OK) {
        if (days > 0)
            pair.until_us = start_us(ledger, &args->submit) + (int64_t)days * INSTANT_DAY_US;
        err = submit_act(&submitter, "ledger.rekeyed", NULL, pair_data(&pair), &receipt, &why);
    }
    int code = err == ERR_OK ? print_rotated(&args->submit, &pair, receipt)
                             : args_failed(rotate_spec.name, err, &why);
    json_decref(receipt);
    return code;
}

int cmd_key_rotate(int argc, char *argv[])
{
    struct args args;
    struct ledger *ledger = NULL;
    struct err_text why = {""};
    uint64_t days = OVERLAP_DAYS;
    int code = 0;
    if (!args_parse(argc, argv, &rotate_spec, &args, &code))
        goto out;
    const char *overlap = args_value(&args, 'o');
    if (overlap != NULL && (!args_number(overlap, &days) || days >= REKEY_OVERLAP_DAYS_MAX)) {
        code = args_wrong(rotate_spec.name, "--overlap takes days, a number from 0 to %d",
                          REKEY_OVERLAP_DAYS_MAX - 1);
        goto out;
    }
    if (args.submit.key == NULL) {
        code = args_wrong(rotate_spec.name, "an admin signs it: --key FILE, or COUNTERSIGN_KEY");
        goto out;
    }
    enum err err = ledger_open(args.operand[0], false, &ledger, &why);
    code = err == ERR_OK ? rotate_ledger(ledger, &args, days)
                         : args_unopened(rotate_spec.name, err, &why);
out:
    ledger_close(ledger);
    args_free(&args);
    return code;
}

static const struct args_spec ledger_spec = {
    .name = "key ledger",
    .operands = "LEDGER",
    .about = "Lists the keys of the ledger itself, oldest first: the vkey that checks its\n"
             "checkpoints, from which entry on, and how long the one before it signed too.\n\n"
             "  --json  an array of objects\n",
    .options = admin_list_options,
    .operands_min = 1,
    .operands_max = 1,
};

static void list_pair(const struct registry_pair *pair, struct buf *text)
{
    char until[INSTANT_TEXT_BYTES];
    note_key_format(&pair->checkpoint, text);
    buf_printf(text, "  from entry %llu", (unsigned long long)pair->seq);
    if (pair->until_us >= 0) {
        instant_format(pair->until_us, until);
        buf_printf(text, ", beside the one before until %s", until);
    }
    buf_text(text, "\n");
}

static void list_pairs(const struct ledger *ledger, struct buf *text, json_t *rows)
{
    size_t count = 0;
    const struct registry_pair *const *pairs = registry_pairs(ledger_registry(ledger), &count);
    for (size_t i = 0; i < count; i++) {
        if (rows == NULL) {
            list_pair(pairs[i], text);
            continue;
        }
        json_t *row = pair_data(pairs[i]);
        json_object_set_new(row, "from", json_integer((json_int_t)pairs[i]->seq));
        json_array_append_new(rows, row);
    }
}

int cmd_key_ledger(int argc, char *argv[])
{
    return admin_list(argc, argv, &ledger_spec, list_pairs);
}
