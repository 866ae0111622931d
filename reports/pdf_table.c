#include "reports/pdf_table.h"

#include <math.h>
#include <stdlib.h>

#include "reports/pdf_columns.h"

#define PAD 2.4 /* above and below the text of a row, in points */
#define LEAST 84.0
#define CAPTION 14.0 /* of a line that ends a table: not alone on a page */

struct pdf_table {
    struct pdf_columns columns;
    double line, ascent; /* of a cell's text */
    double head;         /* height of the head */
    float *heights;      /* [rows] of those that are shown, without the room above and below */
};

/* A table while it is set. */
struct setting {
    struct paper *paper;
    struct canvas *canvas;
    const struct pdf_links *links;
    const struct excerpt *table;
    struct pdf_table *plan;
    struct buf text;
};

static const struct column *form_of(const struct setting *set, const struct pdf_column *column)
{
    return &sheet_form(set->table->sheet)->columns[column->column];
}

/* Lay out a cell; in one line where it surely fits. */
static size_t lay_cell(struct setting *set, const struct pdf_column *column, const char *text)
{
    double width;
    bool fits = canvas_estimate(set->canvas, column->style, text, &width) && width <= column->width;
    return canvas_lay(set->canvas, column->style, fits ? 0 : column->width, text);
}

/* How far a style's text is lowered, so that all first lines of a row stand on one base. */
static double lowered(struct setting *set, const struct pdf_column *column)
{
    return column->style == CANVAS_CELL
               ? 0
               : set->plan->ascent - canvas_ascent(set->canvas, column->style);
}

static double cell_height(struct setting *set, const struct pdf_column *column, size_t row)
{
    const char *text = pdf_columns_text(set->table->sheet, row, column->column, &set->text);
    double width;
    if (canvas_estimate(set->canvas, column->style, text, &width) && width <= column->width)
        return set->plan->line;
    double down = lowered(set, column);
    size_t lines = lay_cell(set, column, text);
    return down + canvas_height(set->canvas, 0, lines);
}

static double row_height(struct setting *set, size_t row)
{
    const struct pdf_columns *columns = &set->plan->columns;
    double height = set->plan->line;
    for (size_t i = 0; i < columns->count; i++) {
        if (sheet_has(set->table->sheet, row, columns->at[i].column))
            height = fmax(height, cell_height(set, &columns->at[i], row));
    }
    return height;
}

static void measure_rows(struct setting *set)
{
    struct pdf_table *plan = set->plan;
    plan->heights = mem_alloc(set->table->rows * sizeof(*plan->heights));
    for (size_t i = 0; i < set->table->rows; i++)
        plan->heights[i] = (float)row_height(set, set->table->first + i);
}

static struct pdf_table *make_plan(struct setting *set)
{
    struct pdf_table *plan = set->plan = mem_zero(1, sizeof(*plan));
    plan->line = canvas_line(set->canvas, CANVAS_CELL);
    plan->ascent = canvas_ascent(set->canvas, CANVAS_CELL);
    pdf_columns_new(set->canvas, set->table, PAPER_RIGHT - PAPER_LEFT, &plan->columns);
    for (size_t i = 0; i < plan->columns.count; i++) {
        const struct pdf_column *column = &plan->columns.at[i];
        size_t lines =
            canvas_lay(set->canvas, CANVAS_CELL_HEAD, column->width, form_of(set, column)->title);
        plan->head = fmax(plan->head, canvas_height(set->canvas, 0, lines));
    }
    measure_rows(set);
    return plan;
}

static void draw_rule(struct setting *set, double thick, enum canvas_ink ink)
{
    double y = set->paper->y;
    canvas_rule(set->canvas, (struct canvas_point){PAPER_LEFT, y},
                (struct canvas_point){PAPER_LEFT + set->plan->columns.width, y}, thick, ink);
}

/* The lines [from, to) of what was laid out, in its column; a number in one line on the right. */
static void draw_in(struct setting *set, const struct pdf_column *column, double y, size_t from,
                    size_t to, enum canvas_ink ink)
{
    double x = PAPER_LEFT + column->x;
    if (column->right && from == 0 && to == 1)
        x += fmax(0, column->width - canvas_width(set->canvas));
    canvas_draw(set->canvas, x, y, from, to, ink);
}

