/* cmd_token - bearer tokens of pipelines: issue, revoke, list.  A token is made here, printed once,
 * and never stored: the ledger keeps its hash. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "ledger/admin.h"
#include "ledger/ledger.h"

#define TOKEN_TEXT_BYTES 44      /* base64url of TOKEN_BYTES without padding, and the NUL */
#define HASH_DIGITS 64           /* of a token's hash */
#define HASH_PREFIX_DIGITS_MIN 8 /* of a token's hash, enough to name it */

static const struct option issue_options[] = {
    {"principal", required_argument, NULL, 'p'}, {"scope", required_argument, NULL, 's'},
    {"expires", required_argument, NULL, 'e'},   SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},      {NULL, 0, NULL, 0},
};

static const struct args_spec issue_spec = {
    .name = "token issue",
    .operands = "LEDGER --principal P --scope write,read",
    .about = "Makes a bearer token for a pipeline and prints it, alone and once: the ledger keeps\n"
             "only its hash.  Its principal has no keys.  An admin signs it.\n\n"
             "  --principal P     whose it is\n"
             "  --scope S         write, read, or write,read\n"
             "  --expires TIME    when it ends, RFC 3339 (default: never)\n",
    .options = issue_options,
    .operands_min = 1,
    .operands_max = 1,
    .writes = true,
    .at_once = true,
};

/* "write,read" as an array; NULL if it is anything else. */
static json_t *read_scopes(const char *text)
{
    if (text == NULL)
        return NULL;
    bool write = strcmp(text, "write") == 0, read = strcmp(text, "read") == 0;
    bool both = strcmp(text, "write,read") == 0 || strcmp(text, "read,write") == 0;
    if (!write && !read && !both)
        return NULL;
    json_t *scopes = json_array();
    if (write || both)
        json_array_append_new(scopes, json_string("write"));
    if (read || both)
        json_array_append_new(scopes, json_string("read"));
    return scopes;
}

/* Print the token, or why there is none. */
static int print_token(const struct args *args, const char *token, json_t *receipt, int code)
{
    struct buf text = {0};
    if (receipt == NULL)
        return code;
    if (code != 0)
        return submit_print(&args->submit, receipt);
    if (args->submit.json) {
        json_object_set_new(receipt, "token", json_string(token));
        ijson_print(receipt, &text);
    } else {
        buf_text(&text, token);
    }
    buf_text(&text, "\n");
    code = args_print(issue_spec.name, &text, 0);
    sodium_memzero(text.data, text.bytes);
    buf_free(&text);
    return code;
}

