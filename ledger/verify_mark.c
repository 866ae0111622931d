#include "ledger/verify_mark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/files.h"
#include "ledger/hash.h"
#include "ledger/mem.h"
#include "ledger/note.h"
#include "ledger/secret.h"

#define KEY_NAME "verifier.key"
#define DIR_MODE 0700

/* A path as the functions of files and secret want it. */
struct place {
    char *dir, *name; /* owned */
};

static void place_free(struct place *place)
{
    free(place->dir);
    free(place->name);
}

static struct place place_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return (struct place){mem_text("."), mem_text(path)};
    size_t dir_bytes = slash == path ? 1 : (size_t)(slash - path);
    return (struct place){mem_text_n(path, dir_bytes), mem_text(slash + 1)};
}

/* Where the verifier's key is, if nothing else was said. */
static enum err default_place(struct place *ret, struct err_text *ret_why)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    struct buf dir = {0};
    if (state != NULL && state[0] == '/')
        buf_printf(&dir, "%s/countersign", state);
    else if (home != NULL && home[0] != '\0')
        buf_printf(&dir, "%s/.local/state/countersign", home);
    else
        return err_say(ret_why, ERR_IO,
                       "there is no home to keep the verifier's key in: give --mark-key FILE");
    *ret = (struct place){buf_take_text(&dir), mem_text(KEY_NAME)};
    return ERR_OK;
}

static enum err make_dirs(const char *dir, struct err_text *ret_why)
{
    char *path = mem_text(dir);
    enum err err = ERR_OK;
    for (char *at = path + 1; err == ERR_OK; at++) {
        char end = *at;
        if (end != '/' && end != '\0')
            continue;
        *at = '\0';
        if (mkdir(path, DIR_MODE) != 0 && errno != EEXIST)
            err = err_say(ret_why, ERR_IO, "%s cannot be made: %s", path, strerror(errno));
        *at = end;
        if (end == '\0')
            break;
    }
    free(path);
    return err;
}

static enum err key_place(const char *key_path, struct place *ret, struct err_text *ret_why)
{
    if (key_path == NULL)
        return default_place(ret, ret_why);
    *ret = place_of(key_path);
    return ERR_OK;
}

static enum err key_make(const struct place *place, struct secret **ret, struct err_text *ret_why)
{
    enum err err = make_dirs(place->dir, ret_why);
    if (err == ERR_OK)
        err = secret_make(place->dir, place->name, NULL, ret, ret_why);
    if (err == ERR_CONFLICT) /* somebody else was faster */
        err = secret_load(place->dir, place->name, ret, ret_why);
    return err == ERR_OK ? files_sync_dir(place->dir, ret_why) : err;
}

/* A verifier's name tells its key: whoever has two marks sees whether one verifier made them. */
static void name_key(const struct secret *secret, struct note_key *ret)
{
    uint8_t hash[HASH_BYTES];
    struct buf name = {0};
    hash_bytes(secret->public_key, sizeof(secret->public_key), hash);
    buf_text(&name, "countersign-verifier/");
    buf_hex(&name, hash, 8);
    note_cosigner_make((const char *)name.data, secret->public_key, ret);
    buf_free(&name);
}

enum err verify_mark_write(const char *path, const char *key_path, const struct buf *note,
                           uint64_t time_s, struct err_text *ret_why)
{
    struct place key_at = {0}, mark_at = place_of(path);
    struct secret *secret = NULL;
    struct checkpoint checkpoint;
    struct note_key key;
    struct buf body = {0}, mark = {0};
    enum err err = checkpoint_parse((const char *)note->data, note->bytes, &checkpoint);
    if (err != ERR_OK)
        err_say(ret_why, err, "there is no checkpoint to be marked");
    if (err == ERR_OK)
        err = key_place(key_path, &key_at, ret_why);
    if (err == ERR_OK)
        err = secret_load(key_at.dir, key_at.name, &secret, ret_why);
    if (err == ERR_NOT_FOUND)
        err = key_make(&key_at, &secret, ret_why);
    if (err == ERR_OK) {
        name_key(secret, &key);
        checkpoint_format(&checkpoint, &body);
        buf_add(&mark, note->data, note->bytes);
        note_cosign((const char *)body.data, &key, secret->secret_key, time_s, &mark);
        err = files_replace(mark_at.dir, mark_at.name, mark.data, mark.bytes, ret_why);
    }
    secret_free(secret);
    place_free(&key_at);
    place_free(&mark_at);
    buf_free(&body);
    buf_free(&mark);
    return err;
}

static enum err mark_check(const char *path, const struct buf *mark, const struct secret *secret,
                           uint64_t *ret_time_s, struct err_text *ret_why)
{
    struct note_key key;
    name_key(secret, &key);
    enum err err = note_cosigned((const char *)mark->data, mark->bytes, &key, ret_time_s);
    if (err == ERR_OK)
        return err;
    return err == ERR_PROOF ? err_say(ret_why, err,
                                      "%s is no mark by this verifier's key: check the whole", path)
                            : err_say(ret_why, ERR_INVALID, "%s is no mark", path);
}

enum err verify_mark_read(const char *path, const char *key_path, struct checkpoint *ret,
                          uint64_t *ret_time_s, struct err_text *ret_why)
{
    struct place key_at = {0};
    struct secret *secret = NULL;
    struct buf mark = {0};
    struct checkpoint checkpoint;
    enum err err = files_input(path, NOTE_BYTES_MAX, &mark, ret_why);
    if (err == ERR_OK &&
        checkpoint_parse((const char *)mark.data, mark.bytes, &checkpoint) != ERR_OK)
        err = err_say(ret_why, ERR_INVALID, "%s is no mark", path);
    else if (err == ERR_NOT_FOUND)
        err = ERR_IO;
    if (err == ERR_OK)
        err = key_place(key_path, &key_at, ret_why);
    if (err == ERR_OK) {
        err = secret_load(key_at.dir, key_at.name, &secret, ret_why);
        if (err == ERR_NOT_FOUND)
            err = err_say(ret_why, ERR_PROOF,
                          "%s/%s: this verifier has no key, and so cannot have made the mark %s",
                          key_at.dir, key_at.name, path);
    }
    if (err == ERR_OK)
        err = mark_check(path, &mark, secret, ret_time_s, ret_why);
    if (err == ERR_OK)
        *ret = checkpoint;
    secret_free(secret);
    place_free(&key_at);
    buf_free(&mark);
    return err;
}
