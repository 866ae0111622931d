#include "tests/unit/ledger_kit.h"

#include "ledger/dossier_check.h"
#include "ledger/verify_dossier.h"

/* A ledger with two acts, at entries 2 and 3, and the bundle of the first. */
struct made {
    struct kit kit;
    uint64_t seq;
    struct buf note, bundle;
};

/* A further key of "rosa", seed 2. */
static void enroll(struct kit *kit)
{
    struct sshkey key;
    uint8_t secret[64];
    struct buf text = {0}, data = {0};
    kit_key(2, &key, secret);
    sshkey_format(&key, &text);
    buf_printf(&data, "{\"principal\":\"rosa\",\"public_key\":\"%s\"}", (const char *)text.data);
    const struct kit_event event = {.id = "k",
                                    .type = "dev.countersign.key.enrolled.v1",
                                    .data = (const char *)data.data,
                                    .signers = {1}};
    struct receipt receipt = kit_append(kit, &event);
    assert_int_equal(receipt.verdict.rule, RULE_NONE);
    ledger_receipts_free(&receipt, 1);
    buf_free(&text);
    buf_free(&data);
}

static uint64_t act(struct kit *kit, const char *id, const char *data)
{
    const struct kit_event event = {.id = id,
                                    .type = "dev.countersign.approval.given.v1",
                                    .deployment = "web-1",
                                    .data = data,
                                    .signers = {2, 1}};
    struct receipt receipt = kit_append(kit, &event);
    ledger_receipts_free(&receipt, 1);
    return receipt.seq;
}

static void make(struct made *made)
{
    char *against = NULL;
    buf_clear(&made->note);
    buf_clear(&made->bundle);
    assert_int_equal(ledger_checkpoint(made->kit.ledger, &made->note, NULL), ERR_OK);
    enum err err = dossier_make_act(made->kit.ledger, made->seq, &made->note, &made->bundle,
                                    &against, &made->kit.why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), made->kit.why.s);
    free(against);
}

static void begin(struct made *made)
{
    *made = (struct made){.seq = 0};
    kit_new(&made->kit);
    enroll(&made->kit);
    made->seq = act(&made->kit, "a", "{\"node\":\"1.1.1\"}");
    act(&made->kit, "b", "{}");
    make(made);
}

static void end(struct made *made)
{
    buf_free(&made->note);
    buf_free(&made->bundle);
    kit_end(&made->kit);
}

static enum err tell(const struct buf *bundle, const struct note_key *key, struct err_text *why)
{
    struct buf text = {0};
    enum err err = verify_dossier_tell(bundle, key, true, &text, why);
    assert_true(text.bytes > 0);
    buf_free(&text);
    return err;
}

static void test_dossier_holds(void **state)
{
    (void)state;
    struct made made;
    struct buf again = {0};
    struct dossier *dossier = NULL;
    struct dossier_finding finding = {0};
    begin(&made);
    const struct note_key *key = &ledger_info(made.kit.ledger)->key;
    assert_int_equal(tell(&made.bundle, key, NULL), ERR_OK);
    assert_int_equal(tell(&made.bundle, NULL, NULL), ERR_OK);
    assert_int_equal(dossier_parse(made.bundle.data, made.bundle.bytes, &dossier, NULL), ERR_OK);
    assert_int_equal(dossier_check_whole(dossier, key, &finding, NULL), ERR_OK);
    assert_true(finding.whole_then && finding.whole_now && finding.against == NULL);
    assert_int_equal(dossier->key_count, 2);
    assert_true(dossier->has_tail);
    assert_int_equal(dossier_format(dossier, finding.registry, &again, NULL), ERR_OK);
    assert_int_equal(again.bytes, made.bundle.bytes);
    assert_memory_equal(again.data, made.bundle.data, again.bytes);
    dossier_check_free(&finding);
    dossier_free(dossier);
    buf_free(&again);
    end(&made);
}

