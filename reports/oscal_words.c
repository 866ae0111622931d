#include "reports/oscal_words.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_DIGEST_BYTES 8 /* of its SHA-256 has a token of other letters */

/* Made for this, at random (version 4): the name space of all things of all ledgers. */
static const uint8_t space[16] = {0x6e, 0x1d, 0x52, 0x9a, 0x0f, 0x3b, 0x4c, 0x57,
                                  0x9d, 0x2e, 0x71, 0xa8, 0xc4, 0x06, 0xbe, 0x83};

json_t *oscal_words_uuid(const char *ledger, const char *kind, const char *name)
{
    const struct piece pieces[] = {
        {ledger, strlen(ledger) + 1}, {kind, strlen(kind) + 1}, {name, strlen(name)}};
    char text[UUID_TEXT_BYTES];
    uuid_named(space, pieces, sizeof(pieces) / sizeof(pieces[0]), text);
    return json_string(text);
}

/* Blanks of Unicode that would stand at an end of a line. */
static bool is_blank(uint32_t code)
{
    return code == ' ' || code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) ||
           code == 0x202f || code == 0x205f || code == 0x3000;
}

static size_t leading_blank(const uint8_t *text, size_t bytes)
{
    uint32_t code;
    size_t length = bytes > 0 ? utf8_decode(text, bytes, &code) : 0;
    return length > 0 && is_blank(code) ? length : 0;
}

static size_t trailing_blank(const uint8_t *text, size_t bytes)
{
    uint32_t code;
    for (size_t length = 1; length <= 4 && length <= bytes; length++) {
        if (utf8_decode(text + bytes - length, length, &code) == length)
            return is_blank(code) ? length : 0;
    }
    return 0;
}

json_t *oscal_words_line(const char *text)
{
    struct buf line = {0};
    buf_text(&line, ""); /* so that there are bytes, if none */
    printable_add(&line, text);
    size_t from = 0, to = line.bytes, blank;
    while ((blank = leading_blank(line.data + from, to - from)) > 0)
        from += blank;
    while ((blank = trailing_blank(line.data + from, to - from)) > 0)
        to -= blank;
    json_t *json =
        from < to ? json_stringn((const char *)line.data + from, to - from) : json_string("-");
    buf_free(&line);
    return json;
}

json_t *oscal_words_take(struct buf *text)
{
    json_t *json = oscal_words_line((const char *)text->data);
    buf_free(text);
    return json;
}

json_t *oscal_words_token(const char *prefix, const char *text)
{
    const char *whole = text;
    uint8_t digest[HASH_BYTES];
    bool other = false;
    struct buf token = {0};
    buf_text(&token, prefix);
    for (; *text != '\0'; text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (kept)
            buf_add(&token, &c, 1);
        else if (token.data[token.bytes - 1] != '-')
            buf_text(&token, "-");
        other = other || (uint8_t)c >= 0x80;
    }
    if (other) { /* letters that are not kept must not make two names one */
        hash_bytes(whole, strlen(whole), digest);
        buf_hex(&token, digest, TOKEN_DIGEST_BYTES);
    }
    json_t *json = json_string((const char *)token.data);
    buf_free(&token);
    return json;
}

void oscal_words_prop(json_t **props, const char *name, json_t *value)
{
    if (value == NULL)
        return;
    if (*props == NULL)
        *props = json_array();
    json_array_append_new(
        *props, json_pack("{s:s, s:s, s:o}", "name", name, "ns", OSCAL_NS, "value", value));
}

json_t *oscal_words_cell(const struct sheet *sheet, size_t row, size_t column)
{
    struct buf printed = {0};
    if (!sheet_has(sheet, row, column))
        return NULL;
    buf_text(&printed, "");
    sheet_print(sheet, row, column, &printed);
    return oscal_words_take(&printed);
}
