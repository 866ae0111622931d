/* Messages that are not acked: acks in order, and what becomes of them when the connection goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/amqp_held.h"

static struct amqp_held *add(struct amqp_held_list *list, uint64_t tag)
{
    struct amqp_held *held = amqp_held_new();
    held->delivery.tag = tag;
    buf_text(&held->delivery.body, "some bytes");
    amqp_held_add(list, held);
    return held;
}

static void test_amqp_held_settle_in_order(void **state)
{
    (void)state;
    struct amqp_held_list list = {0};
    uint64_t tag = 0;
    struct amqp_held *first = add(&list, 1), *second = add(&list, 2), *third = add(&list, 3);
    assert_int_equal(list.count, 3);
    assert_int_equal(amqp_held_settle(&list, &tag), 0);
    second->done = true;
    assert_int_equal(amqp_held_settle(&list, &tag), 0);
    first->done = true;
    assert_int_equal(amqp_held_settle(&list, &tag), 2);
    assert_int_equal(tag, 2);
    third->done = true;
    assert_int_equal(amqp_held_settle(&list, &tag), 1);
    assert_int_equal(tag, 3);
    assert_int_equal(list.count, 0);
    assert_int_equal(list.bytes, 0);
    assert_int_equal(amqp_held_settle(&list, &tag), 0);
}

static void test_amqp_held_drop_out(void **state)
{
    (void)state;
    struct amqp_held_list list = {0};
    uint64_t tag = 0;
    add(&list, 1);
    struct amqp_held *out = add(&list, 2);
    out->out = true;
    amqp_held_drop(&list);
    assert_int_equal(list.count, 0);
    assert_int_equal(list.bytes, 0);
    assert_null(list.last);
    assert_true(out->loose);
    amqp_held_free(out);
    add(&list, 1)->done = true; /* the numbers of the next connection */
    assert_int_equal(amqp_held_settle(&list, &tag), 1);
    assert_int_equal(tag, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amqp_held_settle_in_order),
        cmocka_unit_test(test_amqp_held_drop_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
