#include "reports/insert.h"

#include <stdlib.h>
#include <string.h>

#include "reports/casefile.h"
#include "reports/format.h"
#include "reports/page.h"

static struct buf *add(struct inserts *inserts, const char *name)
{
    struct docket_file *file = MEM_PUSH(inserts->files, inserts->count, inserts->cap);
    file->name = mem_text(name);
    file->data = mem_zero(1, sizeof(*file->data));
    return file->data;
}

static enum err add_format(struct inserts *inserts, const struct report *report,
                           const struct format_file *file, struct err_text *ret_why)
{
    struct output *output = NULL;
    output_memory(&output);
    enum err err = format_write(file, report, output, ret_why);
    if (err == ERR_OK) {
        struct buf *data = add(inserts, file->path);
        *data = output->buf;
        output->buf = (struct buf){0};
    }
    output_free(output);
    return err;
}

enum err insert_report(struct inserts *inserts, struct ledger *ledger, const struct period *period,
                       uint64_t size, unsigned formats, struct err_text *ret_why)
{
    struct params params = {.period = *period,
                            .size = size,
                            .verify = VERIFY_NONE,
                            .sample = PARAMS_SAMPLE_DEFAULT,
                            .seed = PARAMS_SEED_DEFAULT,
                            .rows = PARAMS_ROWS_DEFAULT};
    struct format_file files[FORMAT_FILES_MAX];
    struct report *report = NULL;
    const size_t count = format_files(formats, files);
    enum err err = count > 0 ? report_make(ledger, &params, NULL, &report, ret_why) : ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < count; i++)
        err = add_format(inserts, report, &files[i], ret_why);
    report_free(report);
    return err;
}

enum err insert_dossier(struct inserts *inserts, struct ledger *ledger, const char *id,
                        uint64_t size, struct err_text *ret_why)
{
    const struct casefile_want want = {id, size, VERIFY_NONE};
    struct casefile *casefile = NULL;
    struct buf name = {0};
    enum err err = casefile_make(ledger, &want, &casefile, ret_why);
    if (err == ERR_OK) {
        buf_printf(&name, "%s.html", id);
        page_document(casefile_document(casefile), add(inserts, (const char *)name.data));
    }
    casefile_free(casefile);
    buf_free(&name);
    return err;
}

enum err insert_file(struct inserts *inserts, const char *path, struct err_text *ret_why)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    if (!docket_file_ok(name))
        return err_say(ret_why, ERR_INVALID,
                       "%s: in a bundle a file's name has letters, digits, dots, _ and - alone",
                       path);
    enum err err = files_input(path, TAR_BYTES_MAX, add(inserts, name), ret_why);
    return err == ERR_NOT_FOUND ? ERR_IO : err;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct docket_file *)a)->name, ((const struct docket_file *)b)->name);
}

enum err insert_order(struct inserts *inserts, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    if (inserts->count > 0)
        qsort(inserts->files, inserts->count, sizeof(*inserts->files), compare_names);
    for (size_t i = 1; err == ERR_OK && i < inserts->count; i++) {
        if (strcmp(inserts->files[i - 1].name, inserts->files[i].name) == 0)
            err = err_say(ret_why, ERR_INVALID, "two files are named %s", inserts->files[i].name);
    }
    return err;
}

void insert_free(struct inserts *inserts)
{
    for (size_t i = 0; i < inserts->count; i++) {
        buf_free(inserts->files[i].data);
        free(inserts->files[i].data);
        free(inserts->files[i].name);
    }
    free(inserts->files);
    *inserts = (struct inserts){.count = 0};
}
