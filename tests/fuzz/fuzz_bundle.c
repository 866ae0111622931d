#include <stdlib.h>
#include <string.h>

#include "ledger/dossier_check.h"
#include "ledger/verify_dossier.h"

/* A tar that is read writes to itself; a bundle that is taken apart is checked and told without
 * harm, and one that holds is made again of its parts.  The first byte 'p': the rest is taken for
 * the files of a bundle, so that more than its form is tried. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void try_tell(const void *data, size_t bytes)
{
    struct buf bundle = {0}, text = {0};
    buf_add(&bundle, data, bytes);
    if (bytes > 0 && verify_dossier_tell(&bundle, NULL, false, &text, NULL) == ERR_OK)
        ASSERT(text.bytes > 0);
    buf_free(&bundle);
    buf_free(&text);
}

/* Each part is a length of two bytes and so many bytes. */
static void try_parts(const uint8_t *data, size_t bytes)
{
    static const char *const names[] = {"README.txt",
                                        "event.json",
                                        "event.json.sig",
                                        "allowed_signers",
                                        "entry",
                                        "salt",
                                        "entry.tlog-proof",
                                        "checkpoint",
                                        "tail",
                                        "keys/000000.tlog-proof",
                                        "keys/000001.tlog-proof",
                                        "last.tlog-proof"};
    struct tar tar = {0};
    struct buf made = {0};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t length = bytes > 2 ? (size_t)(data[0] << 8 | data[1]) : 0;
        size_t head = bytes > 2 ? 2 : bytes;
        data += head;
        bytes -= head;
        length = length < bytes ? length : bytes;
        tar_add(&tar, names[i], data, length);
        data += length;
        bytes -= length;
    }
    tar_write(&tar, &made);
    try_tell(made.data, made.bytes);
    tar_free(&tar);
    buf_free(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tar tar = {0};
    struct buf again = {0};
    if (bytes > 0 && data[0] == 'p') {
        try_parts(data + 1, bytes - 1);
        return 0;
    }
    if (tar_read(data, bytes, &tar, NULL) == ERR_OK) {
        tar_write(&tar, &again);
        ASSERT(again.bytes == bytes && memcmp(again.data, data, bytes) == 0);
        try_tell(data, bytes);
    }
    tar_free(&tar);
    buf_free(&again);
    return 0;
}
