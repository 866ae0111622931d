/* The checklists that people have: the seed of the folder `shared`, against nodes that were read
 * line by line, and the one that ships with the program. */
#include "tests/unit/checklist_kit.h"
#include "tests/unit/vectors.h"

static bool read_file(const char *path, struct buf *buf)
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

static void read_seed(struct buf *buf)
{
    const char *folder = getenv("COUNTERSIGN_SHARED");
    struct buf path = {0};
    buf_printf(&path, "%s/seed/PRODUCTION_DEPLOYMENT_CHECKLIST.md",
               folder != NULL ? folder : COUNTERSIGN_SOURCE "/../shared");
    bool there = read_file((const char *)path.data, buf);
    if (!there)
        printf("SKIPPED: %s is absent (COUNTERSIGN_SHARED names another folder)\n",
               (const char *)path.data);
    buf_free(&path);
    if (!there)
        skip();
}

/* What differs between the nodes found and those expected is named node by node. */
static void expect_nodes(const json_t *found, const json_t *expected)
{
    size_t index;
    json_t *node;
    json_array_foreach (expected, index, node) {
        const json_t *other = json_array_get(found, index);
        if (!json_equal(node, other)) {
            char *want = json_dumps(node, JSON_COMPACT), *have = json_dumps(other, JSON_COMPACT);
            print_error("expected %s\nfound    %s\n", want, have);
            free(want);
            free(have);
        }
    }
    assert_int_equal(json_array_size(found), json_array_size(expected));
}

static json_t *compile_json(const struct buf *source)
{
    struct checklist *checklist = NULL;
    struct err_text why = {""};
    assert_int_equal(checklist_compile(source->data, source->bytes, &checklist, &why), ERR_OK);
    json_t *json = checklist_json(checklist);
    assert_int_equal(checklist->source_bytes, source->bytes);
    assert_memory_equal(checklist->source, source->data, source->bytes);
    checklist_free(checklist);
    return json;
}

static void test_seed_compiles_exactly(void **state)
{
    (void)state;
    struct buf source = {0};
    read_seed(&source);
    json_t *found = compile_json(&source), *expected = vectors_load("seed-checklist.json");
    expect_nodes(json_object_get(found, "nodes"), json_object_get(expected, "nodes"));
    assert_true(json_equal(found, expected));
    json_decref(found);
    json_decref(expected);
    buf_free(&source);
}

/* What the rules need and JSON does not show. */
static void test_seed_measures(void **state)
{
    (void)state;
    struct buf source = {0};
    read_seed(&source);
    buf_u8(&source, 0);
    struct checklist *checklist = kit_compile((const char *)source.data);
    static const struct {
        const char *field, *item;
        bool measures;
    } pairs[] = {
        {"3.3.10", "3.3.5", true},    {"3.4.12", "3.3.5", false},  {"3.3.11", "3.3.6", true},
        {"3.3.10", "3.5.1", true},    {"3.4.12", "3.5.1", true},   {"3.4.13", "3.5.2", true},
        {"3.4.14", "3.5.1", false},   {"1.6.5.1", "1.10.9", true}, {"1.6.5.2", "1.10.8", true},
        {"1.6.4.3", "1.10.8", false}, {"3.4.12", "5.1.1", false}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        size_t field = checklist_node(checklist, pairs[i].field);
        size_t item = checklist_node(checklist, pairs[i].item);
        if (checklist_measures(checklist, field, item) != pairs[i].measures)
            fail_msg("%s and %s", pairs[i].field, pairs[i].item);
    }
    assert_true(kit_node(checklist, "6.0.1")->rollback_decision);
    assert_string_equal(kit_node(checklist, "4.3.1")->text, "Downtime: 0 minutes");
    checklist_free(checklist);
    buf_free(&source);
}

/* Other ways to write the same: CR LF, and a copy that was filled in by hand. */
static void test_seed_in_other_writing(void **state)
{
    (void)state;
    struct buf source = {0}, other = {0};
    read_seed(&source);
    for (size_t i = 0; i < source.bytes; i++) {
        char c = (char)source.data[i];
        bool box = c == ' ' && i > 0 && source.data[i - 1] == '[' && source.data[i + 1] == ']';
        buf_text(&other, c == '\n' ? "\r" : "");
        buf_add(&other, box ? "x" : &c, 1);
    }
    json_t *expected = compile_json(&source), *found = compile_json(&other);
    expect_nodes(json_object_get(found, "nodes"), json_object_get(expected, "nodes"));
    json_object_del(expected, "sha256");
    json_object_del(found, "sha256");
    assert_true(json_equal(found, expected));
    json_decref(expected);
    json_decref(found);
    buf_free(&source);
    buf_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seed_compiles_exactly),
        cmocka_unit_test(test_seed_measures),
        cmocka_unit_test(test_seed_in_other_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
