/* vectors - JSON vectors of tests/vectors and of the folder `shared` beside the checkout. */
#ifndef TESTS_UNIT_VECTORS_H
#define TESTS_UNIT_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "ledger/buf.h"

#define VECTORS_UNUSED __attribute__((unused))

/* Append the whole of a file; false if it cannot be opened. */
VECTORS_UNUSED static bool vectors_file(const char *path, struct buf *buf)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char chunk[4096];
    size_t bytes;
    while ((bytes = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_add(buf, chunk, bytes);
    fclose(file);
    return true;
}

/* The JSON in folder/name, or NULL if there is no such file. */
VECTORS_UNUSED static json_t *vectors_read(const char *folder, const char *name, size_t flags)
{
    struct buf path = {0};
    json_error_t error;
    buf_printf(&path, "%s/%s", folder, name);
    json_t *json = json_load_file((const char *)path.data, flags, &error);
    if (json == NULL && json_error_code(&error) != json_error_cannot_open_file)
        fail_msg("%s:%d: %s", (const char *)path.data, error.line, error.text);
    buf_free(&path);
    return json;
}

VECTORS_UNUSED static json_t *vectors_load(const char *name)
{
    json_t *json = vectors_read(COUNTERSIGN_SOURCE "/tests/vectors", name, 0);
    assert_non_null(json);
    return json;
}

/* Of the folder `shared`, all numbers read as reals (some are beyond 64 bits); the test is skipped,
 * and says so, where it is absent. */
VECTORS_UNUSED static json_t *vectors_shared(const char *name)
{
    const char *folder = getenv("COUNTERSIGN_SHARED");
    folder = folder != NULL ? folder : COUNTERSIGN_SOURCE "/../shared";
    json_t *json = vectors_read(folder, name, JSON_DECODE_INT_AS_REAL);
    if (json == NULL) {
        printf("SKIPPED: %s/%s is absent (COUNTERSIGN_SHARED names another folder)\n", folder,
               name);
        skip();
    }
    return json;
}

VECTORS_UNUSED static const char *vectors_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (text == NULL)
        fail_msg("no string %s", name);
    return text;
}

VECTORS_UNUSED static uint64_t vectors_u64(const json_t *object, const char *name)
{
    char *end = NULL;
    uint64_t value = strtoull(vectors_text(object, name), &end, 10);
    assert_true(*end == '\0');
    return value;
}

/* Append the bytes that the member ${name} has in hex. */
VECTORS_UNUSED static void vectors_hex(const json_t *object, const char *name, struct buf *buf)
{
    const char *text = vectors_text(object, name);
    uint8_t *at = buf_room(buf, strlen(text) / 2);
    assert_true(bytes_from_hex(text, at, strlen(text) / 2));
}

/* The same of a fixed length. */
VECTORS_UNUSED static void vectors_bytes(const json_t *object, const char *name, uint8_t *ret,
                                         size_t bytes)
{
    assert_true(bytes_from_hex(vectors_text(object, name), ret, bytes));
}

#endif
