#include "ledger/sshkey.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"

/* A wire form that parses is canonical; a text that parses formats as one that parses to the same
 * key; a fingerprint that parses prints the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct sshkey key, again;
    struct err_text why;
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    struct buf formatted = {0};
    char *text = mem_text_n((const char *)data, bytes);
    if (sshkey_from_wire(data, bytes, &key, &why) == ERR_OK)
        ASSERT(key.wire_bytes == bytes && memcmp(key.wire, data, bytes) == 0);
    if (sshkey_from_text(text, &key, &why) == ERR_OK) {
        sshkey_format(&key, &formatted);
        ASSERT(sshkey_from_text((const char *)formatted.data, &again, &why) == ERR_OK);
        ASSERT(memcmp(&key, &again, sizeof(key)) == 0);
    }
    uint8_t id[KEY_ID_BYTES];
    if (sshkey_fingerprint_parse(text, id) == ERR_OK) {
        sshkey_fingerprint(id, fingerprint);
        ASSERT(strcmp(fingerprint, text) == 0);
    }
    buf_free(&formatted);
    free(text);
    return 0;
}
