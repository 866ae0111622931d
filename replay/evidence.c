#include "replay/evidence.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Reads a file in pieces: hashes it, and keeps what there is room for. */
static enum err read_file(const char *path, struct hash_run *hash, size_t keep_max, struct buf *buf,
                          struct err_text *ret_why)
{
    uint8_t piece[16384];
    enum err err = ERR_OK;
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return err_say(ret_why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                       strerror(errno));
    size_t bytes = 0;
    while (err == ERR_OK && (bytes = fread(piece, 1, sizeof(piece), file)) > 0) {
        hash_run_add(hash, piece, bytes);
        if (buf != NULL && bytes > keep_max - buf->bytes)
            err = err_say(ret_why, ERR_TOO_BIG, "%s: over %zu bytes", path, keep_max);
        else if (buf != NULL)
            buf_add(buf, piece, bytes);
    }
    if (err == ERR_OK && ferror(file))
        err = err_say(ret_why, ERR_IO, "%s: %s", path, strerror(errno));
    fclose(file);
    return err;
}

enum err evidence_attach(const char *path, bool whole, json_t *data, struct err_text *ret_why)
{
    uint8_t digest[HASH_BYTES];
    struct buf bytes = {0};
    struct buf text = {0};
    struct hash_run *hash = hash_run_new();
    enum err err =
        read_file(path, hash, EVIDENCE_BASE64_MAX / 4 * 3, whole ? &bytes : NULL, ret_why);
    if (err == ERR_TOO_BIG)
        err = err_say(ret_why, err, "%s: over %zu bytes; keep it elsewhere and give --uri", path,
                      EVIDENCE_BASE64_MAX / 4 * 3);
    if (err != ERR_OK)
        goto out;
    hash_run_end(hash, digest);
    json_object_set_new(data, "sha256", ijson_hex(digest, sizeof(digest)));
    if (whole) {
        buf_base64(&text, bytes.data, bytes.bytes);
        json_object_set_new(
            data, "data_base64",
            json_stringn(text.bytes > 0 ? (const char *)text.data : "", text.bytes));
        const char *media = attestation_media(bytes.data, bytes.bytes);
        if (media != NULL && ijson_get(data, "media") == NULL)
            json_object_set_new(data, "media", ijson_text(media));
    }
out:
    hash_run_free(hash);
    buf_free(&bytes);
    buf_free(&text);
    return err;
}
