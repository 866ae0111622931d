#include "reports/platform.h"

#include <stdlib.h>
#include <string.h>

static void free_event(struct platform_event *event)
{
    free(event->stream);
    free(event->principal);
    free(event->type);
    free(event->service);
    free(event->artifact);
    free(event->environment);
    free(event->deployment);
    free(event->release);
}

void platform_free(struct platform *platform)
{
    for (size_t i = 0; i < platform->event_count; i++)
        free_event(&platform->events[i]);
    for (size_t i = 0; i < platform->deployment_count; i++) {
        struct platform_deployment *deployment = &platform->deployments[i];
        for (size_t j = 0; j < deployment->artifact_count; j++)
            free(deployment->artifacts[j]);
        free(deployment->artifacts);
        free(deployment->id);
        free(deployment->release);
        free(deployment->opened_by);
    }
    free(platform->events);
    free(platform->deployments);
    *platform = (struct platform){0};
}

void platform_move(struct platform *from, struct platform *to)
{
    for (size_t i = 0; i < from->event_count; i++)
        *(struct platform_event *)MEM_PUSH(to->events, to->event_count, to->event_cap) =
            from->events[i];
    for (size_t i = 0; i < from->deployment_count; i++)
        *(struct platform_deployment *)MEM_PUSH(to->deployments, to->deployment_count,
                                                to->deployment_cap) = from->deployments[i];
    free(from->events);
    free(from->deployments);
    *from = (struct platform){0};
}

bool platform_is(const struct event *event)
{
    static const char *const types[] = {"dev.cdevents.service.deployed.",
                                        "dev.cdevents.service.upgraded.",
                                        "dev.cdevents.service.rolledback."};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strncmp(event->type, types[i], strlen(types[i])) == 0)
            return true;
    }
    return false;
}

/* What CDEvents say of themselves: of data.subject, its content, and customData. */
static void read_data(struct platform_event *event, const json_t *data)
{
    const json_t *subject = ijson_get(data, "subject"), *content = ijson_get(subject, "content");
    const json_t *custom = ijson_get(data, "customData");
    const char *environment = ijson_string(ijson_get(content, "environment"), "id");
    event->service = mem_text(ijson_string(subject, "id"));
    event->artifact = mem_text(ijson_string(content, "artifactId"));
    event->environment = mem_text(environment);
    event->deployment = mem_text(ijson_string(custom, "deployment"));
    event->release = mem_text(ijson_string(custom, "release"));
}

void platform_add(struct platform *platform, const struct record *record, const struct event *event)
{
    const struct entry *entry = &record->entry;
    struct platform_event *added =
        MEM_PUSH(platform->events, platform->event_count, platform->event_cap);
    added->seq = entry->seq;
    added->pos = entry->stream_pos;
    memcpy(added->leaf, record->leaf, HASH_BYTES);
    added->time_us = entry->time_us;
    added->stream = mem_text(entry->part.stream);
    added->principal = mem_text(entry->part.principal);
    added->type = mem_text(event->type);
    if (event->data != NULL) {
        read_data(added, event->data);
        return;
    }
    struct event *whole = NULL; /* it was read for its attributes alone */
    if (event_parse(record->event.data, record->event.bytes, &whole, NULL) != ERR_OK)
        return;
    read_data(added, whole->data);
    event_free(whole);
}

static void add_artifact(struct platform_deployment *deployment, const char *text)
{
    if (text != NULL)
        *(char **)MEM_PUSH(deployment->artifacts, deployment->artifact_count,
                           deployment->artifact_cap) = mem_text(text);
}

void platform_add_deployment(struct platform *platform, const struct deployment *deployment,
                             bool listed)
{
    struct platform_deployment *added =
        MEM_PUSH(platform->deployments, platform->deployment_count, platform->deployment_cap);
    const json_t *artifacts = ijson_get(deployment->opening, "artifacts");
    added->id = mem_text(deployment->id);
    added->release = mem_text(deployment->release);
    added->opened_by = mem_text(deployment->opened.principal);
    added->opened_seq = deployment->opened.seq;
    added->opened_pos = deployment->opened.pos;
    memcpy(added->opened_leaf, deployment->leaves[deployment->opened.pos], HASH_BYTES);
    added->opened_us = deployment->opened.time_us;
    added->listed = listed;
    for (size_t i = 0; i < json_array_size(artifacts); i++) {
        add_artifact(added, ijson_string(json_array_get(artifacts, i), "sha256"));
        add_artifact(added, ijson_string(json_array_get(artifacts, i), "uri"));
    }
}
