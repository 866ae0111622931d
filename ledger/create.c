/* Making a ledger (ledger.h ledger_create). */
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/copy.h"
#include "ledger/files.h"
#include "ledger/inside.h"

#define SIMULATED "/simulated" /* end of a simulated ledger's origin */

/* Makes the directory, or takes an empty one. */
static enum err dir_take(const char *dir, bool *ret_made, struct err_text *ret_why)
{
    *ret_made = mkdir(dir, 0700) == 0;
    if (!*ret_made && errno != EEXIST)
        return err_say(ret_why, ERR_IO, "%s cannot be made: %s", dir, strerror(errno));
    DIR *listing = opendir(dir);
    if (listing == NULL)
        return err_say(ret_why, errno == ENOTDIR ? ERR_CONFLICT : ERR_IO, "%s: %s", dir,
                       strerror(errno));
    bool empty = true;
    for (struct dirent *at = readdir(listing); at != NULL; at = readdir(listing))
        empty = empty && (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0);
    closedir(listing);
    return empty ? ERR_OK
                 : err_say(ret_why, ERR_CONFLICT,
                           "%s is not empty: a ledger is made in a directory of its own", dir);
}

/* A creation that failed leaves nothing. */
static void dir_leave(const char *dir, bool made)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", SECRET_CHECKPOINT, SECRET_ADMISSION,
                                        COPY_NAME};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = files_path(dir, names[i]);
        unlink(path);
        free(path);
    }
    if (made)
        rmdir(dir);
}

static enum err sync_parent(const char *dir, struct err_text *ret_why)
{
    char *path = mem_text(dir);
    enum err err = files_sync_dir(dirname(path), ret_why);
    free(path);
    return err;
}

static json_t *admins_json(const struct ledger_create *create)
{
    json_t *admins = json_array();
    for (size_t i = 0; i < create->admin_count; i++) {
        struct buf key = {0};
        json_t *admin = json_object();
        sshkey_format(&create->admin_keys[i], &key);
        json_object_set_new(admin, "principal", json_string(create->admin_principals[i]));
        json_object_set_new(admin, "public_key", json_string((const char *)key.data));
        json_array_append_new(admins, admin);
        buf_free(&key);
    }
    return admins;
}

static json_t *created_data(const struct ledger *ledger, const struct ledger_create *create)
{
    struct buf vkey = {0};
    json_t *data = json_object();
    note_key_format(&ledger->info.key, &vkey);
    json_object_set_new(data, "ledger", json_string(ledger->info.id_hex));
    json_object_set_new(data, "origin", json_string(ledger->info.origin));
    json_object_set_new(data, "vkey", json_string((const char *)vkey.data));
    json_object_set_new(data, "admission_key",
                        ijson_hex(ledger->info.admission_key, ED25519_KEY_BYTES));
    json_object_set_new(data, "simulated", json_boolean(create->simulated));
    json_object_set_new(data, "admins", admins_json(create));
    json_object_set_new(data, "follows", json_null());
    buf_free(&vkey);
    return data;
}

/* Entry 0. */
static enum err append_created(struct ledger *ledger, const struct ledger_create *create,
                               struct err_text *ret_why)
{
    struct admitted *admitted = NULL;
    struct receipt receipt = {0};
    struct buf text = {0};
    json_t *event = json_object();
    json_object_set_new(event, "specversion", json_string("1.0"));
    json_object_set_new(event, "id", json_string(ledger->info.id_hex));
    json_object_set_new(event, "source", json_string("/ledger"));
    json_object_set_new(event, "type", json_string("dev.countersign.ledger.created.v1"));
    json_object_set_new(event, "time", ijson_instant(create->time_us));
    json_object_set_new(event, "ledger", json_string(ledger->info.id_hex));
    json_object_set_new(event, "data", created_data(ledger, create));
    ijson_print(event, &text);
    enum err err = admit_own(ledger->admission, &text, "ledger", create->time_us, &admitted);
    if (err != ERR_OK)
        err_say(ret_why, err, "entry 0 cannot be made: %s", err_text(err));
    else
        err = ledger_append(ledger, &admitted, 1, NULL, &receipt, ret_why);
    if (err == ERR_OK && receipt.verdict.rule != RULE_NONE)
        err =
            err_say(ret_why, ERR_INVALID, "the ledger cannot begin so: %s", receipt.verdict.reason);
    if (err == ERR_OK)
        ledger_receipts_free(&receipt, 1);
    admit_free(admitted);
    buf_free(&text);
    json_decref(event);
    return err;
}

/* What follows from the seed of a made-up ledger under a name. */
static void derive(const struct ledger_create *create, const char *name, uint8_t ret[HASH_BYTES])
{
    const struct piece pieces[] = {{name, strlen(name) + 1}, {create->seed, HASH_BYTES}};
    hash_pieces(pieces, sizeof(pieces) / sizeof(pieces[0]), ret);
}

