/* document - a report as its reader sees it: sections of text, facts, tables and charts, in order.
 * HTML and PDF render it; annual and dossier make it.  Pure.
 *
 * Every text in it may come from an event and is hostile: who renders it makes it harmless.
 */
#ifndef REPORTS_DOCUMENT_H
#define REPORTS_DOCUMENT_H

#include "reports/sheet.h"

/* A name and what it says. */
struct fact {
    char *term;
    char *text; /* NULL: not known */
    bool code;  /* in a fixed pitch: a hash, a key */
};

/* Numbers over labels, as bars or as lines; `values` are by series, then by label. */
enum chart_kind { CHART_BARS, CHART_STACKED, CHART_LINES };

struct chart {
    enum chart_kind kind;
    char *title;
    char *unit; /* of the values: "deployments", "hours" */
    char *text; /* what the chart shows, in words, for whoever does not see it */
    char **labels;
    size_t label_count;
    char **series;
    size_t series_count;
    double *values; /* [series_count * label_count]; NAN: not known */
    bool whole;     /* they count something: there is nothing between two whole numbers */
};

/* A table on a page: the brief columns of some rows of a sheet. */
struct excerpt {
    const struct sheet *sheet; /* borrowed */
    size_t first, rows;        /* the first row that is shown, and how many are */
    size_t of;                 /* the rows that it is of, all or some of the sheet's first */
    const char *rest;          /* where the others are, if they are not all; static */
    bool bare;                 /* without the sheet's introduction: what stands before says it */
    const char *part;          /* what these rows are, where the sheet is shown in several parts,
                                  whose columns are of one width; borrowed; or NULL */
};

enum block_kind {
    BLOCK_TEXT,    /* a paragraph */
    BLOCK_WARNING, /* a paragraph that must be seen */
    BLOCK_HEADING, /* a heading within the section */
    BLOCK_STEPS,   /* a numbered list, one step a line of `text` */
    BLOCK_CODE,    /* text as it is, in a fixed pitch, line by line */
    BLOCK_FACTS,
    BLOCK_TABLE,
    BLOCK_CHART
};

struct block {
    enum block_kind kind;
    char *anchor; /* what links may lead to: "seq-17"; or NULL */
    char *text;
    struct fact *facts;
    size_t fact_count, fact_cap;
    struct excerpt table;
    struct chart chart;
};

struct document_section {
    char *id; /* "population": unique in the document, [a-z0-9-] */
    char *title;
    struct block *blocks;
    size_t block_count, block_cap;
};

struct document {
    char *title;
    char *subtitle;
    bool simulated;   /* to be marked on every page */
    char *footer;     /* on every page of a PDF: origin, size, root */
    char *parameters; /* what it was made with, as a JSON object, so that it can be made again;
                         or NULL */
    struct document_section *sections;
    size_t section_count, section_cap;
};

/**
 * document_new(title, subtitle), document_free(document): An empty document; NULL is fine.
 * document_section(document, id, title): Begin a section; what is added goes to the last one.
 * Texts are copied.
 */
struct document *document_new(const char *title, const char *subtitle);
void document_free(struct document *document);
void document_section(struct document *document, const char *id, const char *title);

/**
 * document_block(document, kind, text): Add a block; ${text} may be NULL.  Valid until the next one
 * is added.
 * document_fact(document, term, text, code): Add a fact to the last block, which is made if that is
 * none of facts.
 * document_table(document, sheet, rows, rest): Add a table of the first rows; ${sheet} and ${rest}
 * are borrowed for the document's life.
 * document_some(document, sheet, rows, of, rest): The same of the first ${of} rows alone, for whom
 * what stands before is the introduction.
 * document_part(document, sheet, first, rows, part): Add a table of these rows, one of several that
 * show all of the sheet under the names ${part}; both are borrowed.
 * document_chart(document, chart): Add a chart; what ${chart} owns is the document's then.
 */
struct block *document_block(struct document *document, enum block_kind kind, const char *text);
void document_fact(struct document *document, const char *term, const char *text, bool code);
void document_table(struct document *document, const struct sheet *sheet, size_t rows,
                    const char *rest);
void document_some(struct document *document, const struct sheet *sheet, size_t rows, size_t of,
                   const char *rest);
void document_part(struct document *document, const struct sheet *sheet, size_t first, size_t rows,
                   const char *part);
void document_chart(struct document *document, const struct chart *chart);

#endif
