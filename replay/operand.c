#include "replay/operand.h"

#include <stdlib.h>
#include <string.h>

void operand_put(json_t *data, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(data, name, ijson_text(text));
}

/* A value that is a JSON number goes as a number, anything else as text. */
json_t *operand_value(const char *text)
{
    json_t *json = NULL;
    if (ijson_parse(text, strlen(text), &json, NULL) == ERR_OK && json_is_number(json))
        return json;
    json_decref(json);
    return ijson_text(text);
}

/* A whole number from ${min} on, the whole of ${text}. */
bool operand_number(const char *text, long min, long *ret)
{
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9')
        return false;
    long number = strtol(text, &end, 10);
    if (*end != '\0' || number < min || number > 1000000000L)
        return false;
    *ret = number;
    return true;
}

enum err operand_time(const char *text, struct err_text *ret_why)
{
    int64_t us = 0;
    if (instant_parse(text, &us))
        return ERR_OK;
    return err_say(ret_why, ERR_USAGE,
                   "a time is wanted as RFC 3339 has it, like 2026-03-03T10:00:00Z");
}

enum err operand_span(const char *text, json_t **ret_json, struct err_text *ret_why)
{
    const char *slash = strchr(text, '/');
    if (slash == NULL)
        return err_say(ret_why, ERR_USAGE, "a window is wanted as FROM/TO, two RFC 3339 times");
    char *from = mem_text_n(text, (size_t)(slash - text));
    enum err err = operand_time(from, ret_why);
    if (err == ERR_OK)
        err = operand_time(slash + 1, ret_why);
    if (err == ERR_OK) {
        *ret_json = json_object();
        operand_put(*ret_json, "from", from);
        operand_put(*ret_json, "to", slash + 1);
    }
    free(from);
    return err;
}

bool operand_pair(const char *text, char **ret_left, char **ret_right)
{
    const char *equals = strrchr(text, '=');
    if (equals == NULL || equals == text || equals[1] == '\0')
        return false;
    *ret_left = mem_text_n(text, (size_t)(equals - text));
    *ret_right = mem_text(equals + 1);
    return true;
}
