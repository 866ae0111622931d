/* mem - allocation that cannot fail: exhausted memory aborts here, in one place.
 * (Commits are transactional, so that is a clean roll-back.)  Memory is freed with free().
 */
#ifndef LEDGER_MEM_H
#define LEDGER_MEM_H

#include <stddef.h>

/**
 * mem_alloc(bytes), mem_zero(count, bytes), mem_grow(old, count, bytes):
 * As malloc, calloc and reallocarray, but never NULL; 0 bytes give a pointer that can be freed.
 */
void *mem_alloc(size_t bytes) __attribute__((malloc, returns_nonnull));
void *mem_zero(size_t count, size_t bytes) __attribute__((malloc, returns_nonnull));
void *mem_grow(void *old, size_t count, size_t bytes) __attribute__((returns_nonnull));

/**
 * mem_copy(data, bytes), mem_text(text), mem_text_n(text, bytes):
 * A copy of ${bytes} bytes; of a string (NULL gives NULL); of ${bytes} bytes as a string with a
 * final NUL.
 */
void *mem_copy(const void *data, size_t bytes) __attribute__((malloc, returns_nonnull));
char *mem_text(const char *text);
char *mem_text_n(const char *text, size_t bytes) __attribute__((malloc, returns_nonnull));

/**
 * mem_push(array_pointer, count, cap, element_bytes), MEM_PUSH(array, count, cap):
 * Make room in the growing array at *${array_pointer} (a pointer to elements, freed with free())
 * and point to its new, zeroed last element.
 */
void *mem_push(void *array_pointer, size_t *count, size_t *cap, size_t element_bytes)
    __attribute__((returns_nonnull));
#define MEM_PUSH(array, count, cap) mem_push((void *)&(array), &(count), &(cap), sizeof(*(array)))

#endif
