#include "reports/pdf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/pdf_block.h"

#define LAYOUT_MARK "countersign-pdf/"
#define LAYOUT LAYOUT_MARK "2" /* another when the same document is set otherwise */
#define LINE_BYTES_MAX 1024    /* of what pdf_versions gives */
#define CONTENTS_GAP 40.0      /* between two columns of the contents, in points */
#define CONTENTS_LINE 16.0

/* Everything that is set, twice. */
struct job {
    const struct document *document;
    const struct document *end; /* the section on the PDF itself */
    struct pdf_flow flow;
    struct paper paper;
    size_t *pages; /* [sections of both] that they begin on */
    size_t pages_all;
};

static const struct document_section *section_at(const struct job *job, size_t index)
{
    size_t own = job->document->section_count;
    return index < own ? &job->document->sections[index] : &job->end->sections[index - own];
}

static size_t section_count(const struct job *job)
{
    return job->document->section_count + job->end->section_count;
}

static void section_name(const struct document_section *section, char ret[CANVAS_NAME_BYTES])
{
    snprintf(ret, CANVAS_NAME_BYTES, "section-%s", section->id);
}

/* A line of the contents: title, page, and a rule between. */
static void add_contents_line(struct job *job, size_t index, struct canvas_box box)
{
    struct canvas *canvas = job->paper.canvas;
    const struct document_section *section = section_at(job, index);
    char name[CANVAS_NAME_BYTES], page[24];
    snprintf(page, sizeof(page), "%zu", job->pages[index]);
    section_name(section, name);
    canvas_open(canvas, "TOCI");
    bool link = canvas_link(canvas, name);
    canvas_lay(canvas, CANVAS_BODY, box.width - 40, section->title);
    double from = box.x + canvas_width(canvas) + 6;
    canvas_draw(canvas, box.x, box.y, 0, 1, CANVAS_LINK);
    canvas_lay(canvas, CANVAS_BODY, 0, page);
    double to = box.x + box.width - canvas_width(canvas);
    canvas_draw(canvas, to, box.y, 0, 1, CANVAS_BLACK);
    if (link)
        canvas_link_end(canvas);
    canvas_close(canvas, "TOCI");
    canvas_rule(canvas, (struct canvas_point){from, box.y + 8.5},
                (struct canvas_point){fmax(from, to - 6), box.y + 8.5}, 0.35, CANVAS_RULE);
}

/* In two columns, on as many pages as they take. */
static void add_contents(struct job *job)
{
    struct paper *paper = &job->paper;
    const double width = (PAPER_RIGHT - PAPER_LEFT - CONTENTS_GAP) / 2;
    size_t count = section_count(job);
    canvas_open(paper->canvas, "TOC");
    for (size_t from = 0, shown; from < count; from += shown) {
        paper_need(paper, CONTENTS_LINE);
        size_t lines = (size_t)(paper_room(paper) / CONTENTS_LINE);
        shown = count - from < 2 * lines ? count - from : 2 * lines;
        size_t left = (shown + 1) / 2;
        for (size_t i = 0; i < shown; i++) {
            double column = i < left ? 0 : width + CONTENTS_GAP;
            double line = (double)(i < left ? i : i - left) * CONTENTS_LINE;
            struct canvas_box box = {PAPER_LEFT + column, paper->y + line, width, CONTENTS_LINE};
            add_contents_line(job, from + i, box);
        }
        paper->y += (double)left * CONTENTS_LINE;
    }
    canvas_close(paper->canvas, "TOC");
}

static void add_front(struct job *job, const struct pdf_about *about)
{
    struct paper *paper = &job->paper;
    struct paper_set set = {.style = CANVAS_TITLE,
                            .ink = CANVAS_ACCENT,
                            .x = PAPER_LEFT,
                            .width = PAPER_RIGHT - PAPER_LEFT,
                            .tag = "H1"};
    paper->y += 60;
    paper_text(paper, &set, job->document->title);
    set.style = CANVAS_SUBTITLE;
    set.ink = CANVAS_GREY;
    set.tag = "P";
    if (job->document->subtitle != NULL) {
        paper->y += 6;
        paper_text(paper, &set, job->document->subtitle);
    }
    paper->y += 16;
    canvas_fill(paper->canvas, (struct canvas_box){PAPER_LEFT, paper->y, 64, 3}, CANVAS_ACCENT);
    paper->y += 26;
    if (about->json != NULL) {
        struct buf digest = {0};
        set.style = CANVAS_SMALL;
        buf_text(&digest, "SHA-256 of the same report as JSON: ");
        buf_hex(&digest, about->json, HASH_BYTES);
        paper_text(paper, &set, (const char *)digest.data);
        paper->y += 18;
        buf_free(&digest);
    }
    add_contents(job);
}

