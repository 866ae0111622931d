#include "tests/unit/damage_kit.h"

#include <fcntl.h>

#include "ledger/pages.h"
#include "ledger/shape.h"

static const struct shape_table tables[] = {{"entries", true}, {"nodes", false}, {"none", false}};

static bool keep(void *ctx, enum store_table table, struct buf *key, struct buf *value)
{
    (void)ctx, (void)table, (void)key, (void)value;
    return true;
}

/* A closed ledger without old copies of pages in its file. */
static int make(struct kit *kit, struct buf *data)
{
    kit_new(kit);
    kit_fill(kit, 20);
    ledger_close(kit->ledger);
    kit->ledger = NULL;
    damage_rewrite(kit, keep, NULL, NULL);
    assert_int_equal(files_read(kit->path, "data.mdb", 1 << 26, data, NULL), ERR_OK);
    int fd = open(kit->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* Changes the depth of a table's tree, wherever the file has a copy of what describes it. */
static void spoil(struct kit *kit, struct buf *data, const char *text)
{
    uint8_t *at = data->data;
    while ((at = memmem(at, (size_t)(data->data + data->bytes - at), text, strlen(text))) != NULL) {
        at += strlen(text) + 6;
        *at ^= 7;
    }
    assert_int_equal(files_replace(kit->path, "data.mdb", data->data, data->bytes, NULL), ERR_OK);
}

static void test_shape_tables_tells_them_apart(void **state)
{
    (void)state;
    struct kit kit;
    struct buf data = {0};
    struct err_text why = {""};
    bool has[3] = {false};
    int fd = make(&kit, &data);
    assert_int_equal(shape_head(fd, kit.path, &why), ERR_OK);
    assert_int_equal(shape_tables(fd, kit.path, tables, 3, has, &why), ERR_OK);
    assert_true(has[0] && has[1] && !has[2]);
    spoil(&kit, &data, "nodes");
    assert_int_equal(shape_tables(fd, kit.path, tables, 3, has, &why), ERR_OK);
    assert_true(has[0] && !has[1] && !has[2]);
    spoil(&kit, &data, "entries");
    assert_int_equal(shape_tables(fd, kit.path, tables, 3, has, &why), ERR_DAMAGED);
    assert_non_null(strstr(why.s, "entries"));
    buf_free(&data);
    close(fd);
    kit_end(&kit);
}

static void test_shape_of_no_file(void **state)
{
    (void)state;
    struct kit kit;
    struct buf data = {0};
    struct err_text why = {""};
    bool has[3] = {false};
    int fd = make(&kit, &data);
    assert_int_equal(files_replace(kit.path, "data.mdb", data.data, 3 * 4096, NULL), ERR_OK);
    assert_int_equal(shape_head(fd, kit.path, &why), ERR_DAMAGED);
    assert_int_equal(shape_tables(fd, kit.path, tables, 3, has, &why), ERR_DAMAGED);
    char *path = files_path(kit.path, "data.mdb");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(shape_head(fd, kit.path, &why), ERR_NOT_FOUND);
    assert_int_equal(shape_tables(fd, kit.path, tables, 3, has, &why), ERR_NOT_FOUND);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(shape_head(fd, kit.path, &why), ERR_IO);
    assert_int_equal(shape_tables(fd, kit.path, tables, 3, has, &why), ERR_IO);
    free(path);
    buf_free(&data);
    close(fd);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape_tables_tells_them_apart),
        cmocka_unit_test(test_shape_of_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
