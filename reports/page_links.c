#include "reports/page_links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POPULATION "population" /* the sheet whose rows links to deployments lead to */

static int name_order(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;
    return strcmp(*a, *b);
}

static bool known(const char *const *names, size_t count, const char *name)
{
    return count > 0 && bsearch(&name, names, count, sizeof(*names), name_order) != NULL;
}

static void add_deployments(struct page_links *links, const struct excerpt *table)
{
    const struct sheet_form *form = sheet_form(table->sheet);
    if (strcmp(form->name, POPULATION) != 0)
        return;
    for (size_t row = 0; row < table->rows; row++) {
        const char *id = sheet_text(table->sheet, row, sheet_column(table->sheet, "deployment"));
        *(const char **)MEM_PUSH(links->deployments, links->deployment_count,
                                 links->deployment_cap) = id;
    }
}

void page_links_gather(const struct document *document, struct page_links *ret_links)
{
    struct page_links *links = ret_links;
    *links = (struct page_links){0};
    for (size_t i = 0; i < document->section_count; i++) {
        for (size_t j = 0; j < document->sections[i].block_count; j++) {
            const struct block *block = &document->sections[i].blocks[j];
            if (block->kind == BLOCK_TABLE)
                add_deployments(links, &block->table);
            if (block->anchor != NULL)
                *(const char **)MEM_PUSH(links->anchors, links->anchor_count, links->anchor_cap) =
                    block->anchor;
        }
    }
    if (links->deployment_count > 0)
        qsort(links->deployments, links->deployment_count, sizeof(char *), name_order);
    if (links->anchor_count > 0)
        qsort(links->anchors, links->anchor_count, sizeof(char *), name_order);
}

void page_links_free(struct page_links *links)
{
    free(links->deployments);
    free(links->anchors);
    *links = (struct page_links){0};
}

static void add_link(struct buf *buf, const char *prefix, const char *name)
{
    buf_printf(buf, "<a href=\"#%s", prefix);
    printable_html(buf, name);
    buf_text(buf, "\">");
    printable_html(buf, name);
    buf_text(buf, "</a>");
}

void page_links_deployment(const struct page_links *links, const struct sheet *sheet,
                           const char *id, struct buf *buf)
{
    if (strcmp(sheet_form(sheet)->name, POPULATION) == 0) {
        buf_text(buf, "<strong id=\"d-");
        printable_html(buf, id);
        buf_text(buf, "\">");
        printable_html(buf, id);
        buf_text(buf, "</strong>");
    } else if (known(links->deployments, links->deployment_count, id)) {
        add_link(buf, "d-", id);
    } else {
        printable_html(buf, id);
    }
}

void page_links_event(const struct page_links *links, uint64_t seq, struct buf *buf)
{
    char name[40], number[32];
    snprintf(number, sizeof(number), "%llu", (unsigned long long)seq);
    snprintf(name, sizeof(name), "seq-%s", number);
    if (known(links->anchors, links->anchor_count, name))
        add_link(buf, "seq-", number);
    else
        buf_text(buf, number);
}
