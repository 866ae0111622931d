#include "reports/pdf_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORD_WIDTH_MAX 76.0 /* of a word that is not broken */
#define HASH_DIGITS 64.0    /* code that is longer may take more lines than it should */
#define PARTS_MAX 4         /* lines that a hash may take */
#define SOME_ROWS 64        /* that tell how high all are about */
#define BROKEN_SHARE 1.08   /* of its width takes a text that is broken between words */
#define CODE_WORD_BYTES 32  /* a longer word is a hash or a key, and is set as such */
#define TIMES_MEAN 1.7      /* so much of the mean is enough for most cells */
#define STEP_MOST 32.0      /* that a column may give to another at a time, in points */
#define STEP_LEAST 4.0

const char *pdf_columns_text(const struct sheet *sheet, size_t row, size_t column, struct buf *buf)
{
    char time[INSTANT_TEXT_BYTES];
    buf_clear(buf);
    buf_text(buf, "");
    if (!sheet_has(sheet, row, column))
        return "";
    switch (sheet_form(sheet)->columns[column].cell) {
    case CELL_TIME:
        instant_short((int64_t)sheet_number(sheet, row, column), time);
        buf_text(buf, time);
        break;
    case CELL_YES:
        buf_text(buf, sheet_yes(sheet, row, column) ? "yes" : "no");
        break;
    default:
        sheet_print(sheet, row, column, buf);
        break;
    }
    return (const char *)buf->data;
}

static double width_of(struct canvas *canvas, enum canvas_style style, const char *text)
{
    double width;
    if (canvas_estimate(canvas, style, text, &width))
        return width;
    canvas_lay(canvas, style, 0, text);
    return canvas_width(canvas) + 0.5;
}

/* The widest of a text's words; of one that is not ASCII as much as any word may have. */
static double widest_word(struct canvas *canvas, enum canvas_style style, const char *text)
{
    double widest = 0, width;
    char word[64];
    for (const char *at = text; *at != '\0';) {
        size_t bytes = strcspn(at, " ");
        size_t kept = bytes < sizeof(word) ? bytes : sizeof(word) - 1;
        memcpy(word, at, kept);
        word[kept] = '\0';
        if (!canvas_estimate(canvas, style, word, &width))
            return fmax(widest, WORD_WIDTH_MAX);
        widest = fmax(widest, width);
        at += bytes + (at[bytes] == ' ');
    }
    return fmin(widest, WORD_WIDTH_MAX);
}

static double least_width(struct canvas *canvas, const struct pdf_column *column, enum cell cell,
                          const char *text, double whole)
{
    if (cell == CELL_TEXT || cell == CELL_CODE || cell == CELL_DEPLOYMENT || cell == CELL_TIME)
        return fmin(whole, widest_word(canvas, column->style, text));
    return fmin(whole, 2 * WORD_WIDTH_MAX);
}

static void measure(struct canvas *canvas, const struct excerpt *table, struct pdf_column *column)
{
    const struct column *form = &sheet_form(table->sheet)->columns[column->column];
    struct buf buf = {0};
    column->head = widest_word(canvas, CANVAS_CELL_HEAD, form->title);
    for (size_t row = 0; row < table->rows; row++) {
        if (!sheet_has(table->sheet, row, column->column))
            continue;
        const char *text = pdf_columns_text(table->sheet, row, column->column, &buf);
        double whole = width_of(canvas, column->style, text);
        column->whole = fmax(column->whole, whole);
        column->least = fmax(column->least, least_width(canvas, column, form->cell, text, whole));
        column->sum += whole;
        column->filled++;
    }
    /* A head may go over two lines where that makes the column narrower. */
    double title = width_of(canvas, CANVAS_CELL_HEAD, form->title);
    column->least = fmax(column->least, column->head);
    column->whole = fmax(column->whole, fmin(title, fmax(column->head, title * 0.6 + 6)));
    column->whole = fmax(column->whole, column->least);
    buf_free(&buf);
}

/* Between its least width and that of its longest cell: what most of its cells need. */
static double wanted(const struct pdf_column *column)
{
    double mean = column->filled == 0 ? 0 : column->sum / (double)column->filled;
    return fmin(column->whole, fmax(column->least, mean * TIMES_MEAN));
}

