#include "ingest/late.h"

#include <string.h>

#define MARK "\"spooled\":true,"

struct piece late_event(const struct piece *line)
{
    const char *text = line->data;
    size_t from = 0, to = line->bytes;
    while (from < to && text[from] != '\0' && strchr(" \t\r\n", text[from]) != NULL)
        from++;
    while (to > from && text[to - 1] != '\0' && strchr(" \t\r\n", text[to - 1]) != NULL)
        to--;
    return (struct piece){text + from, to - from};
}

bool late_mark(const struct piece *line, struct buf *buf)
{
    struct piece bare = late_event(line);
    struct event *event = NULL;
    if (bare.bytes + sizeof(MARK) - 1 > EVENT_BYTES_MAX ||
        event_parse(bare.data, bare.bytes, &event, NULL) != ERR_OK)
        return false;
    bool marked = ijson_get(event->json, "spooled") == NULL;
    event_free(event);
    if (!marked)
        return false;
    buf_text(buf, "{" MARK);
    buf_add(buf, (const uint8_t *)bare.data + 1, bare.bytes - 1);
    return true;
}
