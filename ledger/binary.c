#include "ledger/binary.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger/ijson.h"
#include "ledger/limits.h"
#include "ledger/media.h"
#include "ledger/mem.h"
#include "ledger/utf8.h"

#define PREFIX "ce-"

/* These come first; all others follow by name. */
static const char *const mandatory[] = {"specversion", "id", "source", "type"};

#define MANDATORY_COUNT (sizeof(mandatory) / sizeof(mandatory[0]))

/* One attribute as it will stand in the event. */
struct member {
    size_t at; /* of its name and a NUL in the text of `members`, and then its value */
    size_t value_bytes;
    const char *name, *value; /* borrowed from that text, once all of it is there */
    size_t rank;              /* of its name in `mandatory`, or the count of those */
};

struct members {
    struct buf text;
    size_t count;
    struct member *members;
};

bool binary_header(const char *header, size_t header_bytes, struct binary_attribute *ret_attribute)
{
    size_t prefix_bytes = strlen(PREFIX);
    if (header_bytes < prefix_bytes || strncasecmp(header, PREFIX, prefix_bytes) != 0)
        return false;
    ret_attribute->name = header + prefix_bytes;
    ret_attribute->name_bytes = header_bytes - prefix_bytes;
    return true;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Append a name in lower case, and a NUL. */
static enum err add_name(const struct binary_attribute *attribute, struct buf *text,
                         struct err_text *ret_why)
{
    char *name = (char *)buf_room(text, attribute->name_bytes + 1);
    bool ok = attribute->name_bytes > 0;
    for (size_t i = 0; i < attribute->name_bytes; i++) {
        char c = lower(attribute->name[i]);
        ok = ok && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
        name[i] = c;
    }
    name[attribute->name_bytes] = '\0';
    if (!ok)
        return err_say(ret_why, ERR_NOT_EVENT,
                       "the attribute name '%.40s' is not letters and digits", name);
    if (strcmp(name, "data") == 0)
        return err_say(ret_why, ERR_NOT_EVENT, "'data' is no attribute: it is the body");
    if (strcmp(name, "datacontenttype") == 0)
        return err_say(ret_why, ERR_NOT_EVENT,
                       "'datacontenttype' is no attribute in binary mode: it is the Content-Type");
    return ERR_OK;
}

/* Whether a value as a whole is one quoted string (RFC 9110 5.6.4).  A quote anywhere else stands
 * for itself. */
static bool is_quoted(const char *value, size_t bytes)
{
    if (bytes < 2 || value[0] != '"')
        return false;
    size_t i = 1;
    while (i < bytes && value[i] != '"')
        i += value[i] == '\\' ? 2 : 1;
    return i == bytes - 1;
}

/* Append a value without its quotes: a copy, whose escapes are decoded where it stands. */
static void add_unquoted(const struct binary_attribute *attribute, struct buf *text)
{
    const char *value = attribute->value;
    size_t bytes = attribute->value_bytes;
    if (!is_quoted(value, bytes)) {
        buf_add(text, value, bytes);
        return;
    }
    for (size_t i = 1; i < bytes - 1; i++) {
        i += value[i] == '\\' ? 1 : 0;
        buf_add(text, value + i, 1);
    }
}

static bool any(uint32_t code)
{
    (void)code;
    return true;
}

static enum err add_value(const struct binary_attribute *attribute, struct buf *text,
                          struct member *member, struct err_text *ret_why)
{
    size_t at = text->bytes;
    add_unquoted(attribute, text);
    char *value = (char *)text->data + at;
    const char *name = (char *)text->data + member->at;
    if (!bytes_from_percent(value, text->bytes - at, &member->value_bytes))
        return err_say(ret_why, ERR_INVALID,
                       "the attribute '%.40s' has a %% without two hex digits behind it", name);
    if (!utf8_all(value, member->value_bytes, any))
        return err_say(ret_why, ERR_INVALID, "the attribute '%.40s' is not UTF-8", name);
    text->bytes = at + member->value_bytes;
    return ERR_OK;
}

static enum err add_attribute(struct members *members, const struct binary_attribute *attribute,
                              struct err_text *ret_why)
{
    struct member *member = &members->members[members->count++];
    member->at = members->text.bytes;
    enum err err = add_name(attribute, &members->text, ret_why);
    return err != ERR_OK ? err : add_value(attribute, &members->text, member, ret_why);
}

/* The media is no attribute's header: nothing in it is quoted or percent-encoded. */
static enum err add_media(struct members *members, const char *media, struct err_text *ret_why)
{
    if (media == NULL)
        return ERR_OK;
    if (!utf8_all(media, strlen(media), any))
        return err_say(ret_why, ERR_INVALID, "the Content-Type is not UTF-8");
    struct member *member = &members->members[members->count++];
    member->at = members->text.bytes;
    member->value_bytes = strlen(media);
    buf_add(&members->text, "datacontenttype", sizeof("datacontenttype"));
    buf_text(&members->text, media);
    return ERR_OK;
}

/* The text moves no more: point into it. */
static void settle(struct members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        struct member *member = &members->members[i];
        member->name = (const char *)members->text.data + member->at;
        member->value = member->name + strlen(member->name) + 1;
        member->rank = 0;
        while (member->rank < MANDATORY_COUNT && strcmp(member->name, mandatory[member->rank]) != 0)
            member->rank++;
    }
}

