#include "reports/pdf_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORD_WIDTH_MAX 76.0   /* of a word that is not broken */
#define CODE_WIDTH_LEAST 62.0 /* a hash then has four lines */
#define CODE_WORD_BYTES 32    /* a longer word is a hash or a key, and is set as such */
#define TIMES_MEAN 1.7        /* so much of the mean is enough for most cells */

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
    if (column->style == CANVAS_CELL_CODE)
        return fmin(whole, CODE_WIDTH_LEAST);
    if (cell == CELL_TEXT || cell == CELL_CODE || cell == CELL_DEPLOYMENT || cell == CELL_TIME)
        return fmin(whole, widest_word(canvas, column->style, text));
    return fmin(whole, 2 * WORD_WIDTH_MAX);
}

static void measure(struct canvas *canvas, const struct excerpt *table, struct pdf_column *column)
{
    const struct column *form = &sheet_form(table->sheet)->columns[column->column];
    struct buf buf = {0};
    double head = widest_word(canvas, CANVAS_CELL_HEAD, form->title);
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
    column->least = fmax(column->least, head);
    column->whole = fmax(column->whole, fmin(title, fmax(head, title * 0.6 + 6)));
    column->whole = fmax(column->whole, column->least);
    buf_free(&buf);
}

/* Between its least width and that of its longest cell: what most of its cells need. */
static double wanted(const struct pdf_column *column)
{
    double mean = column->filled == 0 ? 0 : column->sum / (double)column->filled;
    return fmin(column->whole, fmax(column->least, mean * TIMES_MEAN));
}

/* Raise the columns from least to most, those that need the least first, until the room is used. */
static void fill_up(struct pdf_columns *columns, double room)
{
    size_t open = 0;
    for (size_t i = 0; i < columns->count; i++) {
        columns->at[i].width = columns->at[i].least;
        room -= columns->at[i].least;
        open += columns->at[i].most > columns->at[i].least;
    }
    while (open > 0 && room > 0.01) {
        double share = room / (double)open;
        open = 0;
        for (size_t i = 0; i < columns->count; i++) {
            struct pdf_column *column = &columns->at[i];
            double more = fmin(share, column->most - column->width);
            column->width += more;
            room -= more;
            open += column->width < column->most - 0.001;
        }
    }
}

/* Code that is broken is broken into parts of one length: all 64 digits of a hash as 2 times 32. */
static void snap_code(struct canvas *canvas, struct pdf_columns *columns)
{
    double pitch =
        width_of(canvas, CANVAS_CELL_CODE, "00000000000") - width_of(canvas, CANVAS_CELL_CODE, "0");
    pitch /= 10;
    for (size_t i = 0; i < columns->count; i++) {
        struct pdf_column *column = &columns->at[i];
        if (column->style != CANVAS_CELL_CODE || column->width >= column->whole)
            continue;
        double digits = ceil((column->whole - 0.1) / pitch - 0.01);
        double parts = ceil(digits / floor(fmax(pitch, column->width - 0.3) / pitch));
        column->least = column->most = fmin(column->width, ceil(digits / parts) * pitch + 0.3);
    }
}

static void share_out(struct canvas *canvas, struct pdf_columns *columns, double room)
{
    double whole = 0, want = 0, least = 0;
    for (size_t i = 0; i < columns->count; i++) {
        whole += columns->at[i].whole;
        want += wanted(&columns->at[i]);
        least += columns->at[i].least;
    }
    for (size_t i = 0; i < columns->count; i++) {
        struct pdf_column *column = &columns->at[i];
        bool most = want <= room; /* all have what they want, and more */
        if (least > room)
            column->least *= room / least;
        column->most = most ? column->whole : wanted(column);
        column->least = most ? wanted(column) : column->least;
    }
    fill_up(columns, room);
    if (whole > room) {
        snap_code(canvas, columns);
        fill_up(columns, room);
    }
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
        column->style = cell == CELL_CODE && has_hash(table, i) ? CANVAS_CELL_CODE : CANVAS_CELL;
        column->right = stands_right(cell);
        measure(canvas, table, column);
    }
    share_out(canvas, ret, width - 2 * PDF_COLUMNS_PAD * (double)ret->count);
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
