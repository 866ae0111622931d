#include "ledger/ijson.h"

#include <string.h>

/* What parses prints as text that parses to the same value and prints the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    json_t *json = NULL, *again = NULL;
    struct buf first = {0}, second = {0};
    struct err_text why;
    if (ijson_parse(data, bytes, &json, &why) != ERR_OK)
        return 0;
    ijson_print(json, &first);
    ASSERT(ijson_parse(first.data, first.bytes, &again, &why) == ERR_OK);
    ASSERT(json_equal(json, again));
    ijson_print(again, &second);
    ASSERT(first.bytes == second.bytes && memcmp(first.data, second.data, first.bytes) == 0);
    json_decref(json);
    json_decref(again);
    buf_free(&first);
    buf_free(&second);
    return 0;
}
