#include "reports/canvas.h"

#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#define TAU 6.283185307179586 /* a whole turn */
#define HATCH 3.0             /* from one slanted line to the next, in points */

struct style {
    const char *family;
    double size; /* points */
    bool bold;
    bool anywhere; /* lines may break within words */
};

static const struct style styles[CANVAS_STYLES] = {
    [CANVAS_TITLE] = {fonts_text, 26, true, false},
    [CANVAS_SUBTITLE] = {fonts_text, 13, false, false},
    [CANVAS_SECTION] = {fonts_text, 16, true, false},
    [CANVAS_HEADING] = {fonts_text, 11, true, false},
    [CANVAS_BODY] = {fonts_text, 9, false, false},
    [CANVAS_STRONG] = {fonts_text, 9, true, false},
    [CANVAS_SMALL] = {fonts_text, 7, false, false},
    [CANVAS_CODE] = {fonts_fixed, 7.2, false, true},
    [CANVAS_CELL] = {fonts_narrow, 7.8, false, false},
    [CANVAS_CELL_HEAD] = {fonts_narrow, 7.8, true, false},
    [CANVAS_CELL_CODE] = {fonts_fixed, 6.2, false, true},
    [CANVAS_CHART] = {fonts_narrow, 7, false, false},
    [CANVAS_MARK] = {fonts_text, 8, true, false},
};

/* The series go from dark to light and on, so that neighbours differ in grey as well. */
static const double inks[CANVAS_INKS][3] = {
    [CANVAS_BLACK] = {0.10, 0.10, 0.12},
    [CANVAS_GREY] = {0.38, 0.40, 0.44},
    [CANVAS_ACCENT] = {0.07, 0.22, 0.40},
    [CANVAS_LINK] = {0.05, 0.30, 0.60},
    [CANVAS_ALARM] = {0.70, 0.10, 0.08},
    [CANVAS_RULE] = {0.80, 0.82, 0.85},
    [CANVAS_PALE] = {0.94, 0.95, 0.97},
    [CANVAS_WARM] = {0.99, 0.95, 0.90},
    [CANVAS_WHITE] = {1, 1, 1},
    [CANVAS_SERIES] = {0.07, 0.22, 0.40},
    [CANVAS_SERIES + 1] = {0.90, 0.55, 0.10},
    [CANVAS_SERIES + 2] = {0.40, 0.16, 0.45},
    [CANVAS_SERIES + 3] = {0.45, 0.75, 0.90},
    [CANVAS_SERIES + 4] = {0.00, 0.45, 0.40},
    [CANVAS_SERIES + 5] = {0.78, 0.78, 0.72},
};

struct canvas {
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoContext *context;
    PangoLayout *layouts[CANVAS_STYLES]; /* made when they are needed */
    enum canvas_style laid;              /* the one that canvas_lay has laid out last */
    double lines[CANVAS_STYLES];         /* heights; 0 until a style's letters are measured, */
    double ascents[CANVAS_STYLES];       /* and with it these, */
    double advances[CANVAS_STYLES][128]; /* and these, of ASCII */
    struct buf text;                     /* what is laid out, made harmless */
    bool quiet;
};

static cairo_status_t write_bytes(void *ctx, const unsigned char *data, unsigned bytes)
{
    buf_add(ctx, data, bytes);
    return CAIRO_STATUS_SUCCESS;
}

struct canvas *canvas_new(const struct fonts *fonts, double width, double height, struct buf *out)
{
    struct canvas *canvas = mem_zero(1, sizeof(*canvas));
    cairo_font_options_t *options = cairo_font_options_create();
    canvas->surface = cairo_pdf_surface_create_for_stream(write_bytes, out, width, height);
    cairo_pdf_surface_restrict_to_version(canvas->surface, CAIRO_PDF_VERSION_1_4);
    canvas->cr = cairo_create(canvas->surface);
    canvas->context = pango_font_map_create_context(fonts_map(fonts));
    pango_context_set_language(canvas->context, pango_language_from_string("en"));
    pango_context_set_base_dir(canvas->context, PANGO_DIRECTION_WEAK_LTR);
    pango_context_set_round_glyph_positions(canvas->context, FALSE);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(canvas->context, options);
    pango_cairo_context_set_resolution(canvas->context, 72);
    cairo_font_options_destroy(options);
    return canvas;
}

