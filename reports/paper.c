#include "reports/paper.h"

#include <stdio.h>

#define HEAD_Y 26.0       /* of what runs along the top */
#define FOOT_GAP 12.0     /* between what fills a page and its footer */
#define FOOT_MARGIN 24.0  /* below the footer */
#define NUMBER_WIDTH 90.0 /* of "page n of m" */
#define MARK "SIMULATED: a ledger for trying; its times are claimed"

static double footer_width(void)
{
    return PAPER_RIGHT - PAPER_LEFT - NUMBER_WIDTH;
}

/* What runs along the top of a page. */
static void draw_head(struct paper *paper)
{
    struct canvas *canvas = paper->canvas;
    const double middle = PAPER_WIDTH / 2;
    if (paper->simulated) {
        canvas_lay(canvas, CANVAS_MARK, 0, MARK);
        double width = canvas_width(canvas), height = canvas_height(canvas, 0, 1);
        struct canvas_box box = {middle - width / 2 - 8, HEAD_Y - 5, width + 16, height + 6};
        canvas_fill(canvas, box, CANVAS_WARM);
        canvas_frame(canvas, box, 0.8, CANVAS_ALARM);
        canvas_draw(canvas, middle - width / 2, HEAD_Y - 2, 0, 1, CANVAS_ALARM);
    }
    if (paper->page == 1)
        return;
    double side = middle - PAPER_LEFT - (paper->simulated ? 140 : 20);
    canvas_lay(canvas, CANVAS_SMALL, side, paper->title);
    canvas_draw(canvas, PAPER_LEFT, HEAD_Y, 0, 1, CANVAS_GREY);
    if (paper->section != NULL) {
        size_t lines = canvas_lay(canvas, CANVAS_SMALL, 0, paper->section);
        double width = canvas_width(canvas);
        if (width > side) {
            lines = canvas_lay(canvas, CANVAS_SMALL, side, paper->section);
            width = side;
        }
        canvas_draw(canvas, PAPER_RIGHT - width, HEAD_Y, 0, lines > 1 ? 1 : lines, CANVAS_GREY);
    }
}

static void draw_foot(struct paper *paper)
{
    struct canvas *canvas = paper->canvas;
    double y = paper->bottom + FOOT_GAP;
    char number[64];
    canvas_rule(canvas, (struct canvas_point){PAPER_LEFT, y - 4},
                (struct canvas_point){PAPER_RIGHT, y - 4}, 0.4, CANVAS_RULE);
    size_t lines = canvas_lay(canvas, CANVAS_SMALL, footer_width(), paper->footer);
    canvas_draw(canvas, PAPER_LEFT, y, 0, lines, CANVAS_GREY);
    snprintf(number, sizeof(number), "page %zu of %zu", paper->page, paper->pages);
    canvas_lay(canvas, CANVAS_SMALL, 0, number);
    canvas_draw(canvas, PAPER_RIGHT - canvas_width(canvas), y, 0, 1, CANVAS_GREY);
}

void paper_new(struct canvas *canvas, const struct document *document, struct paper *ret)
{
    *ret = (struct paper){.canvas = canvas,
                          .title = document->title,
                          .footer = document->footer,
                          .simulated = document->simulated,
                          .y = PAPER_TOP,
                          .page = 1};
    size_t lines = canvas_lay(canvas, CANVAS_SMALL, footer_width(), ret->footer);
    ret->bottom = PAPER_HEIGHT - FOOT_MARGIN - FOOT_GAP - canvas_height(canvas, 0, lines);
}

void paper_end(struct paper *paper)
{
    draw_head(paper);
    draw_foot(paper);
    canvas_page(paper->canvas);
}

double paper_room(const struct paper *paper)
{
    return paper->bottom - paper->y;
}

double paper_whole(const struct paper *paper)
{
    return paper->bottom - PAPER_TOP;
}

void paper_break(struct paper *paper)
{
    paper_end(paper);
    paper->page++;
    paper->y = PAPER_TOP;
}

void paper_need(struct paper *paper, double height)
{
    if (paper_room(paper) < height && paper->y > PAPER_TOP)
        paper_break(paper);
}

void paper_gap(struct paper *paper, double height)
{
    if (paper->y > PAPER_TOP)
        paper->y += height;
}

void paper_text(struct paper *paper, const struct paper_set *set, const char *text)
{
    struct canvas *canvas = paper->canvas;
    size_t lines = canvas_lay(canvas, set->style, set->width, text);
    for (size_t from = 0, to; from < lines; from = to) {
        double height = canvas_height(canvas, from, from + 1);
        if (height > paper_room(paper) && paper->y > PAPER_TOP) {
            paper_break(paper);
            canvas_lay(canvas, set->style, set->width, text); /* the page's ends were laid out */
        }
        for (to = from + 1; to < lines; to++) {
            double next = canvas_height(canvas, to, to + 1);
            if (height + next > paper_room(paper))
                break;
            height += next;
        }
        if (set->ground)
            canvas_fill(
                canvas,
                (struct canvas_box){set->x - 5, paper->y - 0.5, set->width + 10, height + 1},
                CANVAS_PALE);
        canvas_open(canvas, set->tag);
        canvas_draw(canvas, set->x, paper->y, from, to, set->ink);
        canvas_close(canvas, set->tag);
        paper->y += height;
    }
}
