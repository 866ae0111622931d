#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ingest/openapi.h"
#include "ingest/route.h"

static json_t *description(void)
{
    json_t *json = NULL;
    struct err_text why = {""};
    if (ijson_parse(openapi_text, openapi_bytes, &json, &why) != ERR_OK)
        fail_msg("%s", why.s);
    return json;
}

/* Every route is described, with its methods and no others, and nothing else is. */
static void test_openapi_text_describes_routes(void **state)
{
    (void)state;
    json_t *json = description();
    const json_t *paths = ijson_get(json, "paths");
    struct route_face face;
    size_t count = 0;
    for (; route_face(count, &face); count++) {
        const json_t *item = ijson_get(paths, face.path);
        if (item == NULL)
            fail_msg("%s is not described", face.path);
        size_t methods = face.post ? 3 : 2;
        if (ijson_get(item, "get") == NULL || ijson_get(item, "head") == NULL ||
            (ijson_get(item, "post") != NULL) != face.post)
            fail_msg("%s: other methods are described", face.path);
        size_t named = json_object_size(item) - (ijson_get(item, "parameters") != NULL);
        assert_int_equal(named, methods);
    }
    assert_int_equal(json_object_size(paths), count);
    json_decref(json);
}

/* The part of a path that is left open is a parameter of it. */
static void test_openapi_text_names_parameters(void **state)
{
    (void)state;
    json_t *json = description();
    struct route_face face;
    for (size_t i = 0; route_face(i, &face); i++) {
        const json_t *item = ijson_get(ijson_get(json, "paths"), face.path);
        bool open = strchr(face.path, '{') != NULL;
        assert_int_equal(json_array_size(ijson_get(item, "parameters")), open ? 1 : 0);
    }
    json_decref(json);
}

/* What is said of bounds is what holds. */
static void test_openapi_text_states_bounds(void **state)
{
    (void)state;
    json_t *json = description();
    const json_t *parts = ijson_get(json, "components");
    const json_t *limit = ijson_get(ijson_get(ijson_get(parts, "parameters"), "limit"), "schema");
    assert_int_equal(json_integer_value(ijson_get(limit, "maximum")), PAGE_EVENTS_MAX);
    assert_int_equal(json_integer_value(ijson_get(limit, "default")), PAGE_EVENTS_DEFAULT);
    const json_t *post = ijson_get(ijson_get(ijson_get(json, "paths"), "/v1/events"), "post");
    const json_t *content = ijson_get(ijson_get(post, "requestBody"), "content");
    const json_t *batch =
        ijson_get(ijson_get(content, "application/cloudevents-batch+json"), "schema");
    assert_int_equal(json_integer_value(ijson_get(batch, "maxItems")), BATCH_EVENTS_MAX);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_openapi_text_describes_routes),
        cmocka_unit_test(test_openapi_text_names_parameters),
        cmocka_unit_test(test_openapi_text_states_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
