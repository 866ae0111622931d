#include "reports/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASS_BYTES ((size_t)262144) /* what is worth a write */
#define FILE_MODE 0666              /* as the umask allows: a report is made to be handed on */

struct output_inside {
    char *path;  /* NULL: kept in memory */
    char *fresh; /* what is written until it is whole; NULL where one is compared */
    int fd;
    int onto; /* borrowed: the caller's file; -1 where it is none */
    struct hash_run *hash;
    bool differs;
    uint64_t differs_at;
};

static struct output *make(const char *path)
{
    struct output *output = mem_zero(1, sizeof(*output));
    output->inside = mem_zero(1, sizeof(*output->inside));
    output->inside->path = mem_text(path);
    output->inside->fd = output->inside->onto = -1;
    output->inside->hash = hash_run_new();
    return output;
}

enum err output_file(const char *path, struct output **ret_output, struct err_text *ret_why)
{
    struct output *output = make(path);
    struct output_inside *inside = output->inside;
    struct buf fresh = {0};
    buf_printf(&fresh, "%s.%ld.new", path, (long)getpid());
    inside->fresh = buf_take_text(&fresh);
    inside->fd = open(inside->fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    if (inside->fd < 0) {
        err_say(ret_why, ERR_IO, "%s cannot be made: %s", inside->fresh, strerror(errno));
        free(inside->fresh);
        inside->fresh = NULL;
        output_free(output);
        return ERR_IO;
    }
    *ret_output = output;
    return ERR_OK;
}

enum err output_against(const char *path, struct output **ret_output, struct err_text *ret_why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_say(ret_why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                       strerror(errno));
    *ret_output = make(path);
    (*ret_output)->inside->fd = fd;
    return ERR_OK;
}

void output_digest(struct output **ret_output)
{
    *ret_output = make("");
}

void output_onto(int fd, struct output **ret_output)
{
    *ret_output = make("");
    (*ret_output)->inside->onto = fd;
}

void output_memory(struct output **ret_output)
{
    *ret_output = make(NULL);
}

static enum err write_all(int fd, const struct output_inside *inside, const struct buf *buf,
                          struct err_text *ret_why)
{
    const uint8_t *data = buf->data;
    for (size_t bytes = buf->bytes; bytes > 0;) {
        ssize_t done = write(fd, data, bytes);
        if (done < 0 && errno != EINTR)
            return err_say(ret_why, ERR_IO, "%s cannot be written: %s",
                           fd == inside->onto ? "a scratch file" : inside->path, strerror(errno));
        if (done > 0) {
            data += done;
            bytes -= (size_t)done;
        }
    }
    return ERR_OK;
}

/* Compare with the file from where it is read; once something differs, no more. */
static enum err compare(struct output *output, const uint8_t *data, size_t bytes,
                        struct err_text *ret_why)
{
    struct output_inside *inside = output->inside;
    uint8_t piece[16384];
    for (size_t at = 0; at < bytes && !inside->differs;) {
        size_t wanted = bytes - at < sizeof(piece) ? bytes - at : sizeof(piece);
        ssize_t got = read(inside->fd, piece, wanted);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_say(ret_why, ERR_IO, "%s: %s", inside->path, strerror(errno));
        size_t same = 0;
        while (same < (size_t)got && piece[same] == data[at + same])
            same++;
        inside->differs = got == 0 || same < (size_t)got;
        inside->differs_at = inside->differs ? output->bytes + at + same : 0;
        at += (size_t)got;
    }
    return ERR_OK;
}

static enum err pass(struct output *output, struct err_text *ret_why)
{
    struct output_inside *inside = output->inside;
    enum err err = ERR_OK;
    hash_run_add(inside->hash, output->buf.data, output->buf.bytes);
    if (inside->onto >= 0)
        err = write_all(inside->onto, inside, &output->buf, ret_why);
    else if (inside->fresh != NULL)
        err = write_all(inside->fd, inside, &output->buf, ret_why);
    else if (inside->fd >= 0)
        err = compare(output, output->buf.data, output->buf.bytes, ret_why);
    output->bytes += output->buf.bytes;
    buf_clear(&output->buf);
    return err;
}

enum err output_pass(struct output *output, struct err_text *ret_why)
{
    if (output->inside->path == NULL || output->buf.bytes < PASS_BYTES)
        return ERR_OK;
    if (interrupt_came(NULL))
        return err_say(ret_why, ERR_IO, "it was interrupted");
    return pass(output, ret_why);
}

/* Whether the file that is compared with goes on. */
static void compare_end(struct output *output)
{
    uint8_t more;
    struct output_inside *inside = output->inside;
    if (inside->differs || inside->fd < 0 || read(inside->fd, &more, 1) <= 0)
        return;
    inside->differs = true;
    inside->differs_at = output->bytes;
}

static enum err put_in_place(struct output_inside *inside, struct err_text *ret_why)
{
    int closed = close(inside->fd);
    inside->fd = -1;
    if (closed != 0 || rename(inside->fresh, inside->path) != 0)
        return err_say(ret_why, ERR_IO, "%s cannot be written: %s", inside->path, strerror(errno));
    free(inside->fresh);
    inside->fresh = NULL;
    return ERR_OK;
}

enum err output_close(struct output *output, struct output_end *ret_end, struct err_text *ret_why)
{
    struct output_inside *inside = output->inside;
    enum err err = ERR_OK;
    if (inside->path != NULL && output->buf.bytes > 0)
        err = pass(output, ret_why);
    if (err == ERR_OK && inside->fresh != NULL)
        err = put_in_place(inside, ret_why);
    else if (err == ERR_OK && inside->path != NULL)
        compare_end(output);
    if (err != ERR_OK || ret_end == NULL)
        return err;
    *ret_end = (struct output_end){
        .bytes = output->bytes, .same = !inside->differs, .differs = inside->differs_at};
    hash_run_end(inside->hash, ret_end->sha256);
    return ERR_OK;
}

void output_free(struct output *output)
{
    if (output == NULL)
        return;
    struct output_inside *inside = output->inside;
    if (inside->fd >= 0)
        close(inside->fd);
    if (inside->fresh != NULL)
        unlink(inside->fresh);
    free(inside->fresh);
    hash_run_free(inside->hash);
    free(inside->path);
    free(inside);
    buf_free(&output->buf);
    free(output);
}

json_t *output_row(const char *name, const struct output_end *end)
{
    json_t *row = json_object();
    ijson_put(row, "name", ijson_text(name));
    ijson_put(row, "sha256", ijson_hex(end->sha256, HASH_BYTES));
    ijson_put(row, "bytes", json_integer((json_int_t)end->bytes));
    return row;
}
