#include "ledger/signers.h"

#include <stdlib.h>
#include <string.h>

/* A file that parses is the same file once its lines are written as we write them: the same
 * principals and keys in the same order. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct signers signers = {0}, again = {0};
    struct err_text why = {""};
    struct buf text = {0};
    if (signers_parse((const char *)data, bytes, &signers, &why) != ERR_OK) {
        ASSERT(signers.count == 0 && why.s[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < signers.count; i++)
        signers_format(signers.lines[i].principal, &signers.lines[i].key, -1, -1, &text);
    ASSERT(signers_parse((const char *)text.data, text.bytes, &again, &why) == ERR_OK);
    ASSERT(again.count == signers.count);
    for (size_t i = 0; i < signers.count; i++) {
        ASSERT(again.lines[i].number == i + 1);
        ASSERT(strcmp(again.lines[i].principal, signers.lines[i].principal) == 0);
        ASSERT(memcmp(&again.lines[i].key, &signers.lines[i].key, sizeof(struct sshkey)) == 0);
    }
    signers_free(&signers);
    signers_free(&again);
    buf_free(&text);
    return 0;
}