/* One bit of every byte; the lines for people are sampled, for they are one case. */
static void test_dossier_every_byte(void **state)
{
    (void)state;
    struct made made;
    struct tar tar = {0};
    begin(&made);
    assert_int_equal(tar_read(made.bundle.data, made.bundle.bytes, &tar, NULL), ERR_OK);
    const size_t people = 512 + tar_find(&tar, "README.txt")->bytes;
    tar_free(&tar);
    for (size_t i = 0; i<made.bundle.bytes; i += i> 512 && i < people ? 64 : 1) {
        made.bundle.data[i] ^= (uint8_t)(1u << i % 8);
        if (tell(&made.bundle, NULL, NULL) == ERR_OK)
            fail_msg("byte %zu can be changed", i);
        made.bundle.data[i] ^= (uint8_t)(1u << i % 8);
    }
    end(&made);
}

static void test_dossier_cut(void **state)
{
    (void)state;
    struct made made;
    begin(&made);
    for (size_t bytes = 0; bytes < made.bundle.bytes; bytes += 61) {
        const struct buf cut = {.data = made.bundle.data, .bytes = bytes};
        assert_int_equal(tell(&cut, NULL, NULL), ERR_PROOF);
    }
    end(&made);
}

/* Take the bundle's member ${name} away, or put other bytes in its place, and want ${what} said. */
static void replaced(const struct made *made, const char *name, const struct buf *data,
                     const char *what)
{
    struct tar tar = {0}, other = {0};
    struct buf bytes = {0};
    struct err_text why = {""};
    assert_int_equal(tar_read(made->bundle.data, made->bundle.bytes, &tar, NULL), ERR_OK);
    assert_non_null(tar_find(&tar, name));
    for (size_t i = 0; i < tar.count; i++) {
        const struct buf *own = &tar.members[i].data;
        bool is = strcmp(tar.members[i].name, name) == 0;
        if (!is || data != NULL)
            tar_add(&other, tar.members[i].name, is ? data->data : own->data,
                    is ? data->bytes : own->bytes);
    }
    assert_int_equal(tar_write(&other, &bytes, NULL), ERR_OK);
    assert_int_equal(tell(&bytes, NULL, &why), ERR_PROOF);
    if (strstr(why.s, what) == NULL)
        fail_msg("%s: no '%s' in '%s'", name, what, why.s);
    tar_free(&tar);
    tar_free(&other);
    buf_free(&bytes);
}

static void test_dossier_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *name, *what;
    } without[] = {
        {"README.txt", "it has no README.txt"},
        {"event.json", "it has no event.json"},
        {"salt", "it has no salt"},
        {"entry", "salt is not what follows"},
        {"entry.tlog-proof", "it has no entry.tlog-proof"},
        {"last.tlog-proof", "it has no last.tlog-proof"},
        {"keys/000000.tlog-proof", "there is a gap"},
        {"keys/000001.tlog-proof", "was not enrolled"},
        {"tail", "tail is missing"},
        {"event.json.dsse", "entry is not what follows"},
        {"SHA256SUMS", "SHA256SUMS is not what follows"},
    };
    struct made made;
    struct buf junk = {0};
    begin(&made);
    for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
        replaced(&made, without[i].name, NULL, without[i].what);
    buf_text(&junk, "junk");
    replaced(&made, "salt", &junk, "salt has 4 bytes");
    replaced(&made, "event.json", &junk, "event digest");
    replaced(&made, "entry.tlog-proof", &junk, "no well-formed tlog-proof");
    replaced(&made, "keys/000001.tlog-proof", &junk, "no well-formed tlog-proof");
    replaced(&made, "tail", &junk, "tail: what stands for entry 2");
    replaced(&made, "checkpoint", &junk, "checkpoint is not what follows");
    replaced(&made, "allowed_signers", &junk, "allowed_signers is not what follows");
    buf_free(&junk);
    end(&made);
}

