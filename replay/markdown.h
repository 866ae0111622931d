/* markdown - a checklist's Markdown as a flat list of blocks, by cmark-gfm.  Pure.
 * The only file that knows the parser; everything after works on blocks and their lines.
 */
#ifndef REPLAY_MARKDOWN_H
#define REPLAY_MARKDOWN_H

#include "replay/span.h"

enum block_kind {
    BLOCK_HEADING,
    BLOCK_RULE,  /* `---` */
    BLOCK_LINE,  /* one line of a paragraph */
    BLOCK_ENTRY, /* an entry of a list, with the first line of its text */
    BLOCK_FENCE, /* a fenced code block */
    BLOCK_HTML,
    BLOCK_CODE /* indented code */
};

enum box { BOX_NONE, BOX_EMPTY, BOX_CHECKED }; /* no task, `[ ]`, `[x]` */

#define MARKDOWN_NONE SIZE_MAX

struct block {
    enum block_kind kind;
    unsigned line;        /* 1-based; of a fence its opening line */
    unsigned level;       /* heading: 1..6 */
    unsigned lines;       /* heading, fence (without its last line), HTML, code: how many it has */
    size_t entry;         /* index of the innermost list entry that it is in, or MARKDOWN_NONE */
    size_t list;          /* entry: index into lists */
    enum box box;         /* entry */
    struct span box_span; /* entry with a box */
    bool continues; /* line: of the same paragraph as the line before it, or as its entry's text */
    bool text_joined; /* heading: `text` is owned, of several lines */
    struct span text; /* heading, line, entry (behind its box): borrowed from the source, trimmed */
    char *fence;      /* fence: its content without indentation, owned; else NULL */
};

struct markdown_list {
    size_t first; /* block index of its first entry */
    size_t count; /* entries */
};

struct markdown {
    struct span *lines; /* by line number - 1, without line ends; borrowed from the source */
    size_t line_count;
    struct block *blocks; /* in order of the document; an entry before what is in it */
    size_t block_count;
    struct markdown_list *lists;
    size_t list_count;
    unsigned too_deep; /* first line nested deeper than is read, or 0 */
};

/**
 * markdown_parse(source, ret_markdown):
 * Parse UTF-8 without NUL; the source must outlive the result (markdown_free).  Lines end in LF, CR
 * LF or CR; a byte order mark is passed over, and so is front matter (YAML between two lines `---`
 * at the top) that holds no marks.  Cost: linear.
 */
void markdown_parse(struct span source, struct markdown *ret_markdown);
void markdown_free(struct markdown *markdown);

#endif
