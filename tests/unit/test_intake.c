/* Messages of a file taken in: what is told of each, in order, whatever the threads do. */
#include "ingest/intake.h"
#include "tests/unit/ledger_kit.h"

#define MANY (2 * BATCH_EVENTS_MAX + 100) /* more than two commits */

/* What was told, line by line. */
struct told {
    uint64_t count;
    struct {
        uint64_t line;
        enum err err;
        uint64_t seq; /* UINT64_MAX without a receipt */
        bool duplicate;
    } lines[MANY];
};

static void tell(void *ctx, uint64_t line, enum err err, const struct err_text *why,
                 const struct receipt *receipt)
{
    struct told *told = ctx;
    assert_true(told->count < MANY);
    assert_true((receipt != NULL) == (err == ERR_OK));
    assert_true(err == ERR_OK || why->s[0] != '\0');
    told->lines[told->count].line = line;
    told->lines[told->count].err = err;
    told->lines[told->count].seq = receipt != NULL ? receipt->seq : UINT64_MAX;
    told->lines[told->count++].duplicate = receipt != NULL && receipt->duplicate;
}

/* A ledger, and an intake into it that tells of everything. */
struct office {
    struct kit kit;
    struct told *told;
    struct intake *intake;
};

#define TOKEN "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE" /* base64url of 32 bytes 01 */

static void office_open(struct office *office)
{
    kit_new(&office->kit);
    office->told = mem_zero(1, sizeof(*office->told));
    const struct intake_config config = {
        .ledger = office->kit.ledger, .token = TOKEN, .done = tell, .ctx = office->told};
    assert_int_equal(intake_new(&config, &office->intake, &office->kit.why), ERR_OK);
}

static void office_close(struct office *office)
{
    intake_free(office->intake);
    free(office->told);
    kit_end(&office->kit);
}

static void add(struct office *office, uint64_t line, const struct buf *text)
{
    const struct piece message = {text->data, text->bytes};
    assert_int_equal(intake_add(office->intake, line, &message, &office->kit.why), ERR_OK);
}

static void add_event(struct office *office, uint64_t line, const char *id, const char *data)
{
    struct kit_event event = {.id = id, .data = data};
    struct buf text = {0};
    kit_event_text(&office->kit, &event, &text);
    add(office, line, &text);
    buf_free(&text);
}

/* The token's issue or revocation, signed by the admin. */
static void add_token_act(struct office *office, uint64_t line, const char *verb)
{
    uint8_t secret[TOKEN_BYTES], sha256[HASH_BYTES];
    char type[64];
    struct buf data = {0}, text = {0}, envelope = {0};
    memset(secret, 1, sizeof(secret));
    hash_bytes(secret, sizeof(secret), sha256);
    buf_text(&data, "{\"principal\":\"robot\",\"scopes\":[\"write\"],\"sha256\":\"");
    buf_hex(&data, sha256, sizeof(sha256));
    buf_text(&data, "\",\"reason\":\"over\"}");
    snprintf(type, sizeof(type), "dev.countersign.token.%s.v1", verb);
    struct kit_event event = {.id = verb, .type = type, .data = (const char *)data.data};
    kit_event_text(&office->kit, &event, &text);
    kit_envelope(&text, (const uint8_t[]){1, 0}, &envelope);
    add(office, line, &envelope);
    buf_free(&data);
    buf_free(&text);
    buf_free(&envelope);
}

static void flush(struct office *office)
{
    assert_int_equal(intake_flush(office->intake, &office->kit.why), ERR_OK);
}

static void test_intake_add_many_in_order(void **state)
{
    (void)state;
    struct office office;
    office_open(&office);
    add_token_act(&office, 1, "issued");
    for (uint64_t i = 2; i <= MANY; i++) {
        char id[32];
        snprintf(id, sizeof(id), "e%llu", (unsigned long long)i);
        add_event(&office, i, id, NULL);
    }
    flush(&office);
    assert_int_equal(office.told->count, MANY);
    for (uint64_t i = 0; i < MANY; i++) {
        assert_int_equal(office.told->lines[i].line, i + 1);
        assert_int_equal(office.told->lines[i].err, ERR_OK);
        assert_int_equal(office.told->lines[i].seq, i + 1);
    }
    office_close(&office);
}

