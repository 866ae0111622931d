/* An item's command, what it wrote, and what was expected, separated by NUL: whatever they are,
 * what is left open lies in the command, nothing filled is nothing changed, and what is covered is
 * text. */
#include <stdlib.h>
#include <string.h>

#include "replay/expectation.h"
#include "replay/mask.h"
#include "replay/slot.h"

#define SECRET "hunter2"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const char *nothing(void *ctx, const char *name)
{
    (void)ctx;
    ASSERT(slot_name_ok(name) || strlen(name) > 64);
    return NULL;
}

static void check_slots(const char *command)
{
    struct slots slots;
    struct buf filled = {0};
    size_t at = 0;
    slot_find(command, &slots);
    for (size_t i = 0; i < slots.count; i++) {
        const struct slot *slot = &slots.all[i];
        if (slot->variable)
            continue;
        ASSERT(slot->at >= at && slot->bytes >= 3);
        at = slot->at + slot->bytes;
        ASSERT(at <= strlen(command));
    }
    slot_fill(command, &slots, nothing, NULL, &filled);
    buf_add(&filled, "", 0);
    ASSERT(strcmp((const char *)filled.data, command) == 0);
    buf_free(&filled);
    (void)slot_expand(command, nothing, NULL, &filled);
    buf_free(&filled);
    slot_free(&slots);
}

static bool is_any(uint32_t code)
{
    return code != 0;
}

static void check_mask(const char *command, const struct buf *output)
{
    struct mask *mask = NULL;
    struct buf covered = {0};
    if (mask_new(command, &mask, NULL) != ERR_OK)
        return;
    mask_value(mask, SECRET);
    mask_add(mask, output->data, output->bytes, &covered);
    ASSERT(utf8_all((const char *)covered.data, covered.bytes, is_any));
    ASSERT(memmem(covered.data, covered.bytes, SECRET, strlen(SECRET)) == NULL);
    buf_free(&covered);
    mask_free(mask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    size_t first = strnlen((const char *)data, bytes);
    size_t second = first < bytes ? strnlen((const char *)data + first + 1, bytes - first - 1) : 0;
    char *command = mem_text_n((const char *)data, first);
    char *expected = mem_text_n(first < bytes ? (const char *)data + first + 1 : "", second);
    size_t used = first + second + 2;
    struct buf output = {0};
    buf_add(&output, used < bytes ? data + used : data, used < bytes ? bytes - used : 0);
    check_slots(command);
    check_mask(command, &output);
    enum held held = expectation_judge(expected, 0, &output);
    ASSERT(held != HELD_UNKNOWN || expected[0] != '\0');
    (void)expectation_by_words(expected);
    buf_free(&output);
    free(command);
    free(expected);
    return 0;
}