static enum err make_secret(const char *dir, const char *name, const struct ledger_create *create,
                            struct secret **ret_secret, struct err_text *ret_why)
{
    uint8_t seed[HASH_BYTES];
    if (create->seed == NULL)
        return secret_make(dir, name, NULL, ret_secret, ret_why);
    derive(create, name, seed);
    return secret_make(dir, name, seed, ret_secret, ret_why);
}

static enum err fill(const char *dir, const struct ledger_create *create, struct err_text *ret_why)
{
    struct secret *admission_key = NULL, *checkpoint_key = NULL;
    struct ledger *ledger = NULL;
    struct store *store = NULL;
    enum err err = make_secret(dir, SECRET_CHECKPOINT, create, &checkpoint_key, ret_why);
    if (err == ERR_OK)
        err = make_secret(dir, SECRET_ADMISSION, create, &admission_key, ret_why);
    if (err == ERR_OK)
        err = store_open(dir, STORE_CREATE, &store, ret_why);
    if (err != ERR_OK) {
        secret_free(admission_key);
        secret_free(checkpoint_key);
        return err;
    }
    ledger = inside_new(dir, store);
    if (create->seed != NULL)
        derive(create, "ledger", ledger->info.id);
    else
        randombytes_buf(ledger->info.id, sizeof(ledger->info.id));
    sodium_bin2hex(ledger->info.id_hex, sizeof(ledger->info.id_hex), ledger->info.id,
                   sizeof(ledger->info.id));
    if (create->origin != NULL)
        memcpy(ledger->info.origin, create->origin, strlen(create->origin) + 1);
    else
        snprintf(ledger->info.origin, sizeof(ledger->info.origin), "countersign/%.8s%s",
                 ledger->info.id_hex, create->simulated ? SIMULATED : "");
    note_key_make(ledger->info.origin, checkpoint_key->public_key, &ledger->info.key);
    memcpy(ledger->info.admission_key, admission_key->public_key, ED25519_KEY_BYTES);
    ledger->info.simulated = create->simulated;
    inside_arm(ledger);
    if (create->seed != NULL)
        ledger_seed(ledger, create->seed);
    memcpy(ledger->admission->secret_key, admission_key->secret_key,
           sizeof(ledger->admission->secret_key));
    ledger->checkpoint_key = checkpoint_key;
    ledger->pair_count = 1; /* that which entry 0 will name */
    secret_free(admission_key);
    err = append_created(ledger, create, ret_why);
    ledger_close(ledger);
    return err;
}

static enum err origin_check(const struct ledger_create *create, struct err_text *ret_why)
{
    size_t bytes = strlen(create->origin), mark_bytes = strlen(SIMULATED);
    bool marked = bytes > mark_bytes && strcmp(create->origin + bytes - mark_bytes, SIMULATED) == 0;
    if (!note_name_ok(create->origin))
        return err_say(ret_why, ERR_INVALID,
                       "the origin must be 1 to %d bytes without white space and plus signs",
                       NOTE_NAME_BYTES_MAX);
    if (marked != create->simulated)
        return err_say(ret_why, ERR_INVALID,
                       "the origin of a simulated ledger, and of no other, ends in %s", SIMULATED);
    return ERR_OK;
}

static enum err create_check(const struct ledger_create *create, struct err_text *ret_why)
{
    if (create->origin != NULL && origin_check(create, ret_why) != ERR_OK)
        return ERR_INVALID;
    if (create->admin_count == 0)
        return err_say(ret_why, ERR_INVALID, "a ledger needs an admin");
    if (create->seed != NULL && !create->simulated)
        return err_say(ret_why, ERR_INVALID, "only a simulated ledger follows from a seed");
    if (create->time_us < 0 || create->time_us >= instant_from_date(10000, 1, 1))
        return err_say(ret_why, ERR_INVALID, "the time must be between 1970 and 9999");
    for (size_t i = 0; i < create->admin_count; i++) {
        if (!event_principal_ok(create->admin_principals[i]))
            return err_say(ret_why, ERR_INVALID, "'%.128s' cannot name an admin",
                           create->admin_principals[i]);
    }
    return ERR_OK;
}

enum err ledger_create(const char *dir, const struct ledger_create *create,
                       struct err_text *ret_why)
{
    ASSERT(sodium_init() >= 0);
    bool made = false;
    enum err err = create_check(create, ret_why);
    if (err == ERR_OK)
        err = dir_take(dir, &made, ret_why);
    if (err != ERR_OK)
        return err;
    err = fill(dir, create, ret_why);
    if (err == ERR_OK)
        err = files_sync_dir(dir, ret_why);
    if (err == ERR_OK)
        err = sync_parent(dir, ret_why);
    /* A key that is there already: another process makes its ledger here, and the files are its. */
    if (err != ERR_OK && err != ERR_CONFLICT)
        dir_leave(dir, made);
    return err;
}
