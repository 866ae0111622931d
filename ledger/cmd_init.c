/* cmd_init - make a ledger, with its first admins. */
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/args.h"
#include "ledger/files.h"
#include "ledger/ledger.h"
#include "ledger/signer.h"

#define ADMIN_OUT "./countersign-admin"
#define ADMIN_NAME "admin"
#define ADMINS_MAX 64            /* a ledger begins with at most so many */
#define KEY_FILE_BYTES_MAX 16384 /* of a .pub file */
#define SIMULATED "/simulated"

static const struct option options[] = {
    {"origin", required_argument, NULL, 'o'},    {"admin", required_argument, NULL, 'a'},
    {"admin-out", required_argument, NULL, 'k'}, {"simulated", no_argument, NULL, 's'},
    {"time", required_argument, NULL, 't'},      {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},      {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "init",
    .operands = "LEDGER [--admin PRINCIPAL=KEY.pub]...",
    .about =
        "Makes a ledger in the directory LEDGER, which must be absent or empty, and prints its\n"
        "vkey: the text that checks its checkpoints.  Keep a copy of it elsewhere.\n\n"
        "  --admin PRINCIPAL=KEY.pub  a first admin and its SSH key; may be repeated\n"
        "  --admin-out FILE  without --admin: make the key pair of `" ADMIN_NAME
        "` here, without a\n"
        "                    passphrase (default " ADMIN_OUT "); set one with ssh-keygen -p\n"
        "  --origin NAME     the ledger's name (default countersign/ and a part of its id)\n"
        "  --simulated       for trying and testing: the claimed time of events is the clock;\n"
        "                    the origin ends in " SIMULATED "\n"
        "  --time TIME       with --simulated: when it is made (default 1970-01-01T00:00:00Z)\n"
        "  --json            print id, origin, vkey and admins as JSON\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

/* What is going to be made; all owned. */
struct plan {
    char *names[ADMINS_MAX];
    struct sshkey keys[ADMINS_MAX];
    size_t count;
    char *made_key; /* the key pair that init made; NULL if it made none */
    char *origin;   /* NULL: by default */
};

static void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        free(plan->names[i]);
    free(plan->made_key);
    free(plan->origin);
}

static enum err add_admin(struct plan *plan, const char *name, const char *path,
                          struct err_text *ret_why)
{
    struct buf text = {0};
    struct err_text why = {""};
    struct sshkey *key = &plan->keys[plan->count];
    if (plan->count == ADMINS_MAX)
        return err_say(ret_why, ERR_USAGE, "more than %d admins", ADMINS_MAX);
    enum err err = files_input(path, KEY_FILE_BYTES_MAX, &text, ret_why);
    if (err == ERR_OK)
        err = sshkey_from_text((const char *)text.data, key, &why);
    buf_free(&text);
    if (why.s[0] != '\0')
        err_say(ret_why, err, "%s: %s", path, why.s);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < plan->count; i++) {
        if (memcmp(plan->keys[i].id, key->id, KEY_ID_BYTES) == 0)
            return err_say(ret_why, ERR_USAGE, "%s and %s have the same key", plan->names[i], name);
    }
    plan->names[plan->count++] = mem_text(name);
    return ERR_OK;
}

/* Take "PRINCIPAL=KEY.pub". */
static enum err take_admin(struct plan *plan, const char *text, struct err_text *ret_why)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text || equals[1] == '\0')
        return err_say(ret_why, ERR_USAGE, "--admin takes PRINCIPAL=KEY.pub, not '%s'", text);
    char *name = mem_text_n(text, (size_t)(equals - text));
    enum err err = event_principal_ok(name)
                       ? add_admin(plan, name, equals + 1, ret_why)
                       : err_say(ret_why, ERR_USAGE, "'%s' cannot name a principal", name);
    free(name);
    return err;
}

/* Whether the directory is absent or empty, looked at before a key is made for nothing. */
static bool is_free(const char *dir)
{
    DIR *listing = opendir(dir);
    if (listing == NULL)
        return errno == ENOENT;
    size_t count = 0;
    while (readdir(listing) != NULL)
        count++;
    closedir(listing);
    return count <= 2;
}

/* The true path of what ${path} is in (free()), or NULL. */
static char *parent_of(const char *path)
{
    char *copy = mem_text(path);
    char *parent = realpath(dirname(copy), NULL);
    free(copy);
    return parent;
}

/* Whether the file would stand in the directory of the ledger, or below it. */
static bool is_within(const char *path, const char *dir)
{
    char *parent = parent_of(path), *ledger = realpath(dir, NULL);
    size_t bytes = ledger == NULL ? 0 : strlen(ledger);
    bool within = parent != NULL && ledger != NULL && strncmp(parent, ledger, bytes) == 0 &&
                  (parent[bytes] == '/' || parent[bytes] == '\0');
    free(parent);
    free(ledger);
    return within;
}

