/* canvas - a PDF that is drawn page by page: text in a few styles, rules, boxes, lines, links.
 * Lengths are in points, from the upper left corner.  Each text that is given may be hostile: what
 * controls a terminal or turns the reading direction is shown as an escape (ledger/printable), and
 * nothing in a text is markup.  cairo and pango are used here and in fonts, and nowhere else.
 */
#ifndef REPORTS_CANVAS_H
#define REPORTS_CANVAS_H

#include "reports/fonts.h"

enum canvas_style {
    CANVAS_TITLE,
    CANVAS_SUBTITLE,
    CANVAS_SECTION, /* a heading */
    CANVAS_HEADING, /* one within a section */
    CANVAS_BODY,
    CANVAS_STRONG,
    CANVAS_SMALL,
    CANVAS_CODE, /* in a fixed pitch, broken anywhere */
    CANVAS_CELL,
    CANVAS_CELL_HEAD,
    CANVAS_CELL_CODE,
    CANVAS_CHART,
    CANVAS_MARK, /* that a ledger is simulated */
    CANVAS_STYLES
};

enum canvas_ink {
    CANVAS_BLACK,
    CANVAS_GREY,
    CANVAS_ACCENT,
    CANVAS_LINK,
    CANVAS_ALARM,
    CANVAS_RULE, /* of thin lines */
    CANVAS_PALE, /* of grounds */
    CANVAS_WARM, /* of the ground of warnings */
    CANVAS_WHITE,
    CANVAS_SERIES, /* and the CANVAS_SERIES_INKS - 1 behind it: told apart in grey, too */
    CANVAS_INKS = CANVAS_SERIES + 6
};

#define CANVAS_SERIES_INKS 6
#define CANVAS_NAME_BYTES 160 /* of a place that links lead to, with its NUL */

enum canvas_field {
    CANVAS_FIELD_TITLE,
    CANVAS_FIELD_KEYWORDS,
    CANVAS_FIELD_CREATOR,
    CANVAS_FIELD_CREATED
};

struct canvas;

/**
 * canvas_new(fonts, width, height, out): Begin a PDF of such pages, whose bytes go to *${out}; both
 * are borrowed for its life.  Free with canvas_free.
 * canvas_finish(canvas, ret_why): End it; *${out} is whole then.  Errors: IO (cairo says no).
 * canvas_free(canvas): NULL is fine.
 * canvas_quiet(canvas, quiet): Draw and link nothing and end no page, or do so again; so the same
 * calls can be made once to see where everything comes to stand.  Gives what was before.
 * canvas_is_quiet(canvas): Which it is.
 * canvas_page(canvas): End a page, and begin the next.
 * canvas_field(canvas, field, text): Fill in what is said of the file; the time of creation is in
 * RFC 3339.
 */
struct canvas *canvas_new(const struct fonts *fonts, double width, double height, struct buf *out);
MUST_CHECK enum err canvas_finish(struct canvas *canvas, struct err_text *ret_why);
void canvas_free(struct canvas *canvas);
bool canvas_quiet(struct canvas *canvas, bool quiet);
bool canvas_is_quiet(const struct canvas *canvas);
void canvas_page(struct canvas *canvas);
void canvas_field(struct canvas *canvas, enum canvas_field field, const char *text);

/**
 * canvas_lay(canvas, style, width, text): Lay out a text, broken into lines no wider than ${width}
 * (in one line if that is 0), and return their number, at least 1.  It stays until the next call.
 * NULL is an empty text.  Of one over PDF_TEXT_BYTES_MAX bytes the beginning is laid out, and that
 * it is.
 * canvas_height(canvas, from, to): The height of its lines [from, to).
 * canvas_width(canvas): The width of its widest line.
 * canvas_draw(canvas, x, y, from, to, ink): Draw its lines [from, to) with their upper left corner
 * there.
 *
 * canvas_line(canvas, style): The height of a line of Latin letters.
 * canvas_ascent(canvas, style): How far its base lies below its top.
 * canvas_pitch(canvas, style): The width of a digit.
 * canvas_estimate(canvas, style, text, ret_width): The width of a text in one line without laying
 * it out, right to a hundredth, and rather too wide; false if that cannot be told.
 */
size_t canvas_lay(struct canvas *canvas, enum canvas_style style, double width, const char *text);
double canvas_height(const struct canvas *canvas, size_t from, size_t to);
double canvas_width(const struct canvas *canvas);
void canvas_draw(struct canvas *canvas, double x, double y, size_t from, size_t to,
                 enum canvas_ink ink);
double canvas_line(struct canvas *canvas, enum canvas_style style);
double canvas_ascent(struct canvas *canvas, enum canvas_style style);
double canvas_pitch(struct canvas *canvas, enum canvas_style style);
MUST_CHECK bool canvas_estimate(struct canvas *canvas, enum canvas_style style, const char *text,
                                double *ret_width);

/* Where something is drawn. */
struct canvas_box {
    double x, y, width, height;
};

/* A corner of a line of several parts. */
struct canvas_point {
    double x, y;
};

/**
 * canvas_rule(canvas, from, to, thick, ink): Draw a straight line.
 * canvas_fill(canvas, box, ink), canvas_hatch(canvas, box, ink): Fill a box; draw slanted lines
 * over it.
 * canvas_frame(canvas, box, thick, ink): Draw around it.
 * canvas_path(canvas, points, count, dash, ink): Draw a line from point to point, broken in one of
 * several ways; ${dash} 0 is whole.
 * canvas_dot(canvas, point, radius, ink): Fill a circle.
 */
void canvas_rule(struct canvas *canvas, struct canvas_point from, struct canvas_point to,
                 double thick, enum canvas_ink ink);
void canvas_fill(struct canvas *canvas, struct canvas_box box, enum canvas_ink ink);
void canvas_hatch(struct canvas *canvas, struct canvas_box box, enum canvas_ink ink);
void canvas_frame(struct canvas *canvas, struct canvas_box box, double thick, enum canvas_ink ink);
void canvas_path(struct canvas *canvas, const struct canvas_point *points, size_t count,
                 size_t dash, enum canvas_ink ink);
void canvas_dot(struct canvas *canvas, struct canvas_point point, double radius,
                enum canvas_ink ink);

/**
 * canvas_open(canvas, tag), canvas_close(canvas, tag): What is drawn between is an element of the
 * document's structure: "Table", "TR", "P" (PDF 32000-1, 14.8.4).
 * canvas_link(canvas, name), canvas_link_end(canvas): What is drawn between leads to the place
 * ${name}, which must be somewhere when the PDF ends.  False, and there is nothing to end, if that
 * is no name: of letters, digits and `._-`, below CANVAS_NAME_BYTES.
 * canvas_place(canvas, name, y): Make a place on this page; one that is no name is passed over.
 * canvas_outline(canvas, parent, title, name): Add an entry to the outline, below ${parent} (0: at
 * the top), that leads to a place; its number.
 */
void canvas_open(struct canvas *canvas, const char *tag);
void canvas_close(struct canvas *canvas, const char *tag);
MUST_CHECK bool canvas_link(struct canvas *canvas, const char *name);
void canvas_link_end(struct canvas *canvas);
void canvas_place(struct canvas *canvas, const char *name, double y);
int canvas_outline(struct canvas *canvas, int parent, const char *title, const char *name);

#endif