/* The proof of ${seq} against the bundle's checkpoint. */
static void proof_of(struct made *made, uint64_t seq, bool with_event, struct buf *text)
{
    buf_clear(text);
    assert_int_equal(
        prove_entry(made->kit.ledger, seq, &made->note, with_event, text, &made->kit.why), ERR_OK);
}

/* Entries that are good, in places that are not theirs. */
static void test_dossier_mixed(void **state)
{
    (void)state;
    struct made made, other;
    struct buf text = {0};
    begin(&made);
    begin(&other);
    proof_of(&other, 0, true, &text);
    replaced(&made, "keys/000000.tlog-proof", &text, "the bundle is mixed");
    proof_of(&other, 2, false, &text);
    replaced(&made, "entry.tlog-proof", &text, "the bundle is mixed");
    proof_of(&made, 0, true, &text);
    replaced(&made, "keys/000001.tlog-proof", &text, "there is a gap");
    proof_of(&made, 2, true, &text);
    replaced(&made, "keys/000001.tlog-proof", &text, "not of the stream `ledger`");
    replaced(&made, "entry.tlog-proof", &text, "carries an event of its own");
    proof_of(&made, 3, false, &text);
    replaced(&made, "entry.tlog-proof", &text, "event digest");
    proof_of(&made, 2, false, &text);
    replaced(&made, "last.tlog-proof", &text, "not of the checkpoint's last");
    struct err_text why = {""};
    assert_int_equal(tell(&made.bundle, &ledger_info(other.kit.ledger)->key, &why), ERR_PROOF);
    assert_non_null(strstr(why.s, "has no good signature by"));
    buf_free(&text);
    end(&made);
    end(&other);
}

/* An entry of the stream `ledger` in the tail is one that is held back. */
static void test_dossier_held_back(void **state)
{
    (void)state;
    struct made made;
    struct dossier *dossier = NULL;
    struct dossier_finding finding = {0};
    struct err_text why = {""};
    begin(&made);
    const struct kit_event event = {.id = "r", .deployment = "web-1", .signers = {1}};
    struct receipt receipt = kit_append(&made.kit, &event);
    made.seq = receipt.seq;
    make(&made);
    assert_int_equal(dossier_parse(made.bundle.data, made.bundle.bytes, &dossier, NULL), ERR_OK);
    dossier_drop(&dossier->keys[--dossier->key_count]);
    buf_clear(&dossier->tail);
    for (uint64_t seq = 1; seq <= made.seq; seq++) {
        struct record *record = NULL;
        assert_int_equal(ledger_read(made.kit.ledger, seq, &record, NULL), ERR_OK);
        buf_u16(&dossier->tail, (uint16_t)record->entry_bytes.bytes);
        buf_add(&dossier->tail, record->entry_bytes.data, record->entry_bytes.bytes);
        ledger_record_free(record);
    }
    assert_int_equal(dossier_check_whole(dossier, NULL, &finding, &why), ERR_PROOF);
    if (strstr(why.s, "entry 1 is of the stream `ledger`, and is not among keys/") == NULL)
        fail_msg("%s", why.s);
    dossier_free(dossier);
    ledger_receipts_free(&receipt, 1);
    end(&made);
}

/* A revocation whose event is not shown is one that is held back, too. */
static void test_dossier_event_held_back(void **state)
{
    (void)state;
    struct made made;
    struct sshkey key;
    uint8_t secret[64];
    char fingerprint[SSHKEY_FINGERPRINT_BYTES], data[256];
    struct buf text = {0};
    begin(&made);
    kit_key(2, &key, secret);
    sshkey_fingerprint(key.id, fingerprint);
    snprintf(data, sizeof(data), "{\"key_id\":\"%s\",\"reason\":\"retired\"}", fingerprint);
    const struct kit_event event = {
        .id = "r", .type = "dev.countersign.key.revoked.v1", .data = data, .signers = {1}};
    struct receipt receipt = kit_append(&made.kit, &event);
    made.seq = act(&made.kit, "c", "{}");
    make(&made);
    proof_of(&made, receipt.seq, false, &text);
    replaced(&made, "keys/000002.tlog-proof", &text, "does not show its event");
    ledger_receipts_free(&receipt, 1);
    buf_free(&text);
    end(&made);
}

