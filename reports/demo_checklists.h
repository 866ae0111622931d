/* demo_checklists - the checklists that a made-up year goes by, as they ship in replay/checklists:
 * the build puts their bytes into the program.
 */
#ifndef REPORTS_DEMO_CHECKLISTS_H
#define REPORTS_DEMO_CHECKLISTS_H

#include <stddef.h>
#include <stdint.h>

struct demo_checklists_file {
    const char *name; /* "blue-green" */
    const uint8_t *markdown;
    size_t bytes;
};

#define DEMO_CHECKLISTS 3
extern const struct demo_checklists_file demo_checklists[DEMO_CHECKLISTS];

#endif
