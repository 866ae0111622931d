#include "tests/unit/ledger_kit.h"

#include "ledger/rows.h"
#include "ledger/store.h"

typedef void forge_fn(struct kit *kit, struct admitted *admitted);

/* Appends a signed event that ${forge} has changed behind admission's back, with admission's own
 * signature over it; so nothing but the check of that one thing can see it. */
static void assert_forged(const char *what, forge_fn *forge)
{
    struct kit kit;
    struct receipt receipt;
    const struct verify_options options = {0};
    kit_new(&kit);
    kit_fill(&kit, 5);
    struct kit_event event = {
        .id = "forged", .type = "dev.countersign.note.added.v1", .deployment = "d", .signers = {1}};
    struct admitted *admitted = kit_admit(&kit, &event);
    struct buf message = {0};
    forge(&kit, admitted);
    buf_clear(&admitted->part_bytes);
    struct buf part = {0};
    entry_encode_part(&admitted->part, &part);
    entry_admission_message(ledger_info(kit.ledger)->id, part.data, part.bytes, &message);
    crypto_sign_detached(admitted->admission, NULL, message.data, message.bytes,
                         ledger_admission(kit.ledger)->secret_key);
    if (strstr(what, "admission") != NULL)
        admitted->admission[3] ^= 1;
    assert_int_equal(ledger_append(kit.ledger, &admitted, 1, NULL, &receipt, &kit.why), ERR_OK);
    struct verify_result *result = kit_check(&kit, &options);
    assert_true(result->first_bad.found);
    assert_int_equal(result->first_bad.seq, 5);
    if (strstr(result->first_bad.what, what) == NULL)
        fail_msg("'%s' instead of '%s'", result->first_bad.what, what);
    verify_result_free(result);
    buf_free(&part);
    buf_free(&message);
    admit_free(admitted);
    kit_end(&kit);
}

static void leave(struct kit *kit, struct admitted *admitted)
{
    (void)kit;
    (void)admitted;
}

static void forge_signature(struct kit *kit, struct admitted *admitted)
{
    static uint8_t signature[ED25519_SIG_BYTES];
    (void)kit;
    memcpy(signature, admitted->part.sigs[0].data, sizeof(signature));
    signature[0] ^= 1;
    admitted->part.sigs[0].data = signature;
}

static void forge_key(struct kit *kit, struct admitted *admitted)
{
    static uint8_t signature[ED25519_SIG_BYTES];
    (void)kit;
    memcpy(signature, admitted->part.sigs[0].data, sizeof(signature));
    admitted->part.sigs[0].data = signature;
    admitted->part.sigs[0].key_id[0] ^= 1;
}

static void forge_principal(struct kit *kit, struct admitted *admitted)
{
    static uint8_t signature[ED25519_SIG_BYTES];
    (void)kit;
    memcpy(signature, admitted->part.sigs[0].data, sizeof(signature));
    admitted->part.sigs[0].data = signature;
    memcpy(admitted->part.principal, "toor", 5);
    rows_id_name("toor", "/test", admitted->name);
}

static void forge_twice(struct kit *kit, struct admitted *admitted)
{
    static uint8_t signature[ED25519_SIG_BYTES];
    (void)kit;
    memcpy(signature, admitted->part.sigs[0].data, sizeof(signature));
    admitted->part.sigs[0].data = signature;
    admitted->part.sigs[1] = admitted->part.sigs[0];
    admitted->part.sig_count = 2;
}

static void forge_stream(struct kit *kit, struct admitted *admitted)
{
    forge_signature(kit, admitted);
    memcpy(admitted->part.stream, "e", 2);
}

static void forge_name(struct kit *kit, struct admitted *admitted)
{
    forge_signature(kit, admitted);
    admitted->name[0] ^= 1;
}

static void forge_origin(struct kit *kit, struct admitted *admitted)
{
    forge_signature(kit, admitted);
    admitted->part.origin = ORIGIN_LEDGER;
}

static void forge_ledger(struct kit *kit, struct admitted *admitted)
{
    char *at = strstr((char *)admitted->event.data, ledger_info(kit->ledger)->id_hex);
    assert_non_null(at);
    forge_signature(kit, admitted);
    *at = *at == '0' ? '1' : '0';
    entry_event_digest(admitted->salt, admitted->event.data, admitted->event.bytes,
                       admitted->part.event_digest);
}

static void test_verify_forged(void **state)
{
    (void)state;
    assert_forged("the signature of admission does not verify", leave);
    assert_forged("a signature over its event does not verify", forge_signature);
    assert_forged("a key that was not enrolled", forge_key);
    assert_forged("is not its principal's", forge_principal);
    assert_forged("one key signed it twice", forge_twice);
    assert_forged("names another stream", forge_stream);
    assert_forged("the index of ids does not have its event", forge_name);
    assert_forged("the ledger's own, and somebody's", forge_origin);
    assert_forged("signed for another ledger", forge_ledger);
}

/* Rows behind verify's back, put there as anybody could who may write the directory. */
static void assert_stray(enum store_table table, const char *key, size_t key_bytes,
                         const char *value)
{
    struct kit kit;
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    const struct verify_options options = {0};
    kit_new(&kit);
    kit_fill(&kit, 5);
    assert_int_equal(store_open(kit.path, STORE_SHARED, &store, NULL), ERR_OK);
    assert_int_equal(store_begin(store, true, &txn, NULL), ERR_OK);
    assert_int_equal(store_put(txn, table, key, key_bytes, value, strlen(value)), ERR_OK);
    assert_int_equal(store_commit(txn, NULL), ERR_OK);
    store_close(store);
    kit_bad(&kit, &options, 5, key);
    kit_end(&kit);
}

static void test_verify_stray_rows(void **state)
{
    (void)state;
    assert_stray(STORE_NODES, "x", 1, "hash");
    assert_stray(STORE_IDS, "x", 1, "12345678");
    assert_stray(STORE_STREAMS, "x", 1, "12345678");
    assert_stray(STORE_EVENTS, "\0\0\0\0\0\0\0\5", 8, "12345678");
    assert_stray(STORE_ENTRIES, "\0\0\0\0\0\0\0\5", 8, "entry");
    assert_stray(STORE_ENTRIES, "\0\0\0\0\0\0\0\6", 8, "entry");
    assert_stray(STORE_CHECKPOINTS, "\0\0\0\0\0\0\1\0", 8, "note");
    assert_stray(STORE_META, "x", 1, "y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_forged),
        cmocka_unit_test(test_verify_stray_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
