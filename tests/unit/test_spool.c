#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ingest/aside.h"
#include "ingest/frame.h"
#include "ingest/pile.h"
#include "ingest/spool.h"

#define URL "http://127.0.0.1:1"
#define LATE_US INT64_C(1000)

static char dir[64];
static struct err_text why;

static int set_up(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/spool-XXXXXX");
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    DIR *list = opendir(dir);
    (void)state;
    if (list == NULL)
        return -1;
    for (const struct dirent *found; (found = readdir(list)) != NULL;) {
        char *path = files_path(dir, found->d_name);
        if (found->d_name[0] != '.')
            unlink(path);
        free(path);
    }
    closedir(list);
    return rmdir(dir);
}

static struct spool *open_one(void)
{
    struct spool *spool = NULL;
    assert_int_equal(spool_open(dir, URL, SPOOL_BYTES_DEFAULT, &spool, &why), ERR_OK);
    return spool;
}

static enum err add_at(struct spool *spool, const char *line, int64_t taken_us)
{
    struct buf frames = {0};
    struct spool_place from, to;
    const struct piece text = {line, strlen(line)};
    frame_add(&frames, taken_us, &text);
    enum err err = spool_add(spool, &frames, &from, &to, &why);
    assert_true(err != ERR_OK || to.at - from.at == frames.bytes);
    buf_free(&frames);
    return err;
}

static void add(struct spool *spool, const char *line)
{
    assert_int_equal(add_at(spool, line, 1000000), ERR_OK);
}

static void turn(struct spool *spool)
{
    bool mine = false;
    assert_int_equal(spool_turn(spool, &mine, &why), ERR_OK);
    assert_true(mine);
}

static void leave(struct spool *spool)
{
    assert_int_equal(spool_leave(spool, &why), ERR_OK);
}

/* The first line that waits is this one (NULL: none does), in this form at this time. */
static struct spool_line next_at(struct spool *spool, const char *text, bool late, int64_t now_us)
{
    const struct spool_choice choice = {now_us, LATE_US};
    struct spool_line line = {0};
    bool found = false;
    assert_int_equal(spool_next(spool, &choice, &line, &found, &why), ERR_OK);
    assert_int_equal(found, text != NULL);
    if (text == NULL)
        return line;
    assert_int_equal(line.line.bytes, strlen(text));
    assert_memory_equal(line.line.data, text, line.line.bytes);
    assert_int_equal(line.late, late);
    return line;
}

static struct spool_line next(struct spool *spool, const char *text)
{
    return next_at(spool, text, false, 1000000);
}

static void pass(struct spool *spool, const char *text)
{
    struct spool_line line = next(spool, text);
    spool_pass(spool, &line);
}

static uint64_t files(void)
{
    struct pile_span span;
    assert_int_equal(pile_look(dir, &span, &why), ERR_OK);
    return span.last == 0 ? 0 : span.last - span.first + 1;
}

static void test_spool_next_in_order(void **state)
{
    (void)state;
    struct spool *spool = open_one();
    uint64_t lines = 0;
    add(spool, "one");
    add(spool, "");
    add(spool, "three");
    assert_int_equal(spool_waiting(spool, &lines, &why), ERR_OK);
    assert_int_equal(lines, 3);
    turn(spool);
    pass(spool, "one");
    pass(spool, "");
    leave(spool);
    spool_close(spool);

    spool = open_one();
    assert_int_equal(spool_waiting(spool, &lines, &why), ERR_OK);
    assert_int_equal(lines, 1);
    turn(spool);
    pass(spool, "three");
    next(spool, NULL);
    assert_int_equal(files(), 0);
    leave(spool);
    add(spool, "four");
    turn(spool);
    pass(spool, "four");
    next(spool, NULL);
    leave(spool);
    spool_close(spool);
}