/* Where it is repeated it is no part of the table's structure. */
static void draw_head(struct setting *set, bool again)
{
    struct paper *paper = set->paper;
    const struct pdf_table *plan = set->plan;
    double height = plan->head + 2 * PAD;
    canvas_fill(set->canvas, (struct canvas_box){PAPER_LEFT, paper->y, plan->columns.width, height},
                CANVAS_PALE);
    if (!again)
        canvas_open(set->canvas, "TR");
    for (size_t i = 0; i < plan->columns.count; i++) {
        const struct pdf_column *column = &plan->columns.at[i];
        size_t lines =
            canvas_lay(set->canvas, CANVAS_CELL_HEAD, column->width, form_of(set, column)->title);
        double above = plan->head - canvas_height(set->canvas, 0, lines);
        if (!again)
            canvas_open(set->canvas, "TH");
        draw_in(set, column, paper->y + PAD + above, 0, lines, CANVAS_BLACK);
        if (!again)
            canvas_close(set->canvas, "TH");
    }
    if (!again)
        canvas_close(set->canvas, "TR");
    paper->y += height;
    draw_rule(set, 0.9, CANVAS_ACCENT);
}

static size_t lay_row_cell(struct setting *set, const struct pdf_column *column, size_t row)
{
    return lay_cell(set, column,
                    pdf_columns_text(set->table->sheet, row, column->column, &set->text));
}

/* The lines [from, to) of a cell that is laid out. */
static void draw_cell(struct setting *set, const struct pdf_column *column, size_t row, size_t from,
                      size_t to)
{
    char name[CANVAS_NAME_BYTES];
    double y = set->paper->y + PAD + lowered(set, column);
    canvas_open(set->canvas, "TD");
    bool link = to > from &&
                pdf_links_cell(set->links, set->table->sheet, row, column->column, name) &&
                canvas_link(set->canvas, name);
    draw_in(set, column, y, from, to, link ? CANVAS_LINK : CANVAS_BLACK);
    if (link)
        canvas_link_end(set->canvas);
    canvas_close(set->canvas, "TD");
}

static void draw_row(struct setting *set, size_t row)
{
    const struct pdf_columns *columns = &set->plan->columns;
    if (canvas_is_quiet(set->canvas))
        return;
    canvas_open(set->canvas, "TR");
    for (size_t i = 0; i < columns->count; i++) {
        bool filled = sheet_has(set->table->sheet, row, columns->at[i].column);
        size_t lines = filled ? lay_row_cell(set, &columns->at[i], row) : 0;
        draw_cell(set, &columns->at[i], row, 0, lines);
    }
    canvas_close(set->canvas, "TR");
}

/* Of a cell whose lines up to *${from} are drawn those that still fit; how high they are. */
static double draw_piece(struct setting *set, const struct pdf_column *column, size_t row,
                         size_t *from)
{
    double room = set->paper->bottom - set->paper->y - 2 * PAD - lowered(set, column);
    size_t lines = lay_row_cell(set, column, row), to = *from;
    double height = 0;
    while (to < lines) {
        double next = canvas_height(set->canvas, to, to + 1);
        if (height + next > room && to > *from)
            break;
        height += next;
        to++;
    }
    draw_cell(set, column, row, *from, to);
    *from = to < lines ? to : SIZE_MAX;
    return height;
}

/* A row that is higher than a page, page by page. */
static void draw_long_row(struct setting *set, size_t row)
{
    const struct pdf_columns *columns = &set->plan->columns;
    size_t *from = mem_zero(columns->count, sizeof(*from)); /* SIZE_MAX: the cell is drawn */
    for (bool more = true; more;) {
        double height = set->plan->line;
        more = false;
        canvas_open(set->canvas, "TR");
        for (size_t i = 0; i < columns->count; i++) {
            if (from[i] == SIZE_MAX)
                continue;
            height = fmax(height, draw_piece(set, &columns->at[i], row, &from[i]));
            more = more || from[i] != SIZE_MAX;
        }
        canvas_close(set->canvas, "TR");
        set->paper->y += height + 2 * PAD;
        if (more) {
            paper_break(set->paper);
            draw_head(set, true);
        }
    }
    free(from);
}

