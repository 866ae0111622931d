#include "ingest/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536

struct lines {
    int fd;
    bool ours;       /* close it */
    bool ended;      /* nothing more will be read */
    bool skipping;   /* the rest of a line that is too long */
    struct buf data; /* read and not yet given, behind `given` bytes that were */
    size_t given;
    uint64_t number;
};

enum err lines_open(const char *path, struct lines **ret_lines, struct err_text *ret_why)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_say(ret_why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot open %s: %s",
                       path, strerror(errno));
    struct lines *lines = mem_zero(1, sizeof(*lines));
    lines->fd = fd;
    lines->ours = !standard;
    *ret_lines = lines;
    return ERR_OK;
}

void lines_close(struct lines *lines)
{
    if (lines == NULL)
        return;
    if (lines->ours)
        close(lines->fd);
    buf_free(&lines->data);
    free(lines);
}

/* The bytes that were read and not yet given. */
static struct piece rest_of(const struct lines *lines)
{
    if (lines->data.data == NULL)
        return (struct piece){"", 0};
    return (struct piece){lines->data.data + lines->given, lines->data.bytes - lines->given};
}

/* Read once more, waiting for it. */
static enum err read_more(struct lines *lines, struct err_text *ret_why)
{
    uint8_t chunk[READ_BYTES];
    struct piece rest = rest_of(lines);
    if (lines->given > 0) {
        memmove(lines->data.data, rest.data, rest.bytes);
        lines->data.bytes = rest.bytes;
        lines->given = 0;
    }
    ssize_t bytes;
    do
        bytes = read(lines->fd, chunk, sizeof(chunk));
    while (bytes < 0 && errno == EINTR);
    if (bytes < 0)
        return err_say(ret_why, ERR_IO, "cannot read line %llu: %s",
                       (unsigned long long)lines->number + 1, strerror(errno));
    lines->ended = bytes == 0;
    buf_add(&lines->data, chunk, (size_t)bytes);
    return ERR_OK;
}

enum err lines_next(struct lines *lines, struct piece *ret_line, enum lines_state *ret_state,
                    struct err_text *ret_why)
{
    size_t looked = 0; /* bytes of the rest without a line end */
    for (;;) {
        struct piece rest = rest_of(lines);
        const char *text = rest.data;
        const char *end = memchr(text + looked, '\n', rest.bytes - looked);
        bool done = end != NULL || lines->ended;
        size_t bytes = end != NULL ? (size_t)(end - text) : rest.bytes;
        bool too_long = lines->skipping || bytes > LINES_BYTES_MAX;
        if (done && bytes == 0 && end == NULL && !lines->skipping) {
            *ret_state = LINES_END;
            return ERR_OK;
        }
        if (done) {
            lines->number++;
            lines->given += bytes + (end != NULL ? 1 : 0);
            lines->skipping = false;
            *ret_line = (struct piece){text, too_long ? 0 : bytes};
            *ret_state = too_long ? LINES_TOO_LONG : LINES_ONE;
            return ERR_OK;
        }
        if (too_long) {
            lines->skipping = true;
            lines->given += bytes;
        }
        looked = too_long ? 0 : bytes;
        enum err err = read_more(lines, ret_why);
        if (err != ERR_OK)
            return err;
    }
}

uint64_t lines_number(const struct lines *lines)
{
    return lines->number;
}

bool lines_ready(const struct lines *lines)
{
    struct piece rest = rest_of(lines);
    struct pollfd poll_fd = {.fd = lines->fd, .events = POLLIN};
    return lines->ended || memchr(rest.data, '\n', rest.bytes) != NULL || poll(&poll_fd, 1, 0) > 0;
}

void lines_wait(const struct lines *lines, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = lines->fd, .events = POLLIN};
    (void)poll(&poll_fd, 1, timeout_ms);
}

bool lines_blank(const struct piece *line)
{
    const char *text = line->data;
    for (size_t i = 0; i < line->bytes; i++) {
        if (strchr(" \t\r", text[i]) == NULL || text[i] == '\0')
            return false;
    }
    return true;
}
