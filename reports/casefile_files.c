#include "reports/casefile_files.h"

#include <stdlib.h>
#include <string.h>

#include "reports/page.h"
#include "reports/pdf.h"

typedef enum err render_fn(struct casefile *casefile, struct buf *buf, struct err_text *ret_why);

static enum err render_html(struct casefile *casefile, struct buf *buf, struct err_text *ret_why)
{
    (void)ret_why;
    page_document(casefile_document(casefile), buf);
    return ERR_OK;
}

static enum err render_pdf(struct casefile *casefile, struct buf *buf, struct err_text *ret_why)
{
    struct document *document = casefile_document(casefile);
    const struct pdf_about about = {.time_us = casefile_time_us(casefile),
                                    .carried = casefile_carried(casefile)};
    return pdf_document(document, &about, buf, ret_why);
}

static const struct {
    const char *name;
    unsigned format;
    render_fn *render;
} renderers[] = {{"html", CASEFILE_HTML, render_html}, {"pdf", CASEFILE_PDF, render_pdf}};

#define RENDERERS (sizeof(renderers) / sizeof(renderers[0]))

bool casefile_files_parse(const char *list, unsigned *ret_formats)
{
    unsigned found = 0;
    for (const char *at = list; *at != '\0';) {
        size_t bytes = strcspn(at, ","), i = 0;
        while (i < RENDERERS &&
               (strlen(renderers[i].name) != bytes || strncmp(renderers[i].name, at, bytes) != 0))
            i++;
        if (i == RENDERERS)
            return false;
        found |= renderers[i].format;
        at += bytes + (at[bytes] == ',');
    }
    if (found != 0)
        *ret_formats = found;
    return found != 0;
}

enum err casefile_files_render(struct casefile *casefile, unsigned format, struct output *output,
                               struct err_text *ret_why)
{
    render_fn *render = NULL;
    for (size_t i = 0; i < RENDERERS; i++)
        render = renderers[i].format == format ? renderers[i].render : render;
    ASSERT(render != NULL);
    return render(casefile, &output->buf, ret_why);
}

static enum err write_one(struct casefile *casefile, size_t renderer, const char *dir,
                          json_t *files, struct err_text *ret_why)
{
    struct output *output = NULL;
    struct output_end end;
    struct buf name = {0};
    buf_printf(&name, "%s.%s", casefile_id(casefile), renderers[renderer].name);
    char *path = files_path(dir, (const char *)name.data);
    enum err err = output_file(path, &output, ret_why);
    if (err == ERR_OK)
        err = renderers[renderer].render(casefile, &output->buf, ret_why);
    if (err == ERR_OK)
        err = output_close(output, &end, ret_why);
    if (err == ERR_OK)
        json_array_append_new(files, output_row((const char *)name.data, &end));
    output_free(output);
    free(path);
    buf_free(&name);
    return err;
}

enum err casefile_files_write(struct casefile *casefile, unsigned formats, const char *dir,
                              json_t **ret_files, struct err_text *ret_why)
{
    json_t *files = json_array();
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < RENDERERS; i++) {
        if ((formats & renderers[i].format) != 0)
            err = write_one(casefile, i, dir, files, ret_why);
    }
    if (err == ERR_OK)
        *ret_files = json_incref(files);
    json_decref(files);
    return err;
}
