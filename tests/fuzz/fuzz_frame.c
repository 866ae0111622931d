/* A spool's file, and a line that is marked as late: what is read as a frame is one, every byte is
 * passed, and the mark changes nothing else. */
#include <stdlib.h>
#include <string.h>

#include "ingest/frame.h"
#include "ingest/late.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_frame(const uint8_t *data, const struct frame *frame)
{
    struct buf again = {0};
    frame_add(&again, frame->taken_us, &frame->line);
    ASSERT(again.bytes == frame->bytes && memcmp(again.data, data, again.bytes) == 0);
    buf_free(&again);
}

static void check_file(const uint8_t *data, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        struct frame frame;
        enum frame_state state = frame_read(data + at, bytes - at, &frame);
        if (state == FRAME_WHOLE)
            check_frame(data + at, &frame);
        size_t step = state == FRAME_WHOLE || state == FRAME_DAMAGED
                          ? frame.bytes
                          : frame_find(data + at, bytes - at);
        ASSERT(step > 0 && step <= bytes - at);
        at += step;
    }
}

/* Whatever comes, put into a frame, is found again behind it.  Only a frame whose digest holds over
 * what was added later swallows that: a fuzzer sees the digest that is compared, a torn file does
 * not.
 */
static void check_behind(const uint8_t *data, size_t bytes)
{
    struct buf file = {0};
    struct frame frame;
    const struct piece line = {"a line", 6};
    bool found = false;
    buf_add(&file, data, bytes);
    frame_add(&file, 1, &line);
    for (size_t at = 0; at < file.bytes && !found;) {
        enum frame_state state = frame_read(file.data + at, file.bytes - at, &frame);
        bool read = state == FRAME_WHOLE || state == FRAME_DAMAGED;
        found = state == FRAME_WHOLE &&
                ((at < bytes && at + frame.bytes > bytes) ||
                 (frame.line.bytes == 6 && memcmp(frame.line.data, "a line", 6) == 0));
        at += read ? frame.bytes : frame_find(file.data + at, file.bytes - at);
    }
    ASSERT(found);
    buf_free(&file);
}

static void check_mark(const uint8_t *data, size_t bytes)
{
    struct buf marked = {0};
    struct event *event = NULL;
    const struct piece line = {data, bytes};
    if (!late_mark(&line, &marked))
        return;
    ASSERT(event_parse(marked.data, marked.bytes, &event, NULL) == ERR_OK && event->spooled);
    struct piece bare = late_event(&line);
    size_t rest = bare.bytes - 1;
    ASSERT(memcmp(marked.data + marked.bytes - rest, (const uint8_t *)bare.data + 1, rest) == 0);
    event_free(event);
    buf_free(&marked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = mem_copy(data, bytes);
    check_file(copy, bytes);
    check_behind(copy, bytes);
    check_mark(copy, bytes);
    free(copy);
    return 0;
}
