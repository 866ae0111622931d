#include "reports/demo_dice.h"

#include <string.h>

void demo_dice_seed(uint64_t seed, const char *what, uint64_t number, uint8_t ret[HASH_BYTES])
{
    static const char label[] = "countersign/demo/v1";
    struct buf numbers = {0};
    buf_u64(&numbers, seed);
    buf_u64(&numbers, number);
    const struct piece pieces[] = {
        {label, sizeof(label)}, {numbers.data, numbers.bytes}, {what, strlen(what)}};
    hash_pieces(pieces, sizeof(pieces) / sizeof(pieces[0]), ret);
    buf_free(&numbers);
}

struct demo_dice demo_dice_of(uint64_t seed, const char *what, uint64_t number)
{
    struct demo_dice dice = {0};
    uint8_t bytes[HASH_BYTES];
    demo_dice_seed(seed, what, number, bytes);
    for (size_t i = 0; i < sizeof(dice.state); i++)
        dice.state = dice.state << 8 | bytes[i];
    return dice;
}

/* splitmix64 */
uint64_t demo_dice_next(struct demo_dice *dice)
{
    dice->state += 0x9e3779b97f4a7c15;
    uint64_t n = dice->state;
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
    n = (n ^ n >> 27) * 0x94d049bb133111eb;
    return n ^ n >> 31;
}

uint64_t demo_dice_below(struct demo_dice *dice, uint64_t end)
{
    ASSERT(end > 0);
    return demo_dice_next(dice) % end;
}

int64_t demo_dice_between(struct demo_dice *dice, int64_t from, int64_t to)
{
    ASSERT(from <= to);
    return from + (int64_t)demo_dice_below(dice, (uint64_t)(to - from) + 1);
}

bool demo_dice_chance(struct demo_dice *dice, unsigned per_mille)
{
    return demo_dice_below(dice, 1000) < per_mille;
}
