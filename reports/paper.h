/* paper - the pages of a document, filled from top to bottom: where the next thing comes to stand,
 * when a page is full, and what runs along every page.
 */
#ifndef REPORTS_PAPER_H
#define REPORTS_PAPER_H

#include "reports/canvas.h"
#include "reports/document.h"

#define PAPER_WIDTH 841.89 /* A4 across, in points: tables are wide */
#define PAPER_HEIGHT 595.28
#define PAPER_LEFT 40.0
#define PAPER_RIGHT (PAPER_WIDTH - PAPER_LEFT)
#define PAPER_TOP 54.0
#define PAPER_TEXT_WIDTH 520.0 /* of running text: longer lines are hard to read */

struct paper {
    struct canvas *canvas;
    const char *title;   /* runs along the top of each page but the first, on the left */
    const char *section; /* and on the right; NULL: nothing */
    const char *footer;
    bool simulated;
    double bottom; /* where the part of a page that is filled ends */
    double y;      /* where the next thing comes to stand */
    size_t page;   /* from 1 */
    size_t pages;  /* in all; 0 until they are known */
};

/**
 * paper_new(canvas, document, ret): The first page, empty; all is borrowed.
 * paper_end(paper): Finish the last page.
 */
void paper_new(struct canvas *canvas, const struct document *document, struct paper *ret);
void paper_end(struct paper *paper);

/**
 * paper_room(paper): The height that is left on the page.
 * paper_whole(paper): That of a page.
 * paper_break(paper): Go to the next page.
 * paper_need(paper, height): Go to the next page, unless this one is empty or has so much room.
 * paper_gap(paper, height): Leave room, but not at the top of a page.
 */
double paper_room(const struct paper *paper);
double paper_whole(const struct paper *paper);
void paper_break(struct paper *paper);
void paper_need(struct paper *paper, double height);
void paper_gap(struct paper *paper, double height);

/* How a text is set. */
struct paper_set {
    enum canvas_style style;
    enum canvas_ink ink;
    double x, width;
    const char *tag; /* of the structure: "P" */
    bool ground;     /* on a pale ground */
};

/**
 * paper_text(paper, set, text): Set a text, over as many pages as it takes.
 */
void paper_text(struct paper *paper, const struct paper_set *set, const char *text);

#endif
