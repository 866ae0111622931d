#include <stdbool.h>

#include "ledger/ledger.h"
#include "tests/unit/vectors.h"

static const char *const kinds[] = {"hashes", "entries", "events"}; /* by enum tile_kind */

static void test_tile_parse_vectors(void **state)
{
    (void)state;
    json_t *vectors = vectors_load("tile.json"), *paths = json_object_get(vectors, "paths");
    assert_true(json_array_size(paths) > 100);
    for (size_t i = 0; i < json_array_size(paths); i++) {
        const json_t *vector = json_array_get(paths, i);
        const char *path = vectors_text(vector, "path");
        struct tile tile;
        struct buf again = {0};
        if (!tile_parse(path, &tile))
            fail_msg("%s is refused", path);
        assert_string_equal(kinds[tile.kind], vectors_text(vector, "kind"));
        assert_int_equal(tile.level, json_integer_value(json_object_get(vector, "level")));
        assert_true(tile.index == vectors_u64(vector, "index"));
        assert_int_equal(tile.width, json_integer_value(json_object_get(vector, "width")));
        tile_format(&tile, &again);
        assert_string_equal(again.data, path);
        buf_free(&again);
    }
    json_decref(vectors);
}

static void test_tile_parse_not_canonical(void **state)
{
    (void)state;
    json_t *vectors = vectors_load("tile.json"), *paths = json_object_get(vectors, "refused");
    assert_true(json_array_size(paths) > 30);
    for (size_t i = 0; i < json_array_size(paths); i++) {
        const char *path = json_string_value(json_array_get(paths, i));
        struct tile tile = {.level = 77};
        if (tile_parse(path, &tile))
            fail_msg("%s is taken", path);
        assert_int_equal(tile.level, 77);
    }
    json_decref(vectors);
}

static void same_path(const char *path)
{
    struct tile tile;
    struct buf again = {0};
    if (tile_parse(path, &tile)) {
        tile_format(&tile, &again);
        assert_string_equal(again.data, path);
    }
    buf_free(&again);
}

/* Every character of a path changed to every other: refused, or the path of another tile. */
static void test_tile_parse_one_character_changed(void **state)
{
    (void)state;
    static const char *const paths[] = {"tile/0/x001/x234/067.p/25", "tile/63/000",
                                        "tile/entries/x001/000", "tile/events/999.p/255"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        for (size_t at = 0; at < strlen(paths[i]); at++) {
            for (int c = 0; c < 256; c++) {
                char path[64];
                snprintf(path, sizeof(path), "%s", paths[i]);
                path[at] = (char)c;
                same_path(path);
            }
        }
    }
}

/* By the definition: how many nodes of level 8L there are, less those of the tiles before. */
static void test_tile_width_at_counted(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {
        0,         1,     255,   256,   257,    511,     512,
        65535,     65536, 65537, 70000, 131072, 1 << 24, (1 << 24) + 65536 + 256 + 1,
        UINT64_MAX};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint64_t nodes = sizes[i];
        for (unsigned level = 0; level <= TILE_LEVEL_MAX; level++, nodes /= 256) {
            const uint64_t places[] = {0, 1, 2, 273, 274, nodes / 256, nodes / 256 + 1, UINT64_MAX};
            for (size_t j = 0; j < sizeof(places) / sizeof(places[0]); j++) {
                uint64_t full = nodes / 256;
                unsigned want = places[j] < full    ? 256
                                : places[j] == full ? (unsigned)(nodes % 256)
                                                    : 0;
                assert_int_equal(tile_width_at(sizes[i], level, places[j]), want);
            }
        }
    }
    /* tlog-tiles' own example. */
    assert_int_equal(tile_width_at(70000, 0, 273), 112);
    assert_int_equal(tile_width_at(70000, 1, 1), 17);
    assert_int_equal(tile_width_at(70000, 2, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tile_parse_vectors),
        cmocka_unit_test(test_tile_parse_not_canonical),
        cmocka_unit_test(test_tile_parse_one_character_changed),
        cmocka_unit_test(test_tile_width_at_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
