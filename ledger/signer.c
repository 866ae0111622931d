#include "ledger/signer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/bytes.h"
#include "ledger/hash.h"
#include "ledger/mem.h"
#include "ledger/openssh.h"
#include "ledger/registry.h"

#define LISTED_MAX 3 /* keys of the agent that an error names */

/* The public key that the agent has, of a name "key::..."; NULL of a file's. */
static const char *held_by_agent(const char *name)
{
    size_t bytes = strlen(SIGNER_AGENT);
    ASSERT(name != NULL);
    return strncmp(name, SIGNER_AGENT, bytes) == 0 ? name + bytes : NULL;
}

void signer_key_free(struct signer_key *key)
{
    free(key->name);
    *key = (struct signer_key){0};
}

/* "TYPE BASE64[ COMMENT]", of whatever type; false if it is none. */
static bool read_line(const char *line, struct signer_key *ret)
{
    struct buf wire = {0};
    size_t type = strcspn(line, " "),
           text = line[type] == ' ' ? strcspn(line + type + 1, " \r\n") : 0;
    bool good = text > 0 && bytes_from_base64(line + type + 1, text, &wire) && wire.bytes > 0;
    if (good) {
        struct buf name = {0};
        buf_printf(&name, SIGNER_AGENT "%.*s", (int)(type + 1 + text), line);
        hash_bytes(wire.data, wire.bytes, ret->id);
        sshkey_fingerprint(ret->id, ret->fingerprint);
        ret->name = buf_take_text(&name);
        ret->touched = strncmp(line, "sk-", 3) == 0;
    }
    buf_free(&wire);
    return good;
}

/* The agent's keys, as they are gone through. */
struct choice {
    const struct registry *registry;
    struct signer_key found; /* the first that may be taken */
    size_t count;            /* of those */
    size_t keys;             /* of all */
    struct buf list;
};

static void consider(struct choice *choice, const char *line)
{
    struct signer_key key = {0};
    if (!read_line(line, &key))
        return;
    const struct registry *registry = choice->registry;
    const struct registry_key *known = registry != NULL ? registry_key(registry, key.id) : NULL;
    bool taken =
        registry == NULL || (known != NULL && registry_key_valid(known, registry_size(registry)));
    choice->keys++;
    choice->count += taken;
    if (taken && choice->count <= LISTED_MAX)
        buf_printf(&choice->list, "%s%s%s%s", choice->count > 1 ? ", " : "", key.fingerprint,
                   known != NULL ? " of " : "", known != NULL ? known->principal : "");
    if (taken && choice->count == 1)
        choice->found = key;
    else
        signer_key_free(&key);
}

static enum err choose(struct choice *choice, struct signer_key *ret_key, struct err_text *ret_why)
{
    if (choice->count > LISTED_MAX)
        buf_printf(&choice->list, ", and %zu more", choice->count - LISTED_MAX);
    if (choice->keys == 0)
        return err_say(
            ret_why, ERR_NOT_FOUND,
            "the agent has no keys: `ssh-add KEY` gives it one, or sign with --key FILE");
    if (choice->count == 0)
        return err_say(ret_why, ERR_NOT_FOUND,
                       "none of the agent's %zu keys (`ssh-add -l`) is enrolled in this ledger; an "
                       "admin enrolls one: countersign key enroll LEDGER PRINCIPAL KEY.pub",
                       choice->keys);
    if (choice->count > 1)
        return err_say(ret_why, ERR_CONFLICT, "which of the agent's keys? --key FILE.pub: %s",
                       (const char *)choice->list.data);
    *ret_key = choice->found;
    choice->found = (struct signer_key){0};
    return ERR_OK;
}