static int in_order(const void *a, const void *b)
{
    const struct member *one = a, *other = b;
    if (one->rank != other->rank)
        return one->rank < other->rank ? -1 : 1;
    return strcmp(one->name, other->name);
}

static enum err check_names(const struct members *members, struct err_text *ret_why)
{
    const struct member *all = members->members;
    for (size_t i = 1; i < members->count; i++)
        if (strcmp(all[i - 1].name, all[i].name) == 0)
            return err_say(ret_why, ERR_INVALID, "the attribute '%.40s' comes twice", all[i].name);
    for (size_t i = 0; i < MANDATORY_COUNT; i++)
        if (i >= members->count || all[i].rank != i)
            return err_say(ret_why, ERR_NOT_EVENT, "the attribute '%s' is missing", mandatory[i]);
    return ERR_OK;
}

static enum err read_members(const struct binary_message *message, struct members *members,
                             struct err_text *ret_why)
{
    enum err err = ERR_OK;
    members->members = mem_zero(message->count + 1, sizeof(*members->members));
    for (size_t i = 0; i < message->count && err == ERR_OK; i++)
        err = add_attribute(members, &message->attributes[i], ret_why);
    if (err == ERR_OK)
        err = add_media(members, message->media, ret_why);
    if (err != ERR_OK)
        return err;
    settle(members);
    qsort(members->members, members->count, sizeof(*members->members), in_order);
    return check_names(members, ret_why);
}

/* Append a JSON string: only what must be escaped is. */
static void add_string(struct buf *buf, const char *text, size_t bytes)
{
    buf_text(buf, "\"");
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20)
            buf_printf(buf, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            buf_printf(buf, "\\%c", c);
        else
            buf_add(buf, &text[i], 1);
    }
    buf_text(buf, "\"");
}

/* Whether text could be more than one value of JSON: outside of strings, objects and arrays it has
 * a comma, or something ends there that did not begin.  Else, should it stand in JSON as the last
 * member's value, the parser finds it to be just that, or refuses the whole. */
static bool gets_out(const char *text, size_t bytes)
{
    const char *at = text, *end = text + bytes;
    size_t depth = 0;
    while (at < end) {
        char c = *at;
        at = c == '"' ? ijson_behind_string(at, end) : at + 1;
        if (at == NULL) /* a string that does not end */
            return true;
        if (c == '[' || c == '{')
            depth++;
        else if (depth == 0 && (c == ',' || c == ']' || c == '}'))
            return true;
        else if (c == ']' || c == '}')
            depth--;
    }
    return depth > 0;
}

static enum err add_data(const struct binary_message *message, struct buf *event,
                         struct err_text *ret_why)
{
    bool json = media_json(message->media);
    size_t most = json ? EVENT_BYTES_MAX : EVENT_BYTES_MAX / 4 * 3;
    if (message->body_bytes > most)
        return err_say(ret_why, ERR_TOO_BIG, "the body has %zu bytes: an event may have %d",
                       message->body_bytes, EVENT_BYTES_MAX);
    if (message->body_bytes == 0)
        return ERR_OK;
    if (json && gets_out(message->body, message->body_bytes))
        return err_say(ret_why, ERR_INVALID, "the body is not one JSON value");
    buf_text(event, json ? ",\"data\":" : ",\"data_base64\":\"");
    if (json)
        buf_add(event, message->body, message->body_bytes);
    else
        buf_base64(event, message->body, message->body_bytes);
    buf_text(event, json ? "" : "\"");
    return ERR_OK;
}

enum err binary_event(const struct binary_message *message, struct buf *buf,
                      struct err_text *ret_why)
{
    struct members members = {.count = 0};
    struct buf event = {0};
    enum err err = read_members(message, &members, ret_why);
    if (err != ERR_OK)
        goto out;
    for (size_t i = 0; i < members.count; i++) {
        const struct member *member = &members.members[i];
        buf_printf(&event, "%s\"%s\":", i == 0 ? "{" : ",", member->name);
        add_string(&event, member->value, member->value_bytes);
    }
    err = add_data(message, &event, ret_why);
    if (err != ERR_OK)
        goto out;
    buf_text(&event, "}");
    if (event.bytes > EVENT_BYTES_MAX)
        err = err_say(ret_why, ERR_TOO_BIG, "the event has %zu bytes, over %d", event.bytes,
                      EVENT_BYTES_MAX);
    else
        buf_add(buf, event.data, event.bytes);
out:
    free(members.members);
    buf_free(&members.text);
    buf_free(&event);
    return err;
}
