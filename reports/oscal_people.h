/* oscal_people - who acted, as OSCAL's roles and parties.  Private to oscal*.c. */
#ifndef REPORTS_OSCAL_PEOPLE_H
#define REPORTS_OSCAL_PEOPLE_H

#include "reports/oscal_stream.h"

/**
 * oscal_people_add(stream): Write the roles and parties of the metadata.
 * oscal_people_act(stream, sheet, row, role): Who acted in a row, in which role, as responsible
 * parties: a new array.
 */
void oscal_people_add(struct oscal_stream *stream);
json_t *oscal_people_act(const struct oscal_stream *stream, const struct sheet *sheet, size_t row,
                         const char *role);

#endif
