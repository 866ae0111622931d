/* binary_kit - messages in binary mode, and what becomes of them, for tests. */
#ifndef TESTS_UNIT_BINARY_KIT_H
#define TESTS_UNIT_BINARY_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/ledger.h"

#define KIT_UNUSED __attribute__((unused))
#define REQUIRED "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\""
#define ATTRIBUTES_MAX 64

/* A message under construction, that begins with the mandatory attributes. */
struct message {
    size_t count;
    struct binary_attribute attributes[ATTRIBUTES_MAX];
    const char *media, *body;
    size_t body_bytes;
};

KIT_UNUSED static void add_bytes(struct message *message, const char *name, const char *value,
                                 size_t bytes)
{
    assert_true(message->count < ATTRIBUTES_MAX);
    message->attributes[message->count++] =
        (struct binary_attribute){name, strlen(name), value, bytes};
}

KIT_UNUSED static void add(struct message *message, const char *name, const char *value)
{
    add_bytes(message, name, value, strlen(value));
}

KIT_UNUSED static void begin(struct message *message)
{
    *message = (struct message){.count = 0};
    add(message, "specversion", "1.0");
    add(message, "id", "1");
    add(message, "source", "/s");
    add(message, "type", "t");
}

KIT_UNUSED static enum err convert(const struct message *message, struct buf *buf,
                                   struct err_text *ret_why)
{
    const struct binary_message binary = {message->attributes, message->count, message->media,
                                          message->body, message->body_bytes};
    return binary_event(&binary, buf, ret_why);
}

/* The message becomes this, and event_parse takes it. */
KIT_UNUSED static void assert_event(const struct message *message, const char *expected)
{
    struct buf buf = {0};
    struct err_text why = {""};
    struct event *event = NULL;
    enum err err = convert(message, &buf, &why);
    if (err != ERR_OK)
        fail_msg("%s", why.s);
    assert_string_equal((const char *)buf.data, expected);
    err = event_parse(buf.data, buf.bytes, &event, &why);
    if (err != ERR_OK)
        fail_msg("%s", why.s);
    event_free(event);
    buf_free(&buf);
}

/* The message is refused, and why it is says ${words}; nothing was added. */
KIT_UNUSED static void assert_refused(const struct message *message, enum err expected,
                                      const char *words)
{
    struct buf buf = {0};
    struct err_text why = {""};
    buf_text(&buf, "before");
    assert_int_equal(convert(message, &buf, &why), expected);
    if (strstr(why.s, words) == NULL)
        fail_msg("'%s' does not say '%s'", why.s, words);
    assert_int_equal(convert(message, &buf, NULL), expected);
    assert_string_equal((const char *)buf.data, "before");
    buf_free(&buf);
}

/* The message becomes text that event_parse refuses. */
KIT_UNUSED static void assert_no_event(const struct message *message, enum err expected)
{
    struct buf buf = {0};
    struct event *event = NULL;
    assert_int_equal(convert(message, &buf, NULL), ERR_OK);
    assert_int_equal(event_parse(buf.data, buf.bytes, &event, NULL), expected);
    buf_free(&buf);
}

#endif
