/* Plain JSON built (plain.h). */
#include <stdlib.h>
#include <string.h>

#include "ledger/check.h"
#include "ledger/mem.h"
#include "ledger/plain.h"

/* Puts a value that may be NULL into an object. */
static bool put(json_t *object, const struct piece *name, json_t *value)
{
    return value != NULL &&
           json_object_setn_new_nocheck(object, name->data, name->bytes, value) == 0;
}

static json_t *build_object(struct plain *plain, unsigned depth)
{
    struct plain_names names = {.count = 0};
    struct piece name;
    json_t *object = json_object();
    bool good = true;
    plain_space(plain);
    if (plain_take(plain, '}'))
        return object;
    do {
        good = plain_name(plain, &names, &name) && put(object, &name, plain_json(plain, depth + 1));
    } while (good && plain_more(plain, '}', &good));
    if (good)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *build_array(struct plain *plain, unsigned depth)
{
    json_t *array = json_array();
    bool good = true;
    plain_space(plain);
    if (plain_take(plain, ']'))
        return array;
    do {
        plain_space(plain);
        json_t *value = plain_json(plain, depth + 1);
        good = value != NULL && json_array_append_new(array, value) == 0;
    } while (good && plain_more(plain, ']', &good));
    if (good)
        return array;
    json_decref(array);
    return NULL;
}

/* The character that an escape stands for. */
static char unescaped(char c)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *at = strchr(from, c);
    return at == NULL ? c : to[at - from];
}

static json_t *build_text(struct plain *plain)
{
    struct piece text;
    bool escaped;
    if (!plain_text(plain, &text, &escaped))
        return NULL;
    if (!escaped)
        return json_stringn_nocheck(text.data, text.bytes);
    const char *from = text.data, *end = from + text.bytes;
    char *room = mem_alloc(text.bytes + 1);
    size_t bytes = 0;
    while (from < end) {
        bool escape = *from == '\\';
        room[bytes++] = escape ? unescaped(from[1]) : *from;
        from += escape ? 2 : 1;
    }
    json_t *json = json_stringn_nocheck(room, bytes);
    free(room);
    return json;
}

/* A number, true, false or null, as plain_value takes it. */
static json_t *build_scalar(struct plain *plain, unsigned depth)
{
    const char *from = plain->at;
    char text[32];
    if (!plain_value(plain, depth))
        return NULL;
    size_t bytes = (size_t)(plain->at - from);
    if (*from == 't' || *from == 'f')
        return json_boolean(*from == 't');
    if (*from == 'n')
        return json_null();
    ASSERT(bytes < sizeof(text));
    memcpy(text, from, bytes);
    text[bytes] = '\0';
    return memchr(text, '.', bytes) == NULL ? json_integer(strtoll(text, NULL, 10))
                                            : json_real(strtod(text, NULL));
}

json_t *plain_json(struct plain *plain, unsigned depth)
{
    if (depth > PLAIN_DEPTH_MAX || plain->at == plain->end)
        return NULL;
    switch (*plain->at) {
    case '"':
        return build_text(plain);
    case '{':
        plain->at++;
        return build_object(plain, depth);
    case '[':
        plain->at++;
        return build_array(plain, depth);
    default:
        return build_scalar(plain, depth);
    }
}
