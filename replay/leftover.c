#include "replay/leftover.h"

#include <string.h>

#include "replay/alternative.h"
#include "replay/blank.h"
#include "replay/task.h"

enum leftover {
    LEFTOVER_NONE,
    LEFTOVER_BOX,
    LEFTOVER_BLANK,
    LEFTOVER_MARK,
    LEFTOVER_OPTION,
    LEFTOVER_NEAR_OPTION,
    LEFTOVER_LABEL
};

/* `[ ]`, `[x]`, `[X]`, wherever it stands. */
static bool leftover_box(struct span line)
{
    for (size_t at = 0; at + 2 < line.bytes; at++) {
        if (line.at[at] == '[' && line.at[at + 2] == ']' && strchr(" xX", line.at[at + 1]) != NULL)
            return true;
    }
    return false;
}

static bool leftover_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* `PASS / FAIL`: capitals on both sides. */
static bool leftover_option(struct span line)
{
    for (size_t at = span_find(line, 0, " / "); at < line.bytes;
         at = span_find(line, at + 3, " / ")) {
        if (at > 0 && leftover_capital(line.at[at - 1]) && at + 3 < line.bytes &&
            leftover_capital(line.at[at + 3]))
            return true;
    }
    return false;
}

static bool leftover_mark(struct span line)
{
    for (enum option_mark mark = MARK_GOOD; mark <= MARK_BAD; mark++) {
        if (span_find(line, 0, option_mark_text(mark)) < line.bytes)
            return true;
    }
    return alternative_near_mark(line);
}

/* `**Label:** …` or `**Label**: …`, behind the marks of lists and quotes. */
static bool leftover_label(struct span line)
{
    size_t at = 0;
    while (at < line.bytes && strchr(" \t>-+", line.at[at]) != NULL)
        at++;
    struct span rest = span_from(line, at);
    if (!span_starts(rest, "**"))
        return false;
    size_t end = span_find(rest, 2, "**");
    if (end == rest.bytes || end == 2)
        return false;
    return rest.at[end - 1] == ':' || span_starts(span_from(rest, end + 2), ":");
}

static enum leftover leftover_of(struct span line)
{
    if (leftover_box(line))
        return LEFTOVER_BOX;
    if (span_find(line, 0, "___") < line.bytes)
        return LEFTOVER_BLANK;
    if (leftover_mark(line))
        return LEFTOVER_MARK;
    if (leftover_option(line))
        return LEFTOVER_OPTION;
    if (alternative_near_words(line))
        return LEFTOVER_NEAR_OPTION;
    return leftover_label(line) ? LEFTOVER_LABEL : LEFTOVER_NONE;
}

void leftover_block(struct draft *draft, const struct block *block, const char *text)
{
    for (unsigned i = 0; i < block->lines; i++) {
        size_t line = (size_t)block->line + i;
        if (line <= draft->markdown->line_count && !draft->read[line - 1] &&
            leftover_of(draft->markdown->lines[line - 1]) != LEFTOVER_NONE)
            draft_remark(draft, REMARK_REFERENCE, (unsigned)line, "%s", text);
    }
}

static void leftover_tell(struct draft *draft, unsigned line, enum leftover found)
{
    struct span text = draft->markdown->lines[line - 1];
    bool box = alternative_find_box(text, 0) < text.bytes;
    if (found == LEFTOVER_BOX && box)
        draft_remark(draft, REMARK_UNREAD, line, "this box has come into no node");
    else if (found == LEFTOVER_BOX)
        draft_remark(draft, REMARK_MARK_AS_TEXT, line,
                     "a box in code, in a link or joined to a word is only text");
    else if (found == LEFTOVER_BLANK && blank_find(text, 0) < text.bytes)
        draft_remark(draft, REMARK_UNREAD, line, "this blank has come into no node");
    else if (found == LEFTOVER_BLANK)
        draft_remark(draft, REMARK_MARK_AS_TEXT, line,
                     "underscores in code, in a link, in a rule or joined to a word are no blank");
    else if (found == LEFTOVER_MARK)
        draft_remark(draft, REMARK_MARK_AS_TEXT, line,
                     "a mark outside a bold line of alternatives is only text");
    else if (found == LEFTOVER_OPTION)
        draft_remark(draft, REMARK_MARK_AS_TEXT, line,
                     "words in capitals without a label and a colon before them are no choice");
    else if (found == LEFTOVER_NEAR_OPTION)
        draft_remark(draft, REMARK_NEAR_CHOICE, line, "alternatives that are not read as a choice");
    else if (found == LEFTOVER_LABEL)
        draft_remark(draft, REMARK_LABEL_ALONE, line, "nothing is recorded for this label");
}

/* Whether a cell of the row at ${block} begins with what only looks like a box. */
static bool leftover_near_cell(const struct draft *draft, size_t block)
{
    struct span cells[TABLE_COLUMNS_MAX];
    bool row = draft->table.column_count > 0 && draft->table.next == block + 1;
    size_t count = row ? table_cells(draft->markdown->blocks[block].text, cells) : 0;
    for (size_t i = 0; i < count; i++) {
        if (alternative_near_box(cells[i]))
            return true;
    }
    return false;
}

void leftover_near(struct draft *draft, size_t block)
{
    const struct block *line = &draft->markdown->blocks[block];
    if (blank_near(line->text))
        draft_remark(draft, REMARK_NOT_A_BLANK, line->line, "not a blank");
    if (line->kind != BLOCK_LINE && line->kind != BLOCK_ENTRY)
        return;
    bool told = line->box == BOX_NONE && alternative_near_box(line->text);
    if (!told && (alternative_box_sign(line->text) || leftover_near_cell(draft, block)))
        draft_remark(draft, REMARK_NOT_A_BOX, line->line, "not a box");
    if (task_speaks_of_signature(line))
        draft_remark(draft, REMARK_SIGNATURE, line->line,
                     "(Signature) makes a sign-off at the end of a line with a box alone");
}

void leftover_find(struct draft *draft)
{
    for (size_t i = 0; i < draft->markdown->line_count; i++) {
        if (!draft->read[i])
            leftover_tell(draft, (unsigned)i + 1, leftover_of(draft->markdown->lines[i]));
    }
}
