#include "ledger/ijson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/utf8.h"

const char *ijson_behind_string(const char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at == '"')
            return at + 1;
        if (*at == '\\' && end - at > 1)
            at++;
    }
    return NULL;
}

/* Jansson recurses and allows 2,048 levels, so the depth is counted before it sees the text. */
static bool depth_ok(const char *text, size_t text_bytes, size_t *ret_at)
{
    const char *at = text, *end = text + text_bytes;
    size_t depth = 0;
    while (at != NULL && at < end) {
        if (*at == '"') {
            at = ijson_behind_string(at, end);
            continue;
        }
        if (*at == '[' || *at == '{')
            depth++;
        else if ((*at == ']' || *at == '}') && depth > 0)
            depth--;
        if (depth > JSON_DEPTH_MAX) {
            *ret_at = (size_t)(at - text);
            return false;
        }
        at++;
    }
    return true;
}

static bool integers_ok(json_t *json)
{
    const char *name;
    json_t *value;
    size_t i;
    switch (json_typeof(json)) {
    case JSON_INTEGER:
        return json_integer_value(json) <= JSON_INTEGER_MAX &&
               json_integer_value(json) >= -JSON_INTEGER_MAX;
    case JSON_ARRAY:
        json_array_foreach (json, i, value) {
            if (!integers_ok(value))
                return false;
        }
        return true;
    case JSON_OBJECT:
        json_object_foreach (json, name, value) {
            if (!integers_ok(value))
                return false;
        }
        return true;
    default:
        return true;
    }
}

