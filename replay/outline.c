#include "replay/outline.h"

#include "replay/alternative.h"
#include "replay/blank.h"
#include "replay/window.h"

bool outline_conditional(struct span span)
{
    for (size_t at = 0; at < span.bytes;) {
        if (span.at[at] == '`') {
            at = span_code(span, at);
            continue;
        }
        if (span.at[at] == '(' && span_starts(span_from(span, at), "(if") &&
            !span_in_word(span, at + 3))
            return true;
        at++;
    }
    return false;
}

/* The text behind `Decision Authority:`; empty if the line is none. */
static struct span outline_authority(struct span line)
{
    size_t colon = span_find(line, 0, ":");
    if (colon == line.bytes || !span_is(span_label(span_to(line, colon)), "decision authority"))
        return (struct span){"", 0};
    return span_label(span_from(line, colon + 1));
}

/* Look for the authority of the section whose heading is at ${block}. */
static void outline_read_authority(struct draft *draft, size_t block)
{
    const struct markdown *markdown = draft->markdown;
    for (size_t i = block + 1; i < markdown->block_count; i++) {
        const struct block *next = &markdown->blocks[i];
        if (next->kind == BLOCK_HEADING && next->level <= 3)
            return;
        if (next->kind != BLOCK_LINE && next->kind != BLOCK_ENTRY)
            continue;
        struct span authority = outline_authority(next->text);
        if (authority.bytes > 0 && blank_find(authority, 0) == authority.bytes &&
            alternative_find_box(authority, 0) == authority.bytes) {
            draft->sections[draft->section].authority = authority;
            return;
        }
    }
}

/* A time that may be read otherwise than it was meant. */
static void outline_doubt(struct draft *draft, const struct block *heading)
{
    enum window_doubt doubt = window_doubt(heading->text);
    if (doubt == WINDOW_MORE)
        draft_remark(draft, REMARK_HEADING_TIME, heading->line,
                     "only the first time in this heading is read");
    else if (doubt == WINDOW_FOREIGN)
        draft_remark(draft, REMARK_HEADING_TIME, heading->line,
                     "the word behind the time is no unit that is known; minutes are taken");
    else if (doubt == WINDOW_UNREAD)
        draft_remark(draft, REMARK_HEADING_TIME, heading->line,
                     "what looks like a time in this heading is not read");
}

/* What a section's heading says of it, and what it inherits from its `##`. */
static void outline_section(struct draft *draft, const struct block *heading)
{
    struct section *section = &draft->out->sections[draft->section];
    section->rollback = span_has_word(heading->text, "rollback");
    section->optional = span_starts(heading->text, "if ") || outline_conditional(heading->text);
    enum window_found found = window_parse(heading->text, &section->window);
    if (found == WINDOW_ODD)
        draft_remark(draft, REMARK_HEADING_TIME, heading->line,
                     "the time in this heading cannot be read");
    outline_doubt(draft, heading);
    if (section->parent == CHECKLIST_NONE)
        return;
    const struct section *group = &draft->out->sections[section->parent];
    section->rollback = section->rollback || group->rollback;
    section->optional = section->optional || group->optional;
    if (found == WINDOW_NONE)
        section->window = group->window;
}

static bool outline_first(const struct draft *draft)
{
    return draft->out->title == NULL && !draft->heading_seen;
}

/* A `##` right under the title, before any node. */
static bool outline_is_subtitle(const struct draft *draft, size_t block)
{
    const struct block *blocks = draft->markdown->blocks;
    return draft->out->subtitle == NULL && !draft->heading_seen && block > 0 &&
           blocks[block - 1].kind == BLOCK_HEADING && blocks[block - 1].level == 1 &&
           draft->out->title != NULL && draft->out->node_count == 0;
}

/* A subtitle that seems to be meant as a section: say so. */
static void outline_subtitle(struct draft *draft, size_t block)
{
    const struct markdown *markdown = draft->markdown;
    const struct block *heading = &markdown->blocks[block];
    struct window window;
    bool section = window_parse(heading->text, &window) != WINDOW_NONE;
    draft->out->subtitle = span_text(heading->text);
    for (size_t i = block + 1; i < markdown->block_count && !section; i++) {
        if (markdown->blocks[i].kind == BLOCK_HEADING && markdown->blocks[i].level <= 2)
            break;
        section = markdown->blocks[i].kind == BLOCK_ENTRY && markdown->blocks[i].box != BOX_NONE;
    }
    if (section)
        draft_remark(
            draft, REMARK_SUBTITLE, heading->line,
            "a ## right under the # is the subtitle, so that what follows is in no section");
}

/* Marks in a heading are not compiled. */
static void outline_check(struct draft *draft, const struct block *heading)
{
    struct span text = heading->text;
    if (blank_find(text, 0) < text.bytes || alternative_find_box(text, 0) < text.bytes)
        draft_remark_block(draft, REMARK_HEADING_MARK, heading,
                           "a blank or a box in a heading is no part of the checklist");
}

/* A heading, of however many lines, that begins no section. */
static void outline_unplaced(struct draft *draft, const struct block *heading, const char *what)
{
    struct buf text = {0};
    buf_printf(&text, "%s begins no section", what);
    draft_remark_block(draft, REMARK_NO_SECTION, heading, (const char *)text.data);
    buf_free(&text);
}

void outline_heading(struct draft *draft, size_t block)
{
    const struct block *heading = &draft->markdown->blocks[block];
    outline_check(draft, heading);
    draft_read(draft, heading->line, heading->lines);
    if (heading->entry != MARKDOWN_NONE) {
        outline_unplaced(draft, heading, "a heading within a list");
    } else if (heading->level == 1 && outline_first(draft)) {
        draft->out->title = span_text(heading->text);
    } else if (heading->level == 1) {
        bool late = draft->out->title == NULL;
        draft->heading_seen = true;
        draft->section = 0;
        draft->section_group = CHECKLIST_NONE;
        if (late)
            draft->out->title = span_text(heading->text);
        outline_unplaced(draft, heading, late ? "a late #" : "a further #");
    } else if (heading->level == 2 && outline_is_subtitle(draft, block)) {
        outline_subtitle(draft, block);
    } else if (heading->level > 3) {
        static const char *const levels[] = {"a heading of level 4", "a heading of level 5",
                                             "a heading of level 6"};
        outline_unplaced(draft, heading, levels[heading->level - 4]);
    } else if (heading->level == 3 && draft->section_group == CHECKLIST_NONE) {
        draft->section = 0;
        outline_unplaced(draft, heading, "a ### under no ##");
    } else {
        draft->heading_seen = true;
        draft_section(draft, heading->level, heading->text, heading->line);
        outline_section(draft, heading);
        outline_read_authority(draft, block);
    }
}

void outline_rule(struct draft *draft, size_t block)
{
    const struct markdown *markdown = draft->markdown;
    const struct block *rule = &markdown->blocks[block];
    struct span line = markdown->lines[rule->line - 1];
    bool underscores = span_find(line, 0, "___") < line.bytes;
    if (underscores && rule->entry == MARKDOWN_NONE)
        draft_remark(draft, REMARK_MARK_AS_TEXT, rule->line,
                     "underscores alone on a line are a rule, and no blank");
    if (rule->entry != MARKDOWN_NONE) {
        if (underscores)
            draft_remark(draft, REMARK_NO_LABEL, rule->line, "a blank without a label");
        return;
    }
    if (block + 1 < markdown->block_count && markdown->blocks[block + 1].kind != BLOCK_HEADING)
        draft->section = 0;
}