/* Draw a token and have it issued; ${scopes} is stolen. */
static int issue_new(const struct args *args, json_t *scopes)
{
    uint8_t secret[TOKEN_BYTES], sha256[HASH_BYTES];
    char token[TOKEN_TEXT_BYTES];
    json_t *receipt = NULL, *data = json_object();
    ASSERT(sodium_init() >= 0);
    randombytes_buf(secret, sizeof(secret));
    hash_bytes(secret, sizeof(secret), sha256);
    sodium_bin2base64(token, sizeof(token), secret, sizeof(secret),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    json_object_set_new(data, "principal", ijson_text(args_value(args, 'p')));
    json_object_set_new(data, "sha256", ijson_hex(sha256, sizeof(sha256)));
    json_object_set_new(data, "scopes", scopes);
    json_object_set_new(data, "expires", ijson_text(args_value(args, 'e')));
    const struct admin_act act = {issue_spec.name, "token.issued", data, NULL};
    int code = admin_deliver(args, &act, &receipt);
    code = print_token(args, token, receipt, code);
    json_decref(receipt);
    sodium_memzero(secret, sizeof(secret));
    sodium_memzero(token, sizeof(token));
    return code;
}

static int issue(int argc, char *argv[])
{
    struct args args;
    int64_t us;
    int code = 0;
    if (!args_parse(argc, argv, &issue_spec, &args, &code))
        goto out;
    const char *expires = args_value(&args, 'e');
    json_t *scopes = read_scopes(args_value(&args, 's'));
    if (args_value(&args, 'p') == NULL || scopes == NULL ||
        (expires != NULL && !instant_parse(expires, &us))) {
        json_decref(scopes);
        code = args_wrong(issue_spec.name, "it takes --principal P, --scope write,read, and "
                                           "--expires with an RFC 3339 time");
        goto out;
    }
    code = issue_new(&args, scopes);
out:
    args_free(&args);
    return code;
}

static const struct option revoke_options[] = {
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec revoke_spec = {
    .name = "token revoke",
    .operands = "LEDGER SHA256",
    .about = "Revokes the token whose hash is SHA256, or begins so and no other's does (8 digits\n"
             "or more; `token list` shows them).  An admin signs it.\n\n",
    .options = revoke_options,
    .operands_min = 2,
    .operands_max = 2,
    .writes = true,
};

/* The hash of the one token whose hash begins so; what is typed where there is none, or several. */
static enum err complete(const char *dir, const char *typed, struct buf *hex,
                         struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    size_t count = 0, found = 0;
    enum err err = ledger_open(dir, false, &ledger, ret_why);
    if (err != ERR_OK)
        return err;
    const struct registry_token *const *tokens = registry_tokens(ledger_registry(ledger), &count);
    for (size_t i = 0; i < count; i++) {
        struct buf known = {0};
        buf_hex(&known, tokens[i]->sha256, HASH_BYTES);
        if (strncmp((const char *)known.data, typed, strlen(typed)) == 0 && found++ == 0)
            buf_add(hex, known.data, known.bytes);
        buf_free(&known);
    }
    if (found != 1) {
        buf_clear(hex);
        buf_text(hex, typed);
    }
    ledger_close(ledger);
    return ERR_OK;
}

static int revoke(int argc, char *argv[])
{
    struct args args;
    struct buf hex = {0};
    struct err_text why = {""};
    int code = 0;
    if (!args_parse(argc, argv, &revoke_spec, &args, &code))
        goto out;
    const char *typed = args.operand[1];
    size_t digits = strspn(typed, "0123456789abcdef");
    if (typed[digits] != '\0' || digits < HASH_PREFIX_DIGITS_MIN || digits > HASH_DIGITS) {
        code = args_wrong(revoke_spec.name, "SHA256 is %d to %d lower-case hex digits",
                          HASH_PREFIX_DIGITS_MIN, HASH_DIGITS);
        goto out;
    }
    enum err err = complete(args.operand[0], typed, &hex, &why);
    if (err != ERR_OK) {
        code = args_unopened(revoke_spec.name, err, &why);
        goto out;
    }
    json_t *data = json_object();
    json_object_set_new(data, "sha256", ijson_text((const char *)hex.data));
    const struct admin_act act = {revoke_spec.name, "token.revoked", data, NULL};
    code = admin_run(&args, &act);
out:
    args_free(&args);
    buf_free(&hex);
    return code;
}

static const struct args_spec list_spec = {
    .name = "token list",
    .operands = "LEDGER",
    .about = "Lists all tokens in order of issue: hash, principal, scopes, end, positions.\n\n"
             "  --json  an array of objects\n",
    .options = admin_list_options,
    .operands_min = 1,
    .operands_max = 1,
};

static const char *scopes_text(unsigned scopes)
{
    return scopes == (SCOPE_WRITE | SCOPE_READ) ? "write,read"
           : scopes == SCOPE_WRITE              ? "write"
                                                : "read";
}

static void list_token(const struct registry_token *token, struct buf *text)
{
    char expires[INSTANT_TEXT_BYTES] = "never";
    if (token->expires_us != INT64_MAX)
        instant_format(token->expires_us, expires);
    buf_hex(text, token->sha256, HASH_BYTES);
    buf_printf(text, "  %-16s  %-10s  ends %s  issued at %llu", token->principal,
               scopes_text(token->scopes), expires, (unsigned long long)token->issued_seq);
    if (token->revoked_seq != SEQ_NONE)
        buf_printf(text, ", revoked at %llu", (unsigned long long)token->revoked_seq);
    buf_text(text, "\n");
}

static void list_tokens(const struct ledger *ledger, struct buf *text, json_t *rows)
{
    size_t count = 0;
    const struct registry_token *const *tokens = registry_tokens(ledger_registry(ledger), &count);
    for (size_t i = 0; i < count; i++) {
        const struct registry_token *token = tokens[i];
        if (rows == NULL) {
            list_token(token, text);
            continue;
        }
        json_t *row = json_object();
        json_object_set_new(row, "sha256", ijson_hex(token->sha256, HASH_BYTES));
        json_object_set_new(row, "principal", ijson_text(token->principal));
        json_object_set_new(row, "scopes", read_scopes(scopes_text(token->scopes)));
        json_object_set_new(row, "expires",
                            token->expires_us == INT64_MAX ? json_null()
                                                           : ijson_instant(token->expires_us));
        json_object_set_new(row, "issued", json_integer((json_int_t)token->issued_seq));
        json_object_set_new(row, "revoked",
                            token->revoked_seq == SEQ_NONE
                                ? json_null()
                                : json_integer((json_int_t)token->revoked_seq));
        json_array_append_new(rows, row);
    }
}

static int list(int argc, char *argv[])
{
    return admin_list(argc, argv, &list_spec, list_tokens);
}

int cmd_token(int argc, char *argv[])
{
    static const struct admin_verb verbs[] = {
        {"issue", issue, "issue LEDGER --principal P --scope write,read [--expires TIME]"},
        {"revoke", revoke, "revoke LEDGER SHA256"},
        {"list", list, "list LEDGER [--json]"},
        {NULL, NULL, NULL},
    };
    return admin_verbs(argc, argv, verbs);
}
