#include "ledger/reader.h"

#include <endian.h>
#include <string.h>

const uint8_t *reader_take(struct reader *reader, size_t bytes)
{
    if (reader->bad || reader->bytes < bytes) {
        reader->bad = true;
        return NULL;
    }
    const uint8_t *at = reader->data;
    reader->data += bytes;
    reader->bytes -= bytes;
    return at;
}

static uint64_t reader_uint(struct reader *reader, size_t bytes)
{
    const uint8_t *at = reader_take(reader, bytes);
    uint64_t value = 0;
    for (size_t i = 0; at != NULL && i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

uint8_t reader_u8(struct reader *reader)
{
    return (uint8_t)reader_uint(reader, 1);
}

uint16_t reader_u16(struct reader *reader)
{
    return (uint16_t)reader_uint(reader, 2);
}

uint32_t reader_u32(struct reader *reader)
{
    return (uint32_t)reader_uint(reader, 4);
}

/* All that is read has many of them. */
uint64_t reader_u64(struct reader *reader)
{
    const uint8_t *at = reader_take(reader, 8);
    uint64_t value = 0;
    if (at != NULL)
        memcpy(&value, at, sizeof(value));
    return be64toh(value);
}

const uint8_t *reader_string(struct reader *reader, size_t *ret_bytes)
{
    size_t bytes = reader_u32(reader);
    const uint8_t *at = reader_take(reader, bytes);
    *ret_bytes = at == NULL ? 0 : bytes;
    return at;
}

const uint8_t *reader_mpint(struct reader *reader, size_t *ret_bytes)
{
    size_t bytes;
    const uint8_t *at = reader_string(reader, &bytes);
    bool sign = bytes > 1 && at[0] == 0 && at[1] >= 0x80; /* one zero keeps it positive */
    if (bytes == 0 || (!sign && (at[0] == 0 || at[0] >= 0x80))) {
        reader->bad = true;
        *ret_bytes = 0;
        return NULL;
    }
    *ret_bytes = sign ? bytes - 1 : bytes;
    return sign ? at + 1 : at;
}
