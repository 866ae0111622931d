#include "reports/sheet.h"

#include <stdlib.h>
#include <string.h>

#define EMPTY UINT64_MAX               /* no number, time or place of a text comes so far */
#define TIME_END 253402300800000000ULL /* microseconds at the year 10000, which has no RFC 3339 */

/* Texts one behind the other with their NULs, each once; a table of places finds them. */
struct store {
    struct buf bytes;
    uint64_t *places; /* [slots], EMPTY or where a text begins */
    size_t slots;     /* a power of two, or 0 */
    size_t used;
};

struct sheet {
    const struct sheet_form *form;
    uint64_t *cells; /* [rows * columns]: a number, or where a text begins */
    size_t rows, cap;
    struct store texts;
};

/* FNV-1a: where a text is looked for; nothing rests on it but speed. */
static size_t text_hash(const char *text, size_t bytes)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ (uint8_t)text[i]) * 1099511628211u;
    return (size_t)(hash ^ (hash >> 32));
}

static const char *store_at(const struct store *store, uint64_t place)
{
    return (const char *)store->bytes.data + place;
}

static size_t store_slot(const struct store *store, const char *text)
{
    size_t slot = text_hash(text, strlen(text)) & (store->slots - 1);
    while (store->places[slot] != EMPTY && strcmp(store_at(store, store->places[slot]), text) != 0)
        slot = (slot + 1) & (store->slots - 1);
    return slot;
}

static void store_grow(struct store *store)
{
    struct store old = *store;
    store->slots = old.slots == 0 ? 64 : old.slots * 2;
    store->places = mem_alloc(store->slots * sizeof(*store->places));
    memset(store->places, 0xff, store->slots * sizeof(*store->places));
    for (size_t i = 0; i < old.slots; i++) {
        if (old.places[i] != EMPTY)
            store->places[store_slot(store, store_at(store, old.places[i]))] = old.places[i];
    }
    free(old.places);
}

static uint64_t store_put(struct store *store, const char *text)
{
    if (store->used * 2 >= store->slots)
        store_grow(store);
    size_t slot = store_slot(store, text);
    if (store->places[slot] == EMPTY) {
        store->places[slot] = store->bytes.bytes;
        buf_add(&store->bytes, text, strlen(text) + 1);
        store->used++;
    }
    return store->places[slot];
}

static void store_free(struct store *store)
{
    buf_free(&store->bytes);
    free(store->places);
    *store = (struct store){0};
}

struct sheet *sheet_new(const struct sheet_form *form)
{
    struct sheet *sheet = mem_zero(1, sizeof(*sheet));
    sheet->form = form;
    return sheet;
}

void sheet_free(struct sheet *sheet)
{
    if (sheet == NULL)
        return;
    free(sheet->cells);
    store_free(&sheet->texts);
    free(sheet);
}

const struct sheet_form *sheet_form(const struct sheet *sheet)
{
    return sheet->form;
}

size_t sheet_rows(const struct sheet *sheet)
{
    return sheet->rows;
}

size_t sheet_column(const struct sheet *sheet, const char *name)
{
    size_t column = 0;
    while (column < sheet->form->column_count &&
           strcmp(sheet->form->columns[column].name, name) != 0)
        column++;
    ASSERT(column < sheet->form->column_count);
    return column;
}

static bool holds_text(enum cell cell)
{
    return cell == CELL_TEXT || cell == CELL_CODE || cell == CELL_DEPLOYMENT || cell == CELL_NUMBER;
}

static enum cell cell_kind(const struct sheet *sheet, size_t column)
{
    ASSERT(column < sheet->form->column_count);
    return sheet->form->columns[column].cell;
}

static uint64_t *last_cell(struct sheet *sheet, size_t column)
{
    ASSERT(sheet->rows > 0);
    return &sheet->cells[(sheet->rows - 1) * sheet->form->column_count + column];
}

static uint64_t cell_at(const struct sheet *sheet, size_t row, size_t column)
{
    ASSERT(row < sheet->rows);
    return sheet->cells[row * sheet->form->column_count + column];
}

void sheet_add(struct sheet *sheet)
{
    size_t columns = sheet->form->column_count;
    if (sheet->rows == sheet->cap) {
        sheet->cap += sheet->cap / 2 + 16;
        sheet->cells = mem_grow(sheet->cells, sheet->cap * columns, sizeof(*sheet->cells));
    }
    memset(&sheet->cells[sheet->rows * columns], 0xff, columns * sizeof(*sheet->cells));
    sheet->rows++;
}

