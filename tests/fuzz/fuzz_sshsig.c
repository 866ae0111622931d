#include "ledger/sshsig.h"

#include <string.h>

/* A blob that parses is the only encoding of what it holds; a file that unarmors armors to one that
 * unarmors the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_canonical(const struct sshsig *sig, const uint8_t *blob, size_t blob_bytes)
{
    struct buf inner = {0}, again = {0};
    buf_string(&inner, "ssh-ed25519", 11);
    buf_string(&inner, sig->signature, sizeof(sig->signature));
    buf_text(&again, "SSHSIG");
    buf_u32(&again, 1);
    buf_string(&again, sig->key.wire, sig->key.wire_bytes);
    buf_string(&again, SSHSIG_NAMESPACE, strlen(SSHSIG_NAMESPACE));
    buf_string(&again, "", 0);
    buf_string(&again, sig->sha512 ? "sha512" : "sha256", 6);
    buf_string(&again, inner.data, inner.bytes);
    ASSERT(again.bytes == blob_bytes && memcmp(again.data, blob, blob_bytes) == 0);
    buf_free(&inner);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct sshsig sig;
    struct err_text why;
    struct buf blob = {0}, armored = {0}, again = {0};
    if (sshsig_parse(data, bytes, &sig, &why) == ERR_OK) {
        check_canonical(&sig, data, bytes);
        ASSERT(sshsig_check(&sig, data, bytes) == ERR_UNAUTHENTICATED);
    }
    if (sshsig_unarmor((const char *)data, bytes, &blob) == ERR_OK) {
        if (sshsig_parse(blob.data, blob.bytes, &sig, &why) == ERR_OK)
            check_canonical(&sig, blob.data, blob.bytes);
        sshsig_armor(blob.data, blob.bytes, &armored);
        ASSERT(armored.bytes > SSHSIG_ARMOR_BYTES_MAX ||
               sshsig_unarmor((const char *)armored.data, armored.bytes, &again) == ERR_OK);
        ASSERT(again.bytes == 0 || again.bytes == blob.bytes);
        ASSERT(again.bytes == 0 || memcmp(again.data, blob.data, blob.bytes) == 0);
    }
    buf_free(&blob);
    buf_free(&armored);
    buf_free(&again);
    return 0;
}
