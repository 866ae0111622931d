#include "replay/narrative.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX 3

/* Which members of data make the value, and which the text: those that are there, in this order. */
static const struct told {
    const char *kind;
    const char *value[MEMBERS_MAX];
    const char *text[MEMBERS_MAX];
} told[] = {
    {"deployment.opened", {"release"}, {"title", "reason"}},
    {"deployment.rescheduled", {"t0"}, {"reason"}},
    {"clock.started", {"t0"}, {NULL}},
    {"role.assigned", {"role", "principal"}, {"reason"}},
    {"role.unassigned", {"role", "principal"}, {"reason"}},
    {"emergency.declared", {NULL}, {"reason"}},
    {"item.checked", {"result"}, {"note"}},
    {"item.reopened", {NULL}, {"reason"}},
    {"item.waived", {NULL}, {"reason"}},
    {"field.recorded", {"value", "unit"}, {"reason"}},
    {"metric.sampled", {"metric", "value", "unit"}, {"source", "query"}},
    {"command.finished", {"exit"}, {"command"}},
    {"evidence.attached", {"media"}, {"uri", "sha256"}},
    {"status.declared", {"value"}, {"note"}},
    {"approval.given", {"role"}, {"comment"}},
    {"approval.rejected", {"role"}, {"reason"}},
    {"approval.withdrawn", {"role"}, {"reason"}},
    {"decision.made", {"value"}, {"comment"}},
    {"rollback.started", {NULL}, {"reason"}},
    {"rollback.finished", {"status"}, {NULL}},
    {"issue.opened", {"issue", "severity"}, {"title", "text"}},
    {"issue.changed", {"issue"}, {"text"}},
    {"issue.resolved", {"issue"}, {"text"}},
    {"note.added", {NULL}, {"text"}},
    {"deployment.closed", {"outcome"}, {NULL}},
    {"checklist.published", {"name"}, {NULL}},
    {"key.enrolled", {"principal"}, {NULL}},
    {"key.revoked", {"key_id", "reason"}, {NULL}},
    {"role.granted", {"role", "principal"}, {NULL}},
    {"role.revoked", {"role", "principal"}, {NULL}},
    {"token.issued", {"principal"}, {NULL}},
    {"hold.placed", {"deployment"}, {"reason"}},
    {"hold.released", {"deployment"}, {"reason"}},
};

static const struct told *find(const char *kind)
{
    for (size_t i = 0; kind != NULL && i < sizeof(told) / sizeof(told[0]); i++) {
        if (strcmp(told[i].kind, kind) == 0)
            return &told[i];
    }
    return NULL;
}

/* A member's text; of what is no string the source, so that a number stays as it was written. */
static void add_member(struct buf *buf, const struct record *record, const json_t *data,
                       const char *name)
{
    const json_t *member = ijson_get(data, name);
    const char *text = json_string_value(member);
    char path[64];
    size_t bytes = 0;
    if (member == NULL || json_is_null(member) || json_is_object(member) || json_is_array(member))
        return;
    if (text != NULL)
        bytes = strlen(text);
    snprintf(path, sizeof(path), "data.%s", name);
    if (text == NULL && !ijson_source(record->event.data, record->event.bytes, path, &text, &bytes))
        return;
    if (buf->bytes > 0)
        buf_text(buf, " ");
    buf_add(buf, text, bytes);
}

static char *members(const struct record *record, const json_t *data,
                     const char *const names[MEMBERS_MAX])
{
    struct buf buf = {0};
    for (size_t i = 0; i < MEMBERS_MAX && names[i] != NULL; i++)
        add_member(&buf, record, data, names[i]);
    if (buf.bytes == 0) {
        buf_free(&buf);
        return NULL;
    }
    return buf_take_text(&buf);
}

void narrative_of(const struct record *record, const struct event *event,
                  struct narrative *ret_narrative)
{
    *ret_narrative = (struct narrative){0};
    if (event == NULL) {
        ret_narrative->kind = mem_text("erased");
        return;
    }
    const char *kind = event_subject_verb(event);
    const struct told *how = find(kind);
    ret_narrative->kind = mem_text(kind != NULL ? kind : event->type);
    if (how == NULL) {
        ret_narrative->value = mem_text(ijson_string(event->json, "subject"));
        ret_narrative->text = mem_text(
            event_is_newer(event) ? "written by a newer program than this one: kept, and not judged"
            : kind == NULL        ? event->source
                                  : NULL);
        return;
    }
    ret_narrative->node = mem_text(ijson_string(event->data, "node"));
    ret_narrative->value = members(record, event->data, how->value);
    ret_narrative->text = members(record, event->data, how->text);
}

void narrative_brief(const struct narrative *narrative, struct buf *buf)
{
    buf_text(buf, narrative->kind);
    if (narrative->node != NULL)
        buf_printf(buf, " %s", narrative->node);
    if (narrative->value != NULL)
        buf_printf(buf, " %s", narrative->value);
}

void narrative_free(struct narrative *narrative)
{
    free(narrative->kind);
    free(narrative->node);
    free(narrative->value);
    free(narrative->text);
    *narrative = (struct narrative){0};
}