static void add_section(struct job *job, size_t index)
{
    const struct document_section *section = section_at(job, index);
    struct paper *paper = &job->paper;
    const struct paper_set set = {.style = CANVAS_SECTION,
                                  .ink = CANVAS_ACCENT,
                                  .x = PAPER_LEFT,
                                  .width = PAPER_RIGHT - PAPER_LEFT,
                                  .tag = "H2"};
    char name[CANVAS_NAME_BYTES];
    const struct block *first = section->block_count > 0 ? section->blocks : NULL;
    paper_gap(paper, 16);
    paper_need(paper, 60 + pdf_block_least(first));
    paper->section = section->title;
    job->pages[index] = paper->page;
    section_name(section, name);
    canvas_place(paper->canvas, name, paper->y);
    job->flow.outline = canvas_outline(paper->canvas, 0, section->title, name);
    canvas_open(paper->canvas, "Sect");
    paper_text(paper, &set, section->title);
    paper->y += 6;
    for (size_t i = 0; i < section->block_count && !interrupt_came(NULL);)
        i += pdf_block_add(&job->flow, section->blocks + i, section->block_count - i);
    canvas_close(paper->canvas, "Sect");
}

static void set_all(struct job *job, struct canvas *canvas, const struct pdf_about *about)
{
    paper_new(canvas, job->document, &job->paper);
    job->paper.pages = job->pages_all;
    job->flow.paper = &job->paper;
    job->flow.table = job->flow.headings = 0;
    canvas_open(canvas, "Document");
    add_front(job, about);
    paper_break(&job->paper);
    for (size_t i = 0; i < section_count(job); i++)
        add_section(job, i);
    canvas_close(canvas, "Document");
    paper_end(&job->paper);
    job->pages_all = job->paper.page;
}

static void add_versions(const struct fonts *fonts, struct buf *buf)
{
    uint8_t digest[HASH_BYTES];
    buf_text(buf, LAYOUT " ");
    fonts_libraries(buf);
    fonts_digest(fonts, digest);
    buf_text(buf, " fonts=");
    buf_hex(buf, digest, sizeof(digest));
}

static void add_fields(struct canvas *canvas, const struct document *document,
                       const struct pdf_about *about, const char *versions)
{
    struct buf text = {0};
    char time[INSTANT_TEXT_BYTES];
    buf_printf(&text, "%s%s%s", document->title, document->subtitle != NULL ? ", " : "",
               document->subtitle != NULL ? document->subtitle : "");
    canvas_field(canvas, CANVAS_FIELD_TITLE, (const char *)text.data);
    buf_clear(&text);
    buf_printf(&text, "%s;", versions);
    if (about->json != NULL) {
        buf_text(&text, " json=");
        buf_hex(&text, about->json, HASH_BYTES);
        buf_text(&text, ";");
    }
    if (about->carried != NULL)
        buf_printf(&text, " %s", about->carried);
    canvas_field(canvas, CANVAS_FIELD_KEYWORDS, (const char *)text.data);
    canvas_field(canvas, CANVAS_FIELD_CREATOR, "countersign " COUNTERSIGN_VERSION);
    instant_format(about->time_us, time);
    memcpy(time + 19, "Z", 2); /* whole seconds */
    canvas_field(canvas, CANVAS_FIELD_CREATED, time);
    buf_free(&text);
}

enum { FONT_NAME, FONT_VERSION, FONT_PACKAGE, FONT_SHA256 };

static const struct column font_columns[] = {
    {"name", "font", CELL_TEXT, true, "Its name"},
    {"version", "version", CELL_NUMBER, true, "As the file says"},
    {"package", "package", CELL_CODE, true, "Debian's, that it is from"},
    {"sha256", "SHA-256 of the file", CELL_CODE, true, "Of the file"},
};

