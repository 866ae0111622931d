#include "reports/sample.h"

#include <stdlib.h>
#include <string.h>

struct ticket {
    uint8_t rank[HASH_BYTES];
    const char *deployment;
};

static int ticket_order(const void *left, const void *right)
{
    const struct ticket *a = left, *b = right;
    return memcmp(a->rank, b->rank, HASH_BYTES);
}

json_t *sample_json(const json_t *population, size_t size, const char *seed)
{
    struct ticket *tickets = mem_zero(json_array_size(population), sizeof(*tickets));
    json_t *drawn = json_array(), *row;
    size_t count = 0, i;
    json_array_foreach (population, i, row) {
        const char *id = ijson_string(row, "deployment");
        if (!json_is_true(ijson_get(row, "counted")))
            continue;
        const struct piece pieces[] = {{seed, strlen(seed) + 1}, {id, strlen(id)}};
        hash_pieces(pieces, 2, tickets[count].rank);
        tickets[count++].deployment = id;
    }
    if (count > 0)
        qsort(tickets, count, sizeof(*tickets), ticket_order);
    for (i = 0; i < count && i < size; i++)
        json_array_append_new(drawn, json_pack("{s:s, s:o}", "deployment", tickets[i].deployment,
                                               "rank", ijson_hex(tickets[i].rank, HASH_BYTES)));
    free(tickets);
    return json_pack("{s:s, s:I, s:s, s:o}", "seed", seed, "size", (json_int_t)size, "method",
                     "the smallest SHA-256(seed | 0x00 | deployment id) of the deployments counted "
                     "in the period",
                     "drawn", drawn);
}
