#include "ledger/plain.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define DIGITS_MAX 15 /* of a number: below 2^53 */
#define EACH UINT64_C(0x0101010101010101)
#define HIGH (EACH << 7) /* the upper bit of each byte */

/* Which of eight bytes, none of them above 0x7f, are ${c}: the upper bits of those, and perhaps of
 * some behind the first. */
static uint64_t equal(uint64_t bytes, char c)
{
    uint64_t apart = bytes ^ EACH * (uint8_t)c;
    return (apart - EACH) & ~apart;
}

/* How many bytes of eight stand before the first that is no printable ASCII, or is `"` or `\\`. */
static size_t run_of(const char *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof(bytes));
    bytes = le64toh(bytes);
    uint64_t found =
        bytes | (bytes - EACH * 0x20) | (bytes + EACH) | equal(bytes, '"') | equal(bytes, '\\');
    found &= HIGH;
    return found == 0 ? 8 : (size_t)__builtin_ctzll(found) / 8;
}

/* Go on to what is no printable ASCII, or `"` or `\\`, or to the end. */
static void pass_text(struct plain *plain)
{
    size_t run = 8;
    while (run == 8 && plain->end - plain->at >= 8) {
        run = run_of(plain->at);
        plain->at += run;
    }
    while (run == 8 && plain->at < plain->end && *plain->at >= 0x20 && *plain->at < 0x7f &&
           *plain->at != '"' && *plain->at != '\\')
        plain->at++;
}

void plain_space(struct plain *plain)
{
    while (plain->at < plain->end &&
           (*plain->at == ' ' || *plain->at == '\n' || *plain->at == '\r' || *plain->at == '\t'))
        plain->at++;
}

bool plain_take(struct plain *plain, char c)
{
    if (plain->at == plain->end || *plain->at != c)
        return false;
    plain->at++;
    return true;
}

bool plain_string(struct plain *plain, struct piece *ret)
{
    if (!plain_take(plain, '"'))
        return false;
    const char *from = plain->at;
    pass_text(plain);
    *ret = (struct piece){from, (size_t)(plain->at - from)};
    return plain_take(plain, '"');
}

bool plain_text(struct plain *plain, struct piece *ret, bool *ret_escaped)
{
    if (!plain_take(plain, '"'))
        return false;
    const char *from = plain->at;
    *ret_escaped = false;
    for (pass_text(plain); plain_take(plain, '\\'); pass_text(plain)) {
        *ret_escaped = true;
        if (plain->at == plain->end || strchr("\"\\/bfnrt", *plain->at) == NULL ||
            *plain->at == '\0')
            return false;
        plain->at++;
    }
    *ret = (struct piece){from, (size_t)(plain->at - from)};
    return plain_take(plain, '"');
}

static size_t take_digits(struct plain *plain)
{
    const char *from = plain->at;
    while (plain->at < plain->end && *plain->at >= '0' && *plain->at <= '9')
        plain->at++;
    return (size_t)(plain->at - from);
}

/* A number without an exponent. */
static bool take_number(struct plain *plain, bool *ret_integer)
{
    plain_take(plain, '-');
    const char *from = plain->at;
    size_t whole = take_digits(plain), part = 0;
    if (whole == 0 || (whole > 1 && *from == '0'))
        return false;
    *ret_integer = !plain_take(plain, '.');
    if (!*ret_integer)
        part = take_digits(plain);
    bool goes_on = plain->at < plain->end && (*plain->at == 'e' || *plain->at == 'E');
    return (*ret_integer || part > 0) && whole + part <= DIGITS_MAX && !goes_on;
}

static bool take_word(struct plain *plain, const char *word)
{
    size_t bytes = strlen(word);
    if ((size_t)(plain->end - plain->at) < bytes || memcmp(plain->at, word, bytes) != 0)
        return false;
    plain->at += bytes;
    return true;
}

static bool same(const struct piece *a, const struct piece *b)
{
    return a->bytes == b->bytes && memcmp(a->data, b->data, a->bytes) == 0;
}

bool plain_name(struct plain *plain, struct plain_names *names, struct piece *ret)
{
    plain_space(plain);
    if (names->count == PLAIN_NAMES_MAX || !plain_string(plain, ret))
        return false;
    for (size_t i = 0; i < names->count; i++) {
        if (same(&names->names[i], ret))
            return false;
    }
    names->names[names->count++] = *ret;
    plain_space(plain);
    if (!plain_take(plain, ':'))
        return false;
    plain_space(plain);
    return true;
}

bool plain_more(struct plain *plain, char close, bool *good)
{
    plain_space(plain);
    if (plain_take(plain, ','))
        return true;
    *good = plain_take(plain, close);
    return false;
}

static bool take_object(struct plain *plain, unsigned depth)
{
    struct plain_names names = {.count = 0};
    struct piece name;
    bool good = true;
    plain_space(plain);
    if (plain_take(plain, '}'))
        return true;
    do {
        if (!plain_name(plain, &names, &name) || !plain_value(plain, depth + 1))
            return false;
    } while (plain_more(plain, '}', &good));
    return good;
}

static bool take_array(struct plain *plain, unsigned depth)
{
    bool good = true;
    plain_space(plain);
    if (plain_take(plain, ']'))
        return true;
    do {
        plain_space(plain);
        if (!plain_value(plain, depth + 1))
            return false;
    } while (plain_more(plain, ']', &good));
    return good;
}

bool plain_value(struct plain *plain, unsigned depth)
{
    struct piece text;
    bool integer, escaped;
    if (depth > PLAIN_DEPTH_MAX || plain->at == plain->end)
        return false;
    switch (*plain->at) {
    case '"':
        return plain_text(plain, &text, &escaped);
    case '{':
        plain->at++;
        return take_object(plain, depth);
    case '[':
        plain->at++;
        return take_array(plain, depth);
    case 't':
        return take_word(plain, "true");
    case 'f':
        return take_word(plain, "false");
    case 'n':
        return take_word(plain, "null");
    default:
        return take_number(plain, &integer);
    }
}
