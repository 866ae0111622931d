/* Query strings, media types and listening addresses: whatever text comes, what is accepted holds
 * what it promises. */
#include <stdlib.h>
#include <string.h>

#include "ingest/address.h"
#include "ingest/query.h"
#include "ledger/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_query(const char *text)
{
    static const char *const names[] = {"after", "limit", "deployment", "type", NULL};
    struct query query = {0};
    struct err_text why;
    uint64_t number = 0;
    if (query_parse(text, names, &query, &why) != ERR_OK)
        return;
    for (size_t i = 0; i < query.count; i++)
        ASSERT(query_text(&query, query.parameters[i].name) == query.parameters[i].value);
    if (query_number(&query, "limit", PAGE_EVENTS_MAX, &number, &why) == ERR_OK)
        ASSERT(number <= PAGE_EVENTS_MAX);
    query_free(&query);
}

static void check_address(const char *text)
{
    struct address address, again;
    struct buf url = {0};
    if (address_parse(text, &address, NULL) != ERR_OK)
        return;
    address_url(&address, &url);
    ASSERT(address_parse((const char *)url.data + strlen("http://"), &again, NULL) == ERR_OK);
    buf_free(&url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *text = mem_text_n((const char *)data, bytes);
    check_query(text);
    check_address(text);
    if (media_is(text, "a/b"))
        ASSERT(strlen(text) >= 3);
    if (media_accepts(text, "a/b"))
        ASSERT(strlen(text) >= 3);
    free(text);
    return 0;
}
