#include "replay/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum err source_drain(FILE *file, const char *path, struct buf *buf,
                             struct err_text *ret_why)
{
    char chunk[8192];
    size_t bytes;
    while ((bytes = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        buf_add(buf, chunk, bytes);
        if (buf->bytes > CHECKLIST_BYTES_MAX)
            return err_say(ret_why, ERR_TOO_BIG, "%s: a checklist has at most %d bytes", path,
                           CHECKLIST_BYTES_MAX);
    }
    if (ferror(file) != 0)
        return err_say(ret_why, ERR_IO, "%s: %s", path, strerror(errno));
    return ERR_OK;
}

enum err source_read(const char *path, struct buf *buf, struct err_text *ret_why)
{
    if (strcmp(path, "-") == 0)
        return source_drain(stdin, path, buf, ret_why);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return err_say(ret_why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                       strerror(errno));
    enum err err = source_drain(file, path, buf, ret_why);
    fclose(file);
    return err;
}

enum err source_compile(const char *path, struct checklist **ret_checklist,
                        struct err_text *ret_why)
{
    struct buf buf = {0};
    struct err_text why = {""};
    enum err err = source_read(path, &buf, ret_why);
    if (err == ERR_OK) {
        err = checklist_compile(buf.data, buf.bytes, ret_checklist, &why);
        if (err != ERR_OK)
            (void)err_say(ret_why, err, "%s: %s", path, why.s);
    }
    buf_free(&buf);
    return err;
}
