/* alternative - the alternatives that a line offers: boxes, words in capitals, marks ✓ ⚠ ✗
 * (CHECKLIST.md "decision", "status", "choice").  Pure.
 */
#ifndef REPLAY_ALTERNATIVE_H
#define REPLAY_ALTERNATIVE_H

#include "replay/checklist.h"
#include "replay/span.h"

/* One alternative of a line. */
struct alternative {
    struct span label; /* trimmed, up to a blank of its own */
    struct span text;  /* with the blank */
    enum option_mark mark;
    struct span box; /* empty: none */
    unsigned line;   /* in a list: its own; 0: the list's */
};

struct alternative_list {
    struct span text;  /* the whole line */
    struct span label; /* what is asked, before the first alternative */
    struct alternative *options;
    size_t count;
};

/**
 * alternative_boxes(line, ret_list): The inline boxes of a line and the text behind each.
 * alternative_marks(line, ret_list): The alternatives behind the marks of a line.
 * alternative_words(line, ret_list): `label: PASS / FAIL`: two or more alternatives in capitals.
 * Each finds none (count 0) where the line has none; boxes and marks in code are none.  Free with
 * alternative_free.  Cost: linear.
 */
void alternative_boxes(struct span line, struct alternative_list *ret_list);
void alternative_marks(struct span line, struct alternative_list *ret_list);
void alternative_words(struct span line, struct alternative_list *ret_list);
void alternative_free(struct alternative_list *list);

/**
 * alternative_capitals(text): Whether it has a capital letter and no small one (ASCII).
 * alternative_all_capitals(list): The same of all options.
 * alternative_headed(text, ret_label): `NO - …`: a first word in capitals, then ` - `; gives the
 * text up to it.
 *
 * alternative_find_box(line, start): Position of the first `[ ]`, `[x]` or `[X]` at or after
 * ${start} outside code and links, or the end of ${line}.
 *
 * alternative_near_box(text): Whether it begins with what only looks like a box: `[]`, `[-] a`,
 * `[ ]a`, or a sign such as ☐.
 * alternative_box_sign(text): Whether a sign of an empty box, such as ☐, stands in it outside code.
 * alternative_near_words(text): Whether what looks like alternatives stands at its end, not in the
 * form of alternative_words: `Pass / Fail`, `YES/NO`.
 * alternative_near_mark(text): Whether it has a sign that looks like ✓ or ✗: ✔ ✅ ✘ ❌.
 */
bool alternative_capitals(struct span text);
bool alternative_all_capitals(const struct alternative_list *list);
bool alternative_headed(struct span text, struct span *ret_label);
size_t alternative_find_box(struct span line, size_t start);
bool alternative_near_box(struct span text);
bool alternative_box_sign(struct span text);
bool alternative_near_words(struct span text);
bool alternative_near_mark(struct span text);

/**
 * alternative_nodes(list): The options as a node has them, owned: [list->count].
 */
struct node_option *alternative_nodes(const struct alternative_list *list);

#endif
