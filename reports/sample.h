/* sample - a test sample of the population that anyone draws the same way.  Pure. */
#ifndef REPORTS_SAMPLE_H
#define REPORTS_SAMPLE_H

#include <jansson.h>
#include <stddef.h>

#include "replay/replay.h"

/**
 * sample_json(population, size, seed):
 * Draw ${size} (or all, if there are fewer) of the deployments counted in the period: those with
 * the smallest SHA-256(seed | 0x00 | deployment id), in that order.  {seed, size, method, drawn:
 * [{deployment, rank}]}.
 */
json_t *sample_json(const json_t *population, size_t size, const char *seed);

#endif