/* Of the agent's keys the one that is enrolled. */
static enum err find_with_agent(const struct registry *registry, struct signer_key *ret_key,
                                struct err_text *ret_why)
{
    const char *const argv[] = {"ssh-add", "-L", NULL};
    const char *socket = getenv("SSH_AUTH_SOCK");
    struct choice choice = {.registry = registry};
    struct buf output = {0};
    struct err_text why = {""};
    if (socket == NULL || socket[0] == '\0')
        return err_say(ret_why, ERR_IO,
                       "no agent runs here (SSH_AUTH_SOCK is not set): start one and give it a key "
                       "(eval \"$(ssh-agent)\"; ssh-add), or sign with --key FILE");
    enum err err = openssh_run(&(struct openssh_call){.argv = argv}, &output, &why);
    char *text = buf_take_text(&output);
    bool empty = strstr(text, "no identities") != NULL;
    if (err != ERR_OK && !empty)
        err = err_say(ret_why, err, "the agent at %.100s cannot be asked: %.150s", socket, why.s);
    else
        err = ERR_OK;
    for (char *line = text; err == ERR_OK && !empty && *line != '\0';) {
        char *end = strchrnul(line, '\n');
        char *next = *end == '\n' ? end + 1 : end;
        *end = '\0';
        consider(&choice, line);
        line = next;
    }
    if (err == ERR_OK)
        err = choose(&choice, ret_key, ret_why);
    signer_key_free(&choice.found);
    buf_free(&choice.list);
    free(text);
    return err;
}

/* Append "256 SHA256:... COMMENT (ED25519)", as ssh-keygen says of a file, without opening what is
 * private. */
static enum err ask_of(const char *path, struct buf *output, struct err_text *ret_why)
{
    const char *const argv[] = {"ssh-keygen", "-l", "-E", "sha256", "-f", path, NULL};
    return openssh_run(&(struct openssh_call){.argv = argv}, output, ret_why);
}

/* What ssh-keygen reads in the file itself comes first: that is whose signature it makes. */
static enum err find_in_file(const char *path, struct signer_key *ret_key, struct err_text *ret_why)
{
    struct buf output = {0}, beside = {0};
    struct signer_key key = {0};
    char fingerprint[SSHKEY_FINGERPRINT_BYTES] = "";
    if (access(path, R_OK) != 0)
        return err_say(ret_why, ERR_IO, "the key file %.200s cannot be read: %s", path,
                       strerror(errno));
    buf_printf(&beside, "%s.pub", path);
    enum err err = ask_of(path, &output, ret_why);
    if (err != ERR_OK && access((const char *)beside.data, R_OK) == 0)
        err = ask_of((const char *)beside.data, &output, ret_why);
    buf_free(&beside);
    if (err != ERR_OK && strstr(ret_why->s, "key file") == NULL)
        return err;
    char *text = buf_take_text(&output);
    const char *at = strstr(text, " SHA256:");
    if (at != NULL)
        snprintf(fingerprint, sizeof(fingerprint), "%s", at + 1);
    if (err != ERR_OK || sshkey_fingerprint_parse(fingerprint, key.id) != ERR_OK) {
        err = err_say(ret_why, ERR_IO,
                      "the public key of %.120s is not known (is it a key?): put it beside it, "
                      "ssh-keygen -y -f KEY >KEY.pub",
                      path);
    } else {
        sshkey_fingerprint(key.id, key.fingerprint);
        key.name = mem_text(path);
        key.touched = strstr(text, "-SK)") != NULL;
        *ret_key = key;
    }
    free(text);
    return err;
}

enum err signer_find(const char *name, const struct registry *registry, struct signer_key *ret_key,
                     struct err_text *ret_why)
{
    const char *held = held_by_agent(name);
    struct signer_key key = {0};
    if (held == NULL)
        return find_in_file(name, ret_key, ret_why);
    if (held[0] == '\0')
        return find_with_agent(registry, ret_key, ret_why);
    if (!read_line(held, &key))
        return err_say(ret_why, ERR_IO, "'%.100s' is no public key", held);
    *ret_key = key;
    return ERR_OK;
}

enum err signer_known(const struct signer_key *key, const struct registry *registry,
                      const char *dir, struct err_text *ret_why)
{
    if (registry_key(registry, key->id) != NULL)
        return ERR_OK;
    bool held = held_by_agent(key->name) != NULL;
    size_t bytes = strlen(key->name);
    bool public_file = bytes > 4 && strcmp(key->name + bytes - 4, ".pub") == 0;
    return err_say(ret_why, ERR_UNAUTHENTICATED,
                   "the key %s is not enrolled here; an admin enrolls it: countersign key enroll "
                   "%.60s PRINCIPAL %.80s%s",
                   key->fingerprint, dir, held ? "KEY" : key->name, public_file ? "" : ".pub");
}

