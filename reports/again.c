#include "reports/again.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/carried.h"
#include "reports/casefile_files.h"

#define CSV_BYTES_MAX ((size_t)1048576) /* of the parameters beside a CSV file, 1 MiB */

static enum err map(struct again *again, struct err_text *ret_why)
{
    struct stat stat;
    int fd = open(again->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_say(ret_why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", again->path,
                       strerror(errno));
    enum err err = ERR_OK;
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode) || stat.st_size <= 0)
        err = err_say(ret_why, ERR_INVALID, "%s is no file of a report", again->path);
    if (err == ERR_OK) {
        void *bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED)
            err = err_say(ret_why, ERR_IO, "%s: %s", again->path, strerror(errno));
        else
            again->bytes = bytes;
        again->count = bytes == MAP_FAILED ? 0 : (size_t)stat.st_size;
    }
    close(fd);
    return err;
}

/* The parameters of a CSV file stand beside it. */
static enum err find_beside(struct again *again, struct err_text *ret_why)
{
    const char *slash = strrchr(again->path, '/');
    size_t bytes = slash == NULL ? 1 : (size_t)(slash - again->path);
    char *dir = mem_text_n(slash == NULL ? "." : again->path, bytes == 0 ? 1 : bytes);
    struct buf text = {0};
    enum err err = files_read(dir, "report.csv", CSV_BYTES_MAX, &text, ret_why);
    if (err == ERR_NOT_FOUND)
        err = err_say(ret_why, ERR_NOT_FOUND,
                      "%s: what it was made with stands in report.csv, which is not beside it",
                      again->path);
    if (err == ERR_OK)
        err = carried_find(text.data, text.bytes, &again->made_with, ret_why);
    buf_free(&text);
    free(dir);
    return err;
}

/* A dossier has pages alone. */
static bool take(struct again *again)
{
    unsigned format;
    again->dossier = casefile_read(again->made_with, &again->want);
    return again->dossier ? casefile_files_parse(again->file.format->name, &format)
                          : params_read(again->made_with, &again->params);
}

/* What kind of report it says that it is. */
static const char *report_of(const struct again *again)
{
    const char *report = ijson_string(again->made_with, "report");
    return report == NULL ? "of none" : report;
}

enum err again_open(const char *path, struct again *ret, struct err_text *ret_why)
{
    struct again again = {.path = path};
    struct err_text why = {""};
    enum err err = map(&again, &why);
    if (err == ERR_OK && !format_known(path, again.bytes, again.count, &again.file))
        err = err_say(&why, ERR_INVALID, "%s is no file of a report", path);
    if (err == ERR_OK)
        err = again.file.format->begins == NULL
                  ? find_beside(&again, &why)
                  : carried_find(again.bytes, again.count, &again.made_with, &why);
    if (err == ERR_OK && !take(&again))
        err = err_say(&why, ERR_INVALID, "it is of no report that this program makes (%s)",
                      report_of(&again));
    if (err != ERR_OK) {
        again_close(&again);
        return err_say(ret_why, err, "%s", why.s);
    }
    *ret = again;
    return ERR_OK;
}

enum err again_report(const struct again *again, const struct report *report,
                      struct output_end *ret_end, struct err_text *ret_why)
{
    struct output *output = NULL;
    enum err err = output_against(again->path, &output, ret_why);
    if (err == ERR_OK)
        err = format_write(&again->file, report, output, ret_why);
    if (err == ERR_OK)
        err = output_close(output, ret_end, ret_why);
    output_free(output);
    return err;
}

enum err again_dossier(const struct again *again, struct casefile *casefile,
                       struct output_end *ret_end, struct err_text *ret_why)
{
    struct output *output = NULL;
    unsigned format = 0;
    ASSERT(casefile_files_parse(again->file.format->name, &format)); /* as it was opened */
    enum err err = output_against(again->path, &output, ret_why);
    if (err == ERR_OK)
        err = casefile_files_render(casefile, format, output, ret_why);
    if (err == ERR_OK)
        err = output_close(output, ret_end, ret_why);
    output_free(output);
    return err;
}

bool again_otherwise(const struct again *again)
{
    const struct format *format = again->file.format;
    return format->made_otherwise != NULL && format->made_otherwise(again->bytes, again->count);
}

void again_close(struct again *again)
{
    if (again->bytes != NULL)
        munmap(again->bytes, again->count);
    json_decref(again->made_with);
    again->bytes = NULL;
    again->made_with = NULL;
}
