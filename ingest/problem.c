#include "ingest/problem.h"

#include <string.h>

json_t *problem_json(enum err err, const struct err_text *why)
{
    char type[64] = "urn:countersign:problem:";
    size_t bytes = strlen(type);
    for (const char *name = err_name(err); *name != '\0' && bytes + 1 < sizeof(type); name++) {
        bool upper = *name >= 'A' && *name <= 'Z';
        type[bytes++] = upper ? (char)(*name - 'A' + 'a') : '-'; /* NOT_EVENT: not-event */
    }
    json_t *problem = json_object();
    ASSERT(json_object_set_new(problem, "type", ijson_text(type)) == 0);
    ASSERT(json_object_set_new(problem, "title", ijson_text(err_text(err))) == 0);
    ASSERT(json_object_set_new(problem, "status", json_integer(err_http(err))) == 0);
    if (why != NULL && why->s[0] != '\0')
        ASSERT(json_object_set_new(problem, "detail", ijson_text(why->s)) == 0);
    return problem;
}

void problem_text(enum err err, const struct err_text *why, struct buf *buf)
{
    json_t *problem = problem_json(err, why);
    ijson_print(problem, buf);
    json_decref(problem);
}
