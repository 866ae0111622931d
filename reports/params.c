#include "reports/params.h"

#include <string.h>

#include "reports/carried.h"

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

json_t *params_made_with(const struct params *params)
{
    json_t *json = params_json(params);
    ijson_put(json, "report", json_string(PARAMS_REPORT));
    return json;
}

void params_carried(const struct params *params, struct buf *buf)
{
    carried_add(params_made_with(params), buf);
}

static bool take_time(const json_t *json, const char *name, int64_t *ret_us)
{
    const char *text = ijson_string(json, name);
    return text != NULL && instant_parse(text, ret_us);
}

bool params_read(const json_t *json, struct params *ret)
{
    const char *verify = ijson_string(json, "verify"), *seed = ijson_string(json, "seed");
    const char *digest = ijson_string(json, "platform_sha256");
    struct params params = {.has_platform = digest != NULL};
    if (!carried_is(json, PARAMS_REPORT) || verify == NULL || seed == NULL ||
        strlen(seed) > PARAMS_SEED_BYTES_MAX || !params_verify_of(verify, &params.verify) ||
        !take_time(json, "from", &params.period.from_us) ||
        !take_time(json, "to", &params.period.to_us) ||
        params.period.from_us >= params.period.to_us ||
        !carried_number(json, "size", 1, &params.size) ||
        !carried_number(json, "sample", 0, &params.sample) ||
        !carried_number(json, "rows", 0, &params.rows) ||
        (digest != NULL && !bytes_from_hex(digest, params.platform_sha256, HASH_BYTES)))
        return false;
    memcpy(params.seed, seed, strlen(seed) + 1);
    *ret = params;
    return true;
}