static void test_spool_next_again_after_a_crash(void **state)
{
    (void)state;
    struct spool *spool = open_one();
    add(spool, "one");
    add(spool, "two");
    turn(spool);
    pass(spool, "one");
    spool_close(spool); /* without spool_leave: where delivery stood is not on disk */
    spool = open_one();
    turn(spool);
    pass(spool, "one");
    pass(spool, "two");
    next(spool, NULL);
    leave(spool);
    spool_close(spool);
}

static void test_spool_turn_is_one_at_a_time(void **state)
{
    (void)state;
    struct spool *a = open_one(), *b = open_one();
    bool mine = true;
    add(a, "one");
    turn(a);
    assert_int_equal(spool_turn(b, &mine, &why), ERR_OK);
    assert_false(mine);
    add(b, "two"); /* adding waits for nobody who delivers */
    pass(a, "one");
    leave(a);
    turn(b);
    pass(b, "two");
    leave(b);
    spool_close(a);
    spool_close(b);
}

static void test_spool_done_to_moves(void **state)
{
    (void)state;
    struct spool *spool = open_one();
    struct spool_place before, after;
    add(spool, "one");
    assert_int_equal(spool_done_to(spool, &before, &why), ERR_OK);
    turn(spool);
    pass(spool, "one");
    leave(spool);
    assert_int_equal(spool_done_to(spool, &after, &why), ERR_OK);
    assert_true(spool_before(&before, &after));
    assert_false(spool_before(&after, &before));
    spool_close(spool);
}

/* Once a line may have been sent in a form, it is sent in no other. */
static void test_spool_next_keeps_the_form(void **state)
{
    (void)state;
    struct spool *spool = open_one();
    add(spool, "one");
    add(spool, "two");
    turn(spool);
    struct spool_line one = next_at(spool, "one", false, 1000000), two;
    assert_true(spool_following(spool, &one, &two));
    assert_memory_equal(two.line.data, "two", 3);
    assert_false(spool_following(spool, &two, &one));
    spool_close(spool);

    spool = open_one(); /* both may have been sent as they are */
    turn(spool);
    one = next_at(spool, "one", false, 9000000);
    spool_decided(spool, &one.end); /* only the first may have been */
    leave(spool);
    turn(spool);
    one = next_at(spool, "one", false, 9000000);
    spool_pass(spool, &one);
    two = next_at(spool, "two", true, 9000000);
    leave(spool);
    turn(spool); /* and a clock that was set back changes nothing */
    two = next_at(spool, "two", true, 1000000);
    spool_decided(spool, &two.place);
    two = next_at(spool, "two", false, 1000000);
    leave(spool);
    spool_close(spool);
}

static void test_spool_next_of_two_forms(void **state)
{
    (void)state;
    struct spool *spool = open_one();
    assert_int_equal(add_at(spool, "old", 1), ERR_OK);
    assert_int_equal(add_at(spool, "new", 1000000), ERR_OK);
    turn(spool);
    struct spool_line line = next_at(spool, "old", true, 1000000), following;
    assert_false(spool_following(spool, &line, &following));
    spool_pass(spool, &line);
    next_at(spool, "new", false, 1000000);
    leave(spool);
    spool_close(spool);
}

/* Append to the first file what a crash or a bad disk may leave there. */
static void scribble(const char *text, size_t bytes)
{
    struct buf data = {0};
    uint64_t at;
    buf_add(&data, text, bytes);
    assert_int_equal(pile_append(dir, 1, &data, &at, &why), ERR_OK);
    buf_free(&data);
}

/* A frame cut anywhere is set aside, and what was added behind it comes. */
static void test_spool_next_after_a_torn_line(void **state)
{
    (void)state;
    struct buf frame = {0};
    const struct piece text = {"torn line", 9};
    frame_add(&frame, 5, &text);
    for (size_t cut = 1; cut < frame.bytes; cut += 7) {
        struct spool *spool = open_one();
        add(spool, "one");
        scribble((const char *)frame.data, cut);
        add(spool, "two");
        turn(spool);
        pass(spool, "one");
        pass(spool, "two");
        assert_int_equal(spool_torn(spool), cut);
        next(spool, NULL);
        leave(spool);
        spool_close(spool);
        char *path = files_path(dir, "state");
        assert_int_equal(unlink(path), 0); /* begin with file 1 again */
        free(path);
    }
    buf_free(&frame);
}

