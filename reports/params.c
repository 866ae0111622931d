#include "reports/params.h"

#include <string.h>

#define MARK "countersign-report:"

static const char *const verify_names[] = {
#define X(name, text) text,
    PARAMS_VERIFY_TABLE(X)
#undef X
};

#define VERIFIES (sizeof(verify_names) / sizeof(verify_names[0]))

const char *params_verify_name(enum params_verify verify)
{
    ASSERT(verify < VERIFIES);
    return verify_names[verify];
}

bool params_verify_of(const char *name, enum params_verify *ret)
{
    for (size_t i = 0; i < VERIFIES; i++) {
        if (strcmp(verify_names[i], name) == 0) {
            *ret = (enum params_verify)i;
            return true;
        }
    }
    return false;
}

json_t *params_json(const struct params *params)
{
    json_t *json = json_object();
    ijson_put(json, "from", ijson_instant(params->period.from_us));
    ijson_put(json, "to", ijson_instant(params->period.to_us));
    ijson_put(json, "size", json_integer((json_int_t)params->size));
    ijson_put(json, "verify", json_string(params_verify_name(params->verify)));
    ijson_put(json, "sample", json_integer((json_int_t)params->sample));
    ijson_put(json, "seed", ijson_text(params->seed));
    ijson_put(json, "rows", json_integer((json_int_t)params->rows));
    if (params->has_platform)
        ijson_put(json, "platform_sha256", ijson_hex(params->platform_sha256, HASH_BYTES));
    return json;
}

void params_carried(const struct params *params, struct buf *buf)
{
    struct buf text = {0};
    json_t *json = params_json(params);
    ijson_put(json, "report", json_string(PARAMS_REPORT));
    ijson_print(json, &text);
    buf_text(buf, MARK);
    buf_base64(buf, text.data, text.bytes);
    buf_free(&text);
    json_decref(json);
}

/* A whole number from ${least} on. */
static bool take_number(const json_t *json, const char *name, uint64_t least, uint64_t *ret)
{
    const json_t *value = ijson_get(json, name);
    if (!json_is_integer(value) || json_integer_value(value) < (json_int_t)least)
        return false;
    *ret = (uint64_t)json_integer_value(value);
    return true;
}

static bool take_time(const json_t *json, const char *name, int64_t *ret_us)
{
    const char *text = ijson_string(json, name);
    return text != NULL && instant_parse(text, ret_us);
}

static bool take(const json_t *json, struct params *ret)
{
    const char *report = ijson_string(json, "report"), *verify = ijson_string(json, "verify");
    const char *seed = ijson_string(json, "seed"), *digest = ijson_string(json, "platform_sha256");
    struct params params = {.has_platform = digest != NULL};
    if (report == NULL || strcmp(report, PARAMS_REPORT) != 0 || verify == NULL || seed == NULL ||
        strlen(seed) > PARAMS_SEED_BYTES_MAX || !params_verify_of(verify, &params.verify) ||
        !take_time(json, "from", &params.period.from_us) ||
        !take_time(json, "to", &params.period.to_us) ||
        params.period.from_us >= params.period.to_us ||
        !take_number(json, "size", 1, &params.size) ||
        !take_number(json, "sample", 0, &params.sample) ||
        !take_number(json, "rows", 0, &params.rows) ||
        (digest != NULL && !bytes_from_hex(digest, params.platform_sha256, HASH_BYTES)))
        return false;
    memcpy(params.seed, seed, strlen(seed) + 1);
    *ret = params;
    return true;
}

enum err params_find(const void *bytes, size_t count, struct params *ret, struct err_text *ret_why)
{
    static const char base64[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    struct buf text = {0};
    json_t *json = NULL;
    const char *at = memmem(bytes, count, MARK, strlen(MARK));
    bool found = false;
    if (at != NULL) {
        const char *end = (const char *)bytes + count;
        at += strlen(MARK);
        size_t length = 0;
        while (at + length < end && at[length] != '\0' && strchr(base64, at[length]) != NULL)
            length++;
        found = bytes_from_base64(at, length, &text) &&
                ijson_parse(text.data, text.bytes, &json, NULL) == ERR_OK && take(json, ret);
    }
    json_decref(json);
    buf_free(&text);
    if (!found)
        return err_say(ret_why, ERR_INVALID,
                       "it carries no parameters of a report that this program makes (%s)",
                       PARAMS_REPORT);
    return ERR_OK;
}
