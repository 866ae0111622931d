#include "ledger/event_scan.h"

#include <stdint.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/plain.h"

/* Keeps a text that is not empty as a string. */
static bool keep(struct event_scan *ret, const struct piece *text, const char **ret_string)
{
    if (text->bytes == 0 || text->bytes >= sizeof(ret->room) - ret->used)
        return false;
    char *string = ret->room + ret->used;
    memcpy(string, text->data, text->bytes);
    string[text->bytes] = '\0';
    ret->used += text->bytes + 1;
    *ret_string = string;
    return true;
}

static bool take_attribute(struct plain *plain, const struct piece *name, struct event_scan *ret)
{
    struct event *event = &ret->event;
    struct piece text;
    const char *string = NULL;
    for (size_t i = 0; i < name->bytes; i++) {
        char c = ((const char *)name->data)[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return false;
    }
    /* Only strings are plain: what else an attribute may be is event_parse's to say. */
    if (name->bytes == 0 || !plain_string(plain, &text))
        return false;
    if (plain_is(name, "id"))
        return keep(ret, &text, &event->id);
    if (plain_is(name, "source"))
        return keep(ret, &text, &event->source);
    if (plain_is(name, "type"))
        return keep(ret, &text, &event->type);
    if (plain_is(name, "ledger"))
        return keep(ret, &text, &event->ledger);
    if (plain_is(name, "specversion"))
        return plain_is(&text, "1.0");
    if (plain_is(name, "spooled") || plain_is(name, "replayed"))
        return false; /* they say what only event_parse does */
    if (plain_is(name, "deployment"))
        return keep(ret, &text, &event->deployment) && event_stream_ok(event->deployment);
    if (plain_is(name, "time")) {
        event->has_time = true;
        return keep(ret, &text, &string) && instant_parse(string, &event->time_us);
    }
    return text.bytes > 0;
}

static bool take_data(struct plain *plain, bool build, struct event_scan *ret)
{
    struct event *event = &ret->event;
    event->data_text = plain->at;
    if (build && event->type != NULL && event_is_own(event)) {
        event->data_json = plain_json(plain, 1);
        event->data = event->data_json;
        if (event->data == NULL)
            return false;
    } else if (!plain_value(plain, 1)) {
        return false;
    }
    event->data_bytes = (size_t)(plain->at - event->data_text);
    return true;
}

/* Whether `specversion` is among the names. */
static bool has_version(const struct plain_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        if (plain_is(&names->names[i], "specversion"))
            return true;
    }
    return false;
}

static bool scan(const void *bytes, size_t event_bytes, bool build, struct event_scan *ret)
{
    struct plain plain = {.at = bytes, .end = (const char *)bytes + event_bytes};
    struct plain_names names = {.count = 0};
    struct piece name;
    bool good = true;
    ret->event = (struct event){0};
    ret->used = 0;
    if (event_bytes > EVENT_BYTES_MAX || !plain_take(&plain, '{'))
        return false;
    do {
        if (!plain_name(&plain, &names, &name) ||
            !(plain_is(&name, "data") ? take_data(&plain, build, ret)
                                      : take_attribute(&plain, &name, ret)))
            return false;
    } while (plain_more(&plain, '}', &good));
    return good && plain.at == plain.end && has_version(&names) && ret->event.id != NULL &&
           ret->event.source != NULL && ret->event.type != NULL;
}

bool event_scan_read(const void *bytes, size_t event_bytes, struct event_scan *ret)
{
    return scan(bytes, event_bytes, false, ret);
}

bool event_scan_build(const void *bytes, size_t event_bytes, struct event_scan *ret)
{
    bool good = scan(bytes, event_bytes, true, ret);
    if (!good)
        json_decref(ret->event.data_json);
    return good;
}
