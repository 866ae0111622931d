#include "ledger/note.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/hash.h"
#include "ledger/mem.h"
#include "ledger/utf8.h"

#define KEY_ID_HEX 8         /* digits of a key's id in a vkey */
#define DASH "\xe2\x80\x94 " /* U+2014 and a space: how a signature line begins */

/* A run of bytes in a note. */
struct span {
    const char *text;
    size_t bytes;
};

static bool white_space(uint32_t code)
{
    return code == 0x20 || (code >= 0x09 && code <= 0x0d) || code == 0x85 || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
           code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

static bool control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}

static bool of_name(uint32_t code)
{
    return !white_space(code) && !control(code) && code != '+';
}

static bool of_note(uint32_t code)
{
    return code >= 0x20 || code == '\n';
}

static bool name_ok(struct span name)
{
    return name.bytes >= 1 && name.bytes <= NOTE_NAME_BYTES_MAX &&
           utf8_all(name.text, name.bytes, of_name);
}

bool note_name_ok(const char *name)
{
    return name_ok((struct span){name, strlen(name)});
}

static void key_make(const char *name, const uint8_t public_key[ED25519_KEY_BYTES],
                     enum note_type type, struct note_key *ret)
{
    ASSERT(note_name_ok(name));
    const uint8_t behind_name[] = {'\n', (uint8_t)type};
    struct note_key key = {.type = (uint8_t)type};
    uint8_t hash[HASH_BYTES];
    const struct piece pieces[] = {
        {name, strlen(name)}, {behind_name, sizeof(behind_name)}, {public_key, ED25519_KEY_BYTES}};
    hash_pieces(pieces, 3, hash);
    memcpy(key.name, name, strlen(name) + 1);
    memcpy(key.public_key, public_key, ED25519_KEY_BYTES);
    struct reader reader = {.data = hash, .bytes = sizeof(hash)};
    key.id = reader_u32(&reader);
    *ret = key;
}

void note_key_make(const char *name, const uint8_t public_key[ED25519_KEY_BYTES],
                   struct note_key *ret)
{
    key_make(name, public_key, NOTE_ED25519, ret);
}

void note_cosigner_make(const char *name, const uint8_t public_key[ED25519_KEY_BYTES],
                        struct note_key *ret)
{
    key_make(name, public_key, NOTE_COSIGNATURE, ret);
}

void note_key_format(const struct note_key *key, struct buf *buf)
{
    uint8_t typed[1 + ED25519_KEY_BYTES] = {key->type};
    memcpy(typed + 1, key->public_key, ED25519_KEY_BYTES);
    buf_printf(buf, "%s+%08x+", key->name, (unsigned)key->id);
    buf_base64(buf, typed, sizeof(typed));
}

enum err note_key_parse(const char *vkey, struct note_key *ret)
{
    const char *plus = strchr(vkey, '+');
    if (plus == NULL || !name_ok((struct span){vkey, (size_t)(plus - vkey)}))
        return ERR_INVALID;
    size_t head_bytes = (size_t)(plus - vkey) + 1 + KEY_ID_HEX + 1;
    if (strlen(vkey) < head_bytes)
        return ERR_INVALID;
    struct buf typed = {0}, again = {0};
    struct note_key key;
    enum err err = ERR_INVALID;
    const char *encoded = vkey + head_bytes;
    if (!bytes_from_base64(encoded, strlen(encoded), &typed) ||
        typed.bytes != 1 + ED25519_KEY_BYTES)
        goto out;
    char name[NOTE_NAME_BYTES_MAX + 1] = {0};
    memcpy(name, vkey, (size_t)(plus - vkey));
    note_key_make(name, typed.data + 1, &key);
    note_key_format(&key, &again);
    if (strcmp((const char *)again.data, vkey) != 0) /* another id or type */
        goto out;
    *ret = key;
    err = ERR_OK;
out:
    buf_free(&typed);
    buf_free(&again);
    return err;
}

void note_sign(const char *body, const struct note_key *key, const uint8_t secret_key[64],
               struct buf *buf)
{
    buf_printf(buf, "%s\n", body);
    note_sign_also(body, key, secret_key, buf);
}

/* A line of the block of signatures. */
static void add_line(const struct note_key *key, const struct buf *signature, struct buf *buf)
{
    struct buf signed_id = {0};
    buf_u32(&signed_id, key->id);
    buf_add(&signed_id, signature->data, signature->bytes);
    buf_printf(buf, DASH "%s ", key->name);
    buf_base64(buf, signed_id.data, signed_id.bytes);
    buf_text(buf, "\n");
    buf_free(&signed_id);
}

