#include "reports/pdf_links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POPULATION "population" /* the sheet whose rows links to deployments lead to */
#define DEPLOYMENT "deployment" /* its column */

/* A place by its name; the first in the document of those that share one. */
struct place {
    const char *name; /* borrowed from the document */
    const struct block *block;
    size_t order;
};

struct places {
    struct place *at; /* sorted */
    size_t count, cap;
};

struct pdf_links {
    struct places deployments, anchors;
};

static int place_order(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : a->order < b->order ? -1 : a->order > b->order;
}

static int name_order(const void *name, const void *place)
{
    return strcmp(name, ((const struct place *)place)->name);
}

static void add(struct places *places, const char *name, const struct block *block)
{
    size_t order = places->count;
    *(struct place *)MEM_PUSH(places->at, places->count, places->cap) =
        (struct place){name, block, order};
}

/* Sorted, and each name once. */
static void settle(struct places *places)
{
    size_t kept = 0;
    if (places->count > 0)
        qsort(places->at, places->count, sizeof(*places->at), place_order);
    for (size_t i = 0; i < places->count; i++) {
        if (kept == 0 || strcmp(places->at[kept - 1].name, places->at[i].name) != 0)
            places->at[kept++] = places->at[i];
    }
    places->count = kept;
}

static const struct place *find(const struct places *places, const char *name)
{
    return places->count == 0
               ? NULL
               : bsearch(name, places->at, places->count, sizeof(*places->at), name_order);
}

bool pdf_links_are(const struct sheet *sheet)
{
    return strcmp(sheet_form(sheet)->name, POPULATION) == 0;
}

static void add_block(struct pdf_links *links, const struct block *block)
{
    const struct excerpt *table = &block->table;
    if (block->anchor != NULL)
        add(&links->anchors, block->anchor, block);
    if (block->kind != BLOCK_TABLE || !pdf_links_are(table->sheet))
        return;
    for (size_t row = 0; row < table->rows; row++) {
        const char *id = sheet_text(table->sheet, row, sheet_column(table->sheet, DEPLOYMENT));
        if (id != NULL)
            add(&links->deployments, id, block);
    }
}

struct pdf_links *pdf_links_new(const struct document *document)
{
    struct pdf_links *links = mem_zero(1, sizeof(*links));
    for (size_t i = 0; i < document->section_count; i++) {
        for (size_t j = 0; j < document->sections[i].block_count; j++)
            add_block(links, &document->sections[i].blocks[j]);
    }
    settle(&links->deployments);
    settle(&links->anchors);
    return links;
}

void pdf_links_free(struct pdf_links *links)
{
    if (links == NULL)
        return;
    free(links->deployments.at);
    free(links->anchors.at);
    free(links);
}

static bool deployment_name(const char *id, char ret_name[CANVAS_NAME_BYTES])
{
    int bytes = snprintf(ret_name, CANVAS_NAME_BYTES, "d-%s", id);
    return bytes > 0 && bytes < CANVAS_NAME_BYTES;
}

bool pdf_links_cell(const struct pdf_links *links, const struct sheet *sheet, size_t row,
                    size_t column, char ret_name[CANVAS_NAME_BYTES])
{
    enum cell cell = sheet_form(sheet)->columns[column].cell;
    if (!sheet_has(sheet, row, column))
        return false;
    if (cell == CELL_EVENT) {
        snprintf(ret_name, CANVAS_NAME_BYTES, "seq-%llu",
                 (unsigned long long)sheet_number(sheet, row, column));
        return find(&links->anchors, ret_name) != NULL;
    }
    if (cell != CELL_DEPLOYMENT || pdf_links_are(sheet))
        return false;
    const char *id = sheet_text(sheet, row, column);
    return find(&links->deployments, id) != NULL && deployment_name(id, ret_name);
}

bool pdf_links_row(const struct sheet *sheet, size_t row, char ret_name[CANVAS_NAME_BYTES])
{
    const char *id =
        pdf_links_are(sheet) ? sheet_text(sheet, row, sheet_column(sheet, DEPLOYMENT)) : NULL;
    return id != NULL && deployment_name(id, ret_name);
}

bool pdf_links_first(const struct pdf_links *links, const struct block *block)
{
    const struct place *place = block->anchor == NULL ? NULL : find(&links->anchors, block->anchor);
    return place != NULL && place->block == block;
}