/* Revoked before, revoked later, and suspect. */
static void test_dossier_against(void **state)
{
    (void)state;
    struct made made;
    struct sshkey key;
    uint8_t secret[64];
    char fingerprint[SSHKEY_FINGERPRINT_BYTES], data[256];
    struct err_text why = {""};
    begin(&made);
    kit_key(2, &key, secret);
    sshkey_fingerprint(key.id, fingerprint);
    snprintf(data, sizeof(data), "{\"key_id\":\"%s\",\"reason\":\"retired\"}", fingerprint);
    struct kit_event event = {
        .id = "r", .type = "dev.countersign.key.revoked.v1", .data = data, .signers = {1}};
    struct receipt receipt = kit_append(&made.kit, &event);
    ledger_receipts_free(&receipt, 1);
    make(&made);
    assert_int_equal(tell(&made.bundle, NULL, NULL), ERR_OK);
    made.seq = act(&made.kit, "c", "{}");
    make(&made);
    assert_int_equal(tell(&made.bundle, NULL, &why), ERR_PROOF);
    assert_non_null(strstr(why.s, "was revoked at position"));
    end(&made);
    begin(&made);
    snprintf(data, sizeof(data), "{\"key_id\":\"%s\",\"reason\":\"compromised\",\"since\":1}",
             fingerprint);
    receipt = kit_append(&made.kit, &event);
    ledger_receipts_free(&receipt, 1);
    make(&made);
    assert_int_equal(tell(&made.bundle, NULL, &why), ERR_PROOF);
    assert_non_null(strstr(why.s, "is suspect"));
    end(&made);
    begin(&made);
    made.seq = act(&made.kit, "e", "{\"role\":\"DBA\"}");
    make(&made);
    assert_int_equal(tell(&made.bundle, NULL, &why), ERR_PROOF);
    assert_non_null(strstr(why.s, "rosa did not hold the role DBA"));
    end(&made);
}

static void not_made(struct made *made, uint64_t seq, enum err want, const char *what)
{
    char *against = NULL;
    struct buf bundle = {0};
    assert_int_equal(
        dossier_make_act(made->kit.ledger, seq, &made->note, &bundle, &against, &made->kit.why),
        want);
    if (strstr(made->kit.why.s, what) == NULL)
        fail_msg("no '%s' in '%s'", what, made->kit.why.s);
    assert_true(bundle.bytes == 0 && against == NULL);
}

static void test_dossier_make_refused(void **state)
{
    (void)state;
    struct made made;
    begin(&made);
    not_made(&made, 1, ERR_INVALID, "not of a deployment");
    not_made(&made, 9, ERR_NOT_FOUND, "9");
    const struct kit_event event = {.id = "t", .deployment = "web-1"};
    struct receipt receipt = kit_append(&made.kit, &event);
    not_made(&made, receipt.seq, ERR_INVALID, "nobody signed it");
    not_made(&made, act(&made.kit, "z", "{}"), ERR_NOT_FOUND, "in a checkpoint of size 4");
    ledger_receipts_free(&receipt, 1);
    buf_clear(&made.note);
    not_made(&made, 2, ERR_INVALID, "checkpoint is malformed");
    end(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dossier_holds),
        cmocka_unit_test(test_dossier_every_byte),
        cmocka_unit_test(test_dossier_cut),
        cmocka_unit_test(test_dossier_replaced),
        cmocka_unit_test(test_dossier_mixed),
        cmocka_unit_test(test_dossier_held_back),
        cmocka_unit_test(test_dossier_event_held_back),
        cmocka_unit_test(test_dossier_against),
        cmocka_unit_test(test_dossier_make_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