static void add_signature(const struct buf *message, const uint8_t secret_key[64], struct buf *buf)
{
    uint8_t signature[ED25519_SIG_BYTES];
    crypto_sign_detached(signature, NULL, message->data, message->bytes, secret_key);
    buf_add(buf, signature, sizeof(signature));
}

void note_sign_also(const char *body, const struct note_key *key, const uint8_t secret_key[64],
                    struct buf *buf)
{
    struct buf message = {0}, signature = {0};
    buf_text(&message, body);
    ASSERT(message.bytes > 0 && message.data[message.bytes - 1] == '\n');
    add_signature(&message, secret_key, &signature);
    add_line(key, &signature, buf);
    buf_free(&message);
    buf_free(&signature);
}

/* What a cosignature signs: the time, and the whole text. */
static void cosigned_message(uint64_t time_s, struct span body, struct buf *buf)
{
    buf_printf(buf, "cosignature/v1\ntime %llu\n", (unsigned long long)time_s);
    buf_add(buf, body.text, body.bytes);
}

void note_cosign(const char *body, const struct note_key *key, const uint8_t secret_key[64],
                 uint64_t time_s, struct buf *buf)
{
    struct buf message = {0}, signature = {0};
    ASSERT(key->type == NOTE_COSIGNATURE && time_s <= INT64_MAX);
    cosigned_message(time_s, (struct span){body, strlen(body)}, &message);
    buf_u64(&signature, time_s);
    add_signature(&message, secret_key, &signature);
    add_line(key, &signature, buf);
    buf_free(&message);
    buf_free(&signature);
}

/* One line of the block of signatures. */
struct sig_line {
    struct span name;
    uint32_t id;
    struct buf decoded; /* owned: id u32 | signature */
};

/* Read a signature line, without its newline; ret->decoded is to be freed in any case. */
static bool sig_line_parse(struct span line, struct sig_line *ret)
{
    size_t dash_bytes = strlen(DASH);
    *ret = (struct sig_line){.id = 0};
    if (line.bytes < dash_bytes || memcmp(line.text, DASH, dash_bytes) != 0)
        return false;
    const char *name = line.text + dash_bytes;
    const char *space = memchr(name, ' ', line.bytes - dash_bytes);
    if (space == NULL)
        return false;
    size_t encoded_bytes = (size_t)(line.text + line.bytes - space) - 1;
    ret->name = (struct span){name, (size_t)(space - name)};
    if (!name_ok(ret->name) || !bytes_from_base64(space + 1, encoded_bytes, &ret->decoded))
        return false;
    struct reader reader = {.data = ret->decoded.data, .bytes = ret->decoded.bytes};
    ret->id = reader_u32(&reader);
    return !reader.bad && reader.bytes > 0;
}

static const struct note_key *key_of(const struct sig_line *line, const struct note_key *keys,
                                     size_t key_count)
{
    for (size_t i = 0; i < key_count; i++)
        if (keys[i].id == line->id && strlen(keys[i].name) == line->name.bytes &&
            memcmp(keys[i].name, line->name.text, line->name.bytes) == 0)
            return &keys[i];
    return NULL;
}

/* key id u32 | time u64 | signature */
static bool cosig_good(const struct buf *decoded, struct span body, const struct note_key *key,
                       uint64_t *ret_time_s)
{
    struct reader reader = {.data = decoded->data, .bytes = decoded->bytes};
    struct buf message = {0};
    reader_u32(&reader);
    uint64_t time_s = reader_u64(&reader);
    const uint8_t *signature = reader_take(&reader, ED25519_SIG_BYTES);
    if (reader.bad || reader.bytes > 0 || time_s > INT64_MAX)
        return false;
    cosigned_message(time_s, body, &message);
    bool good =
        crypto_sign_verify_detached(signature, message.data, message.bytes, key->public_key) == 0;
    buf_free(&message);
    if (good)
        *ret_time_s = time_s;
    return good;
}

static bool sig_good(const struct buf *decoded, struct span body, const struct note_key *key,
                     uint64_t *ret_time_s)
{
    if (key->type == NOTE_COSIGNATURE)
        return cosig_good(decoded, body, key, ret_time_s);
    return decoded->bytes == 4 + ED25519_SIG_BYTES &&
           crypto_sign_verify_detached(decoded->data + 4, (const uint8_t *)body.text, body.bytes,
                                       key->public_key) == 0;
}

