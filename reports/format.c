#include "reports/format.h"

#include <string.h>

#include "reports/oscal.h"
#include "reports/page.h"
#include "reports/pdf.h"

static enum err write_html(const struct report *report, enum form form, struct output *output,
                           struct err_text *ret_why)
{
    struct document *document = report_document(report);
    (void)form;
    page_document(document, &output->buf);
    document_free(document);
    return output_pass(output, ret_why);
}

static enum err write_json(const struct report *report, enum form form, struct output *output,
                           struct err_text *ret_why)
{
    (void)form;
    return report_json(report, output, ret_why);
}

static enum err write_csv(const struct report *report, enum form form, struct output *output,
                          struct err_text *ret_why)
{
    return form == FORM_COUNT ? report_csv_parameters(report, output, ret_why)
                              : report_csv(report, form, output, ret_why);
}

static enum err digest_json(const struct report *report, uint8_t ret[HASH_BYTES],
                            struct err_text *ret_why)
{
    struct output *output = NULL;
    struct output_end end;
    output_digest(&output);
    enum err err = report_json(report, output, ret_why);
    if (err == ERR_OK)
        err = output_close(output, &end, ret_why);
    if (err == ERR_OK)
        memcpy(ret, end.sha256, HASH_BYTES);
    output_free(output);
    return err;
}

static enum err write_pdf(const struct report *report, enum form form, struct output *output,
                          struct err_text *ret_why)
{
    uint8_t json[HASH_BYTES];
    struct buf carried = {0};
    (void)form;
    enum err err = digest_json(report, json, ret_why);
    if (err != ERR_OK)
        return err;
    params_carried(&report->params, &carried);
    const struct pdf_about about = {report->cover.as_of_us > 0 ? report->cover.as_of_us : 0,
                                    (const char *)carried.data, json};
    struct document *document = report_document(report);
    err = pdf_document(document, &about, &output->buf, ret_why);
    document_free(document);
    buf_free(&carried);
    return err == ERR_OK ? output_pass(output, ret_why) : err;
}

static bool pdf_otherwise(const void *bytes, size_t count)
{
    struct buf its = {0}, ours = {0};
    struct err_text why;
    bool same = pdf_read_versions(bytes, count, &its) && pdf_versions(&ours, &why) == ERR_OK &&
                its.bytes == ours.bytes && memcmp(its.data, ours.data, its.bytes) == 0;
    buf_free(&its);
    buf_free(&ours);
    return !same;
}

static enum err write_oscal(const struct report *report, enum form form, struct output *output,
                            struct err_text *ret_why)
{
    (void)form;
    return oscal_report(report, output, ret_why);
}

static const struct format formats[] = {
    {"html", "report.html", "<!DOCTYPE html>", write_html, true, NULL},
    {"pdf", "report.pdf", "%PDF-", write_pdf, true, pdf_otherwise},
    {"csv", "csv/report.csv", NULL, write_csv, false, NULL},
    {"json", "report.json", "{\"report\":\"", write_json, false, NULL},
    {"oscal", "oscal.json", "{\"assessment-results\":", write_oscal, false, NULL},
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static bool is_csv(const struct format *format)
{
    return format->write == write_csv;
}

unsigned format_all(void)
{
    return (1u << FORMATS) - 1;
}

unsigned format_pdf(void)
{
    unsigned bit = 1;
    for (size_t i = 0; formats[i].write != write_pdf; i++)
        bit <<= 1;
    return bit;
}

bool format_parse(const char *list, unsigned *ret_formats)
{
    unsigned found = 0;
    for (const char *at = list; *at != '\0';) {
        size_t bytes = strcspn(at, ","), i = 0;
        while (i < FORMATS &&
               (strlen(formats[i].name) != bytes || strncmp(formats[i].name, at, bytes) != 0))
            i++;
        if (i == FORMATS)
            return false;
        found |= 1u << i;
        at += bytes + (at[bytes] == ',');
    }
    if (found != 0)
        *ret_formats = found;
    return found != 0;
}

size_t format_files(unsigned wanted, struct format_file ret[FORMAT_FILES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < FORMATS; i++) {
        if ((wanted & (1u << i)) == 0)
            continue;
        ret[count++] = (struct format_file){&formats[i], FORM_COUNT, formats[i].file};
        for (enum form form = 0; is_csv(&formats[i]) && form < FORM_COUNT; form++)
            ret[count++] = (struct format_file){&formats[i], form, forms_csv(form)};
    }
    ASSERT(count <= FORMAT_FILES_MAX);
    return count;
}

enum err format_write(const struct format_file *file, const struct report *report,
                      struct output *output, struct err_text *ret_why)
{
    return file->format->write(report, file->form, output, ret_why);
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool format_known(const char *path, const void *bytes, size_t count, struct format_file *ret)
{
    struct format_file files[FORMAT_FILES_MAX];
    size_t all = format_files(format_all(), files);
    for (size_t i = 0; i < all; i++) {
        const char *begins = files[i].format->begins;
        bool same = begins == NULL
                        ? strcmp(last_name(files[i].path), last_name(path)) == 0
                        : count >= strlen(begins) && memcmp(bytes, begins, strlen(begins)) == 0;
        if (same) {
            *ret = files[i];
            return true;
        }
    }
    return false;
}
