#include "tests/unit/deployment_kit.h"

#define STATEMENT                                                                                  \
    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"app\",\"digest\":"    \
    "{\"sha256\":\"aa\"}},{\"name\":\"lib\",\"digest\":{\"sha512\":\"bb\"}},{\"digest\":"          \
    "{\"sha256\":\"cc\"}}],\"predicateType\":\"https://slsa.dev/provenance/v1\",\"predicate\":{}}"

/* An envelope in the making. */
struct draft {
    const char *type, *payload;
    struct dsse dsse;
};

static void secret_of(uint8_t seed, uint8_t ret[64])
{
    uint8_t seeds[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES];
    memset(seeds, seed, sizeof(seeds));
    crypto_sign_seed_keypair(public_key, ret, seeds);
}

static struct dsse_sig *push(struct draft *draft, const struct buf *data)
{
    struct dsse_sig *sig = &draft->dsse.sigs[draft->dsse.sig_count++];
    sig->data = mem_copy(data->data, data->bytes);
    sig->bytes = data->bytes;
    return sig;
}

/* Sign as DSSE has it; keyid names ${hint}'s key. */
static void sign_raw(struct draft *draft, uint8_t seed, uint8_t hint)
{
    uint8_t secret[64], signature[ED25519_SIG_BYTES];
    struct buf pae = {0}, data = {0};
    struct sshkey key;
    secret_of(seed, secret);
    dsse_pae(draft->type, draft->payload, strlen(draft->payload), &pae);
    crypto_sign_detached(signature, NULL, pae.data, pae.bytes, secret);
    buf_add(&data, signature, sizeof(signature));
    kit_key(hint, &key);
    memcpy(push(draft, &data)->key_id, key.id, KEY_ID_BYTES);
    buf_free(&pae);
    buf_free(&data);
}

/* Sign as ssh-keygen -Y sign -n event@countersign does. */
static void sign_ssh(struct draft *draft, uint8_t seed)
{
    static const char space[] = "event@countersign";
    uint8_t secret[64], signature[ED25519_SIG_BYTES], digest[64];
    struct buf message = {0}, inner = {0}, blob = {0};
    struct sshkey key;
    secret_of(seed, secret);
    kit_key(seed, &key);
    crypto_hash_sha512(digest, (const uint8_t *)draft->payload, strlen(draft->payload));
    buf_text(&message, "SSHSIG");
    buf_string(&message, space, strlen(space));
    buf_string(&message, "", 0);
    buf_string(&message, "sha512", 6);
    buf_string(&message, digest, sizeof(digest));
    crypto_sign_detached(signature, NULL, message.data, message.bytes, secret);
    buf_string(&inner, "ssh-ed25519", 11);
    buf_string(&inner, signature, sizeof(signature));
    buf_text(&blob, "SSHSIG");
    buf_u32(&blob, 1);
    buf_string(&blob, key.wire, key.wire_bytes);
    buf_string(&blob, space, strlen(space));
    buf_string(&blob, "", 0);
    buf_string(&blob, "sha512", 6);
    buf_string(&blob, inner.data, inner.bytes);
    push(draft, &blob);
    buf_free(&message);
    buf_free(&inner);
    buf_free(&blob);
}

/* The envelope's text; the draft is used up. */
static void finish(struct draft *draft, struct buf *text)
{
    buf_printf(text, "{\"payloadType\":\"%s\",\"payload\":\"", draft->type);
    buf_base64(text, draft->payload, strlen(draft->payload));
    buf_text(text, "\",\"signatures\":[");
    for (size_t i = 0; i < draft->dsse.sig_count; i++) {
        struct dsse_sig *sig = &draft->dsse.sigs[i];
        char fingerprint[SSHKEY_FINGERPRINT_BYTES];
        sshkey_fingerprint(sig->key_id, fingerprint);
        buf_printf(text, "%s{\"keyid\":\"%s\",\"sig\":\"", i == 0 ? "" : ",", fingerprint);
        buf_base64(text, sig->data, sig->bytes);
        buf_text(text, "\"}");
        free(sig->data);
    }
    buf_text(text, "]}");
}

