/* sheet - rows of typed cells under named columns: what each format of a report renders.
 * Compact: a cell takes eight bytes, and a text is kept once however often it stands in the sheet.
 * Pure: what it is given decides; texts may be hostile and are kept as they are.
 */
#ifndef REPORTS_SHEET_H
#define REPORTS_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"

/* What a column's cells hold.  Any cell may be empty. */
enum cell {
    CELL_TEXT,       /* UTF-8 for people */
    CELL_CODE,       /* text of one form: a hash in hex, a fingerprint, a word of the program's */
    CELL_DEPLOYMENT, /* a deployment's id: leads to its row of the population */
    CELL_EVENT,      /* a seq: leads to the signed event, where that is shown */
    CELL_COUNT,      /* a whole number */
    CELL_NUMBER,     /* a number as its source text */
    CELL_TIME,       /* Unix microseconds */
    CELL_YES         /* true or false */
};

struct column {
    const char *name;  /* of the JSON member and of the CSV column, snake_case */
    const char *title; /* for people */
    enum cell cell;
    bool brief;        /* shown on pages; CSV and JSON have every column */
    const char *means; /* a sentence on it, for the schema */
};

/* What a sheet is; static. */
struct sheet_form {
    const char *name;  /* of the JSON member and of the CSV file, snake_case */
    const char *title; /* a heading */
    const char *intro; /* a sentence under it, or NULL */
    const char *none;  /* what stands where there is no row */
    const struct column *columns;
    size_t column_count;
};

/* A document's table; the caller's until sheet_free. */
struct sheet;

/**
 * sheet_new(form): An empty sheet; ${form} is borrowed for its life.
 * sheet_free(sheet): NULL is fine.
 * sheet_form(sheet): What it is.
 * sheet_rows(sheet): The number of its rows.
 * sheet_column(sheet, name): The index of a column; it must be there.
 */
struct sheet *sheet_new(const struct sheet_form *form);
void sheet_free(struct sheet *sheet);
const struct sheet_form *sheet_form(const struct sheet *sheet);
size_t sheet_rows(const struct sheet *sheet);
size_t sheet_column(const struct sheet *sheet, const char *name);

/**
 * sheet_add(sheet): Begin a new last row; its cells are empty.
 * sheet_put_text, sheet_put_number, sheet_put_yes(sheet, column, value): Fill in a cell of the last
 * row, by a text (NULL and "" leave it empty; of CELL_TEXT, CELL_CODE, CELL_DEPLOYMENT and
 * CELL_NUMBER), a whole number (CELL_COUNT, CELL_EVENT, and CELL_TIME in microseconds, which stays
 * empty from the year 10000 on) or a truth (CELL_YES). sheet_put_hex(sheet, column, data, bytes):
 * The text of ${bytes} bytes in lower-case hex.
 */
void sheet_add(struct sheet *sheet);
void sheet_put_text(struct sheet *sheet, size_t column, const char *text);
void sheet_put_number(struct sheet *sheet, size_t column, uint64_t number);
void sheet_put_yes(struct sheet *sheet, size_t column, bool yes);
void sheet_put_hex(struct sheet *sheet, size_t column, const void *data, size_t bytes);

/**
 * sheet_move(from, to): Append all rows of ${from} to ${to}, of the same form, and leave ${from}
 * empty.
 * sheet_sort(sheet, column): Order the rows by a whole number, empty cells first; rows that are
 * equal stay as they are.
 */
void sheet_move(struct sheet *from, struct sheet *to);
void sheet_sort(struct sheet *sheet, size_t column);

/**
 * sheet_has(sheet, row, column): Whether the cell is filled in.
 * sheet_text, sheet_number, sheet_yes(sheet, row, column): Its value; NULL, 0 and false where it is
 * empty.  Borrowed until the sheet is changed.
 * sheet_print(sheet, row, column, buf): Append it as text: times as RFC 3339 with microseconds,
 * truths as `true` and `false`, nothing where it is empty.
 */
bool sheet_has(const struct sheet *sheet, size_t row, size_t column);
const char *sheet_text(const struct sheet *sheet, size_t row, size_t column);
uint64_t sheet_number(const struct sheet *sheet, size_t row, size_t column);
bool sheet_yes(const struct sheet *sheet, size_t row, size_t column);
void sheet_print(const struct sheet *sheet, size_t row, size_t column, struct buf *buf);

#endif
