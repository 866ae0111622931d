#include "replay/undo.h"

#include <stdarg.h>

void undo_add(struct deployment *deployment, uint64_t pos, size_t node, const char *format, ...)
{
    struct fold *fold = deployment->fold;
    struct undo *undo = MEM_PUSH(fold->undos, fold->undo_count, fold->undo_cap);
    struct buf what = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&what, format, args);
    va_end(args);
    *undo = (struct undo){.pos = pos, .node = node, .what = buf_take_text(&what)};
}

size_t undo_since(const struct deployment *deployment, uint64_t pos)
{
    const struct fold *fold = deployment->fold;
    size_t from = 0, to = fold->undo_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (fold->undos[middle].pos > pos)
            to = middle;
        else
            from = middle + 1;
    }
    return from;
}
