#include "replay/fold.h"

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
        free(fold->nodes[i].measured.text);
        free(fold->nodes[i].givers);
    }
    for (size_t i = 0; i < deployment->artifact_count; i++)
        free(fold->uris[i]);
    for (size_t i = 0; i < fold->undo_count; i++)
        free(fold->undos[i].what);
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
    free(fold->undos);
    free(fold->keys);
    free(fold);
}

void fold_set_text(char **text, const char *to)
{
    char *copy = mem_text(to);
    free(*text);
    *text = copy;
}
