/* Admission of events signed with keys of every type but RSA (test_sshsig_types and the scenarios
 * have that): by SSHSIG, and by nothing else that the same raw key could sign. */
#include "ledger/ledger.h"
#include "tests/unit/softkey_kit.h"

#define APPLICATION "ssh:"

/* Entry 0 of a ledger whose only admin has the key. */
static struct registry *registry_of(const struct softkey *soft)
{
    struct registry *registry = registry_new();
    struct entry entry = {.part = {.stream = "ledger", .principal = "ledger"}};
    struct buf text = {0};
    struct sshkey key;
    struct event *event = NULL;
    struct verdict verdict = {0};
    entry.part.origin = ORIGIN_LEDGER;
    assert_int_equal(sshkey_from_wire(soft->wire.data, soft->wire.bytes, &key, NULL), ERR_OK);
    buf_printf(&text,
               "{\"specversion\":\"1.0\",\"id\":\"0\",\"source\":\"/t\",\"type\":"
               "\"dev.countersign.ledger.created.v1\",\"data\":{\"ledger\":\"%064d\","
               "\"origin\":\"o\",\"vkey\":\"v\",\"admission_key\":\"%064d\",\"admins\":[{"
               "\"principal\":\"root\",\"public_key\":\"",
               7, 1);
    sshkey_format(&key, &text);
    buf_text(&text, "\"}]}}");
    assert_int_equal(event_parse(text.data, text.bytes, &event, NULL), ERR_OK);
    registry_apply(registry, &entry, event, &verdict);
    assert_int_equal(verdict.rule, RULE_NONE);
    event_free(event);
    buf_free(&text);
    return registry;
}

/* Admit a note with one signature. */
static enum err admit(const struct registry *registry, const struct softkey *soft,
                      const char *event, const struct buf *signature, struct err_text *ret_why)
{
    struct admission admission = {.simulated = true};
    const struct courier nobody = {.origin = ORIGIN_CLI};
    struct dsse dsse = {.sig_count = 1};
    struct buf text = {0};
    uint8_t public_key[ED25519_KEY_BYTES];
    struct admitted *admitted = NULL;
    admission.ledger_id[HASH_BYTES - 1] = 7;
    assert_int_equal(crypto_sign_keypair(public_key, admission.secret_key), 0);
    hash_bytes(soft->wire.data, soft->wire.bytes, dsse.sigs[0].key_id);
    dsse.sigs[0].data = signature->data;
    dsse.sigs[0].bytes = signature->bytes;
    buf_text(&dsse.payload, event);
    dsse_format(&dsse, &text);
    const struct admit_message message = {DSSE_MEDIA_TYPE, text.data, text.bytes, NULL};
    enum err err = admit_event(&admission, registry, &nobody, &message, &admitted, ret_why);
    if (err == ERR_OK) {
        assert_int_equal(admitted->part.sigs[0].alg, SIG_SSHSIG);
        assert_int_equal(admitted->part.sigs[0].bytes, signature->bytes);
        assert_memory_equal(admitted->part.sigs[0].data, signature->data, signature->bytes);
        assert_string_equal(admitted->part.principal, "root");
    }
    admit_free(admitted);
    buf_free(&dsse.payload);
    buf_free(&text);
    return err;
}

static char *note(void)
{
    struct buf text = {0};
    buf_printf(&text,
               "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/t\",\"type\":"
               "\"dev.countersign.note.added.v1\",\"deployment\":\"d-1\",\"ledger\":\"%064d\","
               "\"data\":{\"text\":\"x\"}}",
               7);
    return buf_take_text(&text);
}

static void test_admit_event_by_sshsig(void **state)
{
    (void)state;
    char *event = note();
    for (enum sshkey_type type = 0; type < SSHKEY_RSA; type++) {
        struct softkey soft;
        struct buf blob = {0};
        struct err_text why;
        softkey_make(type, APPLICATION, &soft);
        struct registry *registry = registry_of(&soft);
        softkey_sign(&soft, APPLICATION, event, 0, 0, &blob);
        if (admit(registry, &soft, event, &blob, &why) != ERR_OK)
            fail_msg("%s: %s", sshkey_type_name(type), why.s);
        blob.data[blob.bytes - 8] ^= 1; /* in the signature, or the flags: not good */
        assert_int_not_equal(admit(registry, &soft, event, &blob, &why), ERR_OK);
        registry_free(registry);
        softkey_free(&soft);
        buf_free(&blob);
    }
    free(event);
}

/* 64 bytes over DSSE's encoding, as alg 1 has them, by the raw key of a security key: what its
 * device never signed. */
static void test_admit_event_raw_by_other_type(void **state)
{
    (void)state;
    static const struct {
        enum sshkey_type type;
        enum err err;
    } cases[] = {{SSHKEY_SK_ED25519, ERR_UNAUTHENTICATED},
                 {SSHKEY_P256, ERR_UNAUTHENTICATED},
                 {SSHKEY_SK_P256, ERR_UNAUTHENTICATED}};
    char *event = note();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct softkey soft;
        struct buf pae = {0}, signature = {0};
        struct err_text why;
        softkey_make(cases[i].type, APPLICATION, &soft);
        struct registry *registry = registry_of(&soft);
        dsse_pae(EVENT_MEDIA_TYPE, event, strlen(event), &pae);
        crypto_sign_detached(buf_room(&signature, ED25519_SIG_BYTES), NULL, pae.data, pae.bytes,
                             soft.secret);
        assert_int_equal(admit(registry, &soft, event, &signature, &why), cases[i].err);
        assert_non_null(strstr(why.s, "signs by SSHSIG"));
        registry_free(registry);
        softkey_free(&soft);
        buf_free(&pae);
        buf_free(&signature);
    }
    free(event);
}

static void test_admit_event_unsupported(void **state)
{
    (void)state;
    static const char type[] = "ssh-ed25519-cert-v01@openssh.com";
    struct softkey soft;
    struct buf blob = {0}, raw = {0}, wire = {0};
    struct err_text why;
    char *event = note();
    softkey_make(SSHKEY_ED25519, NULL, &soft);
    struct registry *registry = registry_of(&soft);
    softkey_raw(&soft, NULL, event, 0, 0, &raw, &(struct buf){0});
    buf_string(&wire, type, strlen(type));
    const struct softkey_blob form = {.type = "ssh-ed25519", .wire = &wire};
    softkey_wrap(&form, &raw, NULL, &blob);
    assert_int_equal(admit(registry, &soft, event, &blob, &why), ERR_UNAUTHENTICATED);
    assert_non_null(strstr(why.s, "certificates are not supported"));
    registry_free(registry);
    softkey_free(&soft);
    buf_free(&blob);
    buf_free(&raw);
    buf_free(&wire);
    free(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_admit_event_by_sshsig),
        cmocka_unit_test(test_admit_event_raw_by_other_type),
        cmocka_unit_test(test_admit_event_unsupported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
