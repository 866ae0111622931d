#include "reports/pdf_block.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/pdf_chart.h"

#define AFTER 7.0            /* between blocks, in points */
#define TERM_WIDTH_MAX 190.0 /* of what a fact is about */
#define STEP_WIDTH 20.0      /* of a step's number */
#define CHART_GAP 26.0       /* between two charts beside each other */
#define TAB 8                /* columns of a tab stop */

static const double whole_width = PAPER_RIGHT - PAPER_LEFT;

static void add_text(struct pdf_flow *flow, const char *text)
{
    const struct paper_set set = {.style = CANVAS_BODY,
                                  .ink = CANVAS_BLACK,
                                  .x = PAPER_LEFT,
                                  .width = PAPER_TEXT_WIDTH,
                                  .tag = "P"};
    paper_text(flow->paper, &set, text);
}

static void add_warning(struct pdf_flow *flow, const char *text)
{
    struct paper *paper = flow->paper;
    struct canvas *canvas = paper->canvas;
    const double pad = 6;
    const struct paper_set set = {.style = CANVAS_STRONG,
                                  .ink = CANVAS_ALARM,
                                  .x = PAPER_LEFT + 12,
                                  .width = PAPER_TEXT_WIDTH,
                                  .tag = "P"};
    size_t lines = canvas_lay(canvas, set.style, set.width, text);
    double height = canvas_height(canvas, 0, lines) + 2 * pad;
    paper_need(paper, fmin(height, paper_whole(paper)));
    if (height <= paper_room(paper)) {
        struct canvas_box box = {PAPER_LEFT, paper->y, PAPER_TEXT_WIDTH + 24, height};
        canvas_fill(canvas, box, CANVAS_WARM);
        box.width = 3;
        canvas_fill(canvas, box, CANVAS_ALARM);
    }
    paper->y += pad;
    paper_text(paper, &set, text);
    paper->y += pad;
}

static void add_heading(struct pdf_flow *flow, const char *text, const struct block *next)
{
    struct paper *paper = flow->paper;
    const struct paper_set set = {.style = CANVAS_HEADING,
                                  .ink = CANVAS_ACCENT,
                                  .x = PAPER_LEFT,
                                  .width = whole_width,
                                  .tag = "H3"};
    char name[40];
    paper_gap(paper, AFTER);
    paper_need(paper, 20 + pdf_block_least(next));
    snprintf(name, sizeof(name), "heading-%zu", ++flow->headings);
    canvas_place(paper->canvas, name, paper->y);
    canvas_outline(paper->canvas, flow->outline, text == NULL ? "" : text, name);
    paper_text(paper, &set, text);
}

/* Each line of a text, as a string of its own. */
static char *next_line(const char **at)
{
    size_t bytes = strcspn(*at, "\n");
    char *line = mem_text_n(*at, bytes);
    *at += bytes + ((*at)[bytes] == '\n');
    return line;
}

static void add_steps(struct pdf_flow *flow, const char *text)
{
    struct paper *paper = flow->paper;
    struct canvas *canvas = paper->canvas;
    const struct paper_set set = {.style = CANVAS_BODY,
                                  .ink = CANVAS_BLACK,
                                  .x = PAPER_LEFT + STEP_WIDTH,
                                  .width = PAPER_TEXT_WIDTH - STEP_WIDTH,
                                  .tag = "LBody"};
    unsigned step = 0;
    canvas_open(canvas, "L");
    for (const char *at = text; *at != '\0';) {
        char number[16], *line = next_line(&at);
        snprintf(number, sizeof(number), "%u.", ++step);
        size_t lines = canvas_lay(canvas, CANVAS_BODY, set.width, line);
        paper_need(paper, canvas_height(canvas, 0, lines < 3 ? lines : 2));
        canvas_open(canvas, "LI");
        canvas_open(canvas, "Lbl");
        canvas_lay(canvas, CANVAS_STRONG, 0, number);
        canvas_draw(canvas, PAPER_LEFT + STEP_WIDTH - 6 - canvas_width(canvas), paper->y, 0, 1,
                    CANVAS_ACCENT);
        canvas_close(canvas, "Lbl");
        paper_text(paper, &set, line);
        canvas_close(canvas, "LI");
        paper->y += 3;
        free(line);
    }
    canvas_close(canvas, "L");
}

/* A line with its tabs as blanks, up to the next stop. */
static char *without_tabs(const char *line)
{
    struct buf text = {0};
    buf_text(&text, "");
    for (; *line != '\0'; line++) {
        if (*line == '\t')
            buf_printf(&text, "%*s", (int)(TAB - text.bytes % TAB), "");
        else
            buf_u8(&text, (uint8_t)*line);
    }
    return buf_take_text(&text);
}

/* About how high code is: its letters are as wide as each other. */
static double code_height(struct canvas *canvas, const char *text)
{
    const double width = whole_width - 12;
    double lines = 0;
    for (const char *at = text; *at != '\0';) {
        size_t bytes = strcspn(at, "\n");
        lines += fmax(1, ceil((double)bytes * canvas_pitch(canvas, CANVAS_CODE) / width));
        at += bytes + (at[bytes] == '\n');
    }
    return lines * canvas_line(canvas, CANVAS_CODE);
}

