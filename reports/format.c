#include "reports/format.h"

#include <string.h>

#include "reports/page.h"

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

static const struct format formats[] = {
    {"html", "report.html", "<!DOCTYPE html>", write_html, true, NULL},
    {"csv", "csv/report.csv", NULL, write_csv, false, NULL},
    {"json", "report.json", "{\"report\":\"", write_json, false, NULL},
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