/* Raise the columns from narrow to wide, those that need the least first, until the room is used.
 */
static void fill_up(struct pdf_columns *columns, double room)
{
    size_t open = 0;
    for (size_t i = 0; i < columns->count; i++) {
        columns->at[i].width = columns->at[i].narrow;
        room -= columns->at[i].narrow;
        open += columns->at[i].wide > columns->at[i].narrow;
    }
    while (open > 0 && room > 0.01) {
        double share = room / (double)open;
        open = 0;
        for (size_t i = 0; i < columns->count; i++) {
            struct pdf_column *column = &columns->at[i];
            double more = fmin(share, column->wide - column->width);
            column->width += more;
            room -= more;
            open += column->width < column->wide - 0.001;
        }
    }
}

/* Code in so many lines of one length, a hash's 64 digits in 2 times 32; the others share what is
 * left.  False if that does not do. */
static bool fit(struct canvas *canvas, struct pdf_columns *columns, unsigned parts, double room)
{
    const double pitch = canvas_pitch(canvas, CANVAS_CELL_CODE);
    double want = 0, least = 0;
    for (size_t i = 0; i < columns->count; i++) {
        struct pdf_column *column = &columns->at[i];
        bool code = column->style == CANVAS_CELL_CODE;
        double digits = ceil(fmin(column->whole / pitch - 0.1, HASH_DIGITS) / parts);
        double width = fmax(column->head, digits * pitch + 0.3);
        column->narrow = code ? fmin(column->whole, width) : column->least;
        column->wide = code ? column->narrow : column->whole;
        column->wants = code ? column->narrow : wanted(column);
        want += column->wants;
        least += column->narrow;
    }
    for (size_t i = 0; i < columns->count; i++) {
        struct pdf_column *column = &columns->at[i];
        if (least > room)
            column->narrow *= room / least;
        else if (want <= room) /* all have what they want, and more */
            column->narrow = column->wants;
        if (want > room)
            column->wide = fmax(column->narrow, column->wants);
    }
    fill_up(columns, room);
    return least <= room;
}

/* Some of the rows, by the widths of their cells in one line. */
struct some {
    size_t rows;
    double *widths; /* [rows * columns] */
    double *lines;  /* [columns] heights of a line */
};

static void some_new(struct canvas *canvas, const struct excerpt *table,
                     const struct pdf_columns *columns, struct some *ret)
{
    size_t step = table->rows / SOME_ROWS + 1, at = 0;
    struct buf buf = {0};
    ret->rows = (table->rows + step - 1) / step;
    ret->widths = mem_zero(ret->rows * columns->count + 1, sizeof(*ret->widths));
    ret->lines = mem_zero(columns->count + 1, sizeof(*ret->lines));
    for (size_t row = 0; row < table->rows; row += step) {
        for (size_t i = 0; i < columns->count; i++) {
            const struct pdf_column *column = &columns->at[i];
            const char *text = pdf_columns_text(table->sheet, row, column->column, &buf);
            ret->widths[at++] = width_of(canvas, column->style, text);
        }
    }
    for (size_t i = 0; i < columns->count; i++)
        ret->lines[i] = canvas_line(canvas, columns->at[i].style);
    buf_free(&buf);
}

static void some_free(struct some *some)
{
    free(some->widths);
    free(some->lines);
}

/* How high they are about, all together. */
static double height_of_some(const struct some *some, const struct pdf_columns *columns)
{
    const double *width = some->widths;
    double sum = 0;
    for (size_t row = 0; row < some->rows; row++) {
        double height = 0;
        for (size_t i = 0; i < columns->count; i++, width++) {
            const struct pdf_column *column = &columns->at[i];
            bool code = column->style == CANVAS_CELL_CODE;
            double lines = *width <= column->width
                               ? 1
                               : ceil(*width * (code ? 0.99 : BROKEN_SHARE) / column->width);
            height = fmax(height, lines * some->lines[i]);
        }
        sum += height;
    }
    return sum;
}

