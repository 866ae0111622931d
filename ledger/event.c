#include "ledger/event.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/event_scan.h"
#include "ledger/ijson.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/mem.h"
#include "ledger/plain.h"
#include "ledger/utf8.h"

#define OWN_VERSION ".v1"

/* Our own types of version 1, as RULES.md names them, sorted: every event is looked up here. */
#define OWN_TABLE(X)                                                                               \
    X("approval.given")                                                                            \
    X("approval.rejected")                                                                         \
    X("approval.withdrawn")                                                                        \
    X("checklist.published")                                                                       \
    X("clock.leapt")                                                                               \
    X("clock.started")                                                                             \
    X("command.finished")                                                                          \
    X("decision.made")                                                                             \
    X("deployment.closed")                                                                         \
    X("deployment.opened")                                                                         \
    X("deployment.rescheduled")                                                                    \
    X("emergency.declared")                                                                        \
    X("event.erased")                                                                              \
    X("evidence.attached")                                                                         \
    X("field.recorded")                                                                            \
    X("hold.placed")                                                                               \
    X("hold.released")                                                                             \
    X("ingest.conflicted")                                                                         \
    X("ingest.denied")                                                                             \
    X("ingest.quarantined")                                                                        \
    X("issue.changed")                                                                             \
    X("issue.opened")                                                                              \
    X("issue.resolved")                                                                            \
    X("item.checked")                                                                              \
    X("item.reopened")                                                                             \
    X("item.waived")                                                                               \
    X("key.enrolled")                                                                              \
    X("key.revoked")                                                                               \
    X("ledger.created")                                                                            \
    X("ledger.heads")                                                                              \
    X("ledger.rekeyed")                                                                            \
    X("ledger.restored")                                                                           \
    X("ledger.sealed")                                                                             \
    X("metric.sampled")                                                                            \
    X("note.added")                                                                                \
    X("policy.set")                                                                                \
    X("report.issued")                                                                             \
    X("role.assigned")                                                                             \
    X("role.granted")                                                                              \
    X("role.revoked")                                                                              \
    X("role.unassigned")                                                                           \
    X("rollback.finished")                                                                         \
    X("rollback.started")                                                                          \
    X("status.declared")                                                                           \
    X("token.issued")                                                                              \
    X("token.revoked")

