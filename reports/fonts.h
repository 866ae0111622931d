/* fonts - the fonts that a PDF is set in, and what set it: files of Debian's packages and nothing
 * else that the machine has, whatever its fonts, fontconfig's files, environment and locale.
 */
#ifndef REPORTS_FONTS_H
#define REPORTS_FONTS_H

#include "ledger/ledger.h"

/* Families, as pango takes them; each goes on with what has the letters that it has not. */
extern const char fonts_text[], fonts_narrow[], fonts_fixed[];

/* One file. */
struct font {
    char *path;
    const char *package; /* Debian's; static */
    char *name;          /* "Roboto Condensed Bold" */
    int version;         /* as the file says, in 65,536ths */
    uint8_t sha256[HASH_BYTES];
};

/* The font map is pango's. */
struct fonts;
struct _PangoFontMap;

/**
 * fonts_open(root, ret_fonts, ret_why): Read the fonts, whose paths are below ${root} (""); free
 * with fonts_free.  Makes them all that fontconfig knows in this process, and sets PANGO_LANGUAGE
 * in the environment, by which pango else takes letters for those of the reader's language.
 * Cost: reads some 20 MB.  Errors: IO (also where a file is missing: which package has it).
 * fonts_free(fonts): NULL is fine.  What fontconfig itself keeps stays until the process ends: a
 * thread of pango's may still be looking at it.
 */
MUST_CHECK enum err fonts_open(const char *root, struct fonts **ret_fonts,
                               struct err_text *ret_why);
void fonts_free(struct fonts *fonts);

/**
 * fonts_map(fonts): The font map; borrowed.
 * fonts_count(fonts), fonts_at(fonts, index): The files.
 */
struct _PangoFontMap *fonts_map(const struct fonts *fonts);
size_t fonts_count(const struct fonts *fonts);
const struct font *fonts_at(const struct fonts *fonts, size_t index);

/**
 * fonts_libraries(buf): Append the libraries that set text and write PDF with their versions:
 * "cairo=1.16.0 pango=1.50.12 ...", the same line for the same output.
 * fonts_digest(fonts, ret): SHA-256 over the digests of all files.
 */
void fonts_libraries(struct buf *buf);
void fonts_digest(const struct fonts *fonts, uint8_t ret[HASH_BYTES]);

#endif