/* Make the key pair of the one admin. */
static enum err make_admin(struct plan *plan, const char *path, const char *dir,
                           struct err_text *ret_why)
{
    struct buf public_path = {0};
    if (!is_free(dir))
        return err_say(ret_why, ERR_CONFLICT,
                       "%s is not an empty directory: a ledger is made in one of its own", dir);
    if (is_within(path, dir))
        return err_say(ret_why, ERR_USAGE,
                       "an admin's key does not belong in the ledger: "
                       "--admin-out FILE elsewhere");
    enum err err = signer_make(path, ADMIN_NAME, ret_why);
    if (err != ERR_OK)
        return err;
    plan->made_key = mem_text(path);
    buf_printf(&public_path, "%s.pub", path);
    err = add_admin(plan, ADMIN_NAME, (const char *)public_path.data, ret_why);
    buf_free(&public_path);
    return err;
}

/* A key pair for a ledger that could not be made is of no use. */
static void unmake_admin(const struct plan *plan)
{
    struct buf public_path = {0};
    if (plan->made_key == NULL)
        return;
    buf_printf(&public_path, "%s.pub", plan->made_key);
    unlink(plan->made_key);
    unlink((const char *)public_path.data);
    buf_free(&public_path);
}

static bool ends_in(const char *text, const char *end)
{
    size_t bytes = strlen(text), end_bytes = strlen(end);
    return bytes >= end_bytes && strcmp(text + bytes - end_bytes, end) == 0;
}

static enum err make(const struct args *args, struct plan *plan, struct err_text *ret_why)
{
    const char *dir = args->operand[0], *origin = args_value(args, 'o'), *admin;
    const char *time = args_value(args, 't'), *out = args_value(args, 'k');
    size_t at = 0;
    enum err err = ERR_OK;
    struct ledger_create create = {.simulated = args_value(args, 's') != NULL};
    if (!create.simulated)
        create.time_us = clock_real_us();
    if (time != NULL && (!create.simulated || !instant_parse(time, &create.time_us)))
        return err_say(ret_why, ERR_USAGE,
                       "--time takes an RFC 3339 time like 2026-03-01T10:00:00Z, and only with "
                       "--simulated");
    if (origin != NULL) {
        struct buf text = {0};
        buf_printf(&text, "%s%s", origin,
                   create.simulated && !ends_in(origin, SIMULATED) ? SIMULATED : "");
        plan->origin = buf_take_text(&text);
        if (!note_name_ok(plan->origin))
            return err_say(ret_why, ERR_USAGE,
                           "--origin takes 1 to %d bytes without white space and plus signs",
                           NOTE_NAME_BYTES_MAX);
    }
    while (err == ERR_OK && (admin = args_next(args, 'a', &at)) != NULL)
        err = take_admin(plan, admin, ret_why);
    if (err == ERR_OK && plan->count > 0 && out != NULL)
        err = err_say(ret_why, ERR_USAGE, "--admin-out makes a key; --admin brings one");
    if (err == ERR_OK && plan->count == 0)
        err = make_admin(plan, out != NULL ? out : ADMIN_OUT, dir, ret_why);
    if (err != ERR_OK)
        return err;
    create.origin = plan->origin;
    create.admin_count = plan->count;
    create.admin_principals = (const char *const *)plan->names;
    create.admin_keys = plan->keys;
    err = ledger_create(dir, &create, ret_why);
    if (err != ERR_OK)
        unmake_admin(plan);
    return err;
}

/* What the new ledger is, as JSON or as its vkey. */
static void describe(const struct ledger *ledger, const struct plan *plan, bool json,
                     struct buf *text)
{
    const struct ledger_info *info = ledger_info(ledger);
    struct buf vkey = {0};
    note_key_format(&info->key, &vkey);
    if (json) {
        json_t *object = json_object(), *admins = json_array();
        for (size_t i = 0; i < plan->count; i++)
            json_array_append_new(admins, ijson_text(plan->names[i]));
        json_object_set_new(object, "ledger", json_string(info->id_hex));
        json_object_set_new(object, "origin", ijson_text(info->origin));
        json_object_set_new(object, "vkey", ijson_text((const char *)vkey.data));
        json_object_set_new(object, "simulated", json_boolean(info->simulated));
        json_object_set_new(object, "admins", admins);
        json_object_set_new(object, "admin_key", ijson_text(plan->made_key));
        ijson_print(object, text);
        json_decref(object);
    } else {
        buf_add(text, vkey.data, vkey.bytes);
    }
    buf_text(text, "\n");
    buf_free(&vkey);
}

int cmd_init(int argc, char *argv[])
{
    struct args args;
    struct plan plan = {0};
    struct ledger *ledger = NULL;
    struct err_text why = {""};
    struct buf text = {0};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    enum err err = make(&args, &plan, &why);
    if (err == ERR_OK)
        err = ledger_open(args.operand[0], false, &ledger, &why);
    if (err != ERR_OK) {
        code = err == ERR_USAGE      ? args_wrong(spec.name, "%s", why.s)
               : err == ERR_CONFLICT ? args_failed(spec.name, err, &why)
                                     : args_unopened(spec.name, err, &why);
        goto out;
    }
    describe(ledger, &plan, args_value(&args, 'j') != NULL, &text);
    code = args_print(spec.name, &text, 0);
    if (plan.made_key != NULL)
        fprintf(stderr, "The admin's private key is %s: keep it safe, and away from the ledger.\n",
                plan.made_key);
out:
    ledger_close(ledger);
    plan_free(&plan);
    args_free(&args);
    buf_free(&text);
    return code;
}
