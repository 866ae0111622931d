#include "replay/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPACE " \t\r\n\f\v"
#define DIGITS "0123456789"

bool data_blank(const char *text)
{
    return text == NULL || text[strspn(text, SPACE)] == '\0';
}

static bool refuse(struct data data, const char *name, const char *what)
{
    verdict_refuse(data.verdict, RULE_BAD_VALUE, "`%s` must be %s", name, what);
    return false;
}

bool data_text(struct data data, const char *name, bool needed, const char **ret)
{
    const json_t *value = ijson_get(data.act->event->data, name);
    *ret = json_string_value(value);
    if (needed && data_blank(*ret))
        return refuse(data, name, "a text that is not blank");
    if (value != NULL && !json_is_null(value) && *ret == NULL)
        return refuse(data, name, "a text");
    return true;
}

bool data_principal(struct data data, const char *name, bool needed, const char **ret)
{
    if (!data_text(data, name, needed, ret))
        return false;
    if (*ret != NULL && !event_principal_ok(*ret))
        return refuse(data, name, "a principal's name");
    return true;
}

/* A time that is a member of ${object}. */
static bool time_of(const json_t *object, const char *name, bool *ret_given, int64_t *ret_us)
{
    const json_t *value = ijson_get(object, name);
    *ret_given = value != NULL && !json_is_null(value);
    if (!*ret_given)
        return true;
    return json_is_string(value) && instant_parse(json_string_value(value), ret_us);
}

bool data_time(struct data data, const char *name, bool *ret_given, int64_t *ret_us)
{
    if (!time_of(data.act->event->data, name, ret_given, ret_us))
        return refuse(data, name, "an RFC 3339 time");
    return true;
}

bool data_window(struct data data, bool *ret_given, int64_t *ret_from_us, int64_t *ret_to_us)
{
    const json_t *window = ijson_get(data.act->event->data, "window");
    bool from_given = false, to_given = false;
    *ret_given = window != NULL && !json_is_null(window);
    if (!*ret_given)
        return true;
    if (!time_of(window, "from", &from_given, ret_from_us) ||
        !time_of(window, "to", &to_given, ret_to_us) || !from_given || !to_given ||
        *ret_from_us >= *ret_to_us)
        return refuse(data, "window", "{from, to}, two RFC 3339 times in their order");
    return true;
}

bool data_flag(struct data data, const char *name, bool *ret)
{
    const json_t *value = ijson_get(data.act->event->data, name);
    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_boolean(value))
        return refuse(data, name, "true or false");
    *ret = json_is_true(value);
    return true;
}

bool data_integer(struct data data, const char *name, int64_t *ret)
{
    const json_t *value = ijson_get(data.act->event->data, name);
    if (!json_is_integer(value))
        return refuse(data, name, "a whole number");
    *ret = json_integer_value(value);
    return true;
}

bool data_hash(struct data data, const char *name)
{
    const char *text = ijson_string(data.act->event->data, name);
    uint8_t hash[HASH_BYTES];
    if (text == NULL || !bytes_from_hex(text, hash, HASH_BYTES))
        return refuse(data, name, "a SHA-256 of 64 lower-case hex digits");
    return true;
}

bool data_number(const char *text, double *ret)
{
    const char *from = text + strspn(text, SPACE);
    const char *at = from + (*from == '-' || *from == '+');
    size_t whole = strspn(at, DIGITS), fraction = 0;
    at += whole;
    if (*at == '.') {
        fraction = strspn(at + 1, DIGITS);
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        const char *power = at + 1 + (at[1] == '-' || at[1] == '+');
        if (strspn(power, DIGITS) == 0)
            return false;
        at = power + strspn(power, DIGITS);
    }
    double number = strtod(from, NULL);
    if (!data_blank(at) || !isfinite(number))
        return false;
    *ret = number;
    return true;
}

bool data_value(struct data data, struct act *act)
{
    const json_t *value = ijson_get(data.act->event->data, "value");
    const struct event *event = act->event;
    const struct buf *whole = &act->record->event;
    const char *text = NULL;
    size_t bytes = 0;
    if (json_is_string(value)) {
        act->value = mem_text(json_string_value(value));
        act->numeric = data_number(act->value, &act->number);
        return true;
    }
    if (!json_is_number(value))
        return refuse(data, "value", "a number or a text");
    if (!(event->data_text != NULL
              ? ijson_source(event->data_text, event->data_bytes, "value", &text, &bytes)
              : ijson_source(whole->data, whole->bytes, "data.value", &text, &bytes)))
        return refuse(data, "value", "a number or a text");
    act->value = mem_text_n(text, bytes);
    act->numeric = true;
    act->number = json_number_value(value);
    return true;
}

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The bytes of ${text} without white space at its ends; *${text} is moved to the first. */
static size_t trimmed(const char **text)
{
    *text += strspn(*text, SPACE);
    size_t bytes = strlen(*text);
    while (bytes > 0 && strchr(SPACE, (*text)[bytes - 1]) != NULL)
        bytes--;
    return bytes;
}

bool data_unit_same(const char *a, const char *b)
{
    size_t a_bytes = trimmed(&a), b_bytes = trimmed(&b);
    bool same = a_bytes == b_bytes;
    for (size_t i = 0; same && i < a_bytes; i++)
        same = folded(a[i]) == folded(b[i]);
    return same;
}
