#include <string.h>

#include "ledger/ledger.h"

/* Whatever an admin says, and the ledger itself, is judged, and a refusal has its reason and no
 * flags. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void fold(struct registry *registry, uint64_t seq, enum origin origin,
                 const struct event *event)
{
    struct entry entry = {.seq = seq, .part = {.stream = "ledger", .principal = "root"}};
    struct verdict verdict = {0};
    struct sshkey key;
    entry.part.origin = (uint8_t)origin;
    entry.part.sig_count = 1;
    memset(key.ed25519, 0x66, sizeof(key.ed25519));
    key.ed25519[0] = 0x58; /* the base point of the curve, which is a good key */
    sshkey_from_ed25519(key.ed25519, &key);
    memcpy(entry.part.sigs[0].key_id, key.id, KEY_ID_BYTES);
    registry_apply(registry, &entry, event, &verdict);
    ASSERT(verdict.rule == RULE_NONE || (verdict.flags == 0 && verdict.reason != NULL));
    ASSERT(registry_size(registry) == seq + 1);
    verdict_clear(&verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char created[] =
        "{\"specversion\":\"1.0\",\"id\":\"0\",\"source\":\"/ledger\",\"type\":"
        "\"dev.countersign.ledger.created.v1\",\"data\":{\"ledger\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\",\"origin\":\"o\","
        "\"vkey\":\"v\",\"admission_key\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\",\"admins\":["
        "{\"principal\":\"root\",\"public_key\":\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFhmZmZm"
        "ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZm\"}]}}";
    struct event *event = NULL, *first = NULL;
    if (event_parse(data, bytes, &event, NULL) != ERR_OK)
        return 0;
    ASSERT(event_parse(created, sizeof(created) - 1, &first, NULL) == ERR_OK);
    struct registry *registry = registry_new();
    fold(registry, 0, ORIGIN_LEDGER, first);
    ASSERT(registry_holds(registry, "root", "admin", 1));
    fold(registry, 1, ORIGIN_CLI, event);
    fold(registry, 2, ORIGIN_LEDGER, event);
    fold(registry, 3, ORIGIN_CLI, event);
    registry_free(registry);
    event_free(first);
    event_free(event);
    return 0;
}