/* Data of an evidence.attached that keeps ${bytes}. */
static json_t *data_of(const char *media, const void *bytes, size_t count)
{
    uint8_t digest[HASH_BYTES];
    struct buf text = {0};
    json_t *data = json_object();
    hash_bytes(bytes, count, digest);
    buf_base64(&text, bytes, count);
    json_object_set_new(data, "media", ijson_text(media));
    json_object_set_new(data, "sha256", ijson_hex(digest, sizeof(digest)));
    json_object_set_new(data, "data_base64", ijson_text((const char *)text.data));
    buf_free(&text);
    return data;
}

static struct attestation read_as(const struct kit *kit, const char *media, const struct buf *bytes)
{
    static char artifact[] = "cc";
    static char *artifacts[] = {artifact};
    const struct attestation_against against = {kit->registry, kit->seq, artifacts, 1};
    struct attestation found = {0};
    json_t *data = data_of(media, bytes->data, bytes->bytes);
    attestation_read(&against, data, &found);
    json_decref(data);
    return found;
}

static struct attestation read_draft(const struct kit *kit, struct draft *draft)
{
    struct buf text = {0};
    finish(draft, &text);
    struct attestation found = read_as(kit, DSSE_MEDIA_TYPE, &text);
    buf_free(&text);
    return found;
}

static void assert_says(const struct attestation *found, const char *text)
{
    assert_non_null(found->text);
    if (strstr(found->text, text) == NULL)
        fail_msg("no '%s' in '%s'", text, found->text);
}

static void assert_signers(const struct attestation *found, const char *const *principals)
{
    const json_t *list = ijson_get(found->json, "signed_by");
    size_t count = 0;
    for (; principals[count] != NULL; count++)
        assert_string_equal(ijson_string(json_array_get(list, count), "principal"),
                            principals[count]);
    assert_int_equal(json_array_size(list), count);
}

static void test_attestation_read_signers(void **state)
{
    static const char *const both[] = {"rosa", "sam", NULL};
    struct kit *kit = *state;
    struct draft draft = {.type = "text/plain", .payload = "hello"};
    sign_raw(&draft, rosa.seed, sam.seed); /* the hint is wrong, the signature good */
    sign_ssh(&draft, sam.seed);
    sign_raw(&draft, rosa.seed, rosa.seed); /* again: counts once */
    sign_raw(&draft, 77, rosa.seed);        /* nobody's */
    struct attestation found = read_draft(kit, &draft);
    assert_signers(&found, both);
    assert_says(&found, "signed by rosa (SHA256:");
    assert_says(&found, " and by sam (SHA256:");
    assert_says(&found, kit_say(kit, "as of position %llu", (unsigned long long)kit->seq));
    assert_says(&found, "1 further signature by no key that is enrolled");
    assert_int_equal(json_integer_value(ijson_get(found.json, "signatures")), 4);
    assert_true(json_is_true(ijson_get(found.json, "digest_good")));
    attestation_free(&found);
}

static void test_attestation_read_nobody(void **state)
{
    static const char *const none[] = {NULL};
    struct kit *kit = *state;
    struct draft draft = {.type = "text/plain", .payload = "hello"};
    struct buf odd = {0};
    sign_raw(&draft, 77, rosa.seed);
    sign_ssh(&draft, 78);
    draft.payload = "changed";
    sign_raw(&draft, rosa.seed, rosa.seed);
    draft.payload = "hello";
    buf_text(&odd, "a signature of another kind, as of ECDSA");
    push(&draft, &odd);
    buf_free(&odd);
    struct attestation found = read_draft(kit, &draft);
    assert_signers(&found, none);
    assert_says(&found, "signed by no key that is enrolled, as of position");
    attestation_free(&found);
}

