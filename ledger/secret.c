#include "ledger/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/files.h"

#define TEXT_BYTES (2 * ED25519_KEY_BYTES + 1) /* hex digits and the newline */

/* What passes through memory on the way between file and key pair. */
struct passage {
    uint8_t seed[ED25519_KEY_BYTES];
    char text[TEXT_BYTES + 1];
};

static void *guarded(size_t bytes)
{
    void *memory = sodium_malloc(bytes);
    ASSERT(memory != NULL);
    return memory;
}

static struct secret *pair_new(const uint8_t seed[ED25519_KEY_BYTES])
{
    struct secret *secret = guarded(sizeof(*secret));
    ASSERT(crypto_sign_seed_keypair(secret->public_key, secret->secret_key, seed) == 0);
    return secret;
}

enum err secret_make(const char *dir, const char *name, const uint8_t *seed,
                     struct secret **ret_secret, struct err_text *ret_why)
{
    ASSERT(sodium_init() >= 0);
    struct passage *passage = guarded(sizeof(*passage));
    if (seed != NULL)
        memcpy(passage->seed, seed, sizeof(passage->seed));
    else
        randombytes_buf(passage->seed, sizeof(passage->seed));
    sodium_bin2hex(passage->text, sizeof(passage->text), passage->seed, sizeof(passage->seed));
    passage->text[TEXT_BYTES - 1] = '\n';
    enum err err = files_make(dir, name, passage->text, TEXT_BYTES, ret_why);
    if (err == ERR_OK)
        *ret_secret = pair_new(passage->seed);
    sodium_free(passage);
    return err;
}

static enum err text_load(const char *path, char text[TEXT_BYTES + 1], struct err_text *ret_why)
{
    struct stat info;
    enum err err = ERR_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_say(ret_why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                       strerror(errno));
    ssize_t got = read(fd, text, TEXT_BYTES + 1);
    if (got < 0 || fstat(fd, &info) != 0)
        err = err_say(ret_why, ERR_IO, "%s: %s", path, strerror(errno));
    else if ((info.st_mode & 077) != 0)
        err = err_say(ret_why, ERR_IO, "%s can be read by others: chmod 600 it, and ask who did",
                      path);
    else if (got != TEXT_BYTES || text[TEXT_BYTES - 1] != '\n')
        err = err_say(ret_why, ERR_DAMAGED, "%s holds no key", path);
    close(fd);
    return err;
}

enum err secret_load(const char *dir, const char *name, struct secret **ret_secret,
                     struct err_text *ret_why)
{
    ASSERT(sodium_init() >= 0);
    struct passage *passage = guarded(sizeof(*passage));
    char *path = files_path(dir, name);
    size_t bytes = 0;
    enum err err = text_load(path, passage->text, ret_why);
    if (err == ERR_OK && (sodium_hex2bin(passage->seed, sizeof(passage->seed), passage->text,
                                         TEXT_BYTES - 1, NULL, &bytes, NULL) != 0 ||
                          bytes != sizeof(passage->seed)))
        err = err_say(ret_why, ERR_DAMAGED, "%s holds no key", path);
    if (err == ERR_OK)
        *ret_secret = pair_new(passage->seed);
    free(path);
    sodium_free(passage);
    return err;
}

static bool is_pair_of(const struct secret *secret, const uint8_t public_key[ED25519_KEY_BYTES])
{
    return memcmp(secret->public_key, public_key, ED25519_KEY_BYTES) == 0;
}

enum err secret_find(const struct secret_place *place, const uint8_t public_key[ED25519_KEY_BYTES],
                     struct secret **ret_secret, struct err_text *ret_why)
{
    /* The first again: another process may just have moved the pair there. */
    const char *const names[] = {place->name, place->next, place->after, place->name};
    struct err_text why = {""};
    bool there = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct secret *secret = NULL;
        enum err err = secret_load(place->dir, names[i], &secret, &why);
        if (err == ERR_IO)
            return err_say(ret_why, err, "%s", why.s);
        there = there || err != ERR_NOT_FOUND;
        if (err == ERR_OK && is_pair_of(secret, public_key)) {
            *ret_secret = secret;
            return ERR_OK;
        }
        secret_free(secret);
    }
    if (!there)
        return err_say(ret_why, ERR_NOT_FOUND, "%s", why.s);
    return err_say(
        ret_why, ERR_DAMAGED,
        "%s/%s is not the key that the ledger names: put the one there that it had when its "
        "last entry was written",
        place->dir, place->name);
}

