#include "ledger/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *mem_checked(void *p)
{
    if (p == NULL) {
        fputs("countersign: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *mem_alloc(size_t bytes)
{
    return mem_checked(malloc(bytes > 0 ? bytes : 1));
}

void *mem_zero(size_t count, size_t bytes)
{
    return mem_checked(calloc(count > 0 ? count : 1, bytes > 0 ? bytes : 1));
}

void *mem_grow(void *old, size_t count, size_t bytes)
{
    if (count == 0 || bytes == 0)
        count = bytes = 1;
    return mem_checked(reallocarray(old, count, bytes));
}

void *mem_copy(const void *data, size_t bytes)
{
    void *copy = mem_alloc(bytes);
    if (bytes > 0)
        memcpy(copy, data, bytes);
    return copy;
}

char *mem_text(const char *text)
{
    return text == NULL ? NULL : mem_text_n(text, strlen(text));
}

char *mem_text_n(const char *text, size_t bytes)
{
    char *copy = mem_alloc(bytes + 1);
    if (bytes > 0)
        memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    return copy;
}

void *mem_push(void *array_pointer, size_t *count, size_t *cap, size_t element_bytes)
{
    void *array;
    memcpy(&array, array_pointer, sizeof(array));
    if (*count == *cap) {
        *cap = *cap == 0 ? 8 : *cap * 2;
        array = mem_grow(array, *cap, element_bytes);
        memcpy(array_pointer, &array, sizeof(array));
    }
    uint8_t *element = (uint8_t *)array + *count * element_bytes;
    memset(element, 0, element_bytes);
    (*count)++;
    return element;
}
