#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/mem.h"
#include "ledger/tar.h"
#include "ledger/tar_index.h"

static void make(struct buf *buf)
{
    struct tar tar = {0};
    tar_add(&tar, "a.txt", "hello", 5);
    tar_add(&tar, "empty", NULL, 0);
    tar_add(&tar, "d/b.txt", "world\n", 6);
    assert_int_equal(tar_write(&tar, buf, NULL), ERR_OK);
    tar_free(&tar);
}

static enum err read_bytes(const void *bytes, size_t count, struct err_text *why)
{
    struct tar tar = {0};
    enum err err = tar_read(bytes, count, &tar, why);
    assert_true(err == ERR_OK || tar.members == NULL);
    tar_free(&tar);
    return err;
}

static void refused(const struct buf *bytes, const char *what)
{
    struct err_text why = {""};
    assert_int_equal(read_bytes(bytes->data, bytes->bytes, &why), ERR_INVALID);
    if (strstr(why.s, what) == NULL)
        fail_msg("no '%s' in '%s'", what, why.s);
}

static void test_tar_read_what_was_written(void **state)
{
    (void)state;
    struct buf bytes = {0}, again = {0};
    struct tar tar = {0};
    make(&bytes);
    make(&again);
    assert_int_equal(bytes.bytes, 3 * 512 + 2 * 512 + 2 * 512);
    assert_memory_equal(bytes.data, again.data, bytes.bytes);
    struct tar_source source = {.data = bytes.data, .fd = -1, .bytes = bytes.bytes};
    assert_true(tar_index_is(&source));
    source.bytes = 100;
    assert_false(tar_index_is(&source));
    assert_int_equal(tar_read(bytes.data, bytes.bytes, &tar, NULL), ERR_OK);
    assert_int_equal(tar.count, 3);
    assert_string_equal(tar.members[2].name, "d/b.txt");
    assert_memory_equal(tar_find(&tar, "d/b.txt")->data, "world\n", 6);
    assert_int_equal(tar_find(&tar, "empty")->bytes, 0);
    assert_null(tar_find(&tar, "b.txt"));
    tar_free(&tar);
    buf_free(&bytes);
    buf_free(&again);
}