/* Whose signatures are looked for in a note, and what was found. */
struct search {
    const struct note_key *keys;
    size_t key_count;
    bool known;      /* one of them signed */
    uint64_t time_s; /* of the last good cosignature */
};

/* Check one signature line over ${body}. */
static enum err line_check(struct span line, struct span body, struct search *search)
{
    struct sig_line sig;
    enum err err = sig_line_parse(line, &sig) ? ERR_OK : ERR_INVALID;
    const struct note_key *key =
        err == ERR_OK ? key_of(&sig, search->keys, search->key_count) : NULL;
    if (key != NULL) {
        err = sig_good(&sig.decoded, body, key, &search->time_s) ? ERR_OK : ERR_PROOF;
        search->known = true;
    }
    buf_free(&sig.decoded);
    return err;
}

/* Split a note at its last empty line: the signed text with its final newline, and the lines of
 * signatures. */
static bool note_split(const char *note, size_t note_bytes, struct span *ret_body,
                       struct span *ret_lines)
{
    if (note_bytes == 0 || note[note_bytes - 1] != '\n' || !utf8_all(note, note_bytes, of_note))
        return false;
    for (size_t i = note_bytes - 1; i > 1; i--) {
        if (note[i - 1] == '\n' && note[i - 2] == '\n') {
            *ret_body = (struct span){note, i - 1};
            *ret_lines = (struct span){note + i, note_bytes - i};
            return true;
        }
    }
    return false;
}

/* Take the next signature line, without its newline. */
static struct span next_line(struct span *lines)
{
    const char *end = memchr(lines->text, '\n', lines->bytes);
    struct span line = {lines->text, (size_t)(end - lines->text)};
    *lines = (struct span){end + 1, lines->bytes - line.bytes - 1};
    return line;
}

static enum err search_note(const char *note, size_t note_bytes, struct search *search,
                            size_t *ret_body_bytes)
{
    struct span body, lines;
    if (note_bytes > NOTE_BYTES_MAX)
        return ERR_TOO_BIG;
    if (!note_split(note, note_bytes, &body, &lines))
        return ERR_INVALID;
    for (size_t count = 0; lines.bytes > 0; count++) {
        if (count == NOTE_SIGS_MAX)
            return ERR_TOO_BIG;
        enum err err = line_check(next_line(&lines), body, search);
        if (err != ERR_OK)
            return err;
    }
    if (search->known && ret_body_bytes != NULL)
        *ret_body_bytes = body.bytes;
    return search->known ? ERR_OK : ERR_PROOF;
}

enum err note_check(const char *note, size_t note_bytes, const struct note_key *keys,
                    size_t key_count, size_t *ret_body_bytes)
{
    struct search search = {.keys = keys, .key_count = key_count};
    return search_note(note, note_bytes, &search, ret_body_bytes);
}

enum err note_cosigned(const char *note, size_t note_bytes, const struct note_key *key,
                       uint64_t *ret_time_s)
{
    ASSERT(key->type == NOTE_COSIGNATURE);
    struct search search = {.keys = key, .key_count = 1};
    enum err err = search_note(note, note_bytes, &search, NULL);
    if (err == ERR_OK)
        *ret_time_s = search.time_s;
    return err;
}

/* The name and id of one line, at the end of a growing array. */
static enum err signer_add(struct span line, struct note_signer *signer)
{
    struct sig_line sig;
    enum err err = sig_line_parse(line, &sig) ? ERR_OK : ERR_INVALID;
    if (err == ERR_OK) {
        memcpy(signer->name, sig.name.text, sig.name.bytes);
        signer->id = sig.id;
    }
    buf_free(&sig.decoded);
    return err;
}

enum err note_signers(const char *note, size_t note_bytes, struct note_signer **ret_signers,
                      size_t *ret_count)
{
    struct span body, lines;
    struct note_signer *signers = NULL;
    size_t count = 0, cap = 0;
    enum err err = ERR_OK;
    if (note_bytes > NOTE_BYTES_MAX)
        return ERR_TOO_BIG;
    if (!note_split(note, note_bytes, &body, &lines))
        return ERR_INVALID;
    while (err == ERR_OK && lines.bytes > 0)
        err = count == NOTE_SIGS_MAX ? ERR_TOO_BIG
                                     : signer_add(next_line(&lines), MEM_PUSH(signers, count, cap));
    if (err != ERR_OK) {
        free(signers);
        return err;
    }
    *ret_signers = signers;
    *ret_count = count;
    return ERR_OK;
}
