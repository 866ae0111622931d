#include "reports/carried.h"

#include <string.h>

#define MARK "countersign-report:"

void carried_add(json_t *json, struct buf *buf)
{
    struct buf text = {0};
    ijson_print(json, &text);
    buf_text(buf, MARK);
    buf_base64(buf, text.data, text.bytes);
    buf_free(&text);
    json_decref(json);
}

void carried_head(json_t *json, struct buf *buf)
{
    struct buf word = {0};
    json_t *head = json_object();
    ijson_put(head, "report", ijson_text(ijson_string(json, "report")));
    carried_add(json, &word);
    ijson_put(head, "carried", ijson_text((const char *)word.data));
    ijson_print(head, buf);
    json_decref(head);
    buf_free(&word);
}

enum err carried_find(const void *bytes, size_t count, json_t **ret_json, struct err_text *ret_why)
{
    static const char base64[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    struct buf text = {0};
    const char *at = memmem(bytes, count, MARK, strlen(MARK));
    bool found = false;
    if (at != NULL) {
        const char *end = (const char *)bytes + count;
        at += strlen(MARK);
        size_t length = 0;
        while (at + length < end && at[length] != '\0' && strchr(base64, at[length]) != NULL)
            length++;
        found = bytes_from_base64(at, length, &text) &&
                ijson_parse(text.data, text.bytes, ret_json, NULL) == ERR_OK;
    }
    buf_free(&text);
    return found ? ERR_OK : err_say(ret_why, ERR_INVALID, "it does not say what report it is of");
}

bool carried_is(const json_t *json, const char *report)
{
    const char *it = ijson_string(json, "report");
    return it != NULL && strcmp(it, report) == 0;
}

bool carried_number(const json_t *json, const char *name, uint64_t least, uint64_t *ret)
{
    const json_t *value = ijson_get(json, name);
    if (!json_is_integer(value) || json_integer_value(value) < (json_int_t)least)
        return false;
    *ret = (uint64_t)json_integer_value(value);
    return true;
}
