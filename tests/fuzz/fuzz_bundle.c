#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/dossier_check.h"
#include "ledger/store.h"
#include "ledger/verify_docket.h"
#include "ledger/verify_dossier.h"

/* A tar that is read writes to itself; a bundle that is taken apart is checked and told without
 * harm, and one that holds is made again of its parts.  The first byte 'p': the rest is taken for
 * the files of a bundle of one act, 's': for those of a bundle of streams, with sums that are
 * right, so that more than its form is tried. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void try_tell(const void *data, size_t bytes)
{
    const struct tar_source source = {.data = data, .fd = -1, .bytes = bytes};
    const struct docket_options options = {.threads = 1};
    struct tar_index index = {0};
    struct buf bundle = {0}, text = {0};
    enum err err = ERR_OK;
    buf_add(&bundle, data, bytes);
    if (tar_index_find(&source, DOCKET_MEMBERS_MAX, &index, NULL) != ERR_OK)
        err = ERR_INVALID;
    else if (docket_parts_is(&index))
        err = verify_docket_tell(&source, &index, &options, false, &text, NULL);
    else
        err = verify_dossier_tell(&bundle, NULL, false, &text, NULL);
    if (err == ERR_OK)
        ASSERT(text.bytes > 0);
    tar_index_free(&index);
    buf_free(&bundle);
    buf_free(&text);
}

/* The next part: a length of two bytes and so many bytes. */
static struct slice take_part(const uint8_t **data, size_t *bytes)
{
    size_t length = *bytes > 2 ? (size_t)((*data)[0] << 8 | (*data)[1]) : 0;
    const size_t head = *bytes > 2 ? 2 : *bytes;
    *data += head;
    *bytes -= head;
    length = length < *bytes ? length : *bytes;
    const struct slice part = {*data, length};
    *data += length;
    *bytes -= length;
    return part;
}

/* The one tile of a small tree, as the checkpoint has its size. */
static void tile_name(const struct slice *note, char name[TAR_NAME_BYTES_MAX + 1])
{
    struct checkpoint checkpoint = {.size = 1};
    const bool good = note->bytes > 0 && checkpoint_parse((const char *)note->data, note->bytes,
                                                          &checkpoint) == ERR_OK;
    snprintf(name, TAR_NAME_BYTES_MAX, "tile/0/000.p/%u",
             good ? (unsigned)(checkpoint.size % 256) : 1);
}

/* An empty part is a member that is not there. */
static void try_streams(const uint8_t *data, size_t bytes)
{
    char tile[TAR_NAME_BYTES_MAX + 1] = "";
    const char *const names[] = {DOCKET_README,
                                 DOCKET_PLAN,
                                 DOCKET_NOTE,
                                 "streams/ledger/000000.records",
                                 "streams/ledger/000000.index",
                                 "streams/inbox/000000.records",
                                 "streams/inbox/000000.index",
                                 "streams/web-1/000000.records",
                                 "streams/web-1/000000.index",
                                 DOCKET_TAIL,
                                 DOCKET_HEADS,
                                 DOCKET_OTHERS,
                                 DOCKET_LAST,
                                 DOCKET_SIGNERS,
                                 tile,
                                 "report/a"};
    struct tar tar = {0};
    struct buf made = {0};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct slice part = take_part(&data, &bytes);
        if (strcmp(names[i], DOCKET_NOTE) == 0)
            tile_name(&part, tile);
        if (part.bytes > 0)
            tar_add(&tar, names[i], part.data, part.bytes);
    }
    tar_add_sums(&tar);
    ASSERT(tar_write(&tar, &made, NULL) == ERR_OK);
    try_tell(made.data, made.bytes);
    tar_free(&tar);
    buf_free(&made);
}

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
        const struct slice part = take_part(&data, &bytes);
        tar_add(&tar, names[i], part.data, part.bytes);
    }
    ASSERT(tar_write(&tar, &made, NULL) == ERR_OK);
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
    if (bytes > 0 && data[0] == 's') {
        try_streams(data + 1, bytes - 1);
        return 0;
    }
    if (tar_read(data, bytes, &tar, NULL) == ERR_OK) {
        ASSERT(tar_write(&tar, &again, NULL) == ERR_OK);
        ASSERT(again.bytes == bytes && memcmp(again.data, data, bytes) == 0);
        try_tell(data, bytes);
    }
    tar_free(&tar);
    buf_free(&again);
    return 0;
}
