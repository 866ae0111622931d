#include "replay/fold.h"

#include <stdarg.h>
#include <stdlib.h>

struct fold *fold_new(struct catalog *catalog)
{
    struct fold *fold = mem_zero(1, sizeof(*fold));
    fold->catalog = catalog;
    return fold;
}

void fold_free(struct fold *fold, const struct deployment *deployment)
{
    size_t nodes = deployment->checklist == NULL ? 0 : deployment->checklist->node_count;
    for (size_t i = 0; i < nodes; i++) {
        free(fold->nodes[i].undo.what);
        free(fold->nodes[i].givers);
    }
    free(fold->t0_undo.what);
    for (size_t i = 0; i < deployment->artifact_count; i++)
        free(fold->uris[i]);
    names_free(&fold->principals);
    names_free(&fold->issues);
    names_free(&fold->issue_at);
    names_free(&fold->artifacts);
    free(fold->seqs);
    free(fold->uris);
    free(fold->nodes);
    free(fold->twins);
    free(fold->thresholds);
    free(fold->unresolved);
    free(fold->placed);
    free(fold->keys);
    counters_free(&fold->counters);
    free(fold);
}

void fold_set_text(char **text, const char *to)
{
    char *copy = mem_text(to);
    free(*text);
    *text = copy;
}

void fold_undo(struct undo *undo, uint64_t pos, const char *format, ...)
{
    struct buf what = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&what, format, args);
    va_end(args);
    free(undo->what);
    *undo = (struct undo){.set = true, .pos = pos, .what = buf_take_text(&what)};
}
