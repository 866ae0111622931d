#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>

#include <cmocka.h>

#include "ledger/limits.h"
#include "ledger/space.h"

#define MIB 1048576UL

/* What the operating system says is free for us; nothing if it fails. */
static unsigned long long free_bytes;
static bool fails;

int fstatvfs(int fd, struct statvfs *info)
{
    (void)fd;
    if (fails) {
        errno = EIO;
        return -1;
    }
    memset(info, 0, sizeof(*info));
    info->f_frsize = 512;
    info->f_bfree = UINT64_MAX / 512; /* root's share is not ours */
    info->f_bavail = free_bytes / 512;
    return 0;
}

static void test_space_check_low_until_there_is_more(void **state)
{
    (void)state;
    struct space space = {0};
    struct err_text why = {""};
    free_bytes = DISK_FREE_BYTES_MIN;
    assert_int_equal(space_check(&space, 0, &why), ERR_OK);
    free_bytes = DISK_FREE_BYTES_MIN - 512;
    assert_int_equal(space_check(&space, 0, &why), ERR_DISK_LOW);
    assert_non_null(strstr(why.s, "only 63 MiB"));
    free_bytes = DISK_FREE_BYTES_AGAIN - 512;
    assert_int_equal(space_check(&space, 0, &why), ERR_DISK_LOW);
    assert_non_null(strstr(why.s, "80 are needed"));
    free_bytes = DISK_FREE_BYTES_AGAIN;
    assert_int_equal(space_check(&space, 0, &why), ERR_OK);
    free_bytes = DISK_FREE_BYTES_MIN;
    assert_int_equal(space_check(&space, 0, &why), ERR_OK);
}

static void test_space_check_cannot_tell(void **state)
{
    (void)state;
    struct space space = {0};
    struct err_text why = {""};
    unsigned long long bytes = 1;
    fails = true;
    assert_int_equal(space_check(&space, 0, &why), ERR_IO);
    assert_int_equal(space_free(0, &bytes, &why), ERR_IO);
    assert_int_equal(space_for(0, 1, &why), ERR_IO);
    assert_int_equal(bytes, 1);
    fails = false;
    free_bytes = 12345 * 512ULL;
    assert_int_equal(space_free(0, &bytes, &why), ERR_OK);
    assert_int_equal(bytes, 12345 * 512ULL);
}

static void test_space_for_a_file_and_what_must_be_free_beside_it(void **state)
{
    (void)state;
    struct err_text why = {""};
    free_bytes = DISK_FREE_BYTES_MIN + 100 * MIB;
    assert_int_equal(space_for(0, 0, &why), ERR_OK);
    assert_int_equal(space_for(0, 100 * MIB, &why), ERR_OK);
    assert_int_equal(space_for(0, 100 * MIB + 1, &why), ERR_DISK_LOW);
    assert_non_null(strstr(why.s, "only 164 MiB"));
}

static void test_space_map_first_takes_what_there_is(void **state)
{
    (void)state;
    assert_int_equal(space_map_first(MIB), MIB);
    assert_int_equal(space_map_first(1UL << 30), 1UL << 30);
    /* No machine has so much: a half of a half of it. */
    size_t bytes = space_map_first(1UL << 62);
    assert_true(bytes >= 1UL << 28 && bytes < 1UL << 60);
    assert_int_equal(bytes & (bytes - 1), 0);
}

static void test_space_map_tight_before_it_is_full(void **state)
{
    (void)state;
    struct space_map big = {.map_bytes = 1UL << 30, .used_bytes = (1UL << 30) - MAP_FREE_BYTES_MIN};
    struct space_map small = {.map_bytes = 16 * MIB, .used_bytes = 12 * MIB};
    assert_false(space_map_tight(&big));
    assert_false(space_map_tight(&small));
    big.used_bytes++;
    small.used_bytes++;
    assert_true(space_map_tight(&big));
    assert_true(space_map_tight(&small));
    struct space_map full = {.map_bytes = 1UL << 30, .full = true};
    assert_true(space_map_tight(&full));
}

static void test_space_map_wider_for_a_writer(void **state)
{
    (void)state;
    struct space_map map = {.map_bytes = 16 * MIB, .used_bytes = 15 * MIB};
    assert_int_equal(space_map_wider(&map, true, 1UL << 30), 32 * MIB);
    /* As much as there may be, if that helps. */
    assert_int_equal(space_map_wider(&map, true, 20 * MIB), 20 * MIB);
    assert_int_equal(space_map_wider(&map, true, 19 * MIB), 0);
    assert_int_equal(space_map_wider(&map, true, 16 * MIB), 0);
    /* One that has room, and yet a write found none. */
    struct space_map full = {.map_bytes = 16 * MIB, .used_bytes = MIB, .full = true};
    size_t bytes = space_map_wider(&full, true, 1UL << 30);
    assert_int_equal(bytes, 32 * MIB);
    assert_int_equal(space_map_wider(&full, true, 16 * MIB), 0);
    /* Where twice as much is not to be had. */
    struct space_map vast = {.map_bytes = 1UL << 60, .used_bytes = 1UL << 60};
    bytes = space_map_wider(&vast, true, 1UL << 62);
    assert_true(bytes >= (1UL << 60) + MAP_FREE_BYTES_MIN && bytes < 1UL << 61);
}

static void test_space_map_wider_for_a_reader(void **state)
{
    (void)state;
    /* What another process has made is mapped, whatever this one would let writes have. */
    struct space_map map = {.map_bytes = 16 * MIB, .used_bytes = 40 * MIB + 1};
    size_t bytes = space_map_wider(&map, false, 16 * MIB);
    assert_true(bytes > map.used_bytes);
    assert_int_equal(bytes % 65536, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_space_check_low_until_there_is_more),
        cmocka_unit_test(test_space_check_cannot_tell),
        cmocka_unit_test(test_space_for_a_file_and_what_must_be_free_beside_it),
        cmocka_unit_test(test_space_map_first_takes_what_there_is),
        cmocka_unit_test(test_space_map_tight_before_it_is_full),
        cmocka_unit_test(test_space_map_wider_for_a_writer),
        cmocka_unit_test(test_space_map_wider_for_a_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