/* What the rows lose in height if one column gives some of its width to another. */
static double gain(const struct some *some, struct pdf_columns *columns, size_t from, size_t to,
                   double step)
{
    struct pdf_column *gives = &columns->at[from], *takes = &columns->at[to];
    if (from == to || gives->style == CANVAS_CELL_CODE || takes->style == CANVAS_CELL_CODE ||
        gives->width - step < gives->least || takes->width >= takes->whole)
        return 0;
    double before = height_of_some(some, columns);
    gives->width -= step;
    takes->width += step;
    double after = height_of_some(some, columns);
    gives->width += step;
    takes->width -= step;
    return before - after;
}

/* Let columns give to others as long as that makes the rows lower; each time the best that is. */
static void even_out(const struct some *some, struct pdf_columns *columns)
{
    double step = STEP_MOST;
    while (step >= STEP_LEAST) {
        double best = 0.001;
        size_t from = 0, to = 0;
        for (size_t i = 0; i < columns->count * columns->count; i++) {
            double lower = gain(some, columns, i / columns->count, i % columns->count, step);
            if (lower > best) {
                best = lower;
                from = i / columns->count;
                to = i % columns->count;
            }
        }
        columns->at[from].width -= from == to ? 0 : step;
        columns->at[to].width += from == to ? 0 : step;
        step = from == to ? step / 2 : step;
    }
}

static void share_out(struct canvas *canvas, const struct excerpt *table,
                      struct pdf_columns *columns, double room)
{
    double least = INFINITY;
    unsigned best = PARTS_MAX;
    struct some some;
    some_new(canvas, table, columns, &some);
    for (unsigned parts = 1; parts <= PARTS_MAX; parts++) {
        double height = INFINITY;
        if (fit(canvas, columns, parts, room)) {
            even_out(&some, columns);
            height = height_of_some(&some, columns);
        }
        if (height < least - 0.001) {
            least = height;
            best = parts;
        }
    }
    if (fit(canvas, columns, best, room))
        even_out(&some, columns);
    some_free(&some);
}

/* Whether code is more than words, which are read more easily as text is set. */
static bool has_hash(const struct excerpt *table, size_t column)
{
    for (size_t row = 0; row < table->rows; row++) {
        const char *text = sheet_text(table->sheet, row, column);
        for (size_t bytes; text != NULL && *text != '\0'; text += bytes + (text[bytes] == ' ')) {
            bytes = strcspn(text, " ");
            if (bytes > CODE_WORD_BYTES)
                return true;
        }
    }
    return false;
}

static bool stands_right(enum cell cell)
{
    return cell == CELL_EVENT || cell == CELL_COUNT || cell == CELL_NUMBER;
}

void pdf_columns_new(struct canvas *canvas, const struct excerpt *table, double width,
                     struct pdf_columns *ret)
{
    const struct sheet_form *form = sheet_form(table->sheet);
    const struct excerpt whole = {.sheet = table->sheet,
                                  .rows =
                                      table->part != NULL ? sheet_rows(table->sheet) : table->rows};
    bool any_brief = false;
    *ret = (struct pdf_columns){.at = mem_zero(form->column_count + 1, sizeof(*ret->at))};
    for (size_t i = 0; i < form->column_count; i++)
        any_brief = any_brief || form->columns[i].brief;
    for (size_t i = 0; i < form->column_count; i++) {
        enum cell cell = form->columns[i].cell;
        if (any_brief && !form->columns[i].brief)
            continue;
        struct pdf_column *column = &ret->at[ret->count++];
        column->column = i;
        column->style = cell == CELL_CODE && has_hash(&whole, i) ? CANVAS_CELL_CODE : CANVAS_CELL;
        column->right = stands_right(cell);
        measure(canvas, &whole, column);
    }
    share_out(canvas, &whole, ret, width - 2 * PDF_COLUMNS_PAD * (double)ret->count);
    for (size_t i = 0; i < ret->count; i++) {
        ret->at[i].x = ret->width + PDF_COLUMNS_PAD;
        ret->width += ret->at[i].width + 2 * PDF_COLUMNS_PAD;
    }
}

void pdf_columns_free(struct pdf_columns *columns)
{
    free(columns->at);
    *columns = (struct pdf_columns){0};
}
