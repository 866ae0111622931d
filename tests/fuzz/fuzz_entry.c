#include "ledger/entry.h"

#include <string.h>

/* What decodes encodes to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct entry entry;
    struct err_text why;
    struct buf again = {0};
    if (entry_decode(data, bytes, &entry, &why) != ERR_OK)
        return 0;
    entry_encode(&entry, &again);
    ASSERT(again.bytes == bytes && memcmp(again.data, data, bytes) == 0);
    buf_free(&again);
    return 0;
}
