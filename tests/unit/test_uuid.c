#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/uuid.h"

/* RFC 9562 A.4: www.example.com in the name space DNS. */
static void test_uuid_named_as_the_rfc_has_it(void **state)
{
    (void)state;
    static const uint8_t dns[16] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                    0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
    const struct piece name[] = {{"www.example", 11}, {".com", 4}};
    char text[UUID_TEXT_BYTES];
    uuid_named(dns, name, 2, text);
    assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_uuid_named_as_the_rfc_has_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