enum err ijson_parse(const void *text, size_t text_bytes, json_t **ret_json,
                     struct err_text *ret_why)
{
    size_t at = 0;
    if (text_bytes == 0)
        return err_say(ret_why, ERR_INVALID, "not I-JSON: there is nothing");
    if (text_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        return err_say(ret_why, ERR_INVALID, "not I-JSON: it begins with a byte order mark");
    if (!depth_ok(text, text_bytes, &at))
        return err_say(ret_why, ERR_INVALID, "not I-JSON of ours: over %d levels deep (byte %zu)",
                       JSON_DEPTH_MAX, at);
    json_error_t fault;
    json_t *json = json_loadb(text, text_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);
    if (json == NULL)
        return err_say(ret_why, ERR_INVALID, "not I-JSON: %s (line %d, byte %d)", fault.text,
                       fault.line, fault.position);
    if (!integers_ok(json)) {
        json_decref(json);
        return err_say(ret_why, ERR_INVALID, "not I-JSON: an integer is beyond 2^53");
    }
    *ret_json = json;
    return ERR_OK;
}

const char *ijson_string(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

json_t *ijson_get(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

/* The scanner below runs over text that ijson_parse has accepted; at worst it finds nothing. */
struct scan {
    const char *at;
    const char *end;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void scan_space(struct scan *scan)
{
    while (scan->at < scan->end && is_space(*scan->at))
        scan->at++;
}

/* Past true, false, null or a number: up to white space or what separates values. */
static void scan_word(struct scan *scan)
{
    for (; scan->at < scan->end && !is_space(*scan->at); scan->at++)
        if (*scan->at == ',' || *scan->at == ']' || *scan->at == '}')
            return;
}

static bool scan_char(struct scan *scan, char c)
{
    scan_space(scan);
    if (scan->at == scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

static void scan_string(struct scan *scan)
{
    const char *behind = ijson_behind_string(scan->at, scan->end);
    scan->at = behind != NULL ? behind : scan->end;
}

/* Past one value: a string, an array or object with all within, or a word. */
static void scan_value(struct scan *scan)
{
    size_t depth = 0;
    scan_space(scan);
    do {
        if (scan->at == scan->end)
            return;
        char c = *scan->at;
        if (c == '"') {
            scan_string(scan);
            continue;
        }
        if (c == '[' || c == '{')
            depth++;
        else if (c == ']' || c == '}')
            depth--;
        else if (depth == 0) {
            scan_word(scan);
            return;
        }
        scan->at++;
    } while (depth > 0);
}

static bool same_name(const char *quoted, size_t quoted_bytes, const char *name, size_t name_bytes)
{
    if (memchr(quoted, '\\', quoted_bytes) == NULL)
        return quoted_bytes == name_bytes + 2 && memcmp(quoted + 1, name, name_bytes) == 0;
    json_t *decoded = json_loadb(quoted, quoted_bytes, JSON_DECODE_ANY, NULL);
    bool same = decoded != NULL && json_string_length(decoded) == name_bytes &&
                memcmp(json_string_value(decoded), name, name_bytes) == 0;
    json_decref(decoded);
    return same;
}

/* Stand at the value of the member ${name} of the object that begins here. */
static bool scan_member(struct scan *scan, const char *name, size_t name_bytes)
{
    if (!scan_char(scan, '{'))
        return false;
    do {
        scan_space(scan);
        const char *quoted = scan->at;
        if (scan->at == scan->end || *scan->at != '"')
            return false;
        scan_string(scan);
        size_t quoted_bytes = (size_t)(scan->at - quoted);
        if (!scan_char(scan, ':'))
            return false;
        scan_space(scan);
        if (same_name(quoted, quoted_bytes, name, name_bytes))
            return true;
        scan_value(scan);
    } while (scan_char(scan, ','));
    return false;
}

bool ijson_source(const void *text, size_t text_bytes, const char *path, const char **ret,
                  size_t *ret_bytes)
{
    struct scan scan = {text, (const char *)text + text_bytes};
    for (bool last = false; !last;) {
        size_t name_bytes = strcspn(path, ".");
        if (!scan_member(&scan, path, name_bytes))
            return false;
        last = path[name_bytes] == '\0';
        path += name_bytes + 1;
    }
    *ret = scan.at;
    scan_value(&scan);
    *ret_bytes = (size_t)(scan.at - *ret);
    return true;
}

/* The fewest digits, of 15 to 17, with which every real in ${json} reads back the same. */
static int real_digits(json_t *json)
{
    const char *name;
    json_t *value;
    size_t i;
    int most = 15;
    char text[32];
    if (json_is_real(json)) {
        for (double real = json_real_value(json); most < 17; most++) {
            snprintf(text, sizeof(text), "%.*g", most, real);
            if (!(strtod(text, NULL) < real) && !(strtod(text, NULL) > real))
                break;
        }
    } else if (json_is_array(json)) {
        json_array_foreach (json, i, value) {
            int digits = real_digits(value);
            most = digits > most ? digits : most;
        }
    } else if (json_is_object(json)) {
        json_object_foreach (json, name, value) {
            int digits = real_digits(value);
            most = digits > most ? digits : most;
        }
    }
    return most;
}

static int add_to_buf(const char *data, size_t bytes, void *ctx)
{
    struct buf *buf = ctx;
    buf_add(buf, data, bytes);
    return 0;
}

static void print(const json_t *json, struct buf *buf, size_t flags)
{
    /* Jansson's iterators take no const; nothing is changed. */
    json_t *readable = (json_t *)(uintptr_t)json;
    flags |= JSON_ENCODE_ANY | JSON_REAL_PRECISION((size_t)real_digits(readable));
    ASSERT(json_dump_callback(json, add_to_buf, buf, flags) == 0);
}

void ijson_print(const json_t *json, struct buf *buf)
{
    print(json, buf, JSON_COMPACT);
}

void ijson_pretty(const json_t *json, struct buf *buf)
{
    print(json, buf, JSON_INDENT(2));
    buf_text(buf, "\n");
}

void ijson_put(json_t *object, const char *name, json_t *value)
{
    ASSERT(json_object_set_new(object, name, value) == 0);
}

json_t *ijson_hex(const void *data, size_t bytes)
{
    struct buf text = {0};
    buf_hex(&text, data, bytes);
    json_t *json = json_stringn((const char *)text.data, text.bytes);
    buf_free(&text);
    return json;
}

json_t *ijson_instant(int64_t us)
{
    char text[INSTANT_TEXT_BYTES];
    instant_format(us, text);
    return json_string(text);
}

json_t *ijson_text(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *json = json_string(text);
    if (json != NULL)
        return json;
    struct buf mended = {0};
    const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
    while (at < end) {
        uint32_t code;
        size_t bytes = utf8_decode(at, (size_t)(end - at), &code);
        if (bytes == 0)
            buf_text(&mended, "\xef\xbf\xbd");
        else
            buf_add(&mended, at, bytes);
        at += bytes == 0 ? 1 : bytes;
    }
    json = json_string((const char *)mended.data);
    ASSERT(json != NULL);
    buf_free(&mended);
    return json;
}