static void test_intake_add_of_every_kind(void **state)
{
    (void)state;
    struct office office;
    struct err_text why = {"the line is too long"};
    office_open(&office);
    add_event(&office, 1, "a", NULL); /* nobody knows the token yet */
    add_token_act(&office, 2, "issued");
    add_event(&office, 3, "a", NULL);
    add(&office, 4, &(struct buf){.data = (uint8_t[]){"no JSON"}, .bytes = 7});
    assert_int_equal(intake_reject(office.intake, 5, ERR_TOO_BIG, &why, &why), ERR_OK);
    add_event(&office, 6, "a", NULL);
    add_event(&office, 7, "a", "{\"other\":1}");
    add_event(&office, 9, "b", NULL);
    flush(&office);
    const struct told *told = office.told;
    assert_int_equal(told->count, 8);
    assert_int_equal(told->lines[0].err, ERR_UNAUTHENTICATED);
    assert_int_equal(told->lines[1].seq, 1);
    assert_int_equal(told->lines[2].seq, 2);
    assert_int_equal(told->lines[3].err, ERR_INVALID);
    assert_int_equal(told->lines[4].err, ERR_TOO_BIG);
    assert_true(told->lines[5].duplicate);
    assert_int_equal(told->lines[5].seq, 2);
    assert_int_equal(told->lines[6].err, ERR_CONFLICT);
    assert_int_equal(told->lines[7].line, 9);
    assert_int_equal(told->lines[7].seq, 3);
    office_close(&office);
}

/* Whoever was admitted before the registry moved is admitted again, and behind an act always. */
static void test_intake_add_after_revocation(void **state)
{
    (void)state;
    struct office office;
    office_open(&office);
    add_token_act(&office, 1, "issued");
    flush(&office);
    for (uint64_t i = 2; i < BATCH_EVENTS_MAX; i++) {
        char id[32];
        snprintf(id, sizeof(id), "e%llu", (unsigned long long)i);
        add_event(&office, i, id, NULL);
    }
    add_token_act(&office, BATCH_EVENTS_MAX, "revoked");
    add_event(&office, BATCH_EVENTS_MAX + 1, "late", NULL);
    flush(&office);
    assert_int_equal(office.told->count, BATCH_EVENTS_MAX + 1);
    assert_int_equal(office.told->lines[BATCH_EVENTS_MAX - 2].err, ERR_OK);
    assert_int_equal(office.told->lines[BATCH_EVENTS_MAX - 1].err, ERR_OK);
    assert_int_equal(office.told->lines[BATCH_EVENTS_MAX].err, ERR_UNAUTHENTICATED);
    office_close(&office);
}

static void test_intake_flush_of_nothing(void **state)
{
    (void)state;
    struct office office;
    uint64_t size = 0;
    office_open(&office);
    flush(&office);
    assert_int_equal(office.told->count, 0);
    assert_int_equal(ledger_size(office.kit.ledger, &size, NULL), ERR_OK);
    assert_int_equal(size, 1);
    office_close(&office);
}

static void test_intake_free_tells_nobody(void **state)
{
    (void)state;
    struct office office;
    office_open(&office);
    add_event(&office, 1, "a", NULL);
    intake_free(office.intake);
    office.intake = NULL;
    assert_int_equal(office.told->count, 0);
    office_close(&office);
}

static void test_intake_add_with_a_malformed_token(void **state)
{
    (void)state;
    struct office office;
    office_open(&office);
    intake_free(office.intake);
    const struct intake_config config = {
        .ledger = office.kit.ledger, .token = "secret", .done = tell, .ctx = office.told};
    assert_int_equal(intake_new(&config, &office.intake, &office.kit.why), ERR_OK);
    add_event(&office, 1, "a", NULL);
    add_token_act(&office, 2, "issued"); /* which is signed */
    flush(&office);
    assert_int_equal(office.told->lines[0].err, ERR_UNAUTHENTICATED);
    assert_int_equal(office.told->lines[1].err, ERR_OK);
    office_close(&office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intake_add_many_in_order),
        cmocka_unit_test(test_intake_add_of_every_kind),
        cmocka_unit_test(test_intake_add_after_revocation),
        cmocka_unit_test(test_intake_flush_of_nothing),
        cmocka_unit_test(test_intake_free_tells_nobody),
        cmocka_unit_test(test_intake_add_with_a_malformed_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