static const char *const own_names[] = {
#define X(name) name,
    OWN_TABLE(X)
#undef X
};

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_letter(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool of_stream(char c)
{
    return is_lower(c) || c == '.' || c == '_' || c == '-';
}

static bool of_principal(char c)
{
    return is_letter(c) || c == '.' || c == '_' || c == '@' || c == '+' || c == ':' || c == '-';
}

/* Every entry that is read has two names to be looked at. */
bool event_stream_ok(const char *name)
{
    size_t bytes = 0;
    if (name == NULL || !is_lower(name[0]))
        return false;
    while (bytes <= STREAM_BYTES_MAX && of_stream(name[bytes]))
        bytes++;
    return bytes <= STREAM_BYTES_MAX && name[bytes] == '\0';
}

bool event_principal_ok(const char *name)
{
    size_t bytes = 0;
    if (name == NULL || !is_letter(name[0]))
        return false;
    while (bytes <= PRINCIPAL_BYTES_MAX && of_principal(name[bytes]))
        bytes++;
    return bytes <= PRINCIPAL_BYTES_MAX && name[bytes] == '\0';
}

/* CloudEvents 1.0 has neither control characters nor noncharacters in its strings. */
static bool of_string(uint32_t code)
{
    return code >= 0x20 && (code < 0x7f || code > 0x9f) && (code < 0xfdd0 || code > 0xfdef) &&
           (code & 0xfffe) != 0xfffe;
}

static enum err check_attribute(const char *name, const json_t *value, struct err_text *ret_why)
{
    if (name[0] == '\0' || name[strspn(name, LOWER DIGIT)] != '\0')
        return err_say(ret_why, ERR_NOT_EVENT,
                       "the attribute name '%.40s' is not lower-case letters and digits", name);
    json_int_t number = json_integer_value(value); /* 0 if it is none */
    bool ok = json_is_null(value) || json_is_boolean(value) ||
              (json_is_integer(value) && number >= INT32_MIN && number <= INT32_MAX) ||
              (json_is_string(value) &&
               utf8_all(json_string_value(value), json_string_length(value), of_string));
    if (!ok)
        return err_say(ret_why, ERR_NOT_EVENT,
                       "the attribute '%.40s' is no string without control characters, boolean or "
                       "32-bit integer",
                       name);
    return ERR_OK;
}

static enum err check_attributes(json_t *json, struct err_text *ret_why)
{
    const char *name;
    json_t *value;
    json_object_foreach (json, name, value) {
        if (strcmp(name, "data") == 0 || strcmp(name, "data_base64") == 0)
            continue;
        enum err err = check_attribute(name, value, ret_why);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* A string attribute: absent (or null) is NULL if it may be, else it has 1..${bytes_max} bytes. */
static enum err get_text(const json_t *json, const char *name, bool required, size_t bytes_max,
                         const char **ret, struct err_text *ret_why)
{
    const json_t *value = ijson_get(json, name);
    if (value == NULL || json_is_null(value)) {
        *ret = NULL;
        return !required ? ERR_OK
                         : err_say(ret_why, ERR_NOT_EVENT, "the attribute '%s' is missing", name);
    }
    if (!json_is_string(value) || json_string_length(value) == 0)
        return err_say(ret_why, ERR_NOT_EVENT, "the attribute '%s' is no text", name);
    if (json_string_length(value) > bytes_max)
        return err_say(ret_why, ERR_NOT_EVENT, "the attribute '%s' is over %zu bytes", name,
                       bytes_max);
    *ret = json_string_value(value);
    return ERR_OK;
}

/* true, or "true": in binary mode every attribute is a string. */
static bool get_flag(const json_t *json, const char *name)
{
    const char *text = ijson_string(json, name);
    return json_is_true(ijson_get(json, name)) || (text != NULL && strcmp(text, "true") == 0);
}

static enum err read_time(struct event *event, struct err_text *ret_why)
{
    const char *text = NULL;
    enum err err = get_text(event->json, "time", false, SIZE_MAX, &text, ret_why);
    if (err != ERR_OK || text == NULL)
        return err;
    if (!instant_parse(text, &event->time_us))
        return err_say(ret_why, ERR_NOT_EVENT,
                       "the time '%.40s' is no RFC 3339 time from 1970 to 9999", text);
    event->has_time = true;
    return ERR_OK;
}

static enum err read_data(struct event *event, struct err_text *ret_why)
{
    const json_t *base64 = ijson_get(event->json, "data_base64");
    event->data = ijson_get(event->json, "data");
    if (base64 == NULL || json_is_null(base64))
        return ERR_OK;
    if (event->data != NULL)
        return err_say(ret_why, ERR_NOT_EVENT, "it has both data and data_base64");
    if (!json_is_string(base64))
        return err_say(ret_why, ERR_NOT_EVENT, "data_base64 is no text");
    return ERR_OK;
}

static enum err read_texts(struct event *event, struct err_text *ret_why)
{
    const char *ignored = NULL, *version = NULL;
    const struct {
        const char *name;
        bool required;
        size_t bytes_max;
        const char **ret;
    } texts[] = {
        {"specversion", true, SIZE_MAX, &version},
        {"id", true, ID_BYTES_MAX, &event->id},
        {"source", true, ID_BYTES_MAX, &event->source},
        {"type", true, SIZE_MAX, &event->type},
        {"deployment", false, SIZE_MAX, &event->deployment},
        {"ledger", false, SIZE_MAX, &event->ledger},
        {"datacontenttype", false, SIZE_MAX, &ignored},
        {"dataschema", false, SIZE_MAX, &ignored},
        {"subject", false, SIZE_MAX, &ignored},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        enum err err = get_text(event->json, texts[i].name, texts[i].required, texts[i].bytes_max,
                                texts[i].ret, ret_why);
        if (err != ERR_OK)
            return err;
    }
    if (version == NULL || strcmp(version, "1.0") != 0)
        return err_say(ret_why, ERR_NOT_EVENT, "the specversion is not 1.0");
    if (event->deployment != NULL && !event_stream_ok(event->deployment))
        return err_say(ret_why, ERR_NOT_EVENT, "'%.140s' is no name of a deployment",
                       event->deployment);
    return ERR_OK;
}

enum err event_parse(const void *bytes, size_t event_bytes, struct event **ret_event,
                     struct err_text *ret_why)
{
    const char *text = bytes;
    struct event *event = NULL;
    json_t *json;
    if (event_bytes > EVENT_BYTES_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "the event has %zu bytes, over %d", event_bytes,
                       EVENT_BYTES_MAX);
    enum err err = ijson_parse(bytes, event_bytes, &json, ret_why);
    if (err != ERR_OK)
        return err;
    event = mem_zero(1, sizeof(*event));
    event->json = json;
    if (!json_is_object(json))
        err = err_say(ret_why, ERR_NOT_EVENT, "the event is no JSON object");
    else if (text[0] != '{' || text[event_bytes - 1] != '}')
        err = err_say(ret_why, ERR_INVALID, "there is white space around the event");
    if (err == ERR_OK)
        err = check_attributes(json, ret_why);
    if (err == ERR_OK)
        err = read_texts(event, ret_why);
    if (err == ERR_OK)
        err = read_time(event, ret_why);
    if (err == ERR_OK)
        err = read_data(event, ret_why);
    if (err != ERR_OK) {
        event_free(event);
        return err;
    }
    event->spooled = get_flag(json, "spooled");
    event->replayed = get_flag(json, "replayed");
    *ret_event = event;
    return ERR_OK;
}

typedef bool scan_fn(const void *bytes, size_t event_bytes, struct event_scan *ret);

static enum err read_by(scan_fn *fn, const struct piece *text, struct event **ret_event,
                        struct err_text *ret_why)
{
    struct event_scan *scan = mem_alloc(sizeof(*scan)); /* begins with its event */
    if (text->bytes > 0 && fn(text->data, text->bytes, scan)) {
        *ret_event = &scan->event;
        return ERR_OK;
    }
    free(scan);
    return event_parse(text->data, text->bytes, ret_event, ret_why);
}

enum err event_read(const void *bytes, size_t event_bytes, struct event **ret_event,
                    struct err_text *ret_why)
{
    return read_by(event_scan_read, &(struct piece){bytes, event_bytes}, ret_event, ret_why);
}

enum err event_read_own(const void *bytes, size_t event_bytes, struct event **ret_event,
                        struct err_text *ret_why)
{
    return read_by(event_scan_build, &(struct piece){bytes, event_bytes}, ret_event, ret_why);
}

bool event_take_data(struct event *event)
{
    struct plain plain = {.at = event->data_text,
                          .end = event->data_text == NULL ? NULL
                                                          : event->data_text + event->data_bytes};
    if (event->json != NULL || event->data != NULL || event->data_text == NULL)
        return true;
    event->data_json = plain_json(&plain, 1);
    event->data = event->data_json;
    return event->data != NULL;
}

void event_free(struct event *event)
{
    if (event == NULL)
        return;
    json_decref(event->json);
    json_decref(event->data_json);
    free(event);
}

bool event_is_own(const struct event *event)
{
    return strncmp(event->type, EVENT_OWN_PREFIX, strlen(EVENT_OWN_PREFIX)) == 0;
}

/* The order of what stands before `.v1` to a name. */
static int by_name(const void *key, const void *member)
{
    const struct piece *wanted = key;
    const char *name = *(const char *const *)member;
    size_t bytes = strlen(name);
    int order = memcmp(wanted->data, name, wanted->bytes < bytes ? wanted->bytes : bytes);
    return order != 0 ? order : (wanted->bytes > bytes) - (wanted->bytes < bytes);
}

const char *event_subject_verb(const struct event *event)
{
    const char *from = event->type + strlen(EVENT_OWN_PREFIX);
    if (!event_is_own(event))
        return NULL;
    size_t bytes = strlen(from), version_bytes = strlen(OWN_VERSION);
    if (bytes < version_bytes || strcmp(from + bytes - version_bytes, OWN_VERSION) != 0)
        return NULL;
    const struct piece wanted = {from, bytes - version_bytes};
    const char *const *found = bsearch(&wanted, own_names, sizeof(own_names) / sizeof(own_names[0]),
                                       sizeof(own_names[0]), by_name);
    return found == NULL ? NULL : *found;
}

bool event_is_newer(const struct event *event)
{
    const size_t prefix_bytes = sizeof(EVENT_OWN_PREFIX) - 1;
    const char *dot = strrchr(event->type, '.');
    if (!event_is_own(event) || dot == NULL || (size_t)(dot - event->type) < prefix_bytes)
        return false;
    const char *number = dot + 2;
    if (dot[1] != 'v' || number[0] < '1' || strspn(number, DIGIT) != strlen(number) ||
        strcmp(number, "1") == 0)
        return false;
    const char *from = event->type + prefix_bytes;
    const struct piece wanted = {from, (size_t)(dot - from)};
    return bsearch(&wanted, own_names, sizeof(own_names) / sizeof(own_names[0]),
                   sizeof(own_names[0]), by_name) != NULL;
}
