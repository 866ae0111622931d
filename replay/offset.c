#include "replay/offset.h"

#include <inttypes.h>
#include <stdlib.h>

void offset_add(struct buf *buf, int64_t us)
{
    bool before = us < 0;
    int64_t seconds = (before ? -us : us) / INSTANT_SECOND_US;
    int64_t hours = seconds / 3600;
    buf_text(buf, before && seconds > 0 ? "T-" : "T+");
    if (hours > 0)
        buf_printf(buf, "%" PRId64 ":%02d:%02d", hours, (int)(seconds / 60 % 60),
                   (int)(seconds % 60));
    else
        buf_printf(buf, "%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
}

void offset_minutes(struct buf *buf, int minutes)
{
    int size = abs(minutes);
    buf_text(buf, minutes < 0 ? "T-" : "T+");
    if (size == 0)
        buf_text(buf, "0");
    else if (size % 1440 == 0 && size > 1440)
        buf_printf(buf, "%d d", size / 1440);
    else if (size % 60 == 0)
        buf_printf(buf, "%d h", size / 60);
    else
        buf_printf(buf, "%d min", size);
}

void offset_window(struct buf *buf, const struct window *window)
{
    if (!window->set)
        return;
    offset_minutes(buf, window->from_min);
    if (window->from_min == window->to_min)
        return;
    buf_text(buf, " to ");
    offset_minutes(buf, window->to_min);
}

void offset_length(struct buf *buf, int64_t us)
{
    int64_t seconds = us / INSTANT_SECOND_US;
    static const struct {
        int64_t seconds;
        const char *unit;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t first = 0;
    while (first < 3 && (seconds < units[first].seconds || (first == 0 && seconds < 172800)))
        first++;
    buf_printf(buf, "%" PRId64 " %s", seconds / units[first].seconds, units[first].unit);
    if (first == 3)
        return;
    int64_t rest = seconds % units[first].seconds / units[first + 1].seconds;
    if (rest > 0)
        buf_printf(buf, " %" PRId64 " %s", rest, units[first + 1].unit);
}
