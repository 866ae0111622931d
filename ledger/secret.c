#include "ledger/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
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

enum err secret_make(const char *dir, const char *name, struct secret **ret_secret,
                     struct err_text *ret_why)
{
    ASSERT(sodium_init() >= 0);
    struct passage *passage = guarded(sizeof(*passage));
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

void secret_free(struct secret *secret)
{
    sodium_free(secret);
}