void sheet_put_text(struct sheet *sheet, size_t column, const char *text)
{
    ASSERT(holds_text(cell_kind(sheet, column)));
    if (text != NULL && text[0] != '\0')
        *last_cell(sheet, column) = store_put(&sheet->texts, text);
}

void sheet_put_number(struct sheet *sheet, size_t column, uint64_t number)
{
    enum cell cell = cell_kind(sheet, column);
    ASSERT(cell == CELL_COUNT || cell == CELL_EVENT || cell == CELL_TIME);
    ASSERT(number != EMPTY);
    if (cell == CELL_TIME && number >= TIME_END)
        return; /* a due far beyond an absurd T0 */
    *last_cell(sheet, column) = number;
}

void sheet_put_yes(struct sheet *sheet, size_t column, bool yes)
{
    ASSERT(cell_kind(sheet, column) == CELL_YES);
    *last_cell(sheet, column) = yes;
}

void sheet_put_hex(struct sheet *sheet, size_t column, const void *data, size_t bytes)
{
    struct buf hex = {0};
    buf_hex(&hex, data, bytes);
    sheet_put_text(sheet, column, (const char *)hex.data);
    buf_free(&hex);
}

void sheet_move(struct sheet *from, struct sheet *to)
{
    ASSERT(from->form == to->form);
    size_t columns = from->form->column_count;
    for (size_t row = 0; row < from->rows; row++) {
        sheet_add(to);
        for (size_t column = 0; column < columns; column++) {
            uint64_t cell = cell_at(from, row, column);
            if (cell != EMPTY && holds_text(cell_kind(from, column)))
                cell = store_put(&to->texts, store_at(&from->texts, cell));
            *last_cell(to, column) = cell;
        }
    }
    from->rows = 0;
    store_free(&from->texts);
}

/* A row's rank, and where it stood. */
struct ranked {
    uint64_t rank;
    size_t row;
};

static int ranked_order(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

void sheet_sort(struct sheet *sheet, size_t column)
{
    size_t columns = sheet->form->column_count;
    ASSERT(!holds_text(cell_kind(sheet, column)));
    struct ranked *order = mem_zero(sheet->rows, sizeof(*order));
    uint64_t *cells = mem_alloc(sheet->rows * columns * sizeof(*cells));
    for (size_t row = 0; row < sheet->rows; row++) /* an empty cell's rank wraps round to 0 */
        order[row] = (struct ranked){cell_at(sheet, row, column) + 1, row};
    if (sheet->rows > 0)
        qsort(order, sheet->rows, sizeof(*order), ranked_order);
    for (size_t row = 0; row < sheet->rows; row++)
        memcpy(&cells[row * columns], &sheet->cells[order[row].row * columns],
               columns * sizeof(*cells));
    free(order);
    free(sheet->cells);
    sheet->cells = cells;
    sheet->cap = sheet->rows;
}

bool sheet_has(const struct sheet *sheet, size_t row, size_t column)
{
    return cell_at(sheet, row, column) != EMPTY;
}

const char *sheet_text(const struct sheet *sheet, size_t row, size_t column)
{
    ASSERT(holds_text(cell_kind(sheet, column)));
    uint64_t cell = cell_at(sheet, row, column);
    return cell == EMPTY ? NULL : store_at(&sheet->texts, cell);
}

uint64_t sheet_number(const struct sheet *sheet, size_t row, size_t column)
{
    ASSERT(!holds_text(cell_kind(sheet, column)));
    uint64_t cell = cell_at(sheet, row, column);
    return cell == EMPTY ? 0 : cell;
}

bool sheet_yes(const struct sheet *sheet, size_t row, size_t column)
{
    return sheet_number(sheet, row, column) == 1;
}

static void print_number(struct buf *buf, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buf_add(buf, digits + at, sizeof(digits) - at);
}

void sheet_print(const struct sheet *sheet, size_t row, size_t column, struct buf *buf)
{
    enum cell cell = cell_kind(sheet, column);
    char time[INSTANT_TEXT_BYTES];
    if (!sheet_has(sheet, row, column))
        return;
    if (holds_text(cell)) {
        buf_text(buf, sheet_text(sheet, row, column));
    } else if (cell == CELL_TIME) {
        instant_format((int64_t)sheet_number(sheet, row, column), time);
        buf_text(buf, time);
    } else if (cell == CELL_YES) {
        buf_text(buf, sheet_yes(sheet, row, column) ? "true" : "false");
    } else {
        print_number(buf, sheet_number(sheet, row, column));
    }
}
