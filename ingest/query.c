#include "ingest/query.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Decode [text, text + bytes) into an owned string; NULL if it is broken, or holds a NUL. */
static char *decode(const char *text, size_t bytes)
{
    char *decoded = mem_text_n(text, bytes);
    size_t length = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (decoded[i] == '+')
            decoded[i] = ' ';
    }
    if (!bytes_from_percent(decoded, bytes, &length) || memchr(decoded, '\0', length) != NULL) {
        free(decoded);
        return NULL;
    }
    decoded[length] = '\0';
    return decoded;
}

static bool utf8_ok(const char *text)
{
    json_t *json = json_string(text); /* jansson takes valid UTF-8 alone */
    json_decref(json);
    return json != NULL;
}

static bool known(const char *name, const char *const names[])
{
    for (; *names != NULL; names++) {
        if (strcmp(*names, name) == 0)
            return true;
    }
    return false;
}

/* Parse one `name=value` of `bytes` bytes and add it. */
static enum err add_parameter(const char *text, size_t bytes, const char *const names[],
                              struct query *query, struct err_text *ret_why)
{
    if (query->count == QUERY_PARAMETERS_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "more than %d query parameters", QUERY_PARAMETERS_MAX);
    const char *equals = memchr(text, '=', bytes);
    size_t name_bytes = equals != NULL ? (size_t)(equals - text) : bytes;
    size_t value_at = equals != NULL ? name_bytes + 1 : bytes;
    char *name = decode(text, name_bytes);
    char *value = decode(text + value_at, bytes - value_at);
    enum err err = ERR_OK;
    if (name == NULL || value == NULL || !utf8_ok(name) || !utf8_ok(value))
        err = err_say(ret_why, ERR_INVALID, "a query parameter is not percent-encoded UTF-8");
    else if (!known(name, names))
        err = err_say(ret_why, ERR_INVALID, "unknown query parameter '%.64s'", name);
    else if (query_text(query, name) != NULL)
        err = err_say(ret_why, ERR_INVALID, "query parameter '%s' twice", name);
    if (err != ERR_OK) {
        free(name);
        free(value);
        return err;
    }
    query->parameters[query->count++] = (struct query_parameter){name, value};
    return ERR_OK;
}

enum err query_parse(const char *text, const char *const names[], struct query *ret_query,
                     struct err_text *ret_why)
{
    struct query query = {0};
    enum err err = ERR_OK;
    while (text != NULL && *text != '\0' && err == ERR_OK) {
        size_t bytes = strcspn(text, "&");
        if (bytes > 0)
            err = add_parameter(text, bytes, names, &query, ret_why);
        text += bytes + (text[bytes] == '&' ? 1 : 0);
    }
    if (err != ERR_OK) {
        query_free(&query);
        return err;
    }
    *ret_query = query;
    return ERR_OK;
}

void query_free(struct query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        free(query->parameters[i].name);
        free(query->parameters[i].value);
    }
    *query = (struct query){0};
}

const char *query_text(const struct query *query, const char *name)
{
    for (size_t i = 0; i < query->count; i++) {
        if (strcmp(query->parameters[i].name, name) == 0)
            return query->parameters[i].value;
    }
    return NULL;
}

bool query_decimal(const char *text, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret_value = value;
    return true;
}

enum err query_number(const struct query *query, const char *name, uint64_t max,
                      uint64_t *ret_value, struct err_text *ret_why)
{
    const char *text = query_text(query, name);
    if (text != NULL && !query_decimal(text, max, ret_value))
        return err_say(ret_why, ERR_INVALID, "'%s' must be a whole number from 0 to %" PRIu64, name,
                       max);
    return ERR_OK;
}
