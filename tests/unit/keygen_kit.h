/* keygen_kit - ssh-keygen at work in a folder of its own, for tests of keys and signatures. */
#ifndef TESTS_UNIT_KEYGEN_KIT_H
#define TESTS_UNIT_KEYGEN_KIT_H

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/sshsig.h"

static char folder[] = "/tmp/test_keygen_XXXXXX";
static bool have_keygen;

static inline const char *path_of(const char *name)
{
    static char paths[4][64];
    static size_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static inline void write_file(const char *name, const void *data, size_t bytes)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

static inline void read_file(const char *name, struct buf *ret)
{
    char chunk[4096];
    size_t bytes;
    FILE *file = fopen(path_of(name), "r");
    assert_non_null(file);
    while ((bytes = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_add(ret, chunk, bytes);
    assert_int_equal(fclose(file), 0);
}

/* Run ssh-keygen quietly with ${input} (NULL: nothing) as standard input; its exit code, or 127. */
static inline int keygen(const char *const *args, const char *input)
{
    char *argv[16] = {0};
    for (size_t i = 0; args[i] != NULL; i++)
        assert_non_null(argv[i] = strdup(args[i]));
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, input == NULL ? "/dev/null" : input, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int status = 127 << 8;
    if (posix_spawnp(&pid, "ssh-keygen", &files, NULL, argv, environ) == 0)
        assert_int_equal(waitpid(pid, &status, 0), pid);
    posix_spawn_file_actions_destroy(&files);
    for (size_t i = 0; argv[i] != NULL; i++)
        free(argv[i]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

#define KEYGEN(input, ...) keygen((const char *const[]){"ssh-keygen", __VA_ARGS__, NULL}, input)

/* Make the folder, and in it an ssh-ed25519 key named `key`. */
static inline int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    have_keygen = KEYGEN(NULL, "-q", "-t", "ed25519", "-N", "", "-f", path_of("key")) == 0;
    if (!have_keygen)
        fputs("skipped: there is no ssh-keygen\n", stderr);
    return 0;
}

static inline int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"key",     "key.pub", "ec",    "ec.pub", "rsa",
                                        "rsa.pub", "m",       "m.sig", "allowed"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(path_of(names[i]));
    return rmdir(folder);
}

/* Sign ${message} by ssh-keygen; the armored file. */
static inline void sign(const char *key, const char *name, const char *hash, const char *message,
                        struct buf *ret_armored)
{
    char option[32];
    if (!have_keygen)
        skip();
    snprintf(option, sizeof(option), "hashalg=%s", hash);
    write_file("m", message, strlen(message));
    unlink(path_of("m.sig"));
    assert_int_equal(
        KEYGEN(NULL, "-Y", "sign", "-f", path_of(key), "-n", name, "-O", option, path_of("m")), 0);
    read_file("m.sig", ret_armored);
}

/* Whether stock ssh-keygen takes the blob as anna's signature of ${message} by ${key}. */
static inline bool keygen_verifies(const struct sshkey *key, const struct buf *blob,
                                   const char *message)
{
    struct buf armored = {0}, allowed = {0};
    if (!have_keygen)
        skip();
    sshsig_armor(blob->data, blob->bytes, &armored);
    buf_text(&allowed, "anna ");
    sshkey_format(key, &allowed);
    buf_text(&allowed, "\n");
    write_file("allowed", allowed.data, allowed.bytes);
    write_file("m", message, strlen(message));
    write_file("m.sig", armored.data, armored.bytes);
    buf_free(&armored);
    buf_free(&allowed);
    return KEYGEN(path_of("m"), "-Y", "verify", "-f", path_of("allowed"), "-I", "anna", "-n",
                  SSHSIG_NAMESPACE, "-s", path_of("m.sig")) == 0;
}

static inline void unarmor(const struct buf *armored, struct buf *ret)
{
    assert_int_equal(sshsig_unarmor((const char *)armored->data, armored->bytes, ret), ERR_OK);
}

#endif
