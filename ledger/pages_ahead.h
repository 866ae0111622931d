/* pages_ahead - pages of data.mdb that are about to be looked at, asked of the disk all at once:
 * LMDB would wait for one after the other.
 */
#ifndef LEDGER_PAGES_AHEAD_H
#define LEDGER_PAGES_AHEAD_H

#include <stddef.h>
#include <stdint.h>

/**
 * pages_ahead_rows(fd, table, numbers, count):
 * Have the kernel fetch the pages of the open file ${fd} on which rows of ${table} stand, whose
 * keys are big-endian u64: those of ${numbers}, ascending.  Values on pages of their own are not
 * fetched.  A hint: what goes wrong is passed over, a writer may be about, and nothing is waited
 * for but the branches above those pages.  Cost: some 7 us a page that is fetched.
 */
void pages_ahead_rows(int fd, const char *table, const uint64_t *numbers, size_t count);

/**
 * pages_ahead_value(data, bytes): The same of a value that is mapped and stands on several pages.
 */
void pages_ahead_value(const void *data, size_t bytes);

#endif
