#include "replay/source.h"

enum err source_compile(const char *path, struct checklist **ret_checklist,
                        struct err_text *ret_why)
{
    struct buf buf = {0};
    struct err_text why = {""};
    enum err err = files_input(path, CHECKLIST_BYTES_MAX, &buf, ret_why);
    if (err == ERR_OK) {
        err = checklist_compile(buf.data, buf.bytes, ret_checklist, &why);
        if (err != ERR_OK)
            (void)err_say(ret_why, err, "%s: %s", path, why.s);
    }
    buf_free(&buf);
    return err;
}
