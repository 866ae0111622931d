#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ingest/route.h"

static void test_route_matches_paths(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        bool rest;
        const char *path;
        const char *param; /* NULL: it does not match; "" : it has none */
    } cases[] = {
        {"/v1/events", false, "/v1/events", ""},
        {"/v1/events", false, "/v1/events/", NULL},
        {"/v1/events", false, "/v1/event", NULL},
        {"/v1/events/{seq}", false, "/v1/events/7", "7"},
        {"/v1/events/{seq}", false, "/v1/events/", NULL},
        {"/v1/events/{seq}", false, "/v1/events", NULL},
        {"/v1/events/{seq}", false, "/v1/events/7/", NULL},
        {"/v1/events/{seq}", false, "/v1/events/7/proof", NULL},
        {"/v1/events/{seq}/proof", false, "/v1/events/7/proof", "7"},
        {"/v1/events/{seq}/proof", false, "/v1/events//proof", NULL},
        {"/v1/events/{seq}/proof", false, "/v1/events/7/proofs", NULL},
        {"/tile/{tile}", true, "/tile/0/x001/067.p/8", "0/x001/067.p/8"},
        {"/tile/{tile}", true, "/tile/", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct piece param = {NULL, 0};
        bool matches = route_matches(cases[i].pattern, cases[i].rest, cases[i].path, &param);
        assert_int_equal(matches, cases[i].param != NULL);
        if (!matches)
            continue;
        assert_int_equal(param.bytes, strlen(cases[i].param));
        assert_int_equal(param.data != NULL, param.bytes > 0);
        if (param.bytes > 0)
            assert_memory_equal(param.data, cases[i].param, param.bytes);
    }
}

/* Every path that is left open somewhere has one such part, and none stands twice. */
static void test_route_face_each(void **state)
{
    (void)state;
    struct route_face face, other;
    size_t count = 0;
    for (; route_face(count, &face); count++) {
        const char *open = strchr(face.path, '{');
        assert_true(face.path[0] == '/');
        assert_true(open == NULL || (strchr(open, '}') != NULL && strchr(open + 1, '{') == NULL));
        for (size_t i = 0; i < count; i++)
            assert_true(route_face(i, &other) && strcmp(other.path, face.path) != 0);
    }
    assert_true(count > 0);
    assert_false(route_face(count, &face));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_route_matches_paths),
        cmocka_unit_test(test_route_face_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
