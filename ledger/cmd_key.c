/* Who holds which key: enroll, revoke, list. */
#include "ledger/cmd_key.h"

#include <string.h>

#include "ledger/admin.h"
#include "ledger/files.h"
#include "ledger/ledger.h"
#include "ledger/signers.h"

#define KEY_FILE_BYTES_MAX 16384 /* of a .pub file */

static const struct option enroll_options[] = {
    {"vouch", required_argument, NULL, 'v'},
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec enroll_spec = {
    .name = "key enroll",
    .operands = "LEDGER PRINCIPAL KEY.pub",
    .about =
        "Enrolls an SSH key to a person: from then on what it signs is theirs.  One key belongs\n"
        "to one principal for ever.  An admin signs it.\n\n"
        "  --vouch FILE      a valid key of PRINCIPAL, which signs too: a further key without\n"
        "                    it is flagged key-by-admin\n",
    .options = enroll_options,
    .operands_min = 3,
    .operands_max = 3,
    .writes = true,
};

static int enroll(int argc, char *argv[])
{
    struct args args;
    struct sshkey key;
    struct err_text why = {""};
    struct buf text = {0};
    int code = 0;
    if (!args_parse(argc, argv, &enroll_spec, &args, &code))
        goto out;
    enum err err = files_input(args.operand[2], KEY_FILE_BYTES_MAX, &text, &why);
    if (err == ERR_OK)
        err = sshkey_from_text((const char *)text.data, &key, &why);
    if (err != ERR_OK) {
        code = args_unopened(enroll_spec.name, err, &why);
        goto out;
    }
    buf_clear(&text);
    sshkey_format(&key, &text);
    json_t *data = json_object();
    json_object_set_new(data, "principal", ijson_text(args.operand[1]));
    json_object_set_new(data, "public_key", ijson_text((const char *)text.data));
    const struct admin_act act = {enroll_spec.name, "key.enrolled", data, args_value(&args, 'v')};
    code = admin_run(&args, &act);
out:
    args_free(&args);
    buf_free(&text);
    return code;
}

static const struct option revoke_options[] = {
    {"reason", required_argument, NULL, 'r'},
    {"since", required_argument, NULL, 's'},
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec revoke_spec = {
    .name = "key revoke",
    .operands = "LEDGER FINGERPRINT --reason R",
    .about = "Revokes a key from here on; what it signed before stays.  An admin signs it.\n\n"
             "  --reason R        retired, or compromised\n"
             "  --since SEQ       what it signed from this position on is suspect\n",
    .options = revoke_options,
    .operands_min = 2,
    .operands_max = 2,
    .writes = true,
};

static int revoke(int argc, char *argv[])
{
    struct args args;
    uint64_t since = 0;
    int code = 0;
    if (!args_parse(argc, argv, &revoke_spec, &args, &code))
        goto out;
    const char *reason = args_value(&args, 'r'), *since_text = args_value(&args, 's');
    if (reason == NULL || (strcmp(reason, "retired") != 0 && strcmp(reason, "compromised") != 0)) {
        code = args_wrong(revoke_spec.name, "--reason retired, or --reason compromised");
        goto out;
    }
    if (since_text != NULL && (!args_number(since_text, &since) || since > JSON_INTEGER_MAX)) {
        code = args_wrong(revoke_spec.name, "--since takes a position, a number from 0 on");
        goto out;
    }
    json_t *data = json_object();
    json_object_set_new(data, "key_id", ijson_text(args.operand[1]));
    json_object_set_new(data, "reason", ijson_text(reason));
    if (since_text != NULL)
        json_object_set_new(data, "since", json_integer((json_int_t)since));
    const struct admin_act act = {revoke_spec.name, "key.revoked", data, NULL};
    code = admin_run(&args, &act);
out:
    args_free(&args);
    return code;
}

static const struct args_spec list_spec = {
    .name = "key list",
    .operands = "LEDGER",
    .about = "Lists all keys in order of enrolment: fingerprint, principal, type, positions.\n\n"
             "  --json  an array of objects\n",
    .options = admin_list_options,
    .operands_min = 1,
    .operands_max = 1,
};

static void put_seq(json_t *row, const char *name, uint64_t seq)
{
    json_object_set_new(row, name, seq == SEQ_NONE ? json_null() : json_integer((json_int_t)seq));
}

static void list_key(const struct registry_key *key, struct buf *text)
{
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    sshkey_fingerprint(key->key.id, fingerprint);
    buf_printf(text, "%s  %-16s  %s %u bits, enrolled at %llu", fingerprint, key->principal,
               sshkey_type_name(key->key.type), key->key.bits,
               (unsigned long long)key->enrolled_seq);
    if (key->by_admin)
        buf_text(text, " (key-by-admin)");
    if (key->revoked_seq != SEQ_NONE)
        buf_printf(text, ", revoked at %llu", (unsigned long long)key->revoked_seq);
    if (key->suspect_seq != SEQ_NONE)
        buf_printf(text, ", suspect since %llu", (unsigned long long)key->suspect_seq);
    buf_text(text, "\n");
}

static void list_keys(const struct ledger *ledger, struct buf *text, json_t *rows)
{
    size_t count = 0;
    const struct registry_key *const *keys = registry_keys(ledger_registry(ledger), &count);
    for (size_t i = 0; i < count; i++) {
        if (rows == NULL) {
            list_key(keys[i], text);
            continue;
        }
        char fingerprint[SSHKEY_FINGERPRINT_BYTES];
        struct buf public_key = {0};
        json_t *row = json_object();
        sshkey_fingerprint(keys[i]->key.id, fingerprint);
        sshkey_format(&keys[i]->key, &public_key);
        json_object_set_new(row, "key", json_string(fingerprint));
        json_object_set_new(row, "principal", ijson_text(keys[i]->principal));
        json_object_set_new(row, "public_key", ijson_text((const char *)public_key.data));
        json_object_set_new(row, "type", json_string(sshkey_type_name(keys[i]->key.type)));
        json_object_set_new(row, "bits", json_integer(keys[i]->key.bits));
        put_seq(row, "enrolled", keys[i]->enrolled_seq);
        json_object_set_new(row, "enrolled_time", ijson_instant(keys[i]->enrolled_us));
        put_seq(row, "revoked", keys[i]->revoked_seq);
        put_seq(row, "suspect_since", keys[i]->suspect_seq);
        json_object_set_new(row, "by_admin", json_boolean(keys[i]->by_admin));
        json_array_append_new(rows, row);
        buf_free(&public_key);
    }
}

static int list(int argc, char *argv[])
{
    return admin_list(argc, argv, &list_spec, list_keys);
}

static const struct option export_options[] = {
    {"all", no_argument, NULL, 'a'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec export_spec = {
    .name = "key export",
    .operands = "LEDGER",
    .about =
        "Prints an OpenSSH allowed_signers file of the keys that are valid now, in order of\n"
        "enrolment: ssh-keygen -Y verify -n event@countersign -f FILE takes it.\n\n"
        "  --all   revoked keys too, each with the times (UTC) of its enrolment and its end;\n"
        "          what a ledger goes by are positions, so that such a file is not for import\n"
        "  --json  an array of {principal, key, public_key, valid_after, valid_before} instead\n",
    .options = export_options,
    .operands_min = 1,
    .operands_max = 1,
};

static json_t *bound_json(int64_t time_us)
{
    return time_us >= 0 ? ijson_instant(time_us) : json_null();
}

/* The line of one key, good for signatures of the moments from ${from_us} to ${to_us}; with
 * ${rows} an object there instead. */
static void export_key(const struct registry_key *key, int64_t from_us, int64_t to_us,
                       struct buf *text, json_t *rows)
{
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    struct buf public_key = {0};
    if (rows == NULL) {
        signers_format(key->principal, &key->key, from_us, to_us, text);
        return;
    }
    json_t *row = json_object();
    sshkey_fingerprint(key->key.id, fingerprint);
    sshkey_format(&key->key, &public_key);
    json_object_set_new(row, "principal", ijson_text(key->principal));
    json_object_set_new(row, "key", json_string(fingerprint));
    json_object_set_new(row, "public_key", ijson_text((const char *)public_key.data));
    json_object_set_new(row, "valid_after", bound_json(from_us));
    json_object_set_new(row, "valid_before", bound_json(to_us));
    json_array_append_new(rows, row);
    buf_free(&public_key);
}

static void export_all(const struct ledger *ledger, struct buf *text, json_t *rows)
{
    size_t count = 0;
    const struct registry_key *const *keys = registry_keys(ledger_registry(ledger), &count);
    for (size_t i = 0; i < count; i++)
        export_key(keys[i], keys[i]->enrolled_us, keys[i]->revoked_us, text, rows);
}

/* Those that were not revoked, as they can be imported. */
static void export_standing(const struct ledger *ledger, struct buf *text, json_t *rows)
{
    size_t count = 0;
    const struct registry_key *const *keys = registry_keys(ledger_registry(ledger), &count);
    for (size_t i = 0; i < count; i++) {
        if (keys[i]->revoked_seq == SEQ_NONE)
            export_key(keys[i], -1, -1, text, rows);
    }
}

static int export(int argc, char *argv[])
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, &export_spec, &args, &code))
        code = admin_rows(export_spec.name, &args,
                          args_value(&args, 'a') != NULL ? export_all : export_standing);
    args_free(&args);
    return code;
}

int cmd_key(int argc, char *argv[])
{
    static const struct admin_verb verbs[] = {
        {"enroll", enroll, "enroll LEDGER PRINCIPAL KEY.pub [--vouch FILE]"},
        {"revoke", revoke, "revoke LEDGER FINGERPRINT --reason retired|compromised [--since SEQ]"},
        {"list", list, "list LEDGER [--json]"},
        {"import", cmd_key_import, "import LEDGER FILE [--vouch FILE] [--dry-run]"},
        {"export", export, "export LEDGER [--all] [--json]"},
        {"rotate", cmd_key_rotate, "rotate LEDGER [--overlap DAYS]"},
        {"ledger", cmd_key_ledger, "ledger LEDGER [--json]"},
        {NULL, NULL, NULL},
    };
    return admin_verbs(argc, argv, verbs);
}
