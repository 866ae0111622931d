#include "ingest/family.h"

#include <inttypes.h>

void family_head(struct buf *text, const char *name, const char *type, const char *help)
{
    buf_printf(text, "# HELP countersign_%s %s\n# TYPE countersign_%s %s\n", name, help, name,
               type);
}

void family_add(struct buf *text, const char *name, const char *type, const char *help,
                uint64_t value)
{
    family_head(text, name, type, help);
    buf_printf(text, "countersign_%s %" PRIu64 "\n", name, value);
}