/* What ssh-keygen had to say, and what may be done about it. */
static enum err explain(const char *name, enum err err, struct err_text *ret_why)
{
    const char *hint = "";
    bool held = held_by_agent(name) != NULL;
    if (strstr(ret_why->s, "incorrect passphrase") != NULL)
        hint =
            "; run it again: with its passphrase on a terminal, by SSH_ASKPASS, or with an agent";
    else if (strstr(ret_why->s, "rivate key") != NULL && strstr(ret_why->s, "ermissions") == NULL)
        hint = held ? "; the agent does not have it any more"
                    : "; of a .pub file the agent must have the private key: ssh-add KEY";
    return err_say(ret_why, err, "%.200s%s", ret_why->s, hint);
}

static enum err sign_with(const char *key, const struct buf *event, struct buf *blob,
                          struct sshsig *ret_sig, struct err_text *ret_why)
{
    const char *held = held_by_agent(key);
    const char *const argv[] = {"ssh-keygen", "-q",
                                "-Y",         "sign",
                                "-n",         SSHSIG_NAMESPACE,
                                "-f",         held != NULL ? OPENSSH_KEY_FILE : key,
                                NULL};
    const struct openssh_call call = {
        .argv = argv, .input = event, .public_key = held, .tell = true};
    struct buf armored = {0}, made = {0};
    struct sshsig sig;
    struct err_text why = {""};
    enum err err = openssh_run(&call, &armored, ret_why);
    if (err != ERR_OK) {
        err = explain(key, err, ret_why);
        goto out;
    }
    err = sshsig_unarmor((const char *)armored.data, armored.bytes, &made);
    if (err == ERR_OK)
        err = sshsig_parse(made.data, made.bytes, &sig, &why);
    if (err == ERR_MEDIA_TYPE) {
        err = err_say(ret_why, ERR_UNAUTHENTICATED, "%s cannot sign here: %s", key, why.s);
        goto out;
    }
    if (err != ERR_OK || sshsig_check(&sig, event->data, event->bytes) != ERR_OK) {
        err = err_say(ret_why, ERR_IO, "ssh-keygen gave no good signature for %s%s%s", key,
                      why.s[0] != '\0' ? ": " : "", why.s);
        goto out;
    }
    buf_add(blob, made.data, made.bytes);
    *ret_sig = sig;
out:
    buf_free(&armored);
    buf_free(&made);
    return err;
}

enum err signer_sign(const char *key, const struct buf *event, struct buf *blob,
                     struct sshsig *ret_sig, struct err_text *ret_why)
{
    struct signer_key found = {0};
    bool any = strcmp(key, SIGNER_AGENT) == 0;
    enum err err = any ? signer_find(key, NULL, &found, ret_why) : ERR_OK;
    if (err == ERR_OK)
        err = sign_with(any ? found.name : key, event, blob, ret_sig, ret_why);
    signer_key_free(&found);
    return err;
}

enum err signer_make(const char *path, const char *comment, struct err_text *ret_why)
{
    const char *const argv[] = {"ssh-keygen", "-q",    "-t", "ed25519", "-N", "",
                                "-C",         comment, "-f", path,      NULL};
    const struct openssh_call call = {.argv = argv};
    struct buf public_path = {0}, output = {0};
    buf_printf(&public_path, "%s.pub", path);
    const char *there = access(path, F_OK) == 0 ? path
                        : access((const char *)public_path.data, F_OK) == 0
                            ? (const char *)public_path.data
                            : NULL;
    enum err err = there != NULL ? err_say(ret_why, ERR_CONFLICT,
                                           "%s is there already and is not overwritten", there)
                                 : openssh_run(&call, &output, ret_why);
    buf_free(&public_path);
    buf_free(&output);
    return err;
}