/* The height that a row needs on a page with what must not stand alone on the next: the last row,
 * and the line that ends the table. */
static double needed(const struct setting *set, size_t index, double whole)
{
    const struct excerpt *table = set->table;
    double height = (double)set->plan->heights[index] + 2 * PAD;
    if (height > whole)
        height = 6 * set->plan->line;
    if (index + 2 == table->rows)
        height += fmin((double)set->plan->heights[index + 1], 6 * set->plan->line) + 2 * PAD;
    return index + 2 >= table->rows ? height + CAPTION : height;
}

static void add_row(struct setting *set, size_t index)
{
    struct paper *paper = set->paper;
    const double head = set->plan->head + 2 * PAD, whole = paper_whole(paper) - head;
    size_t row = set->table->first + index;
    double height = (double)set->plan->heights[index] + 2 * PAD;
    char name[CANVAS_NAME_BYTES];
    if (paper_room(paper) < needed(set, index, whole) && paper->y > PAPER_TOP + head) {
        paper_break(paper);
        draw_head(set, true);
    }
    if (pdf_links_row(set->table->sheet, row, name))
        canvas_place(set->canvas, name, paper->y);
    if (height > whole) {
        draw_long_row(set, row);
    } else {
        draw_row(set, row);
        paper->y += height;
    }
    draw_rule(set, 0.35, CANVAS_RULE);
}

static void add_caption(struct setting *set)
{
    const size_t shown = set->table->rows, all = set->table->of;
    const struct paper_set caption = {.style = CANVAS_SMALL,
                                      .ink = CANVAS_GREY,
                                      .x = PAPER_LEFT,
                                      .width = PAPER_TEXT_WIDTH,
                                      .tag = "P"};
    buf_clear(&set->text);
    if (shown < all)
        buf_printf(&set->text, "the first %zu of ", shown);
    buf_printf(&set->text, "%zu row%s", all, all == 1 ? "" : "s");
    if (shown < all && set->table->rest != NULL)
        buf_printf(&set->text, "; all of them: %s", set->table->rest);
    paper_gap(set->paper, 3);
    paper_text(set->paper, &caption, (const char *)set->text.data);
}

void pdf_table_add(struct paper *paper, const struct pdf_links *links,
                   const struct excerpt *excerpt, struct pdf_table **plan)
{
    struct setting set = {paper, paper->canvas, links, excerpt, *plan, {0}};
    const struct sheet_form *form = sheet_form(excerpt->sheet);
    const struct paper_set intro = {.style = CANVAS_BODY,
                                    .ink = CANVAS_GREY,
                                    .x = PAPER_LEFT,
                                    .width = PAPER_TEXT_WIDTH,
                                    .tag = "P"};
    if (form->intro != NULL && !excerpt->bare) {
        paper_text(paper, &intro, form->intro);
        paper->y += 4;
    }
    if (sheet_rows(excerpt->sheet) == 0) {
        const struct paper_set none = {.style = CANVAS_BODY,
                                       .ink = CANVAS_BLACK,
                                       .x = PAPER_LEFT,
                                       .width = PAPER_TEXT_WIDTH,
                                       .tag = "P"};
        paper_text(paper, &none, form->none);
        return;
    }
    if (set.plan == NULL)
        *plan = make_plan(&set);
    paper_need(paper, set.plan->head + 2 * PAD + 3 * set.plan->line);
    canvas_open(set.canvas, "Table");
    draw_head(&set, false);
    for (size_t row = 0; row < excerpt->rows; row++)
        add_row(&set, row);
    canvas_close(set.canvas, "Table");
    add_caption(&set);
    buf_free(&set.text);
}

void pdf_table_free(struct pdf_table *plan)
{
    if (plan == NULL)
        return;
    pdf_columns_free(&plan->columns);
    free(plan->heights);
    free(plan);
}

double pdf_table_least(void)
{
    return LEAST;
}
