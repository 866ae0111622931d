/* Messages in binary mode as the oracle understands them. */
#include "ledger/ledger.h"
#include "tests/unit/vectors.h"

#define CASES_MIN 100

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void bytes_of(const json_t *object, const char *name, struct buf *ret)
{
    const char *hex = text_of(object, name);
    assert_non_null(hex);
    size_t bytes = strlen(hex) / 2;
    assert_true(bytes_from_hex(hex, buf_room(ret, bytes), bytes));
}

/* The event that a vector's message becomes, if event_parse takes it. */
static enum err convert(const json_t *vector, struct buf *ret)
{
    const json_t *list = json_object_get(vector, "attributes"), *one;
    struct binary_attribute *attributes = mem_zero(json_array_size(list), sizeof(*attributes));
    struct buf *values = mem_zero(json_array_size(list), sizeof(*values)), body = {0};
    struct event *event = NULL;
    size_t i;
    json_array_foreach (list, i, one) {
        const char *name = text_of(one, "name");
        bytes_of(one, "value", &values[i]);
        attributes[i] = (struct binary_attribute){name, strlen(name), (const char *)values[i].data,
                                                  values[i].bytes};
    }
    bytes_of(vector, "body", &body);
    const struct binary_message message = {attributes, json_array_size(list),
                                           text_of(vector, "media"), body.data, body.bytes};
    enum err err = binary_event(&message, ret, NULL);
    if (err == ERR_OK)
        err = event_parse(ret->data, ret->bytes, &event, NULL);
    event_free(event);
    for (i = 0; i < json_array_size(list); i++)
        buf_free(&values[i]);
    buf_free(&body);
    free(values);
    free(attributes);
    return err;
}

static void test_binary_event_vectors(void **state)
{
    (void)state;
    json_t *vectors = vectors_load("binary.json");
    const json_t *cases = json_object_get(vectors, "cases"), *vector;
    size_t i;
    assert_true(json_array_size(cases) >= CASES_MIN);
    json_array_foreach (cases, i, vector) {
        struct buf event = {0};
        assert_int_equal(convert(vector, &event), ERR_OK);
        assert_string_equal((const char *)event.data, text_of(vector, "event"));
        buf_free(&event);
    }
    json_decref(vectors);
}

static void test_binary_event_vectors_refused(void **state)
{
    (void)state;
    json_t *vectors = vectors_load("binary.json");
    const json_t *cases = json_object_get(vectors, "refused"), *vector;
    size_t i;
    assert_true(json_array_size(cases) > 0);
    json_array_foreach (cases, i, vector) {
        struct buf event = {0};
        enum err err = convert(vector, &event);
        if (err != ERR_INVALID && err != ERR_NOT_EVENT)
            fail_msg("%s: %s", text_of(vector, "what"), err_name(err));
        buf_free(&event);
    }
    json_decref(vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary_event_vectors),
        cmocka_unit_test(test_binary_event_vectors_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
