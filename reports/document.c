#include "reports/document.h"

#include <stdlib.h>

struct document *document_new(const char *title, const char *subtitle)
{
    struct document *document = mem_zero(1, sizeof(*document));
    document->title = mem_text(title);
    document->subtitle = mem_text(subtitle);
    return document;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

static void free_block(struct block *block)
{
    free(block->anchor);
    free(block->text);
    for (size_t i = 0; i < block->fact_count; i++) {
        free(block->facts[i].term);
        free(block->facts[i].text);
    }
    free(block->facts);
    free(block->chart.title);
    free(block->chart.unit);
    free(block->chart.text);
    free_texts(block->chart.labels, block->chart.label_count);
    free_texts(block->chart.series, block->chart.series_count);
    free(block->chart.values);
}

void document_free(struct document *document)
{
    if (document == NULL)
        return;
    for (size_t i = 0; i < document->section_count; i++) {
        struct document_section *section = &document->sections[i];
        for (size_t j = 0; j < section->block_count; j++)
            free_block(&section->blocks[j]);
        free(section->blocks);
        free(section->id);
        free(section->title);
    }
    free(document->sections);
    free(document->title);
    free(document->subtitle);
    free(document->footer);
    free(document->parameters);
    free(document);
}

void document_section(struct document *document, const char *id, const char *title)
{
    struct document_section *section =
        MEM_PUSH(document->sections, document->section_count, document->section_cap);
    section->id = mem_text(id);
    section->title = mem_text(title);
}

static struct document_section *last_section(struct document *document)
{
    ASSERT(document->section_count > 0);
    return &document->sections[document->section_count - 1];
}

struct block *document_block(struct document *document, enum block_kind kind, const char *text)
{
    struct document_section *section = last_section(document);
    struct block *block = MEM_PUSH(section->blocks, section->block_count, section->block_cap);
    block->kind = kind;
    block->text = mem_text(text);
    return block;
}

void document_fact(struct document *document, const char *term, const char *text, bool code)
{
    struct document_section *section = last_section(document);
    struct block *block =
        section->block_count == 0 ? NULL : &section->blocks[section->block_count - 1];
    if (block == NULL || block->kind != BLOCK_FACTS)
        block = document_block(document, BLOCK_FACTS, NULL);
    struct fact *fact = MEM_PUSH(block->facts, block->fact_count, block->fact_cap);
    *fact = (struct fact){mem_text(term), mem_text(text), code};
}

void document_table(struct document *document, const struct sheet *sheet, size_t rows,
                    const char *rest)
{
    size_t all = sheet_rows(sheet);
    struct block *block = document_block(document, BLOCK_TABLE, NULL);
    block->table =
        (struct excerpt){.sheet = sheet, .rows = rows < all ? rows : all, .of = all, .rest = rest};
}

void document_some(struct document *document, const struct sheet *sheet, size_t rows, size_t of,
                   const char *rest)
{
    ASSERT(of <= sheet_rows(sheet));
    document_table(document, sheet, rows < of ? rows : of, rest);
    struct document_section *section = &document->sections[document->section_count - 1];
    struct excerpt *table = &section->blocks[section->block_count - 1].table;
    table->of = of;
    table->bare = true;
}

void document_part(struct document *document, const struct sheet *sheet, size_t first, size_t rows,
                   const char *part)
{
    ASSERT(first + rows <= sheet_rows(sheet));
    struct block *block = document_block(document, BLOCK_TABLE, NULL);
    block->table = (struct excerpt){
        .sheet = sheet, .first = first, .rows = rows, .of = rows, .bare = true, .part = part};
}

void document_chart(struct document *document, const struct chart *chart)
{
    document_block(document, BLOCK_CHART, NULL)->chart = *chart;
}