static const struct sheet_form font_form = {
    "fonts", "Fonts", NULL, "None.", font_columns, sizeof(font_columns) / sizeof(font_columns[0])};

static struct sheet *font_sheet(const struct fonts *fonts)
{
    struct sheet *sheet = sheet_new(&font_form);
    for (size_t i = 0; i < fonts_count(fonts); i++) {
        const struct font *font = fonts_at(fonts, i);
        char version[32];
        snprintf(version, sizeof(version), "%d.%03d", font->version / 65536,
                 font->version % 65536 * 1000 / 65536);
        sheet_add(sheet);
        sheet_put_text(sheet, FONT_NAME, font->name);
        sheet_put_text(sheet, FONT_VERSION, version);
        sheet_put_text(sheet, FONT_PACKAGE, font->package);
        sheet_put_hex(sheet, FONT_SHA256, font->sha256, HASH_BYTES);
    }
    return sheet;
}

static struct document *about_file(const struct pdf_about *about, const char *versions,
                                   const struct sheet *fonts)
{
    struct document *end = document_new("", NULL);
    document_section(end, "this-file", "This file");
    document_block(end, BLOCK_TEXT,
                   "Whoever makes it again from the same entries and parameters has the same "
                   "bytes, if text is set by the same libraries with the same fonts. By others "
                   "it is not comparable; the report as JSON always is.");
    if (about->json != NULL) {
        struct buf digest = {0};
        buf_hex(&digest, about->json, HASH_BYTES);
        document_fact(end, "Report as JSON, SHA-256", (const char *)digest.data, true);
        buf_free(&digest);
    }
    document_fact(end, "Set by", versions, true);
    document_table(end, fonts, sheet_rows(fonts), NULL);
    return end;
}

enum err pdf_document(const struct document *document, const struct pdf_about *about,
                      struct buf *buf, struct err_text *ret_why)
{
    struct fonts *fonts = NULL;
    struct buf versions = {0};
    enum err err = fonts_open("", &fonts, ret_why);
    if (err != ERR_OK)
        return err;
    add_versions(fonts, &versions);
    struct sheet *sheet = font_sheet(fonts);
    struct document *end = about_file(about, (const char *)versions.data, sheet);
    struct canvas *canvas = canvas_new(fonts, PAPER_WIDTH, PAPER_HEIGHT, buf);
    struct pdf_links *links = pdf_links_new(document);
    struct job job = {.document = document, .end = end, .flow = {.links = links}};
    job.pages = mem_zero(section_count(&job), sizeof(*job.pages));
    add_fields(canvas, document, about, (const char *)versions.data);
    canvas_quiet(canvas, true);
    set_all(&job, canvas, about);
    canvas_quiet(canvas, false);
    set_all(&job, canvas, about);
    err = canvas_finish(canvas, ret_why);
    if (interrupt_came(NULL)) /* and what links lead to may be missing */
        err = err_say(ret_why, ERR_IO, "it was interrupted");
    for (size_t i = 0; i < job.flow.table_count; i++)
        pdf_table_free(job.flow.tables[i]);
    free(job.flow.tables);
    free(job.pages);
    pdf_links_free(links);
    canvas_free(canvas);
    document_free(end);
    sheet_free(sheet);
    fonts_free(fonts);
    buf_free(&versions);
    return err;
}

enum err pdf_versions(struct buf *buf, struct err_text *ret_why)
{
    struct fonts *fonts = NULL;
    enum err err = fonts_open("", &fonts, ret_why);
    if (err == ERR_OK)
        add_versions(fonts, buf);
    fonts_free(fonts);
    return err;
}

bool pdf_read_versions(const void *data, size_t bytes, struct buf *buf)
{
    const char *at = memmem(data, bytes, LAYOUT_MARK, sizeof(LAYOUT_MARK) - 1);
    if (at == NULL)
        return false;
    size_t left = bytes - (size_t)(at - (const char *)data);
    const char *end = memchr(at, ';', left < LINE_BYTES_MAX ? left : LINE_BYTES_MAX);
    if (end == NULL)
        return false;
    buf_add(buf, at, (size_t)(end - at));
    return true;
}
