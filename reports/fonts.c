#include "reports/fonts.h"

#include <fontconfig/fontconfig.h>
#include <freetype/freetype.h>
#include <fribidi.h>
#include <hb.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define ROBOTO "/usr/share/fonts/truetype/roboto/unhinted/"
#define DEJAVU "/usr/share/fonts/truetype/dejavu/"
#define NOTO "/usr/share/fonts/truetype/noto/NotoSans"

static const struct {
    const char *package, *path;
} files[] = {
    {"fonts-roboto-unhinted", ROBOTO "RobotoTTF/Roboto-Regular.ttf"},
    {"fonts-roboto-unhinted", ROBOTO "RobotoTTF/Roboto-Bold.ttf"},
    {"fonts-roboto-unhinted", ROBOTO "RobotoCondensed-Regular.ttf"},
    {"fonts-roboto-unhinted", ROBOTO "RobotoCondensed-Bold.ttf"},
    {"fonts-dejavu-core", DEJAVU "DejaVuSansMono.ttf"},
    {"fonts-dejavu-core", DEJAVU "DejaVuSans.ttf"},
    {"fonts-noto-ui-core", NOTO "ArabicUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "BengaliUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "DevanagariUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "GujaratiUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "GurmukhiUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "KannadaUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "KhmerUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "LaoUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "MalayalamUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "MyanmarUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "OriyaUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "SinhalaUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "TamilUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "TeluguUI-Regular.ttf"},
    {"fonts-noto-ui-core", NOTO "ThaiUI-Regular.ttf"},
    {"fonts-droid-fallback", "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"},
    {"fonts-droid-fallback", "/usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf"},
    {"fonts-symbola", "/usr/share/fonts/truetype/ancient-scripts/Symbola_hint.ttf"},
};

#define FILES (sizeof(files) / sizeof(files[0]))

#define OTHERS                                                                                     \
    ",Noto Sans Arabic UI,Noto Sans Bengali UI,Noto Sans Devanagari UI,Noto Sans Gujarati UI,"     \
    "Noto Sans Gurmukhi UI,Noto Sans Kannada UI,Noto Sans Khmer UI,Noto Sans Lao UI,"              \
    "Noto Sans Malayalam UI,Noto Sans Myanmar UI,Noto Sans Oriya UI,Noto Sans Sinhala UI,"         \
    "Noto Sans Tamil UI,Noto Sans Telugu UI,Noto Sans Thai UI,DejaVu Sans,Droid Sans Fallback,"    \
    "Symbola"

const char fonts_text[] = "Roboto" OTHERS;
const char fonts_narrow[] = "Roboto Condensed" OTHERS;
const char fonts_fixed[] = "DejaVu Sans Mono" OTHERS;

/* The two families that pango asks for by itself: for emoji, and for the code points that stand
 * where no font has a letter. */
static const char rules[] =
    "<?xml version='1.0'?><fontconfig>"
    "<match target='pattern'><test name='family'><string>emoji</string></test>"
    "<edit name='family' mode='assign_replace'><string>Symbola</string></edit></match>"
    "<match target='pattern'><test name='family'><string>monospace</string></test>"
    "<edit name='family' mode='assign_replace'><string>DejaVu Sans Mono</string></edit></match>"
    "</fontconfig>";

struct fonts {
    FcConfig *config;
    PangoFontMap *map;
    struct font fonts[FILES];
};

static const FcChar8 *fc_text(const char *text)
{
    return (const FcChar8 *)text;
}

static enum err read_font(struct fonts *fonts, const char *root, size_t index,
                          struct err_text *ret_why)
{
    struct font *font = &fonts->fonts[index];
    struct buf bytes = {0};
    buf_printf(&bytes, "%s%s", root, files[index].path);
    *font = (struct font){.path = buf_take_text(&bytes), .package = files[index].package};
    enum err err = files_input(font->path, PDF_FONT_BYTES_MAX, &bytes, ret_why);
    if (err == ERR_NOT_FOUND)
        err = err_say(ret_why, ERR_IO, "a PDF is set in %s, which is not there: install %s",
                      font->path, font->package);
    if (err == ERR_OK)
        hash_bytes(bytes.data, bytes.bytes, font->sha256);
    buf_free(&bytes);
    if (err == ERR_OK && !FcConfigAppFontAddFile(fonts->config, fc_text(font->path)))
        err = err_say(ret_why, ERR_IO, "%s cannot be read as a font", font->path);
    return err;
}

/* Names and versions, as fontconfig has found them in the files. */
static void name_fonts(struct fonts *fonts)
{
    const FcFontSet *set = FcConfigGetFonts(fonts->config, FcSetApplication);
    for (int i = 0; set != NULL && i < set->nfont; i++) {
        FcChar8 *path = NULL, *name = NULL;
        int version = 0;
        FcPatternGetString(set->fonts[i], FC_FILE, 0, &path);
        FcPatternGetInteger(set->fonts[i], FC_FONTVERSION, 0, &version);
        name = FcPatternFormat(set->fonts[i], fc_text("%{family[0]} %{style[0]}"));
        for (size_t j = 0; j < FILES && path != NULL; j++) {
            if (fonts->fonts[j].name == NULL &&
                strcmp(fonts->fonts[j].path, (const char *)path) == 0) {
                fonts->fonts[j].name = mem_text((const char *)name);
                fonts->fonts[j].version = version;
            }
        }
        FcStrFree(name);
    }
}

enum err fonts_open(const char *root, struct fonts **ret_fonts, struct err_text *ret_why)
{
    struct fonts *fonts = mem_zero(1, sizeof(*fonts));
    enum err err = ERR_OK;
    if (setenv("PANGO_LANGUAGE", "en", 1) != 0 || (fonts->config = FcConfigCreate()) == NULL ||
        !FcConfigParseAndLoadFromMemory(fonts->config, fc_text(rules), FcTrue) ||
        !FcConfigSetCurrent(fonts->config))
        err = err_say(ret_why, ERR_IO, "fontconfig does not start");
    for (size_t i = 0; err == ERR_OK && i < FILES; i++)
        err = read_font(fonts, root, i, ret_why);
    if (err != ERR_OK)
        goto out;
    name_fonts(fonts);
    fonts->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    ASSERT(fonts->map != NULL);
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts->map), fonts->config);
    *ret_fonts = fonts;
    fonts = NULL;
