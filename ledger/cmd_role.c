/* cmd_role - who was granted which role: grant, revoke, list. */
#include "ledger/admin.h"
#include "ledger/ledger.h"

static const struct option act_options[] = {
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec grant_spec = {
    .name = "role grant",
    .operands = "LEDGER PRINCIPAL ROLE",
    .about =
        "Grants a role: of checklists (\"Release Manager\"), `deployer`, or `admin`.  Case and\n"
        "runs of white space in its name do not matter.  An admin signs it.\n\n",
    .options = act_options,
    .operands_min = 3,
    .operands_max = 3,
    .writes = true,
};

static const struct args_spec revoke_spec = {
    .name = "role revoke",
    .operands = "LEDGER PRINCIPAL ROLE",
    .about = "Takes a role away from here on.  An admin signs it.\n\n",
    .options = act_options,
    .operands_min = 3,
    .operands_max = 3,
    .writes = true,
};

static int change(int argc, char *argv[], const struct args_spec *spec, const char *type)
{
    struct args args;
    int code = 0;
    if (args_parse(argc, argv, spec, &args, &code)) {
        json_t *data = json_object();
        json_object_set_new(data, "principal", ijson_text(args.operand[1]));
        json_object_set_new(data, "role", ijson_text(args.operand[2]));
        const struct admin_act act = {spec->name, type, data, NULL};
        code = admin_run(&args, &act);
    }
    args_free(&args);
    return code;
}

static int grant(int argc, char *argv[])
{
    return change(argc, argv, &grant_spec, "role.granted");
}

static int revoke(int argc, char *argv[])
{
    return change(argc, argv, &revoke_spec, "role.revoked");
}

static const struct args_spec list_spec = {
    .name = "role list",
    .operands = "LEDGER",
    .about = "Lists all grants in order: principal, role, positions.\n\n"
             "  --json  an array of objects\n",
    .options = admin_list_options,
    .operands_min = 1,
    .operands_max = 1,
};

struct listing {
    struct buf *text;
    json_t *rows; /* NULL: text */
};

static void list_grant(void *ctx, const char *principal, const char *role, uint64_t from,
                       uint64_t to)
{
    struct listing *listing = ctx;
    if (listing->rows != NULL) {
        json_t *row = json_object();
        json_object_set_new(row, "principal", ijson_text(principal));
        json_object_set_new(row, "role", ijson_text(role));
        json_object_set_new(row, "granted", json_integer((json_int_t)from));
        json_object_set_new(row, "revoked",
                            to == SEQ_NONE ? json_null() : json_integer((json_int_t)to));
        json_array_append_new(listing->rows, row);
        return;
    }
    buf_printf(listing->text, "%-16s  ", principal);
    printable_add(listing->text, role);
    buf_printf(listing->text, "  granted at %llu", (unsigned long long)from);
    if (to != SEQ_NONE)
        buf_printf(listing->text, ", revoked at %llu", (unsigned long long)to);
    buf_text(listing->text, "\n");
}

static void list_grants(const struct ledger *ledger, struct buf *text, json_t *rows)
{
    struct listing listing = {text, rows};
    registry_grants(ledger_registry(ledger), list_grant, &listing);
}

static int list(int argc, char *argv[])
{
    return admin_list(argc, argv, &list_spec, list_grants);
}

int cmd_role(int argc, char *argv[])
{
    static const struct admin_verb verbs[] = {
        {"grant", grant, "grant LEDGER PRINCIPAL ROLE"},
        {"revoke", revoke, "revoke LEDGER PRINCIPAL ROLE"},
        {"list", list, "list LEDGER [--json]"},
        {NULL, NULL, NULL},
    };
    return admin_verbs(argc, argv, verbs);
}
