/* Checklists of many kinds, in tests/vectors/checklists: a `.md` each, beside it as `.json` its
 * nodes and as `.lint` what is to be said of it, both read by a person, line by line. */
#include <dirent.h>

#include "replay/lint.h"
#include "tests/unit/checklist_kit.h"
#include "tests/unit/unread_kit.h"
#include "tests/unit/vectors.h"

#define CORPUS COUNTERSIGN_SOURCE "/tests/vectors/checklists"

static struct checklist *corpus_compile(const char *name, struct buf *source)
{
    struct checklist *checklist = NULL;
    struct err_text why = {""};
    struct buf path = {0};
    buf_printf(&path, CORPUS "/%s.md", name);
    assert_true(vectors_file((const char *)path.data, source));
    if (checklist_compile(source->data, source->bytes, &checklist, &why) != ERR_OK)
        fail_msg("%s: %s", name, why.s);
    buf_free(&path);
    return checklist;
}

static void corpus_nodes(const char *name, const struct checklist *checklist)
{
    json_t *found = checklist_json(checklist), *expected = NULL;
    struct buf file = {0};
    buf_printf(&file, "%s.json", name);
    expected = vectors_read(CORPUS, (const char *)file.data, 0);
    assert_non_null(expected);
    size_t index;
    json_t *node, *others = json_object_get(found, "nodes");
    json_array_foreach (json_object_get(expected, "nodes"), index, node) {
        if (json_equal(node, json_array_get(others, index)))
            continue;
        char *want = json_dumps(node, JSON_COMPACT);
        char *have = json_dumps(json_array_get(others, index), JSON_COMPACT);
        print_error("%s: expected %s\nfound    %s\n", name, want, have);
        free(want);
        free(have);
    }
    if (!json_equal(found, expected))
        fail_msg("%s.md does not compile to %s.json", name, name);
    json_decref(found);
    json_decref(expected);
    buf_free(&file);
}

static void corpus_lint(const char *name, const struct checklist *checklist)
{
    struct remark_list list = {0};
    struct buf path = {0}, title = {0}, text = {0}, expected = {0};
    buf_printf(&path, CORPUS "/%s.lint", name);
    buf_printf(&title, "%s.md", name);
    assert_true(vectors_file((const char *)path.data, &expected));
    buf_u8(&expected, 0);
    lint_find(checklist, &list);
    remark_print(&list, (const char *)title.data, &text);
    buf_u8(&text, 0);
    assert_string_equal((const char *)text.data, (const char *)expected.data);
    buf_free(&path);
    buf_free(&title);
    buf_free(&text);
    buf_free(&expected);
    remark_free(&list);
}

static size_t corpus_check(const char *file)
{
    size_t bytes = strlen(file);
    if (bytes < 4 || strcmp(file + bytes - 3, ".md") != 0)
        return 0;
    char *name = mem_text_n(file, bytes - 3);
    struct buf source = {0};
    struct checklist *checklist = corpus_compile(name, &source);
    assert_int_equal(checklist->source_bytes, source.bytes);
    assert_memory_equal(checklist->source, source.data, source.bytes);
    if (unread_first(checklist) > 0)
        fail_msg("%s.md:%u was dropped in silence", name, unread_first(checklist));
    corpus_nodes(name, checklist);
    corpus_lint(name, checklist);
    checklist_free(checklist);
    buf_free(&source);
    free(name);
    return 1;
}

static void test_corpus_as_read(void **state)
{
    (void)state;
    DIR *folder = opendir(CORPUS);
    size_t count = 0;
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += corpus_check(entry->d_name);
    closedir(folder);
    assert_true(count >= 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_corpus_as_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