out:
    fonts_free(fonts);
    return err;
}

void fonts_free(struct fonts *fonts)
{
    if (fonts == NULL)
        return;
    if (fonts->map != NULL) {
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts->map), NULL); /* it keeps it else */
        g_object_unref(fonts->map);
    }
    if (fonts->config != NULL)
        FcConfigDestroy(fonts->config);
    for (size_t i = 0; i < FILES; i++) {
        free(fonts->fonts[i].name);
        free(fonts->fonts[i].path);
    }
    free(fonts);
}

struct _PangoFontMap *fonts_map(const struct fonts *fonts)
{
    return fonts->map;
}

size_t fonts_count(const struct fonts *fonts)
{
    (void)fonts;
    return FILES;
}

const struct font *fonts_at(const struct fonts *fonts, size_t index)
{
    ASSERT(index < FILES);
    return &fonts->fonts[index];
}

void fonts_libraries(struct buf *buf)
{
    static const char before[] = "(GNU FriBidi) "; /* the version, in what it says of itself */
    const char *fribidi = fribidi_version_info;
    if (strncmp(fribidi, before, sizeof(before) - 1) == 0)
        fribidi += sizeof(before) - 1;
    int fontconfig = FcGetVersion();
    FT_Library freetype = NULL;
    FT_Int major = 0, minor = 0, patch = 0;
    if (FT_Init_FreeType(&freetype) == 0) {
        FT_Library_Version(freetype, &major, &minor, &patch);
        FT_Done_FreeType(freetype);
    }
    buf_printf(buf, "cairo=%s pango=%s harfbuzz=%s", cairo_version_string(), pango_version_string(),
               hb_version_string());
    buf_printf(buf, " freetype=%d.%d.%d fontconfig=%d.%d.%d", major, minor, patch,
               fontconfig / 10000, fontconfig / 100 % 100, fontconfig % 100);
    buf_printf(buf, " fribidi=%.*s glib=%u.%u.%u zlib=%s", (int)strcspn(fribidi, "\n"), fribidi,
               glib_major_version, glib_minor_version, glib_micro_version, zlibVersion());
}

void fonts_digest(const struct fonts *fonts, uint8_t ret[HASH_BYTES])
{
    struct buf all = {0};
    for (size_t i = 0; i < FILES; i++)
        buf_add(&all, fonts->fonts[i].sha256, HASH_BYTES);
    hash_bytes(all.data, all.bytes, ret);
    buf_free(&all);
}
