#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "replay/evidence.h"

static char path[] = "/tmp/test_evidence_XXXXXX";

static int make(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int drop(void **state)
{
    (void)state;
    return unlink(path);
}

static void fill(size_t bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < bytes; i++)
        fputc("abc"[i % 3], file);
    assert_int_equal(fclose(file), 0);
}

static void test_evidence_attach_small(void **state)
{
    (void)state;
    json_t *data = json_object();
    fill(3);
    assert_int_equal(evidence_attach(path, true, data, NULL), ERR_OK);
    assert_string_equal(ijson_string(data, "sha256"),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(ijson_string(data, "data_base64"), "YWJj");
    json_decref(data);
}

static void test_evidence_attach_empty(void **state)
{
    (void)state;
    json_t *data = json_object();
    fill(0);
    assert_int_equal(evidence_attach(path, true, data, NULL), ERR_OK);
    assert_string_equal(ijson_string(data, "data_base64"), "");
    json_decref(data);
}

static void test_evidence_attach_too_big(void **state)
{
    (void)state;
    json_t *data = json_object();
    size_t most = EVIDENCE_BASE64_MAX / 4 * 3;
    fill(most);
    assert_int_equal(evidence_attach(path, true, data, NULL), ERR_OK);
    assert_int_equal(json_string_length(ijson_get(data, "data_base64")), EVIDENCE_BASE64_MAX);
    json_object_clear(data);
    fill(most + 1);
    assert_int_equal(evidence_attach(path, true, data, NULL), ERR_TOO_BIG);
    assert_int_equal(json_object_size(data), 0);
    assert_int_equal(evidence_attach(path, false, data, NULL), ERR_OK);
    assert_int_equal(json_object_size(data), 1);
    json_decref(data);
}

static void test_evidence_attach_unreadable(void **state)
{
    (void)state;
    json_t *data = json_object();
    assert_int_equal(evidence_attach("/nonexistent/file", true, data, NULL), ERR_NOT_FOUND);
    assert_int_equal(evidence_attach("/tmp", true, data, NULL), ERR_IO);
    json_decref(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evidence_attach_small),
        cmocka_unit_test(test_evidence_attach_empty),
        cmocka_unit_test(test_evidence_attach_too_big),
        cmocka_unit_test(test_evidence_attach_unreadable),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
