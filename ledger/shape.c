#include "ledger/shape.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ledger/pages.h"

static enum err data_open(int dir_fd, const char *dir, int *ret_fd, struct err_text *ret_why)
{
    int fd = openat(dir_fd, "data.mdb", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT
                   ? err_say(ret_why, ERR_NOT_FOUND, "%s is no ledger: it has no data.mdb", dir)
                   : err_say(ret_why, ERR_IO, "%s/data.mdb cannot be opened: %s", dir,
                             strerror(errno));
    *ret_fd = fd;
    return ERR_OK;
}

/* ${advice}: what to do about damage. */
static enum err say(enum err err, const char *dir, const struct err_text *what, const char *advice,
                    struct err_text *ret_why)
{
    if (err == ERR_DAMAGED)
        return err_say(ret_why, err, "%s/data.mdb is damaged: %s; %s", dir, what->s, advice);
    return err == ERR_OK ? err
                         : err_say(ret_why, err, "%s/data.mdb cannot be read: %s", dir, what->s);
}

enum err shape_head(int dir_fd, const char *dir, struct err_text *ret_why)
{
    struct err_text what = {""};
    int fd = -1;
    enum err err = data_open(dir_fd, dir, &fd, ret_why);
    if (err != ERR_OK)
        return err;
    err = pages_check_head(fd, &what);
    close(fd);
    return say(err, dir, &what, "if repair --index does not help, restore a backup", ret_why);
}

enum err shape_tables(int dir_fd, const char *dir, const struct shape_table *tables, size_t count,
                      bool *ret_has, struct err_text *ret_why)
{
    struct err_text what = {""};
    int fd = -1;
    enum err err = data_open(dir_fd, dir, &fd, ret_why);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        struct pages_place place;
        err = pages_check_table(fd, tables[i].name, &place, &what);
        ret_has[i] = err == ERR_OK;
        if (err == ERR_DAMAGED && !tables[i].needed)
            err = ERR_OK;
        else if (err == ERR_DAMAGED && place.table[0] != '\0')
            err_say(&what, err, "%s (behind its first %llu rows)", what.s,
                    (unsigned long long)place.row);
    }
    close(fd);
    return say(err, dir, &what, "restore it from a backup", ret_why);
}