/* Many keys and signatures that are nobody's: there is an end to trying, and it is said. */
static void test_attestation_read_many(void **state)
{
    struct kit *kit = *state;
    struct draft draft = {.type = "text/plain", .payload = "hello"};
    for (uint8_t seed = 100; seed < 170; seed++)
        kit_enroll(kit, eve, seed);
    for (size_t i = 0; i < DSSE_SIGS_MAX; i++)
        sign_raw(&draft, (uint8_t)(200 + i), rosa.seed);
    struct attestation found = read_draft(kit, &draft);
    assert_says(&found, "there are too many keys to try all of them");
    assert_true(json_is_false(ijson_get(found.json, "all_keys_tried")));
    attestation_free(&found);
}

/* A key is held to its state at that position: not before it was enrolled, and said to be revoked
 * after. */
static void test_attestation_read_as_of(void **state)
{
    static const char *const none[] = {NULL}, *const one[] = {"rosa", NULL};
    struct kit *kit = *state;
    struct draft draft = {.type = "text/plain", .payload = "hello"};
    struct attestation_against against = {.registry = kit->registry};
    struct attestation found = {0};
    struct buf text = {0};
    struct sshkey key;
    kit_key(rosa.seed, &key);
    const struct registry_key *held = registry_key(kit->registry, key.id);
    sign_raw(&draft, rosa.seed, rosa.seed);
    finish(&draft, &text);
    json_t *data = data_of("application/vnd.slsa+dsse; v=1", text.data, text.bytes);
    against.seq = held->enrolled_seq;
    attestation_read(&against, data, &found);
    assert_signers(&found, none);
    attestation_free(&found);
    kit_revoke(kit, rosa.seed, "\"reason\":\"retired\"");
    against.seq = held->revoked_seq;
    attestation_read(&against, data, &found);
    assert_true(
        json_is_true(ijson_get(json_array_get(ijson_get(found.json, "signed_by"), 0), "valid")));
    attestation_free(&found);
    against.seq++;
    attestation_read(&against, data, &found);
    assert_signers(&found, one);
    assert_says(&found, "a key revoked before that");
    assert_true(
        json_is_false(ijson_get(json_array_get(ijson_get(found.json, "signed_by"), 0), "valid")));
    attestation_free(&found);
    json_decref(data);
    buf_free(&text);
}

static void test_attestation_read_statement(void **state)
{
    struct kit *kit = *state;
    struct draft draft = {.type = ATTESTATION_STATEMENT_TYPE, .payload = STATEMENT};
    sign_raw(&draft, rosa.seed, rosa.seed);
    struct attestation found = read_draft(kit, &draft);
    const json_t *statement = ijson_get(found.json, "statement");
    const json_t *subjects = ijson_get(statement, "subjects");
    assert_says(&found, "about 3 subjects, 1 of them among the deployment's artifacts");
    assert_string_equal(ijson_string(statement, "predicate_type"),
                        "https://slsa.dev/provenance/v1");
    assert_true(json_is_false(ijson_get(json_array_get(subjects, 0), "artifact")));
    assert_true(json_is_null(ijson_get(json_array_get(subjects, 1), "artifact")));
    assert_true(json_is_true(ijson_get(json_array_get(subjects, 2), "artifact")));
    assert_null(ijson_get(found.json, "malformed"));
    attestation_free(&found);
    struct buf bare = {0};
    buf_text(&bare, STATEMENT);
    found = read_as(kit, ATTESTATION_STATEMENT_TYPE, &bare);
    assert_says(&found, "about 3 subjects");
    assert_null(ijson_get(found.json, "signed_by"));
    attestation_free(&found);
    buf_free(&bare);
}