static void test_spool_next_damaged(void **state)
{
    (void)state;
    struct spool *spool = open_one();
    struct buf frame = {0};
    const struct piece text = {"damaged", 7};
    frame_add(&frame, 5, &text);
    frame.data[FRAME_HEAD_BYTES] ^= 1;
    scribble((const char *)frame.data, frame.bytes);
    add(spool, "two");
    turn(spool);
    struct spool_line line = next_at(spool, "eamaged", true, 1000000);
    assert_true(line.damaged);
    spool_pass(spool, &line);
    line = next(spool, "two");
    assert_false(line.damaged);
    leave(spool);
    spool_close(spool);
    buf_free(&frame);
}

/* A file that lost its end in a crash after that was delivered gets no more lines: they would stand
 * where lines were delivered. */
static void test_spool_add_after_a_lost_end(void **state)
{
    (void)state;
    struct spool *spool = open_one();
    add(spool, "one");
    add(spool, "two");
    turn(spool);
    pass(spool, "one");
    pass(spool, "two");
    leave(spool);
    char *path = files_path(dir, "0000000001.q");
    assert_int_equal(truncate(path, 10), 0);
    free(path);
    add(spool, "three");
    turn(spool);
    pass(spool, "three");
    next(spool, NULL);
    leave(spool);
    spool_close(spool);
}

static void test_spool_add_in_files(void **state)
{
    (void)state;
    struct spool *spool = open_one();
    char *big = mem_alloc(SPOOL_GROUP_BYTES + 1);
    memset(big, 'x', SPOOL_GROUP_BYTES);
    big[SPOOL_GROUP_BYTES] = '\0';
    for (int i = 0; i < 9; i++) {
        big[0] = (char)('0' + i);
        add(spool, big);
    }
    assert_int_equal(files(), 3);
    turn(spool);
    for (int i = 0; i < 9; i++) {
        big[0] = (char)('0' + i);
        pass(spool, big);
    }
    next(spool, NULL);
    assert_int_equal(files(), 0);
    leave(spool);
    spool_close(spool);
    free(big);
}

static void test_spool_add_disk_low(void **state)
{
    (void)state;
    struct spool *spool = NULL;
    struct buf frames = {0};
    struct spool_place from, to;
    const struct piece text = {"a line", 6};
    frame_add(&frames, 1000000, &text);
    assert_int_equal(spool_open(dir, URL, 2 * frames.bytes + 1, &spool, &why), ERR_OK);
    assert_int_equal(spool_add(spool, &frames, &from, &to, &why), ERR_OK);
    assert_int_equal(spool_add(spool, &frames, &from, &to, &why), ERR_OK);
    assert_int_equal(spool_add(spool, &frames, &from, &to, &why), ERR_DISK_LOW);
    assert_non_null(strstr(why.s, "is full"));
    turn(spool);
    pass(spool, "a line");
    pass(spool, "a line");
    next(spool, NULL);
    leave(spool);
    assert_int_equal(spool_add(spool, &frames, &from, &to, &why), ERR_OK);
    spool_close(spool);
    buf_free(&frames);
}

