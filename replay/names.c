#include "replay/names.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

/* The place of ${text}, or where it belongs. */
static size_t seek(const struct names *names, const char *text, bool *ret_found)
{
    size_t from = 0, to = names->count;
    *ret_found = false;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(names->list[middle].text, text);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static struct name *place(struct names *names, const char *text)
{
    bool found;
    size_t at = seek(names, text, &found);
    if (found)
        return &names->list[at];
    (void)MEM_PUSH(names->list, names->count, names->cap);
    memmove(&names->list[at + 1], &names->list[at],
            (names->count - 1 - at) * sizeof(names->list[0]));
    names->list[at] = (struct name){.text = mem_text(text)};
    return &names->list[at];
}

bool names_find(const struct names *names, const char *text, size_t *ret_value)
{
    bool found;
    size_t at = seek(names, text, &found);
    if (found)
        *ret_value = names->list[at].value;
    return found;
}

void names_put(struct names *names, const char *text, size_t value)
{
    place(names, text)->value = value;
}

const char *names_keep(struct names *names, const char *text)
{
    return place(names, text)->text;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i].text);
    free(names->list);
    *names = (struct names){0};
}
