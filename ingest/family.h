/* family - a family of metrics as Prometheus reads them (text format 0.0.4). */
#ifndef INGEST_FAMILY_H
#define INGEST_FAMILY_H

#include "ledger/ledger.h"

/**
 * family_head(text, name, type, help): Append its head; ${name} goes without `countersign_`, which
 * all have.
 * family_add(text, name, type, help, value): The same, and its only metric, which has no labels.
 */
void family_head(struct buf *text, const char *name, const char *type, const char *help);
void family_add(struct buf *text, const char *name, const char *type, const char *help,
                uint64_t value);

#endif