/* A write that fails half-way leaves nothing behind. */
static void test_spool_add_io(void **state)
{
    (void)state;
    struct spool *spool = open_one();
    struct rlimit old, small = {.rlim_cur = 300, .rlim_max = RLIM_INFINITY};
    add(spool, "one");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    char *big = mem_zero(1, 1000);
    memset(big, 'x', 999);
    enum err err = add_at(spool, big, 1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(err, ERR_IO);
    free(big);
    turn(spool);
    pass(spool, "one");
    next(spool, NULL);
    assert_int_equal(spool_torn(spool), 0);
    leave(spool);
    spool_close(spool);
}

static void test_spool_open_usage(void **state)
{
    (void)state;
    struct spool *other = NULL;
    spool_close(open_one());
    assert_int_equal(spool_open(dir, "http://127.0.0.1:2", 1, &other, &why), ERR_USAGE);
    assert_non_null(strstr(why.s, "another ledger"));
    assert_null(other);
    assert_int_equal(spool_open(dir, URL "/", SPOOL_BYTES_DEFAULT, &other, &why), ERR_OK);
    spool_close(other);
}

static void test_spool_open_io(void **state)
{
    (void)state;
    struct spool *spool = NULL;
    assert_int_equal(spool_open("/nowhere/at/all", URL, 1, &spool, &why), ERR_IO);
    assert_non_null(strstr(why.s, "/nowhere/at/all"));
}

static void test_spool_turn_invalid(void **state)
{
    (void)state;
    static const char *const states[] = {"", "{", "{\"file\":0,\"done\":0,\"decided\":0}",
                                         "{\"file\":1,\"done\":-1,\"decided\":0}"};
    struct spool *spool = open_one();
    struct spool_place place;
    uint64_t lines;
    bool mine;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        assert_int_equal(files_replace(dir, "state", states[i], strlen(states[i]), &why), ERR_OK);
        assert_int_equal(spool_turn(spool, &mine, &why), ERR_INVALID);
        assert_int_equal(spool_done_to(spool, &place, &why), ERR_INVALID);
        assert_int_equal(spool_waiting(spool, &lines, &why), ERR_INVALID);
    }
    spool_close(spool);
}

static void test_aside_add_and_count(void **state)
{
    (void)state;
    struct spool *spool = open_one();
    const struct err_text reason_why = {"too bad"};
    const struct aside_reason reason = {2000000, ERR_CONFLICT, &reason_why};
    uint64_t count = 9;
    const struct spool_place from = {1, 0};
    assert_int_equal(aside_count(dir, &from, &(struct spool_place){9, 9}, &count, &why), ERR_OK);
    assert_int_equal(count, 0);
    add(spool, "{\"id\":\"a \\\" b\"}");
    add(spool, "\xff\x01 no text");
    turn(spool);
    struct spool_line first = next(spool, "{\"id\":\"a \\\" b\"}");
    assert_int_equal(aside_add(dir, &first, &reason, &why), ERR_OK);
    spool_pass(spool, &first);
    struct spool_line second = next(spool, "\xff\x01 no text");
    assert_int_equal(aside_add(dir, &second, &reason, &why), ERR_OK);
    assert_int_equal(aside_count(dir, &from, &second.place, &count, &why), ERR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(aside_count(dir, &first.place, &second.end, &count, &why), ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(aside_count(dir, &second.end, &(struct spool_place){9, 9}, &count, &why),
                     ERR_OK);
    assert_int_equal(count, 0);
    struct buf text = {0};
    assert_int_equal(files_read(dir, "refused", 4096, &text, &why), ERR_OK);
    assert_non_null(strstr((const char *)text.data, "\"status\":409,\"reason\":\"too bad\""));
    assert_non_null(
        strstr((const char *)text.data, "\"line\":\"{\\\"id\\\":\\\"a \\\\\\\" b\\\"}\""));
    assert_non_null(strstr((const char *)text.data, "\"line_base64\":\"/wEgbm8gdGV4dA==\""));
    buf_free(&text);
    spool_close(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_spool_next_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_next_again_after_a_crash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_turn_is_one_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_done_to_moves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_next_keeps_the_form, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_next_of_two_forms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_next_after_a_torn_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_next_damaged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_add_after_a_lost_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_add_in_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_add_disk_low, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_add_io, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spool_open_usage, set_up, tear_down),
        cmocka_unit_test(test_spool_open_io),
        cmocka_unit_test_setup_teardown(test_spool_turn_invalid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_aside_add_and_count, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
