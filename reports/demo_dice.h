/* demo_dice - numbers that follow from a seed, the same on every machine: whole ones alone.
 * Each thing that is drawn for has dice of its own, so that drawing more for one changes no other.
 * Pure.
 */
#ifndef REPORTS_DEMO_DICE_H
#define REPORTS_DEMO_DICE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"

struct demo_dice {
    uint64_t state;
};

/**
 * demo_dice_seed(seed, what, number, ret): HASH_BYTES that follow from all three.
 * demo_dice_of(seed, what, number): Dice for that.
 * demo_dice_next(dice): 64 bits.
 * demo_dice_below(dice, end): From 0 to ${end} - 1; ${end} > 0.
 * demo_dice_between(dice, from, to): From ${from} to ${to}, both included; ${from} <= ${to}.
 * demo_dice_chance(dice, per_mille): True so many times in a thousand.
 */
void demo_dice_seed(uint64_t seed, const char *what, uint64_t number, uint8_t ret[HASH_BYTES]);
struct demo_dice demo_dice_of(uint64_t seed, const char *what, uint64_t number);
uint64_t demo_dice_next(struct demo_dice *dice);
uint64_t demo_dice_below(struct demo_dice *dice, uint64_t end);
int64_t demo_dice_between(struct demo_dice *dice, int64_t from, int64_t to);
bool demo_dice_chance(struct demo_dice *dice, unsigned per_mille);

#endif
