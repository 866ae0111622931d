#include "reports/insert.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/casefile_files.h"
#include "reports/format.h"

#define SCRATCH_MODE 0600

void insert_begin(const char *path, struct inserts *ret_inserts)
{
    *ret_inserts = (struct inserts){.source = {.fd = -1}, .beside = path};
}

/* Where the file systems know files without names, and where they do not. */
static int open_scratch(const char *dir)
{
    struct buf path = {0};
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, SCRATCH_MODE);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        buf_printf(&path, "%s/.countersign.%ld", dir, (long)getpid());
        fd = open((const char *)path.data, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, SCRATCH_MODE);
        if (fd >= 0)
            unlink((const char *)path.data);
    }
    buf_free(&path);
    return fd;
}

static enum err have_scratch(struct inserts *inserts, struct err_text *ret_why)
{
    const char *slash = strrchr(inserts->beside, '/'), *temp = getenv("TMPDIR");
    if (inserts->source.fd >= 0)
        return ERR_OK;
    char *dir = strcmp(inserts->beside, "-") == 0 ? mem_text(temp != NULL ? temp : "/tmp")
                : slash == NULL                   ? mem_text(".")
                : slash == inserts->beside
                    ? mem_text("/")
                    : mem_text_n(inserts->beside, (size_t)(slash - inserts->beside));
    inserts->source.fd = open_scratch(dir);
    enum err err =
        inserts->source.fd >= 0
            ? ERR_OK
            : err_say(ret_why, ERR_IO, "no file can be made in %s: %s", dir, strerror(errno));
    free(dir);
    return err;
}

/* Where the next file goes. */
static enum err begin(struct inserts *inserts, struct output **ret_output, struct err_text *ret_why)
{
    enum err err = have_scratch(inserts, ret_why);
    if (err == ERR_OK)
        output_onto(inserts->source.fd, ret_output);
    return err;
}

/* Its end, if ${err} is none. */
static enum err end(struct inserts *inserts, struct output *output, const char *name, enum err err,
                    struct err_text *ret_why)
{
    struct output_end made;
    if (err == ERR_OK)
        err = output_close(output, &made, ret_why);
    output_free(output);
    if (err != ERR_OK)
        return err;
    *(struct docket_file *)MEM_PUSH(inserts->files, inserts->count, inserts->cap) =
        (struct docket_file){mem_text(name), inserts->source.bytes, made.bytes};
    inserts->source.bytes += made.bytes;
    return ERR_OK;
}

static void show_gathered(void *ctx, uint64_t done, uint64_t total)
{
    progress_draw(ctx, "for the report, deployments: %" PRIu64 " of %" PRIu64, done, total);
}

static enum err add_format(struct inserts *inserts, const struct report *report,
                           const struct format_file *file, struct err_text *ret_why)
{
    struct output *output = NULL;
    enum err err = begin(inserts, &output, ret_why);
    if (err == ERR_OK)
        err = format_write(file, report, output, ret_why);
    if (err == ERR_OK && interrupt_came(NULL))
        err = err_say(ret_why, ERR_BUSY, "stopped: nothing was written");
    return end(inserts, output, file->path, err, ret_why);
}

enum err insert_report(struct inserts *inserts, struct ledger *ledger,
                       const struct insert_want *want, struct err_text *ret_why)
{
    struct params params = {.period = want->period,
                            .size = want->size,
                            .verify = VERIFY_NONE,
                            .sample = PARAMS_SAMPLE_DEFAULT,
                            .seed = PARAMS_SEED_DEFAULT,
                            .rows = PARAMS_ROWS_DEFAULT};
    struct progress progress = progress_begin();
    const struct report_watch watched = {
        .progress = show_gathered, .stop = interrupt_came, .ctx = &progress};
    struct format_file files[FORMAT_FILES_MAX];
    struct report *report = NULL;
    const size_t count = format_files(want->formats, files);
    enum err err = count > 0 ? report_make(ledger, &params, &watched, &report, ret_why) : ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < count; i++)
        err = add_format(inserts, report, &files[i], ret_why);
    report_free(report);
    progress_end(&progress);
    return err;
}

static enum err add_dossier(struct inserts *inserts, struct casefile *casefile, unsigned format,
                            struct err_text *ret_why)
{
    struct output *output = NULL;
    struct buf name = {0};
    buf_printf(&name, "%s.%s", casefile_id(casefile), format == CASEFILE_PDF ? "pdf" : "html");
    enum err err = begin(inserts, &output, ret_why);
    if (err == ERR_OK)
        err = casefile_files_render(casefile, format, output, ret_why);
    err = end(inserts, output, (const char *)name.data, err, ret_why);
    buf_free(&name);
    return err;
}

enum err insert_dossier(struct inserts *inserts, struct ledger *ledger, const char *id,
                        const struct insert_want *want, struct err_text *ret_why)
{
    const struct casefile_want of = {id, want->size, VERIFY_NONE};
    const unsigned formats[] = {CASEFILE_HTML, CASEFILE_PDF};
    struct casefile *casefile = NULL;
    if (want->formats == 0)
        return ERR_OK;
    enum err err = casefile_make(ledger, &of, &casefile, ret_why);
    for (size_t i = 0; err == ERR_OK && i < sizeof(formats) / sizeof(formats[0]); i++) {
        if ((want->formats & formats[i]) != 0)
            err = add_dossier(inserts, casefile, formats[i], ret_why);
    }
    casefile_free(casefile);
    return err;
}

enum err insert_file(struct inserts *inserts, const char *path, struct err_text *ret_why)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    struct output *output = NULL;
    if (!docket_file_ok(name))
        return err_say(ret_why, ERR_INVALID,
                       "%s: in a bundle a file's name has letters, digits, dots, _ and - alone",
                       path);
    enum err err = begin(inserts, &output, ret_why);
    if (err == ERR_OK)
        err = files_input(path, TAR_BYTES_MAX, &output->buf, ret_why);
    return end(inserts, output, name, err == ERR_NOT_FOUND ? ERR_IO : err, ret_why);
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
    for (size_t i = 0; i < inserts->count; i++)
        free(inserts->files[i].name);
    free(inserts->files);
    if (inserts->source.fd >= 0)
        close(inserts->source.fd);
    insert_begin(inserts->beside, inserts);
}
