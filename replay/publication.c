#include "replay/publication.h"

#include <stdlib.h>
#include <string.h>

char *publication_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    size_t bytes = strlen(base);
    if (bytes > 3 && strcmp(base + bytes - 3, ".md") == 0)
        bytes -= 3;
    return mem_text_n(base, bytes);
}

enum err publication_deliver(struct errand *errand, const struct submit_options *options,
                             const char *path, const struct checklist *checklist,
                             json_t **ret_receipt, struct err_text *ret_why)
{
    char *name = publication_name(path);
    json_t *data = json_object();
    json_object_set_new(data, "name", ijson_text(name));
    json_object_set_new(data, "markdown", json_stringn(checklist->source, checklist->source_bytes));
    struct errand_event event = {"checklist.published", NULL, data};
    free(name);
    return errand_deliver(errand, options, &event, ret_receipt, ret_why);
}
