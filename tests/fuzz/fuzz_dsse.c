#include "ledger/dsse.h"

#include <string.h>

/* What parses formats as an envelope that parses and formats the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct dsse *dsse = NULL, *again = NULL;
    struct buf first = {0}, second = {0};
    struct err_text why;
    if (dsse_parse(data, bytes, &dsse, &why) != ERR_OK)
        return 0;
    dsse_format(dsse, &first);
    ASSERT(dsse_parse(first.data, first.bytes, &again, &why) == ERR_OK);
    dsse_format(again, &second);
    ASSERT(first.bytes == second.bytes && memcmp(first.data, second.data, first.bytes) == 0);
    dsse_free(dsse);
    dsse_free(again);
    buf_free(&first);
    buf_free(&second);
    return 0;
}
