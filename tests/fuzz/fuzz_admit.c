#include <string.h>

#include "ledger/ledger.h"

/* What is let in encodes as an entry, and decodes again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check(const struct admitted *admitted)
{
    struct entry entry = {.time_us = admitted->part.admitted_us, .part = admitted->part}, decoded;
    struct buf encoded = {0};
    entry_encode(&entry, &encoded);
    ASSERT(encoded.bytes <= ENTRY_BYTES_MAX);
    ASSERT(entry_decode(encoded.data, encoded.bytes, &decoded, NULL) == ERR_OK);
    ASSERT(decoded.part.event_bytes == admitted->event.bytes);
    ASSERT(strcmp(decoded.part.stream, admitted->part.stream) == 0);
    buf_free(&encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const struct admission admission = {.simulated = true};
    static const struct courier couriers[] = {
        {.origin = ORIGIN_HTTP, .principal = "ci", .scopes = SCOPE_WRITE},
        {.origin = ORIGIN_HTTP, .principal = "eye", .scopes = SCOPE_READ},
        {.origin = ORIGIN_CLI},
    };
    static const char *const medias[] = {EVENT_MEDIA_TYPE, DSSE_MEDIA_TYPE, "text/plain"};
    struct registry *registry = registry_new();
    for (size_t i = 0; i < 9; i++) {
        const struct admit_message message = {medias[i / 3], data, bytes, i == 1 ? "d-1" : NULL};
        struct admitted *admitted = NULL;
        struct err_text why;
        if (admit_event(&admission, registry, &couriers[i % 3], &message, &admitted, &why) ==
            ERR_OK) {
            ASSERT(i == 0);
            check(admitted);
            admit_free(admitted);
        }
    }
    registry_free(registry);
    return 0;
}