/* Whatever is changed: refused, or the contents themselves are other ones. */
static void test_tar_read_every_bit(void **state)
{
    (void)state;
    struct buf bytes = {0};
    size_t changed = 0;
    make(&bytes);
    for (size_t i = 0; i < 8 * bytes.bytes; i++) {
        bytes.data[i / 8] ^= (uint8_t)(1u << i % 8);
        changed += read_bytes(bytes.data, bytes.bytes, NULL) == ERR_OK;
        bytes.data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    assert_int_equal(changed, 8 * (5 + 6));
    for (size_t count = 0; count < bytes.bytes; count++)
        assert_int_equal(read_bytes(bytes.data, count, NULL), ERR_INVALID);
    buf_free(&bytes);
}

/* The header's checksum, as one who means harm would have it right. */
static void sum(uint8_t *head)
{
    unsigned total = 0;
    memset(head + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        total += head[i];
    snprintf((char *)head + 148, 8, "%06o", total);
    head[155] = ' ';
}

static void test_tar_read_hostile(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        const char *bytes, *what;
    } changes[] = {
        {0, "/etc/a", "name that is not plain"},
        {0, "../a", "name that is not plain"},
        {0, ".a", "name that is not plain"},
        {0, "a//b", "name that is not plain"},
        {0, "a/./b", "name that is not plain"},
        {0, "a b", "name that is not plain"},
        {0, "empty", "it has empty twice"},
        {156, "1", ""},
        {156, "2", "no plain file"},
        {156, "3", "no plain file"},
        {156, "5", "no plain file"},
        {156, "6", "no plain file"},
        {124, "77777777777", "cut short within"},
        {124, "00000010000", "cut short within"},
        {136, "00000000001", "not in the form"},
        {108, "000001", "not in the form"},
        {100, "000777", "not in the form"},
        {265, "root", "not in the form"},
        {345, "p", ""},
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct buf bytes = {0};
        make(&bytes);
        memcpy(bytes.data + changes[i].at, changes[i].bytes, strlen(changes[i].bytes));
        if (changes[i].at == 0)
            bytes.data[strlen(changes[i].bytes)] = '\0';
        sum(bytes.data);
        refused(&bytes, changes[i].what);
        buf_free(&bytes);
    }
}

/* Append a file of GNU tar: a hole, and one byte behind it; ${holds} bytes in all. */
static void add_sparse(struct buf *bytes, const char *name, unsigned holds)
{
    uint8_t head[512] = {0}, body[512] = {'x'};
    memcpy(head, name, strlen(name));
    memcpy(head + 100, "0000644", 7);
    memcpy(head + 124, "00000000001", 11); /* bytes in the archive */
    head[156] = 'S';
    memcpy(head + 257, "ustar  ", 8);
    snprintf((char *)head + 386, 12, "%011o", holds - 1);
    memcpy(head + 398, "00000000001", 11);
    snprintf((char *)head + 483, 12, "%011o", holds);
    sum(head);
    buf_add(bytes, head, sizeof(head));
    buf_add(bytes, body, sizeof(body));
}

/* Few bytes that would be many, in files that each could be as big as the whole. */
static void test_tar_read_sparse(void **state)
{
    (void)state;
    static const uint8_t end[1024];
    struct tar tar = {0};
    struct buf bytes = {0};
    tar_add(&tar, "a", NULL, 0);
    assert_int_equal(tar_write(&tar, &bytes, NULL), ERR_OK);
    bytes.bytes = 512;
    add_sparse(&bytes, "b", 3000);
    add_sparse(&bytes, "c", 3000);
    buf_add(&bytes, end, sizeof(end));
    refused(&bytes, "cut short within b");
    tar_free(&tar);
    buf_free(&bytes);
}

static void test_tar_read_padded(void **state)
{
    (void)state;
    struct buf bytes = {0};
    make(&bytes);
    buf_text(&bytes, "x");
    refused(&bytes, "not in the form");
    buf_clear(&bytes);
    make(&bytes);
    make(&bytes);
    refused(&bytes, "not in the form");
    buf_clear(&bytes);
    buf_text(&bytes, "\x1f\x8b\x08 and so on");
    refused(&bytes, "it is no tar");
    buf_free(&bytes);
}

static void test_tar_read_too_big(void **state)
{
    (void)state;
    struct tar tar = {0};
    struct buf bytes = {0};
    struct err_text why = {""};
    char name[32];
    for (size_t i = 0; i <= TAR_MEMBERS_MAX; i++) {
        snprintf(name, sizeof(name), "m%zu", i);
        tar_add(&tar, name, NULL, 0);
    }
    assert_int_equal(tar_write(&tar, &bytes, NULL), ERR_OK);
    assert_int_equal(read_bytes(bytes.data, bytes.bytes, &why), ERR_TOO_BIG);
    assert_non_null(strstr(why.s, "members"));
    tar.count = TAR_MEMBERS_MAX;
    buf_clear(&bytes);
    assert_int_equal(tar_write(&tar, &bytes, NULL), ERR_OK);
    assert_int_equal(read_bytes(bytes.data, bytes.bytes, &why), ERR_OK);
    assert_int_equal(read_bytes(bytes.data, TAR_BYTES_MAX + 1, &why), ERR_TOO_BIG);
    tar.count = TAR_MEMBERS_MAX + 1;
    tar_free(&tar);
    buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tar_read_what_was_written), cmocka_unit_test(test_tar_read_every_bit),
        cmocka_unit_test(test_tar_read_hostile),          cmocka_unit_test(test_tar_read_padded),
        cmocka_unit_test(test_tar_read_too_big),          cmocka_unit_test(test_tar_read_sparse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