static void add_code(struct pdf_flow *flow, const char *text)
{
    const struct paper_set set = {.style = CANVAS_CODE,
                                  .ink = CANVAS_BLACK,
                                  .x = PAPER_LEFT + 6,
                                  .width = whole_width - 12,
                                  .tag = "P",
                                  .ground = true};
    for (const char *at = text; *at != '\0';) {
        char *line = next_line(&at);
        char *plain = without_tabs(line);
        paper_text(flow->paper, &set, plain[0] == '\0' ? " " : plain);
        free(plain);
        free(line);
    }
}

/* On one page if it is not higher than that. */
static void need_code(struct paper *paper, const struct block *block, const char *text)
{
    double height = code_height(paper->canvas, text);
    paper_need(paper, height <= paper_whole(paper) ? height : pdf_block_least(block));
}

static double term_width(struct canvas *canvas, const struct block *block)
{
    double widest = 0;
    for (size_t i = 0; i < block->fact_count; i++) {
        canvas_lay(canvas, CANVAS_STRONG, 0, block->facts[i].term);
        widest = fmax(widest, canvas_width(canvas));
    }
    return fmin(widest + 1, TERM_WIDTH_MAX);
}

static void add_fact(struct pdf_flow *flow, const struct fact *fact, double width)
{
    struct paper *paper = flow->paper;
    struct canvas *canvas = paper->canvas;
    bool known = fact->text != NULL;
    const struct paper_set set = {.style = known && fact->code ? CANVAS_CODE : CANVAS_BODY,
                                  .ink = known ? CANVAS_BLACK : CANVAS_GREY,
                                  .x = PAPER_LEFT + width + 14,
                                  .width = PAPER_TEXT_WIDTH,
                                  .tag = "LBody"};
    size_t lines = canvas_lay(canvas, CANVAS_STRONG, width, fact->term);
    double height = canvas_height(canvas, 0, lines);
    double down = canvas_ascent(canvas, CANVAS_STRONG) - canvas_ascent(canvas, set.style);
    paper_need(paper, height);
    double y = paper->y;
    size_t page = paper->page;
    canvas_open(canvas, "LI");
    canvas_open(canvas, "Lbl");
    canvas_lay(canvas, CANVAS_STRONG, width, fact->term);
    canvas_draw(canvas, PAPER_LEFT, y, 0, lines, CANVAS_GREY);
    canvas_close(canvas, "Lbl");
    paper->y += down;
    paper_text(paper, &set, known ? fact->text : "not known");
    canvas_close(canvas, "LI");
    if (paper->page == page)
        paper->y = fmax(paper->y, y + height);
    paper->y += 3;
}

static void add_facts(struct pdf_flow *flow, const struct block *block)
{
    double width = term_width(flow->paper->canvas, block);
    canvas_open(flow->paper->canvas, "L");
    for (size_t i = 0; i < block->fact_count; i++)
        add_fact(flow, &block->facts[i], width);
    canvas_close(flow->paper->canvas, "L");
}

static void add_table(struct pdf_flow *flow, const struct block *block)
{
    if (flow->table == flow->table_count)
        *(struct pdf_table **)MEM_PUSH(flow->tables, flow->table_count, flow->table_cap) = NULL;
    pdf_table_add(flow->paper, flow->links, &block->table, &flow->tables[flow->table++]);
}

/* Two beside each other, where two follow each other. */
static size_t add_charts(struct pdf_flow *flow, const struct block *blocks, size_t count)
{
    struct paper *paper = flow->paper;
    double width = (whole_width - CHART_GAP) / 2, height = 0;
    size_t beside = count > 1 && blocks[1].kind == BLOCK_CHART ? 2 : 1;
    for (size_t i = 0; i < beside; i++)
        height = fmax(height, pdf_chart_height(paper->canvas, &blocks[i].chart, width));
    paper_need(paper, height);
    for (size_t i = 0; i < beside; i++)
        pdf_chart_draw(paper->canvas, &blocks[i].chart,
                       PAPER_LEFT + (double)i * (width + CHART_GAP), paper->y, width);
    paper->y += height;
    return beside;
}

size_t pdf_block_add(struct pdf_flow *flow, const struct block *blocks, size_t count)
{
    const char *text = blocks->text == NULL ? "" : blocks->text;
    size_t set = 1;
    if (blocks->kind == BLOCK_CODE)
        need_code(flow->paper, blocks, text);
    if (pdf_links_first(flow->links, blocks))
        canvas_place(flow->paper->canvas, blocks->anchor, flow->paper->y);
    switch (blocks->kind) {
    case BLOCK_TEXT:
        add_text(flow, text);
        break;
    case BLOCK_WARNING:
        add_warning(flow, text);
        break;
    case BLOCK_HEADING:
        add_heading(flow, text, count > 1 ? blocks + 1 : NULL);
        flow->paper->y -= AFTER / 2;
        break;
    case BLOCK_STEPS:
        add_steps(flow, text);
        break;
    case BLOCK_CODE:
        add_code(flow, text);
        break;
    case BLOCK_FACTS:
        add_facts(flow, blocks);
        break;
    case BLOCK_TABLE:
        add_table(flow, blocks);
        break;
    case BLOCK_CHART:
        set = add_charts(flow, blocks, count);
        break;
    }
    flow->paper->y += AFTER;
    return set;
}

double pdf_block_least(const struct block *block)
{
    if (block == NULL)
        return 0;
    switch (block->kind) {
    case BLOCK_TABLE:
        return pdf_table_least();
    case BLOCK_CHART:
        return 220;
    case BLOCK_HEADING:
        return 110;
    default:
        return 40;
    }
}
