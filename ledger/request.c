#include "ledger/request.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/dsse.h"
#include "ledger/event.h"
#include "ledger/files.h"
#include "ledger/hash.h"
#include "ledger/ijson.h"
#include "ledger/mem.h"
#include "ledger/printable.h"
#include "ledger/sshsig.h"
#include "ledger/word.h"

#define SLACK_BYTES 4096 /* white space around an event in a file */

/* The file of that path, new. */
static enum err make_file(const char *path, const void *data, size_t bytes,
                          struct err_text *ret_why)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash == NULL   ? mem_text(".")
                : slash == path ? mem_text("/")
                                : mem_text_n(path, (size_t)(slash - path));
    enum err err = files_make(dir, slash != NULL ? slash + 1 : path, data, bytes, ret_why);
    free(dir);
    return err;
}

static json_t *make_answer(const struct request *request, const char *text_path)
{
    uint8_t sha256[HASH_BYTES];
    struct buf line = {0};
    json_t *answer = json_object();
    hash_bytes(request->event->data, request->event->bytes, sha256);
    json_object_set_new(answer, "request", ijson_text(request->file));
    json_object_set_new(answer, "text", ijson_text(text_path));
    json_object_set_new(answer, "event_sha256", ijson_hex(sha256, sizeof(sha256)));
    buf_printf(&line, "ssh-keygen -Y sign -n %s -f KEY ", SSHSIG_NAMESPACE);
    word_quote(request->file, &line);
    json_object_set_new(answer, "sign", ijson_text((const char *)line.data));
    buf_clear(&line);
    buf_text(&line, "countersign submit ");
    word_quote(request->dir, &line);
    buf_text(&line, " ");
    word_quote(request->file, &line);
    json_object_set_new(answer, "submit", ijson_text((const char *)line.data));
    buf_free(&line);
    return answer;
}

void request_describe(const json_t *answer, struct buf *buf)
{
    buf_text(buf, "nothing is signed yet.  The event to be signed is ");
    printable_add(buf, ijson_string(answer, "request"));
    buf_text(buf, "; what it says, in ");
    printable_add(buf, ijson_string(answer, "text"));
    buf_text(buf, "\n  SHA-256:       ");
    printable_add(buf, ijson_string(answer, "event_sha256"));
    buf_text(buf, "\n  sign it:       ");
    printable_add(buf, ijson_string(answer, "sign"));
    buf_text(buf, "\n  hand it back:  ");
    printable_add(buf, ijson_string(answer, "submit"));
    buf_text(buf, "     (with the .sig, within 24 hours)");
}

static void make_text(const struct request *request, const json_t *answer, struct buf *text)
{
    buf_printf(text, "A request to sign %zu bytes with the SHA-256\n%s\n\n", request->event->bytes,
               ijson_string(answer, "event_sha256"));
    buf_printf(text, "%s%s", request->summary, request->summary[0] != '\0' ? "\n" : "");
    buf_text(text, "The event, byte for byte as in the other file:\n\n");
    buf_add(text, request->event->data, request->event->bytes);
    buf_printf(
        text,
        "\n\nTo sign it, where the key is (this makes a file that ends in .sig):\n\n    %s\n\n"
        "To hand it back, with both files, within 24 hours of the event's time (an approval\n"
        "or a decision that comes later is refused):\n\n    %s\n",
        ijson_string(answer, "sign"), ijson_string(answer, "submit"));
}

enum err request_write(const struct request *request, json_t **ret_answer, struct err_text *ret_why)
{
    struct buf path = {0}, text = {0};
    buf_printf(&path, "%s.txt", request->file);
    const char *text_path = (const char *)path.data;
    json_t *answer = make_answer(request, text_path);
    make_text(request, answer, &text);
    enum err err = ERR_OK;
    if (access(text_path, F_OK) == 0)
        err = err_say(ret_why, ERR_CONFLICT, "%.250s is there already", text_path);
    if (err == ERR_OK)
        err = make_file(request->file, request->event->data, request->event->bytes, ret_why);
    if (err == ERR_OK) {
        err = make_file(text_path, text.data, text.bytes, ret_why);
        if (err != ERR_OK)
            unlink(request->file);
    }
    if (err == ERR_OK)
        *ret_answer = json_incref(answer);
    json_decref(answer);
    buf_free(&text);
    buf_free(&path);
    return err;
}

static bool is_white(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum err request_event(const char *file, struct buf *event, struct err_text *ret_why)
{
    struct buf text = {0};
    struct event *parsed = NULL;
    size_t from = 0;
    enum err err = files_input(file, EVENT_BYTES_MAX + SLACK_BYTES, &text, ret_why);
    if (err == ERR_OK) {
        size_t to = text.bytes;
        while (to > 0 && is_white(text.data[to - 1]))
            to--;
        while (from < to && is_white(text.data[from]))
            from++;
        buf_add(event, to == 0 ? (const uint8_t *)"" : text.data + from, to - from);
        err = event_parse(event->data, event->bytes, &parsed, ret_why);
    }
    event_free(parsed);
    buf_free(&text);
    return err;
}

/* One signature of the event, as an envelope has it. */
static enum err read_signature(const char *path, const struct buf *event, struct dsse_sig *ret,
                               struct err_text *ret_why)
{
    struct buf text = {0}, blob = {0};
    struct sshsig sig;
    struct err_text why = {""};
    enum err err = files_input(path, SSHSIG_ARMOR_BYTES_MAX, &text, ret_why);
    if (err != ERR_OK)
        goto out;
    err = sshsig_unarmor((const char *)text.data, text.bytes, &blob);
    if (err == ERR_OK)
        err = sshsig_parse(blob.data, blob.bytes, &sig, &why);
    if (err != ERR_OK) {
        err = err_say(ret_why, err == ERR_MEDIA_TYPE ? ERR_UNAUTHENTICATED : err,
                      "%.100s is no signature as `ssh-keygen -Y sign -n %s` makes it%s%s", path,
                      SSHSIG_NAMESPACE, why.s[0] != '\0' ? ": " : "", why.s);
        goto out;
    }
    err = sshsig_check(&sig, event->data, event->bytes);
    if (err != ERR_OK) {
        err = err_say(ret_why, err, "%.200s does not sign the bytes of this event", path);
        goto out;
    }
    *ret = (struct dsse_sig){.data = blob.data, .bytes = blob.bytes};
    memcpy(ret->key_id, sig.key.id, KEY_ID_BYTES);
    blob = (struct buf){0};
out:
    buf_free(&text);
    buf_free(&blob);
    return err;
}

enum err request_read(const char *file, const char *const *signatures, size_t count,
                      struct buf *buf, struct err_text *ret_why)
{
    struct dsse dsse = {0};
    enum err err = request_event(file, &dsse.payload, ret_why);
    ASSERT(count >= 1 && count <= ENTRY_SIGS_MAX);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        err = read_signature(signatures[i], &dsse.payload, &dsse.sigs[i], ret_why);
        dsse.sig_count += err == ERR_OK;
    }
    if (err == ERR_OK)
        dsse_format(&dsse, buf);
    for (size_t i = 0; i < dsse.sig_count; i++)
        free(dsse.sigs[i].data);
    buf_free(&dsse.payload);
    return err;
}
