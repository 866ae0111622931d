/* rekey_kit - changes of a ledger's own keys, for tests. */
#ifndef TESTS_UNIT_REKEY_KIT_H
#define TESTS_UNIT_REKEY_KIT_H

#include "ledger/copy.h"
#include "ledger/rekey.h"
#include "ledger/secret.h"
#include "tests/unit/ledger_kit.h"

#define REKEYED "dev.countersign.ledger.rekeyed.v1"
#define DAY_US INSTANT_DAY_US

KIT_UNUSED static const char *const key_files[] = {SECRET_CHECKPOINT,       SECRET_ADMISSION,
                                                   SECRET_CHECKPOINT_NEXT,  SECRET_ADMISSION_NEXT,
                                                   SECRET_CHECKPOINT_AFTER, SECRET_ADMISSION_AFTER};

KIT_UNUSED static void file_read(const struct kit *kit, const char *name, struct buf *buf)
{
    assert_int_equal(files_read(kit->path, name, 1 << 20, buf, NULL), ERR_OK);
}

KIT_UNUSED static void file_write(const struct kit *kit, const char *name, const char *text)
{
    char *path = files_path(kit->path, name);
    unlink(path);
    free(path);
    assert_int_equal(files_make(kit->path, name, text, strlen(text), NULL), ERR_OK);
}

KIT_UNUSED static struct registry_pair prepare(struct kit *kit)
{
    struct registry_pair pair = {.until_us = -1};
    enum err err = rekey_prepare(kit->ledger, true, &pair, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    return pair;
}

/* data of ledger.rekeyed; ${until_us} -1: null. */
KIT_UNUSED static char *pair_data(const struct registry_pair *pair, int64_t until_us)
{
    struct buf text = {0};
    char until[INSTANT_TEXT_BYTES];
    buf_text(&text, "{\"vkey\":\"");
    note_key_format(&pair->checkpoint, &text);
    buf_text(&text, "\",\"admission_key\":\"");
    buf_hex(&text, pair->admission_key, ED25519_KEY_BYTES);
    if (until_us >= 0) {
        instant_format(until_us, until);
        buf_printf(&text, "\",\"until\":\"%s\"}", until);
    } else {
        buf_text(&text, "\",\"until\":null}");
    }
    return buf_take_text(&text);
}

KIT_UNUSED static struct admitted *admit_change(struct kit *kit, const char *id,
                                                const struct registry_pair *pair, int64_t until_us)
{
    char *data = pair_data(pair, until_us);
    struct kit_event event = {.id = id, .type = REKEYED, .data = data, .signers = {1}};
    struct admitted *admitted = kit_admit(kit, &event);
    free(data);
    return admitted;
}

KIT_UNUSED static struct admitted *admit_other(struct kit *kit, const char *id, int64_t time_us)
{
    struct kit_event event = {.id = id, .time_us = time_us};
    return kit_admit(kit, &event);
}

/* Append ${count} admitted events, which are freed; want their receipts to have the errors given.
 */
KIT_UNUSED static void append(struct kit *kit, struct admitted **admitted, size_t count,
                              const enum err *want)
{
    struct receipt receipts[8];
    enum err err = ledger_append(kit->ledger, admitted, count, NULL, receipts, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    for (size_t i = 0; i < count; i++) {
        if (receipts[i].err != want[i])
            fail_msg("event %zu: %s", i, err_name(receipts[i].err));
        admit_free(admitted[i]);
    }
    ledger_receipts_free(receipts, count);
}

KIT_UNUSED static void append_other(struct kit *kit, const char *id, int64_t time_us)
{
    struct admitted *admitted = admit_other(kit, id, time_us);
    append(kit, &admitted, 1, (const enum err[]){ERR_OK});
}

KIT_UNUSED static void rotate(struct kit *kit, const char *id, int64_t until_us)
{
    struct registry_pair pair = prepare(kit);
    struct admitted *admitted = admit_change(kit, id, &pair, until_us);
    append(kit, &admitted, 1, (const enum err[]){ERR_OK});
}

/* How many lines of signatures the last checkpoint has; it must be signed as is due. */
KIT_UNUSED static unsigned signatures(struct kit *kit)
{
    struct buf note = {0};
    uint64_t size = 0;
    int64_t last_us = 0;
    unsigned lines = 0;
    assert_int_equal(ledger_checkpoint(kit->ledger, &note, NULL), ERR_OK);
    assert_int_equal(ledger_size(kit->ledger, &size, NULL), ERR_OK);
    assert_int_equal(ledger_last_us(kit->ledger, &last_us, NULL), ERR_OK);
    assert_true(registry_note_signed(ledger_registry(kit->ledger), &note, size, last_us));
    for (const char *at = (const char *)note.data; (at = strstr(at, "\n\xe2\x80\x94 ")) != NULL;
         at++)
        lines++;
    buf_free(&note);
    return lines;
}

#endif
