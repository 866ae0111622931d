#include "reports/printer.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/pdf.h"

#define NAME "countersign-pdf"

/* What cannot be read is complained of by whoever reads it. */
static bool is_pdf(const char *path)
{
    static const char begins[] = "%PDF-";
    char bytes[sizeof(begins)] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t count = fread(bytes, 1, sizeof(bytes) - 1, file);
    fclose(file);
    return count == sizeof(begins) - 1 && strcmp(bytes, begins) == 0;
}

bool printer_needed(const char *path, bool pdf)
{
    return pdf_document == NULL && (path != NULL ? is_pdf(path) : pdf);
}

enum err printer_become(int argc, char *argv[], struct err_text *ret_why)
{
    char self[PATH_MAX] = "";
    struct buf path = {0};
    ssize_t bytes = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash = bytes < 0 ? NULL : strrchr(self, '/');
    if (slash == NULL)
        return err_say(ret_why, ERR_IO, "/proc/self/exe: %s", strerror(errno));
    buf_printf(&path, "%.*s/" NAME, (int)(slash - self), self);
    char **args = mem_zero((size_t)argc + 2, sizeof(*args));
    args[0] = (char *)path.data;
    memcpy(args + 1, argv, (size_t)argc * sizeof(*argv));
    execv(args[0], args);
    enum err err = err_say(ret_why, ERR_IO, "PDFs are made by %s: %s", args[0], strerror(errno));
    free(args);
    buf_free(&path);
    return err;
}
