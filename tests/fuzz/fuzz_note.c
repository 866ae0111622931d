#include "ledger/note.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"

/* The same bytes as a note, a checkpoint, and a vkey: what parses formats to itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void try_checkpoint(const char *text, size_t bytes)
{
    struct checkpoint checkpoint;
    struct buf again = {0};
    if (checkpoint_parse(text, bytes, &checkpoint) != ERR_OK)
        return;
    checkpoint_format(&checkpoint, &again);
    ASSERT(again.bytes < bytes && memcmp(again.data, text, again.bytes) == 0);
    buf_free(&again);
}

static void try_vkey(const char *text)
{
    struct note_key key;
    struct buf again = {0};
    if (note_key_parse(text, &key) != ERR_OK)
        return;
    ASSERT(note_name_ok(key.name));
    note_key_format(&key, &again);
    ASSERT(strcmp((const char *)again.data, text) == 0);
    buf_free(&again);
}

static void try_signers(const char *text, size_t bytes)
{
    struct note_signer *signers = NULL;
    size_t count = 0;
    if (note_signers(text, bytes, &signers, &count) != ERR_OK)
        return;
    ASSERT(count >= 1 && count <= NOTE_SIGS_MAX);
    for (size_t i = 0; i < count; i++)
        ASSERT(note_name_ok(signers[i].name));
    free(signers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char vkey[] =
        "ledger.example/prod+77b80c1d+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    struct note_key key;
    size_t body_bytes;
    char *text = mem_text_n((const char *)data, bytes);
    ASSERT(note_key_parse(vkey, &key) == ERR_OK);
    if (note_check(text, bytes, &key, 1, &body_bytes) == ERR_OK)
        ASSERT(body_bytes > 0 && body_bytes < bytes && text[body_bytes - 1] == '\n');
    try_checkpoint(text, bytes);
    try_signers(text, bytes);
    try_vkey(text);
    free(text);
    return 0;
}
