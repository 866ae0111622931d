#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/dsse.h"
#include "ledger/event.h"
#include "ledger/sshkey.h"

#define TYPE "\"payloadType\":\"application/cloudevents+json\""
#define SIG64                                                                                      \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
#define KEYID "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static enum err parse(const char *text, struct dsse **ret)
{
    struct err_text why = {{0}};
    *ret = NULL;
    enum err err = dsse_parse(text, strlen(text), ret, &why);
    assert_true((err == ERR_OK) == (*ret != NULL));
    assert_true((err == ERR_OK) == (why.s[0] == '\0'));
    return err;
}

static void assert_refused(const char *text, enum err expected)
{
    struct dsse *dsse;
    assert_int_equal(parse(text, &dsse), expected);
}

static void test_dsse_pae_vector(void **state)
{
    (void)state;
    struct buf buf = {0};
    dsse_pae("http://example.com/HelloWorld", "hello world", 11, &buf);
    assert_string_equal((const char *)buf.data,
                        "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    buf_clear(&buf);
    dsse_pae("", NULL, 0, &buf);
    assert_string_equal((const char *)buf.data, "DSSEv1 0  0 ");
    buf_free(&buf);
}

static void test_dsse_parse_envelope(void **state)
{
    (void)state;
    struct dsse *dsse;
    assert_int_equal(parse("{\"x\":[],\"payload\":\"e30=\"," TYPE ",\"signatures\":["
                           "{\"keyid\":\"" KEYID "\",\"sig\":\"" SIG64 "\",\"y\":1},"
                           "{\"sig\":\"U1NIU0lHAA==\"}]}",
                           &dsse),
                     ERR_OK);
    assert_int_equal(dsse->payload.bytes, 2);
    assert_memory_equal(dsse->payload.data, "{}", 2);
    assert_int_equal(dsse->sig_count, 2);
    assert_int_equal(dsse->sigs[0].bytes, ED25519_SIG_BYTES);
    for (uint8_t i = 0; i < KEY_ID_BYTES; i++) {
        assert_int_equal(dsse->sigs[0].key_id[i], i);
        assert_int_equal(dsse->sigs[1].key_id[i], 0);
    }
    assert_int_equal(dsse->sigs[1].bytes, 7);
    assert_memory_equal(dsse->sigs[1].data, "SSHSIG", 7);
    dsse_free(dsse);
    dsse_free(NULL);
}

static void test_dsse_parse_keyid_is_a_hint(void **state)
{
    (void)state;
    static const char *const keyids[] = {"\"\"", "null", "\"alice\"", "\"SHA256:short\""};
    for (size_t i = 0; i < sizeof(keyids) / sizeof(keyids[0]); i++) {
        static const uint8_t none[KEY_ID_BYTES];
        struct buf text = {0};
        struct dsse *dsse;
        buf_printf(&text,
                   "{\"payload\":\"\"," TYPE ",\"signatures\":[{\"keyid\":%s,\"sig\":\"%s\"}]}",
                   keyids[i], SIG64);
        assert_int_equal(parse((const char *)text.data, &dsse), ERR_OK);
        assert_memory_equal(dsse->sigs[0].key_id, none, KEY_ID_BYTES);
        dsse_free(dsse);
        buf_free(&text);
    }
}

static void test_dsse_parse_base64_alphabets(void **state)
{
    (void)state;
    static const char *const payloads[] = {"+/+/", "-_-_"};
    for (size_t i = 0; i < 2; i++) {
        struct buf text = {0};
        struct dsse *dsse;
        buf_printf(&text, "{\"payload\":\"%s\"," TYPE ",\"signatures\":[{\"sig\":\"%s\"}]}",
                   payloads[i], SIG64);
        assert_int_equal(parse((const char *)text.data, &dsse), ERR_OK);
        assert_int_equal(dsse->payload.bytes, 3);
        assert_memory_equal(dsse->payload.data, "\xfb\xff\xbf", 3);
        dsse_free(dsse);
        buf_free(&text);
    }
}

static void test_dsse_parse_invalid(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"payload\":\"\"," TYPE "}",
        "{\"payload\":\"\"," TYPE ",\"signatures\":[]}",
        "{\"payload\":\"\"," TYPE ",\"signatures\":{}}",
        "{\"payload\":\"\"," TYPE ",\"signatures\":[1]}",
        "{\"payload\":\"\"," TYPE ",\"signatures\":[{}]}",
        "{\"payload\":\"\"," TYPE ",\"signatures\":[{\"sig\":\"\"}]}",
        "{\"payload\":\"\"," TYPE ",\"signatures\":[{\"sig\":\"AAAA\"}]}",
        "{\"payload\":\"\"," TYPE ",\"signatures\":[{\"sig\":\"U1NIU0lH\"}]}",
        "{\"payload\":\"\"," TYPE ",\"signatures\":[{\"sig\":\"*\"}]}",
        "{\"payload\":\"\"," TYPE ",\"signatures\":[{\"keyid\":1,\"sig\":\"" SIG64 "\"}]}",
        "{\"payload\":\"e30\"," TYPE ",\"signatures\":[{\"sig\":\"" SIG64 "\"}]}",
        "{\"payload\":\"e31=\"," TYPE ",\"signatures\":[{\"sig\":\"" SIG64 "\"}]}",
        "{\"payload\":\"+/-_\"," TYPE ",\"signatures\":[{\"sig\":\"" SIG64 "\"}]}",
        "{\"payload\":\"e3 0=\"," TYPE ",\"signatures\":[{\"sig\":\"" SIG64 "\"}]}",
        "{\"payload\":1," TYPE ",\"signatures\":[{\"sig\":\"" SIG64 "\"}]}",
        "{" TYPE ",\"signatures\":[{\"sig\":\"" SIG64 "\"}]}",
        "{\"payload\":\"\",\"signatures\":[{\"sig\":\"" SIG64 "\"}]}",
        "{\"payload\":\"\",\"payload\":\"\"," TYPE ",\"signatures\":[{\"sig\":\"" SIG64 "\"}]}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_refused(texts[i], ERR_INVALID);
}

static void test_dsse_parse_signature_count(void **state)
{
    (void)state;
    for (size_t count = 1; count <= ENTRY_SIGS_MAX + 1; count++) {
        struct buf text = {0};
        struct dsse *dsse;
        buf_text(&text, "{\"payload\":\"\"," TYPE ",\"signatures\":[");
        for (size_t i = 0; i < count; i++)
            buf_printf(&text, "%s{\"sig\":\"%s\"}", i == 0 ? "" : ",", SIG64);
        buf_text(&text, "]}");
        assert_int_equal(parse((const char *)text.data, &dsse),
                         count <= ENTRY_SIGS_MAX ? ERR_OK : ERR_INVALID);
        dsse_free(dsse);
        buf_free(&text);
    }
}

/* Whether an envelope is read the same with a space before it, by way of its JSON. */
static bool agrees(const char *text, size_t bytes)
{
    char other[500] = " ";
    struct dsse *plain = NULL, *full = NULL;
    memcpy(other + 1, text, bytes);
    enum err err = dsse_parse(text, bytes, &plain, NULL);
    assert_int_equal(err, dsse_parse(other, bytes + 1, &full, NULL));
    if (err != ERR_OK)
        return false;
    assert_string_equal(plain->type, full->type);
    assert_int_equal(plain->payload.bytes, full->payload.bytes);
    assert_memory_equal(plain->payload.data, full->payload.data, full->payload.bytes);
    assert_int_equal(plain->sig_count, full->sig_count);
    for (size_t i = 0; i < full->sig_count; i++) {
        assert_memory_equal(plain->sigs[i].key_id, full->sigs[i].key_id, KEY_ID_BYTES);
        assert_int_equal(plain->sigs[i].bytes, full->sigs[i].bytes);
        assert_memory_equal(plain->sigs[i].data, full->sigs[i].data, full->sigs[i].bytes);
    }
    dsse_free(plain);
    dsse_free(full);
    return true;
}

/* Every byte of a plain envelope changed, left out, and put in. */
static void test_dsse_parse_plain_as_any(void **state)
{
    (void)state;
    static const char changes[] = "{}[]:,\"\\ \n\t=-_+/Az09\x01\x7f\xc3";
    static const char envelope[] =
        "{\"payload\":\"e30=\"," TYPE ",\"signatures\":[{\"keyid\":\"" KEYID "\",\"sig\":\"" SIG64
        "\"},{\"sig\":\"U1NIU0lHAA==\", \"keyid\" : \"\"}]}";
    const size_t bytes = sizeof(envelope) - 1;
    unsigned taken = 0;
    assert_true(agrees(envelope, bytes));
    for (size_t at = 0; at < bytes; at++) {
        char text[400];
        for (size_t i = 0; i < sizeof(changes); i++) {
            memcpy(text, envelope, bytes);
            text[at] = changes[i];
            taken += agrees(text, bytes);
            memcpy(text + at + 1, envelope + at, bytes - at);
            taken += agrees(text, bytes + 1);
        }
        memcpy(text, envelope, at);
        memcpy(text + at, envelope + at + 1, bytes - at - 1);
        taken += agrees(text, bytes - 1);
        assert_false(agrees(envelope, at));
    }
    assert_true(taken > 500);
}

static void test_dsse_parse_media_type(void **state)
{
    (void)state;
    assert_refused("{\"payload\":\"\",\"payloadType\":\"application/vnd.in-toto+json\","
                   "\"signatures\":[{\"sig\":\"" SIG64 "\"}]}",
                   ERR_MEDIA_TYPE);
    assert_refused("{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[]}", ERR_MEDIA_TYPE);
}

/* An envelope of ${payload_bytes} of payload and one signature of ${sig_bytes}. */
static enum err parse_sized(size_t payload_bytes, size_t sig_bytes)
{
    struct buf text = {0};
    uint8_t *sig = calloc(1, sig_bytes), *payload = calloc(1, payload_bytes + 1);
    assert_non_null(sig);
    assert_non_null(payload);
    memcpy(sig, "SSHSIG", 6);
    struct dsse dsse = {.payload = {payload, payload_bytes, payload_bytes + 1}, .sig_count = 1};
    struct dsse *parsed;
    dsse.sigs[0] = (struct dsse_sig){.data = sig, .bytes = sig_bytes};
    dsse_format(&dsse, &text);
    enum err err = parse((const char *)text.data, &parsed);
    dsse_free(parsed);
    buf_free(&text);
    free(sig);
    free(payload);
    return err;
}

static void test_dsse_parse_too_big(void **state)
{
    (void)state;
    assert_int_equal(parse_sized(EVENT_BYTES_MAX, ENTRY_SIGS_BYTES_MAX), ERR_OK);
    assert_int_equal(parse_sized(EVENT_BYTES_MAX + 1, 100), ERR_TOO_BIG);
    assert_int_equal(parse_sized(10, ENTRY_SIGS_BYTES_MAX + 1), ERR_TOO_BIG);
    assert_int_equal(parse_sized(EVENT_BYTES_MAX + 20000, 100), ERR_TOO_BIG);
}

static void test_dsse_format_parses_back(void **state)
{
    (void)state;
    static const char text[] = "{" TYPE ",\"payload\":\"e30=\",\"signatures\":[{\"keyid\":\"" KEYID
                               "\",\"sig\":\"" SIG64 "\"},{\"sig\":\"U1NIU0lHAA==\"}]}";
    struct dsse *dsse;
    struct buf formatted = {0};
    assert_int_equal(parse(text, &dsse), ERR_OK);
    dsse_format(dsse, &formatted);
    assert_string_equal((const char *)formatted.data, text);
    dsse_free(dsse);
    buf_free(&formatted);
}

static bool is_envelope(const char *text)
{
    return dsse_is_envelope(text, strlen(text));
}

static void test_dsse_is_envelope_by_its_member(void **state)
{
    (void)state;
    assert_true(is_envelope("{\"payloadType\":1}"));
    assert_false(is_envelope("{\"type\":\"payloadType\"}"));
    assert_false(is_envelope("{\"data\":{\"payloadType\":1}}"));
    assert_false(is_envelope("{\"payloadType\":"));
    assert_false(is_envelope("{}"));
    assert_false(dsse_is_envelope(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dsse_pae_vector),
        cmocka_unit_test(test_dsse_parse_envelope),
        cmocka_unit_test(test_dsse_is_envelope_by_its_member),
        cmocka_unit_test(test_dsse_parse_keyid_is_a_hint),
        cmocka_unit_test(test_dsse_parse_base64_alphabets),
        cmocka_unit_test(test_dsse_parse_invalid),
        cmocka_unit_test(test_dsse_parse_signature_count),
        cmocka_unit_test(test_dsse_parse_plain_as_any),
        cmocka_unit_test(test_dsse_parse_media_type),
        cmocka_unit_test(test_dsse_parse_too_big),
        cmocka_unit_test(test_dsse_format_parses_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