enum err canvas_finish(struct canvas *canvas, struct err_text *ret_why)
{
    cairo_status_t status = cairo_status(canvas->cr);
    cairo_surface_finish(canvas->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(canvas->surface);
    if (status != CAIRO_STATUS_SUCCESS)
        return err_say(ret_why, ERR_IO, "the PDF cannot be made: %s",
                       cairo_status_to_string(status));
    return ERR_OK;
}

void canvas_free(struct canvas *canvas)
{
    if (canvas == NULL)
        return;
    for (size_t i = 0; i < CANVAS_STYLES; i++) {
        if (canvas->layouts[i] != NULL)
            g_object_unref(canvas->layouts[i]);
    }
    g_object_unref(canvas->context);
    cairo_destroy(canvas->cr);
    cairo_surface_destroy(canvas->surface);
    buf_free(&canvas->text);
    free(canvas);
}

bool canvas_quiet(struct canvas *canvas, bool quiet)
{
    bool was = canvas->quiet;
    canvas->quiet = quiet;
    return was;
}

bool canvas_is_quiet(const struct canvas *canvas)
{
    return canvas->quiet;
}

void canvas_page(struct canvas *canvas)
{
    if (!canvas->quiet)
        cairo_show_page(canvas->cr);
}

/* A text as it is shown: printable, and not longer than it may be. */
static const char *made_harmless(struct canvas *canvas, const char *text)
{
    size_t bytes = strlen(text);
    buf_clear(&canvas->text);
    buf_text(&canvas->text, "");
    if (bytes > PDF_TEXT_BYTES_MAX) {
        size_t kept = PDF_TEXT_BYTES_MAX;
        while (kept > 0 && ((uint8_t)text[kept] & 0xc0) == 0x80)
            kept--;
        char *beginning = mem_text_n(text, kept);
        printable_add(&canvas->text, beginning);
        free(beginning);
        buf_printf(&canvas->text, " [cut: %zu of %zu bytes; the JSON has them all]", kept, bytes);
    } else {
        printable_add(&canvas->text, text);
    }
    return (const char *)canvas->text.data;
}

void canvas_field(struct canvas *canvas, enum canvas_field field, const char *text)
{
    static const cairo_pdf_metadata_t fields[] = {
        [CANVAS_FIELD_TITLE] = CAIRO_PDF_METADATA_TITLE,
        [CANVAS_FIELD_KEYWORDS] = CAIRO_PDF_METADATA_KEYWORDS,
        [CANVAS_FIELD_CREATOR] = CAIRO_PDF_METADATA_CREATOR,
        [CANVAS_FIELD_CREATED] = CAIRO_PDF_METADATA_CREATE_DATE,
    };
    cairo_pdf_surface_set_metadata(canvas->surface, fields[field], made_harmless(canvas, text));
}

/* What a font is asked for beside its letters; no hyphens where a word is broken: it may be a hash.
 */
static void set_attributes(PangoLayout *layout, const char *features)
{
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    pango_attr_list_insert(attributes, pango_attr_font_features_new(features));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
}

static PangoLayout *layout_of(struct canvas *canvas, enum canvas_style style)
{
    if (canvas->layouts[style] != NULL)
        return canvas->layouts[style];
    const struct style *is = &styles[style];
    PangoLayout *layout = pango_layout_new(canvas->context);
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, is->family);
    pango_font_description_set_size(font, (gint)lround(is->size * PANGO_SCALE));
    pango_font_description_set_weight(font, is->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    set_attributes(layout, "liga=0"); /* so that "file" is found where it stands */
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_auto_dir(layout, !is->anywhere); /* code begins on the left */
    pango_layout_set_wrap(layout, is->anywhere ? PANGO_WRAP_CHAR : PANGO_WRAP_WORD_CHAR);
    return canvas->layouts[style] = layout;
}

size_t canvas_lay(struct canvas *canvas, enum canvas_style style, double width, const char *text)
{
    PangoLayout *layout = layout_of(canvas, style);
    text = made_harmless(canvas, text == NULL ? "" : text);
    pango_layout_set_width(layout, width > 0 ? (int)floor(width * PANGO_SCALE) : -1);
    pango_layout_set_text(layout, text, -1);
    canvas->laid = style;
    return (size_t)pango_layout_get_line_count(layout);
}

double canvas_height(const struct canvas *canvas, size_t from, size_t to)
{
    PangoLayoutIter *line = pango_layout_get_iter(canvas->layouts[canvas->laid]);
    double height = 0;
    for (size_t i = 0; i < to; i++) {
        PangoRectangle box;
        pango_layout_iter_get_line_extents(line, NULL, &box);
        if (i >= from)
            height += (double)box.height / PANGO_SCALE;
        if (!pango_layout_iter_next_line(line))
            break;
    }
    pango_layout_iter_free(line);
    return height;
}

double canvas_width(const struct canvas *canvas)
{
    PangoRectangle box;
    pango_layout_get_extents(canvas->layouts[canvas->laid], NULL, &box);
    return (double)box.width / PANGO_SCALE;
}

static void take_ink(struct canvas *canvas, enum canvas_ink ink)
{
    cairo_set_source_rgb(canvas->cr, inks[ink][0], inks[ink][1], inks[ink][2]);
}

void canvas_draw(struct canvas *canvas, double x, double y, size_t from, size_t to,
                 enum canvas_ink ink)
{
    if (canvas->quiet)
        return;
    PangoLayoutIter *line = pango_layout_get_iter(canvas->layouts[canvas->laid]);
    take_ink(canvas, ink);
    for (size_t i = 0; i < to; i++) {
        PangoRectangle box;
        pango_layout_iter_get_line_extents(line, NULL, &box);
        if (i >= from) {
            int base = pango_layout_iter_get_baseline(line) - box.y;
            cairo_move_to(canvas->cr, x + (double)box.x / PANGO_SCALE,
                          y + (double)base / PANGO_SCALE);
            pango_cairo_show_layout_line(canvas->cr, pango_layout_iter_get_line_readonly(line));
            y += (double)box.height / PANGO_SCALE;
        }
        if (!pango_layout_iter_next_line(line))
            break;
    }
    pango_layout_iter_free(line);
}

/* Letters by themselves, as they are without those beside them; what is laid out stays. */
static void measure_letters(struct canvas *canvas, enum canvas_style style)
{
    PangoRectangle box;
    if (canvas->lines[style] > 0)
        return;
    PangoLayout *layout = pango_layout_copy(layout_of(canvas, style));
    set_attributes(layout, "liga=0,kern=0");
    pango_layout_set_width(layout, -1);
    for (char c = 0x20; c < 0x7f; c++) {
        const char text[] = {c, c, '\0'};
        pango_layout_set_text(layout, text, 2);
        pango_layout_get_extents(layout, NULL, &box);
        canvas->advances[style][(size_t)c] = (double)box.width / PANGO_SCALE / 2;
    }
    canvas->lines[style] = (double)box.height / PANGO_SCALE;
    canvas->ascents[style] = (double)pango_layout_get_baseline(layout) / PANGO_SCALE;
    g_object_unref(layout);
}

double canvas_line(struct canvas *canvas, enum canvas_style style)
{
    measure_letters(canvas, style);
    return canvas->lines[style];
}

double canvas_ascent(struct canvas *canvas, enum canvas_style style)
{
    measure_letters(canvas, style);
    return canvas->ascents[style];
}

double canvas_pitch(struct canvas *canvas, enum canvas_style style)
{
    measure_letters(canvas, style);
    return canvas->advances[style]['0'];
}

bool canvas_estimate(struct canvas *canvas, enum canvas_style style, const char *text,
                     double *ret_width)
{
    double width = 0;
    measure_letters(canvas, style);
    for (const char *at = text; *at != '\0'; at++) {
        if ((uint8_t)*at < 0x20 || (uint8_t)*at >= 0x7f)
            return false;
        width += canvas->advances[style][(size_t)*at];
    }
    *ret_width = width * 1.01 + 0.1;
    return true;
}

void canvas_rule(struct canvas *canvas, struct canvas_point from, struct canvas_point to,
                 double thick, enum canvas_ink ink)
{
    if (canvas->quiet)
        return;
    take_ink(canvas, ink);
    cairo_set_line_width(canvas->cr, thick);
    cairo_move_to(canvas->cr, from.x, from.y);
    cairo_line_to(canvas->cr, to.x, to.y);
    cairo_stroke(canvas->cr);
}

void canvas_fill(struct canvas *canvas, struct canvas_box box, enum canvas_ink ink)
{
    if (canvas->quiet)
        return;
    take_ink(canvas, ink);
    cairo_rectangle(canvas->cr, box.x, box.y, box.width, box.height);
    cairo_fill(canvas->cr);
}

void canvas_hatch(struct canvas *canvas, struct canvas_box box, enum canvas_ink ink)
{
    if (canvas->quiet)
        return;
    cairo_save(canvas->cr);
    take_ink(canvas, ink);
    cairo_rectangle(canvas->cr, box.x, box.y, box.width, box.height);
    cairo_clip(canvas->cr);
    cairo_set_line_width(canvas->cr, 0.6);
    int lines = (int)((box.width + box.height) / HATCH);
    for (int i = 1; i <= lines; i++) {
        double at = i * HATCH;
        cairo_move_to(canvas->cr, box.x + at, box.y);
        cairo_line_to(canvas->cr, box.x + at - box.height, box.y + box.height);
    }
    cairo_stroke(canvas->cr);
    cairo_restore(canvas->cr);
}

void canvas_frame(struct canvas *canvas, struct canvas_box box, double thick, enum canvas_ink ink)
{
    if (canvas->quiet)
        return;
    take_ink(canvas, ink);
    cairo_set_line_width(canvas->cr, thick);
    cairo_rectangle(canvas->cr, box.x, box.y, box.width, box.height);
    cairo_stroke(canvas->cr);
}

void canvas_path(struct canvas *canvas, const struct canvas_point *points, size_t count,
                 size_t dash, enum canvas_ink ink)
{
    static const double dashes[][4] = {{0, 0, 0, 0},   {5, 2, 5, 2}, {1.5, 1.5, 1.5, 1.5},
                                       {6, 2, 1.5, 2}, {3, 3, 3, 3}, {8, 3, 3, 3}};
    if (canvas->quiet || count == 0)
        return;
    dash %= sizeof(dashes) / sizeof(dashes[0]);
    take_ink(canvas, ink);
    cairo_set_line_width(canvas->cr, 1.4);
    cairo_set_line_join(canvas->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_dash(canvas->cr, dashes[dash], dash == 0 ? 0 : 4, 0);
    cairo_move_to(canvas->cr, points[0].x, points[0].y);
    for (size_t i = 1; i < count; i++)
        cairo_line_to(canvas->cr, points[i].x, points[i].y);
    cairo_stroke(canvas->cr);
    cairo_set_dash(canvas->cr, NULL, 0, 0);
}

void canvas_dot(struct canvas *canvas, struct canvas_point point, double radius,
                enum canvas_ink ink)
{
    if (canvas->quiet)
        return;
    take_ink(canvas, ink);
    cairo_new_path(canvas->cr); /* else a line would lead there from the last text */
    cairo_arc(canvas->cr, point.x, point.y, radius, 0, TAU);
    cairo_fill(canvas->cr);
}

void canvas_open(struct canvas *canvas, const char *tag)
{
    if (!canvas->quiet)
        cairo_tag_begin(canvas->cr, tag, NULL);
}

void canvas_close(struct canvas *canvas, const char *tag)
{
    if (!canvas->quiet)
        cairo_tag_end(canvas->cr, tag);
}

/* It stands between quotes in what cairo is told. */
static bool is_name(const char *name)
{
    size_t bytes =
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return bytes > 0 && bytes < CANVAS_NAME_BYTES && name[bytes] == '\0';
}

bool canvas_link(struct canvas *canvas, const char *name)
{
    char attributes[CANVAS_NAME_BYTES + 16];
    if (!is_name(name))
        return false;
    snprintf(attributes, sizeof(attributes), "dest='%s'", name);
    if (!canvas->quiet)
        cairo_tag_begin(canvas->cr, CAIRO_TAG_LINK, attributes);
    return true;
}

void canvas_link_end(struct canvas *canvas)
{
    if (!canvas->quiet)
        cairo_tag_end(canvas->cr, CAIRO_TAG_LINK);
}

void canvas_place(struct canvas *canvas, const char *name, double y)
{
    char attributes[CANVAS_NAME_BYTES + 64];
    if (canvas->quiet || !is_name(name))
        return;
    snprintf(attributes, sizeof(attributes), "name='%s' x=0 y=%d", name, (int)lround(y));
    cairo_tag_begin(canvas->cr, CAIRO_TAG_DEST, attributes);
    cairo_tag_end(canvas->cr, CAIRO_TAG_DEST);
}

int canvas_outline(struct canvas *canvas, int parent, const char *title, const char *name)
{
    char attributes[CANVAS_NAME_BYTES + 16];
    if (canvas->quiet || !is_name(name))
        return parent;
    snprintf(attributes, sizeof(attributes), "dest='%s'", name);
    return cairo_pdf_surface_add_outline(canvas->surface, parent, made_harmless(canvas, title),
                                         attributes, CAIRO_PDF_OUTLINE_FLAG_OPEN);
}