static void test_attestation_read_malformed(void **state)
{
    static const char *const statements[] = {
        "",
        "[]",
        "{\"_type\":\"https://in-toto.io/Statement/v1\"}",
        "{\"_type\":\"x\",\"subject\":[{\"digest\":{\"sha256\":\"a\"}}],\"predicateType\":\"p\"}",
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{}],\"predicateType\":\"p\"}",
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[],\"predicateType\":\"p\"}"};
    struct kit *kit = *state;
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        struct draft draft = {.type = ATTESTATION_STATEMENT_TYPE, .payload = statements[i]};
        sign_raw(&draft, rosa.seed, rosa.seed);
        struct attestation found = read_draft(kit, &draft);
        assert_says(&found, "signed by rosa");
        assert_says(&found, "malformed: no in-toto statement");
        attestation_free(&found);
    }
    struct buf text = {0};
    buf_text(&text, "{\"payload\":1}");
    struct attestation found = read_as(kit, DSSE_MEDIA_TYPE, &text);
    assert_string_equal(found.text, "malformed: no DSSE envelope");
    attestation_free(&found);
    buf_free(&text);
}

static void test_attestation_read_plain(void **state)
{
    struct kit *kit = *state;
    const struct attestation_against against = {.registry = kit->registry, .seq = kit->seq};
    struct attestation found = {0};
    struct buf text = {0};
    buf_text(&text, "{}");
    found = read_as(kit, "text/plain", &text);
    assert_null(found.text);
    assert_int_equal(json_integer_value(ijson_get(found.json, "bytes")), 2);
    attestation_free(&found);
    json_t *data = data_of(NULL, "abc", 3);
    json_object_set_new(data, "sha256", json_string("00"));
    attestation_read(&against, data, &found);
    assert_says(&found, "`sha256` is not that of the bytes, which have ba7816bf");
    attestation_free(&found);
    json_object_set_new(data, "data_base64", json_string("*"));
    attestation_read(&against, data, &found);
    assert_says(&found, "`data_base64` is not base64");
    attestation_free(&found);
    json_object_del(data, "data_base64");
    json_object_set_new(data, "media", json_string(DSSE_MEDIA_TYPE));
    attestation_read(&against, data, &found);
    assert_says(&found, "kept elsewhere");
    attestation_free(&found);
    json_decref(data);
    buf_free(&text);
}

/* The verdict of an accepted act and the state both tell it. */
static void test_attestation_in_a_deployment(void **state)
{
    struct kit *kit = *state;
    struct draft draft = {.type = "text/plain", .payload = "hello"};
    struct buf text = {0}, event = {0};
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    sign_raw(&draft, rosa.seed, rosa.seed);
    finish(&draft, &text);
    json_t *data = data_of(DSSE_MEDIA_TYPE, text.data, text.bytes);
    json_object_set_new(data, "node", json_string("1.1.1"));
    ijson_print(data, &event);
    assert_int_equal(kit_act(kit, robot, "evidence.attached", (const char *)event.data), RULE_NONE);
    assert_int_equal(kit->deployment->evidence_count, 1);
    const struct attached *attached = &kit->deployment->evidence[0];
    assert_non_null(strstr(kit->verdict.reason, "signed by rosa (SHA256:"));
    assert_string_equal(attached->found.text, kit->verdict.reason);
    assert_int_equal(attached->mark.seq, kit->seq - 1);
    assert_int_equal(json_integer_value(ijson_get(attached->found.json, "as_of")), kit->seq - 1);
    json_decref(data);
    buf_free(&text);
    buf_free(&event);
}

static void test_attestation_media(void **state)
{
    struct kit *kit = *state;
    struct draft draft = {.type = "text/plain", .payload = "hello"};
    struct buf text = {0};
    sign_raw(&draft, rosa.seed, rosa.seed);
    finish(&draft, &text);
    (void)kit;
    assert_string_equal(attestation_media(text.data, text.bytes), DSSE_MEDIA_TYPE);
    assert_string_equal(attestation_media(STATEMENT, strlen(STATEMENT)),
                        ATTESTATION_STATEMENT_TYPE);
    assert_null(attestation_media("{}", 2));
    assert_null(attestation_media("plain", 5));
    buf_free(&text);
}

static int setup(void **state)
{
    *state = kit_start(NULL);
    return 0;
}

static int teardown(void **state)
{
    kit_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_attestation_read_signers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attestation_read_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attestation_read_many, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attestation_read_as_of, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attestation_read_statement, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attestation_read_malformed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attestation_read_plain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attestation_in_a_deployment, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attestation_media, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
