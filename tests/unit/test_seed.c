/* The checklists that people have: the seed of the folder `shared`, against nodes that were read
 * line by line, and the one that ships with the program. */
#include "tests/unit/checklist_kit.h"
#include "tests/unit/vectors.h"

static void read_seed(struct buf *buf)
{
    const char *folder = getenv("COUNTERSIGN_SHARED");
    struct buf path = {0};
    buf_printf(&path, "%s/seed/PRODUCTION_DEPLOYMENT_CHECKLIST.md",
               folder != NULL ? folder : COUNTERSIGN_SOURCE "/../shared");
    bool there = vectors_file((const char *)path.data, buf);
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

/* Every threshold that the seed sets; the words are some of those that the item names it by. */
static const struct {
    const char *words;
    enum threshold_op op;
    double value;
    const char *unit;
} bounds[] = {
    {"error rate", OP_LESS, 0.1, "%"},
    {"p95 response time", OP_LESS, 200, "ms"},
    {"replication lag", OP_LESS, 100, "ms"},
    {"memory usage", OP_LESS, 70, "%"},
    {"memory usage", OP_LESS, 75, "%"},
    {"cpu usage", OP_LESS, 60, "%"},
    {"cpu usage", OP_LESS, 70, "%"},
    {"certificates", OP_GREATER, 30, "days"},
    {"image", OP_LESS, 500, "MB"},
    {"image", OP_EQUAL, 0, "critical"},
    {"dependencies", OP_EQUAL, 0, "moderate"},
    {"unit tests", OP_EQUAL, 100, "%"},
    {"integration tests", OP_EQUAL, 100, "%"},
    {"end to end tests", OP_EQUAL, 100, "%"},
    {"coverage", OP_GREATER, 85, "%"},
    {"load test", OP_GREATER_EQUAL, 1000, ""},
};

static bool sets_bound(const struct checklist *checklist, size_t bound)
{
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct threshold *threshold = checklist->nodes[i].threshold;
        if (threshold != NULL && threshold->op == bounds[bound].op &&
            !(threshold->value < bounds[bound].value) &&
            !(threshold->value > bounds[bound].value) &&
            strcmp(threshold->unit, bounds[bound].unit) == 0 &&
            strstr(threshold->metric, bounds[bound].words) != NULL)
            return true;
    }
    return false;
}

static struct checklist *compile_shipped(void)
{
    struct buf source = {0};
    assert_true(vectors_file(COUNTERSIGN_SOURCE "/replay/checklists/blue-green.md", &source));
    buf_u8(&source, 0);
    struct checklist *checklist = kit_compile((const char *)source.data);
    buf_free(&source);
    return checklist;
}

/* The checklist that ships compiles without a warning, and holds as much of each kind as the seed:
 * the seed's fifth decision says again what its first gate decides. */
static void test_shipped_is_complete(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int least, most;
    } kinds[] = {{"item", 120, 250},  {"approval", 9, 9},  {"decision", 4, 4}, {"status", 14, 14},
                 {"field", 68, 200},  {"choice", 2, 9},    {"notes", 1, 1},    {"gate", 3, 3},
                 {"command", 31, 99}, {"expected", 31, 99}};
    struct checklist *checklist = compile_shipped();
    for (size_t i = 0; i < checklist->warnings.count; i++)
        print_error("line %u: %s\n", checklist->warnings.remarks[i].line,
                    checklist->warnings.remarks[i].text);
    assert_int_equal(checklist->warnings.count, 0);
    json_t *json = checklist_json(checklist), *counts = json_object_get(json, "counts");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        json_int_t count = json_integer_value(json_object_get(counts, kinds[i].name));
        if (count < kinds[i].least || count > kinds[i].most)
            fail_msg("%s: %lld", kinds[i].name, (long long)count);
    }
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        if (!sets_bound(checklist, i))
            fail_msg("no threshold on %s", bounds[i].words);
    }
    json_decref(json);
    checklist_free(checklist);
}

/* Each threshold has a field nested in its item that can measure it, and no field that cannot: the
 * rules judge all of them by it.  Sign-offs, roles and the windows after T0 leave no gap. */
static void test_shipped_can_be_run(void **state)
{
    (void)state;
    struct checklist *checklist = compile_shipped();
    int until = 0;
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        if (node->threshold != NULL && !node->own_measures)
            fail_msg("%s has no field of its own", node->id);
        const struct node *parent =
            node->parent != CHECKLIST_NONE ? &checklist->nodes[node->parent] : NULL;
        if (parent != NULL && parent->threshold != NULL && node->unit != NULL &&
            strcmp(node->unit, parent->threshold->unit) != 0)
            fail_msg("%s cannot measure %s", node->id, parent->id);
    }
    for (size_t i = 0; i < checklist->section_count; i++) {
        const struct section *section = &checklist->sections[i];
        if (!section->window.set || section->gate != CHECKLIST_NONE || section->level != 3)
            continue;
        assert_true(section->window.from_min <= until);
        until = section->window.to_min > until ? section->window.to_min : until;
    }
    assert_int_equal(until, 1440);
    checklist_free(checklist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seed_compiles_exactly), cmocka_unit_test(test_seed_measures),
        cmocka_unit_test(test_seed_in_other_writing), cmocka_unit_test(test_shipped_is_complete),
        cmocka_unit_test(test_shipped_can_be_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
