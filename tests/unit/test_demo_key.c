/* Keys in software: each form makes what admission takes for the real thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "reports/demo_key.h"

static const uint8_t seed[HASH_BYTES] = {7};

static void sign(enum demo_key_form form, const struct demo_touch *touch, struct demo_key *ret_key,
                 struct dsse **ret)
{
    struct buf event = {0}, envelope = {0};
    struct dsse dsse = {.sig_count = 0};
    buf_text(&event, "{}");
    demo_key_make(seed, form, ret_key);
    demo_key_sign(ret_key, &event, touch, &dsse);
    demo_key_envelope(&dsse, &event, &envelope);
    assert_int_equal(dsse.sig_count, 0);
    assert_int_equal(dsse_parse(envelope.data, envelope.bytes, ret, NULL), ERR_OK);
    assert_int_equal((*ret)->sig_count, 1);
    assert_memory_equal((*ret)->sigs[0].key_id, ret_key->key.id, KEY_ID_BYTES);
    buf_free(&event);
    buf_free(&envelope);
}

static void test_demo_key_sign_plain(void **state)
{
    struct demo_key key;
    struct dsse *dsse = NULL;
    struct buf pae = {0};
    (void)state;
    sign(DEMO_KEY_PLAIN, NULL, &key, &dsse);
    dsse_pae(EVENT_MEDIA_TYPE, "{}", 2, &pae);
    assert_int_equal(dsse->sigs[0].bytes, ED25519_SIG_BYTES);
    assert_int_equal(
        crypto_sign_verify_detached(dsse->sigs[0].data, pae.data, pae.bytes, key.key.ed25519), 0);
    buf_free(&pae);
    dsse_free(dsse);
}

static void check_ssh(enum demo_key_form form, const struct demo_touch *touch)
{
    struct demo_key key;
    struct dsse *dsse = NULL;
    struct sshsig sig;
    struct err_text why = {""};
    sign(form, touch, &key, &dsse);
    if (sshsig_parse(dsse->sigs[0].data, dsse->sigs[0].bytes, &sig, &why) != ERR_OK)
        fail_msg("%s", why.s);
    assert_int_equal(sshsig_check(&sig, "{}", 2), ERR_OK);
    assert_int_equal(sshsig_check(&sig, "[]", 2), ERR_UNAUTHENTICATED);
    assert_memory_equal(sig.key.id, key.key.id, KEY_ID_BYTES);
    assert_int_equal(sig.flags, touch->flags);
    assert_int_equal(sig.counter, touch->counter);
    dsse_free(dsse);
}

static void test_demo_key_sign_ssh(void **state)
{
    (void)state;
    check_ssh(DEMO_KEY_SSH, &(struct demo_touch){.flags = 0});
}

static void test_demo_key_sign_device(void **state)
{
    (void)state;
    check_ssh(DEMO_KEY_DEVICE, &(struct demo_touch){.flags = SSHSIG_TOUCHED, .counter = 41});
    check_ssh(DEMO_KEY_DEVICE, &(struct demo_touch){.flags = 0, .counter = 42});
}

static void test_demo_key_make_same_seed(void **state)
{
    struct demo_key one, other;
    const uint8_t another[HASH_BYTES] = {8};
    (void)state;
    demo_key_make(seed, DEMO_KEY_PLAIN, &one);
    demo_key_make(seed, DEMO_KEY_PLAIN, &other);
    assert_memory_equal(one.key.id, other.key.id, KEY_ID_BYTES);
    demo_key_make(another, DEMO_KEY_PLAIN, &other);
    assert_memory_not_equal(one.key.id, other.key.id, KEY_ID_BYTES);
    demo_key_make(seed, DEMO_KEY_DEVICE, &other);
    assert_memory_not_equal(one.key.id, other.key.id, KEY_ID_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demo_key_sign_plain),
        cmocka_unit_test(test_demo_key_sign_ssh),
        cmocka_unit_test(test_demo_key_sign_device),
        cmocka_unit_test(test_demo_key_make_same_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