enum err secret_next(const struct secret_place *place, struct secret **ret_secret,
                     struct err_text *ret_why)
{
    enum err err = secret_load(place->dir, place->next, ret_secret, ret_why);
    if (err == ERR_OK || err == ERR_IO)
        return err;
    if (err == ERR_DAMAGED) {
        char *path = files_path(place->dir, place->next);
        bool gone = unlink(path) == 0;
        if (!gone)
            err_say(ret_why, ERR_IO, "%s cannot be removed: %s", path, strerror(errno));
        free(path);
        if (!gone)
            return ERR_IO;
    }
    err = secret_make(place->dir, place->next, NULL, ret_secret, ret_why);
    return err == ERR_OK ? err : ERR_IO;
}

/* Writes the pair over the bytes of the file, which stays the same file. */
static enum err overwrite(const char *path, const struct secret *secret, struct err_text *ret_why)
{
    struct passage *passage = guarded(sizeof(*passage));
    enum err err = ERR_OK;
    /* libsodium's secret key begins with the seed. */
    sodium_bin2hex(passage->text, sizeof(passage->text), secret->secret_key, ED25519_KEY_BYTES);
    passage->text[TEXT_BYTES - 1] = '\n';
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || pwrite(fd, passage->text, TEXT_BYTES, 0) != TEXT_BYTES ||
        ftruncate(fd, TEXT_BYTES) != 0 || fsync(fd) != 0)
        err = err_say(ret_why, ERR_IO, "%s cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    sodium_free(passage);
    return err;
}

static enum err removed(const char *path, struct err_text *ret_why)
{
    return unlink(path) == 0 || errno == ENOENT
               ? ERR_OK
               : err_say(ret_why, ERR_IO, "%s cannot be removed: %s", path, strerror(errno));
}

/* The pair of a file, or NULL: there is none, or a crash left it half written. */
static enum err load_if_whole(const char *dir, const char *name, struct secret **ret,
                              struct err_text *ret_why)
{
    enum err err = secret_load(dir, name, ret, ret_why);
    return err == ERR_IO ? err : ERR_OK;
}

/* Ends the file `next`: with ${last} it has a pair that was in use, which is wiped; without, what
 * stands behind it moves up. */
static enum err end_next(const struct secret_place *place, const struct secret *last,
                         struct err_text *ret_why)
{
    char *next = files_path(place->dir, place->next), *after = files_path(place->dir, place->after);
    enum err err = ERR_OK;
    if (last != NULL && files_there(place->dir, place->next))
        err = overwrite(next, last, ret_why);
    if (err == ERR_OK)
        err = removed(next, ret_why);
    if (err == ERR_OK && last != NULL)
        err = removed(after, ret_why);
    else if (err == ERR_OK && rename(after, next) != 0 && errno != ENOENT)
        err = err_say(ret_why, ERR_IO, "%s cannot be moved: %s", after, strerror(errno));
    free(next);
    free(after);
    return err;
}

enum err secret_settle(const struct secret_place *place,
                       const uint8_t public_key[ED25519_KEY_BYTES], struct err_text *ret_why)
{
    struct secret *next = NULL, *after = NULL;
    char *path = files_path(place->dir, place->name);
    enum err err = load_if_whole(place->dir, place->next, &next, ret_why);
    if (err == ERR_OK)
        err = load_if_whole(place->dir, place->after, &after, ret_why);
    bool is_next = next != NULL && is_pair_of(next, public_key);
    bool is_after = after != NULL && is_pair_of(after, public_key);
    if (err == ERR_OK && (is_next || is_after)) {
        err = overwrite(path, is_after ? after : next, ret_why);
        if (err == ERR_OK)
            err = end_next(place, is_after ? after : NULL, ret_why);
        if (err == ERR_OK)
            err = files_sync_dir(place->dir, ret_why);
    }
    free(path);
    secret_free(next);
    secret_free(after);
    return err;
}

enum err secret_lock(const char *dir, int *ret_fd, struct err_text *ret_why)
{
    /* A file that is never replaced. */
    char *path = files_path(dir, SECRET_CHECKPOINT);
    enum err err = ERR_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        err = err_say(ret_why, ERR_IO, "%s cannot be locked: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
    } else {
        *ret_fd = fd;
    }
    free(path);
    return err;
}

void secret_free(struct secret *secret)
{
    sodium_free(secret);
}
