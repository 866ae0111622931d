#include "reports/page.h"

#include <stdlib.h>
#include <string.h>

#include "reports/page_chart.h"
#include "reports/page_table.h"
#include "reports/page_text.h"

static void add_element(struct buf *buf, const char *begin, const char *text, const char *end)
{
    buf_text(buf, begin);
    printable_html(buf, text);
    buf_text(buf, end);
}

/* Line by line, each made harmless by itself. */
static void add_lines(struct buf *buf, const char *text, const char *before, const char *after)
{
    while (text != NULL && *text != '\0') {
        size_t bytes = strcspn(text, "\n");
        char *line = mem_text_n(text, bytes);
        add_element(buf, before, line, after);
        free(line);
        text += bytes + (text[bytes] == '\n');
    }
}

static void add_facts(struct buf *buf, const struct block *block)
{
    buf_text(buf, "<dl>\n");
    for (size_t i = 0; i < block->fact_count; i++) {
        const struct fact *fact = &block->facts[i];
        add_element(buf, "<dt>", fact->term, "</dt>");
        buf_text(buf, fact->code ? "<dd class=\"c\">" : "<dd>");
        page_text_add(buf, fact->text != NULL ? fact->text : "not known");
        buf_text(buf, "</dd>\n");
    }
    buf_text(buf, "</dl>\n");
}

static void add_block(struct buf *buf, const struct block *block, const struct page_links *links)
{
    if (block->anchor != NULL)
        add_element(buf, "<div id=\"", block->anchor, "\">");
    switch (block->kind) {
    case BLOCK_TEXT:
        add_element(buf, "<p>", block->text, "</p>\n");
        break;
    case BLOCK_WARNING:
        add_element(buf, "<p class=\"warn\">", block->text, "</p>\n");
        break;
    case BLOCK_HEADING:
        add_element(buf, "<h3>", block->text, "</h3>\n");
        break;
    case BLOCK_STEPS:
        buf_text(buf, "<ol>\n");
        add_lines(buf, block->text, "<li>", "</li>\n");
        buf_text(buf, "</ol>\n");
        break;
    case BLOCK_CODE:
        buf_text(buf, "<pre>");
        add_lines(buf, block->text, "", "\n");
        buf_text(buf, "</pre>\n");
        break;
    case BLOCK_FACTS:
        add_facts(buf, block);
        break;
    case BLOCK_TABLE:
        page_table_add(buf, &block->table, links);
        break;
    case BLOCK_CHART:
        page_chart_add(buf, &block->chart);
        break;
    }
    if (block->anchor != NULL)
        buf_text(buf, "</div>\n");
}

/* What a policy names an inline style or script by. */
static void add_digest(struct buf *buf, const uint8_t *text, size_t bytes)
{
    uint8_t digest[HASH_BYTES];
    hash_bytes(text, bytes, digest);
    buf_text(buf, "'sha256-");
    buf_base64(buf, digest, sizeof(digest));
    buf_text(buf, "'");
}

/* JSON in an element: `<` cannot end it. */
static void add_parameters(struct buf *buf, const char *json)
{
    if (json == NULL)
        return;
    buf_text(buf, "<script type=\"application/json\" id=\"parameters\">");
    for (; *json != '\0'; json++) {
        if (*json == '<')
            buf_text(buf, "\\u003c");
        else
            buf_add(buf, json, 1);
    }
    buf_text(buf, "</script>\n");
}

static void add_head(struct buf *buf, const struct document *document)
{
    buf_text(buf, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "base-uri 'none'; form-action 'none'; style-src ");
    add_digest(buf, page_style_text, page_style_bytes);
    buf_text(buf, "; script-src ");
    add_digest(buf, page_script_text, page_script_bytes);
    buf_text(buf, "\">\n<meta name=\"viewport\" content=\"width=device-width, "
                  "initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    add_element(buf, "<title>", document->title, "</title>\n");
    buf_text(buf, "<style>");
    buf_add(buf, page_style_text, page_style_bytes);
    buf_text(buf, "</style>\n");
    add_parameters(buf, document->parameters);
    buf_text(buf, "</head>\n<body>\n<a class=\"skip\" href=\"#content\">To the content</a>\n");
}

static void add_contents(struct buf *buf, const struct document *document)
{
    buf_text(buf, "<nav aria-label=\"Contents\"><ul>\n");
    for (size_t i = 0; i < document->section_count; i++) {
        add_element(buf, "<li><a href=\"#", document->sections[i].id, "\">");
        add_element(buf, "", document->sections[i].title, "</a></li>\n");
    }
    buf_text(buf, "</ul></nav>\n");
}

void page_document(const struct document *document, struct buf *buf)
{
    struct page_links links;
    page_links_gather(document, &links);
    add_head(buf, document);
    add_element(buf, "<header>\n<h1>", document->title, "</h1>\n");
    if (document->subtitle != NULL)
        add_element(buf, "<p class=\"soft\">", document->subtitle, "</p>\n");
    if (document->simulated)
        buf_text(buf,
                 "<p class=\"mark\">SIMULATED: a ledger for trying; its times are claimed, not "
                 "admitted.</p>\n");
    add_contents(buf, document);
    buf_text(buf, "</header>\n<main id=\"content\">\n");
    for (size_t i = 0; i < document->section_count; i++) {
        const struct document_section *section = &document->sections[i];
        add_element(buf, "<section id=\"", section->id, "\">");
        add_element(buf, "<h2>", section->title, "</h2>\n");
        for (size_t j = 0; j < section->block_count; j++)
            add_block(buf, &section->blocks[j], &links);
        buf_text(buf, "</section>\n");
    }
    buf_text(buf, "</main>\n");
    if (document->footer != NULL)
        add_element(buf, "<footer><p class=\"soft\">", document->footer, "</p></footer>\n");
    buf_text(buf, "<script>");
    buf_add(buf, page_script_text, page_script_bytes);
    buf_text(buf, "</script>\n</body>\n</html>\n");
    page_links_free(&links);
}
