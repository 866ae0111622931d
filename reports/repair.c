#include "reports/repair.h"

#include <stdlib.h>
#include <string.h>

void repair_free(struct repair_list *repairs)
{
    for (size_t i = 0; i < repairs->count; i++) {
        free(repairs->list[i].repaired);
        free(repairs->list[i].by);
    }
    free(repairs->list);
    *repairs = (struct repair_list){0};
}

void repair_move(struct repair_list *from, struct repair_list *to)
{
    for (size_t i = 0; i < from->count; i++)
        *(struct repair *)MEM_PUSH(to->list, to->count, to->cap) = from->list[i];
    free(from->list);
    *from = (struct repair_list){0};
}

void repair_add(struct repair_list *repairs, const char *repaired, const char *by,
                int64_t closed_us)
{
    *(struct repair *)MEM_PUSH(repairs->list, repairs->count, repairs->cap) =
        (struct repair){mem_text(repaired), mem_text(by), closed_us};
}

void repair_add_of(struct repair_list *repairs, const struct deployment *deployment)
{
    const json_t *names = ijson_get(deployment->opening, "repairs");
    if (!deployment->closed.set || deployment->outcome == NULL ||
        strcmp(deployment->outcome, "successful") != 0)
        return;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *repaired = json_string_value(json_array_get(names, i));
        if (repaired != NULL && event_stream_ok(repaired))
            repair_add(repairs, repaired, deployment->id, deployment->closed.time_us);
    }
}

const struct repair *repair_first(const struct repair_list *repairs, const char *repaired,
                                  int64_t failed_us)
{
    const struct repair *found = NULL;
    for (size_t i = 0; i < repairs->count; i++) {
        const struct repair *repair = &repairs->list[i];
        if (repair->closed_us < failed_us || strcmp(repair->repaired, repaired) != 0)
            continue;
        if (found == NULL || repair->closed_us < found->closed_us)
            found = repair;
    }
    return found;
}
