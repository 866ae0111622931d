#include "ingest/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/frame.h"
#include "ingest/pile.h"

#define STATE_BYTES_MAX 4096

/* Where delivery stands. */
struct state {
    uint64_t file;    /* the first file; from 1 */
    uint64_t done;    /* bytes of it that are dealt with */
    uint64_t decided; /* up to this byte of it the form of lines is decided */
    bool late;        /* these are sent marked as late */
};

struct spool {
    char *dir;
    uint64_t bytes_max;
    int add_fd, deliver_fd; /* lock files */
    bool mine;              /* it is our turn */
    struct state state;     /* while it is */
    bool changed;           /* it is not on disk as it is here */
    struct buf data;        /* bytes of the state's file, from data_at on */
    uint64_t data_at;
    uint64_t torn;
};

bool spool_before(const struct spool_place *a, const struct spool_place *b)
{
    return a->file < b->file || (a->file == b->file && a->at < b->at);
}

static enum err open_lock(const char *dir, const char *name, int *ret_fd, struct err_text *ret_why)
{
    char *path = files_path(dir, name);
    enum err err = ERR_OK;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        err = err_say(ret_why, ERR_IO, "%s: %s", path, strerror(errno));
    else
        *ret_fd = fd;
    free(path);
    return err;
}

static enum err lock(const struct spool *spool, int fd, int how, struct err_text *ret_why)
{
    while (flock(fd, how) != 0) {
        if (errno != EINTR)
            return err_say(ret_why, ERR_IO, "%s cannot be locked: %s", spool->dir, strerror(errno));
    }
    return ERR_OK;
}

static void unlock(int fd)
{
    ASSERT(flock(fd, LOCK_UN) == 0);
}

/* The spool is this ledger's, from now on if it was nobody's. */
static enum err claim(const char *dir, const char *url, struct err_text *ret_why)
{
    struct buf text = {0}, wanted = {0};
    enum err err = files_read(dir, "url", URL_BYTES_MAX + 1, &text, ret_why);
    size_t bytes = strlen(url);
    while (bytes > 0 && url[bytes - 1] == '/')
        bytes--;
    buf_printf(&wanted, "%.*s\n", (int)bytes, url);
    if (err == ERR_NOT_FOUND)
        err = files_replace(dir, "url", wanted.data, wanted.bytes, ret_why);
    else if (err == ERR_OK &&
             (text.bytes != wanted.bytes || memcmp(text.data, wanted.data, text.bytes) != 0))
        err = err_say(ret_why, ERR_USAGE,
                      "%s is the spool of another ledger (%s/url); take another, or remove that "
                      "file if the ledger has moved",
                      dir, dir);
    buf_free(&text);
    buf_free(&wanted);
    return err;
}

enum err spool_open(const char *dir, const char *url, uint64_t bytes_max, struct spool **ret_spool,
                    struct err_text *ret_why)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return err_say(ret_why, ERR_IO, "%s cannot be made: %s", dir, strerror(errno));
    struct spool *spool = mem_zero(1, sizeof(*spool));
    spool->dir = mem_text(dir);
    spool->bytes_max = bytes_max;
    spool->add_fd = spool->deliver_fd = -1;
    enum err err = open_lock(dir, "add.lock", &spool->add_fd, ret_why);
    if (err == ERR_OK)
        err = open_lock(dir, "deliver.lock", &spool->deliver_fd, ret_why);
    if (err == ERR_OK)
        err = lock(spool, spool->add_fd, LOCK_EX, ret_why);
    if (err == ERR_OK) {
        err = claim(dir, url, ret_why);
        unlock(spool->add_fd);
    }
    if (err == ERR_OK)
        *ret_spool = spool;
    else
        spool_close(spool);
    return err;
}

void spool_close(struct spool *spool)
{
    if (spool == NULL)
        return;
    if (spool->add_fd >= 0)
        close(spool->add_fd);
    if (spool->deliver_fd >= 0)
        close(spool->deliver_fd);
    buf_free(&spool->data);
    free(spool->dir);
    free(spool);
}

static bool take_number(const json_t *json, const char *name, uint64_t min, uint64_t *ret)
{
    const json_t *value = ijson_get(json, name);
    if (!json_is_integer(value) || json_integer_value(value) < (json_int_t)min)
        return false;
    *ret = (uint64_t)json_integer_value(value);
    return true;
}

/* The state on disk; without one, delivery begins with the first file. */
static enum err read_state(const struct spool *spool, struct state *ret, struct err_text *ret_why)
{
    struct buf text = {0};
    struct pile_span span = {0};
    struct state state = {.file = 1};
    json_t *json = NULL;
    enum err err = files_read(spool->dir, "state", STATE_BYTES_MAX, &text, ret_why);
    if (err == ERR_NOT_FOUND) {
        err = pile_look(spool->dir, &span, ret_why);
        state.file = span.first > 0 ? span.first : 1;
        goto out;
    }
    if (err == ERR_OK &&
        (ijson_parse(text.data, text.bytes, &json, NULL) != ERR_OK ||
         !take_number(json, "file", 1, &state.file) || !take_number(json, "done", 0, &state.done) ||
         !take_number(json, "decided", 0, &state.decided)))
        err = err_say(ret_why, ERR_INVALID,
                      "%s/state is malformed; without it all lines there are sent again, and the "
                      "ledger knows those that it has",
                      spool->dir);
    state.late = json_is_true(ijson_get(json, "late"));
out:
    if (err == ERR_OK)
        *ret = state;
    json_decref(json);
    buf_free(&text);
    return err;
}

static enum err write_state(struct spool *spool, struct err_text *ret_why)
{
    struct buf text = {0};
    const struct state *state = &spool->state;
    buf_printf(&text,
               "{\"file\":%" PRIu64 ",\"done\":%" PRIu64 ",\"decided\":%" PRIu64 ",\"late\":%s}\n",
               state->file, state->done, state->decided, state->late ? "true" : "false");
    enum err err = files_replace(spool->dir, "state", text.data, text.bytes, ret_why);
    spool->changed = spool->changed && err != ERR_OK;
    buf_free(&text);
    return err;
}

/* The file to add to.  One that is shorter than what was delivered of it (a crash) gets no more. */
static enum err file_to_add(const struct spool *spool, const struct pile_span *span,
                            uint64_t *ret_file, struct err_text *ret_why)
{
    struct state state = {0};
    uint64_t bytes = 0;
    enum err err = read_state(spool, &state, ret_why);
    uint64_t file = span->last > state.file ? span->last : state.file;
    if (err == ERR_OK)
        err = pile_size(spool->dir, file, &bytes, ret_why);
    if (err != ERR_OK)
        return err;
    bool short_of = file == state.file && bytes < state.done;
    *ret_file = bytes >= SPOOL_FILE_BYTES || short_of ? file + 1 : file;
    return ERR_OK;
}

static enum err add(struct spool *spool, const struct buf *frames, struct spool_place *ret_from,
                    struct err_text *ret_why)
{
    struct pile_span span = {0};
    struct spool_place from = {0};
    enum err err = pile_look(spool->dir, &span, ret_why);
    if (err == ERR_OK && span.bytes + frames->bytes > spool->bytes_max)
        return err_say(ret_why, ERR_DISK_LOW,
                       "the spool %s is full: it has %" PRIu64 " of %" PRIu64 " bytes", spool->dir,
                       span.bytes, spool->bytes_max);
    if (err == ERR_OK)
        err = file_to_add(spool, &span, &from.file, ret_why);
    if (err == ERR_OK)
        err = pile_append(spool->dir, from.file, frames, &from.at, ret_why);
    if (err == ERR_OK)
        *ret_from = from;
    return err;
}

enum err spool_add(struct spool *spool, const struct buf *frames, struct spool_place *ret_from,
                   struct spool_place *ret_to, struct err_text *ret_why)
{
    struct spool_place from = {0};
    enum err err = lock(spool, spool->add_fd, LOCK_EX, ret_why);
    if (err != ERR_OK)
        return err;
    err = add(spool, frames, &from, ret_why);
    unlock(spool->add_fd);
    if (err != ERR_OK)
        return err;
    *ret_from = from;
    *ret_to = (struct spool_place){from.file, from.at + frames->bytes};
    return ERR_OK;
}

/* A crash may have left files that were dealt with. */
static enum err remove_dealt(const struct spool *spool, struct err_text *ret_why)
{
    for (;;) {
        uint64_t file = 0;
        enum err err = pile_next(spool->dir, 0, &file, ret_why);
        if (err != ERR_OK || file == 0 || file >= spool->state.file)
            return err;
        err = pile_remove(spool->dir, file, ret_why);
        if (err != ERR_OK)
            return err;
    }
}

enum err spool_turn(struct spool *spool, bool *ret_mine, struct err_text *ret_why)
{
    ASSERT(!spool->mine);
    *ret_mine = false;
    if (flock(spool->deliver_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK || errno == EINTR)
            return ERR_OK;
        return err_say(ret_why, ERR_IO, "%s cannot be locked: %s", spool->dir, strerror(errno));
    }
    enum err err = read_state(spool, &spool->state, ret_why);
    if (err == ERR_OK)
        err = remove_dealt(spool, ret_why);
    if (err != ERR_OK) {
        unlock(spool->deliver_fd);
        return err;
    }
    buf_clear(&spool->data);
    spool->data_at = spool->state.done;
    spool->changed = false;
    spool->mine = *ret_mine = true;
    return ERR_OK;
}

enum err spool_leave(struct spool *spool, struct err_text *ret_why)
{
    if (!spool->mine)
        return ERR_OK;
    enum err err = spool->changed ? write_state(spool, ret_why) : ERR_OK;
    spool->mine = false;
    unlock(spool->deliver_fd);
    return err;
}

enum err spool_done_to(struct spool *spool, struct spool_place *ret_place, struct err_text *ret_why)
{
    struct state state = {0};
    enum err err = read_state(spool, &state, ret_why);
    if (err == ERR_OK)
        *ret_place = (struct spool_place){state.file, state.done};
    return err;
}

/* What is in memory and not yet dealt with. */
static struct piece rest_of(const struct spool *spool)
{
    uint64_t dealt = spool->state.done - spool->data_at;
    if (dealt >= spool->data.bytes)
        return (struct piece){"", 0};
    return (struct piece){spool->data.data + dealt, spool->data.bytes - (size_t)dealt};
}

/* Read what there is from `done` on, while nobody adds: so what ends in the midst of a frame is
 * torn. */
static enum err load(struct spool *spool, struct err_text *ret_why)
{
    buf_clear(&spool->data);
    spool->data_at = spool->state.done;
    return pile_read(spool->dir, spool->state.file, spool->data_at, &spool->data, ret_why);
}

/* All of the file is dealt with: go on to the next, or where there is none begin one and find the
 * spool empty.  While nobody adds. */
static enum err leave_file(struct spool *spool, bool *ret_empty, struct err_text *ret_why)
{
    uint64_t next = 0, file = spool->state.file;
    enum err err = pile_next(spool->dir, file, &next, ret_why);
    if (err != ERR_OK)
        return err;
    *ret_empty = next == 0;
    if (next == 0 && spool->state.done == 0)
        return ERR_OK;
    spool->state = (struct state){.file = next != 0 ? next : file + 1};
    err = write_state(spool, ret_why);
    return err == ERR_OK ? pile_remove(spool->dir, file, ret_why) : err;
}

/* See that something is in memory, if anything waits. */
static enum err fill(struct spool *spool, bool *ret_empty, struct err_text *ret_why)
{
    enum err err = lock(spool, spool->add_fd, LOCK_EX, ret_why);
    if (err != ERR_OK)
        return err;
    *ret_empty = false;
    do {
        err = load(spool, ret_why);
        if (err == ERR_OK && spool->data.bytes == 0)
            err = leave_file(spool, ret_empty, ret_why);
    } while (err == ERR_OK && spool->data.bytes == 0 && !*ret_empty);
    unlock(spool->add_fd);
    return err;
}

/* Move bytes that are no frame out of the way. */
static enum err set_aside(struct spool *spool, const struct piece *rest, struct err_text *ret_why)
{
    struct buf bad = {0};
    size_t bytes = frame_find(rest->data, rest->bytes);
    buf_add(&bad, rest->data, bytes);
    enum err err = pile_log(spool->dir, "torn", &bad, ret_why);
    if (err == ERR_OK) {
        spool->torn += bytes;
        spool->state.done += bytes;
        spool->changed = true;
    }
    buf_free(&bad);
    return err;
}

/* The frame at byte ${at} of the file, if it is in memory. */
static bool line_at(const struct spool *spool, uint64_t at, struct spool_line *ret_line)
{
    struct frame frame;
    uint64_t from = at - spool->data_at;
    if (from >= spool->data.bytes)
        return false;
    enum frame_state state =
        frame_read(spool->data.data + from, spool->data.bytes - (size_t)from, &frame);
    if (state != FRAME_WHOLE && state != FRAME_DAMAGED)
        return false;
    *ret_line = (struct spool_line){.place = {spool->state.file, at},
                                    .end = {spool->state.file, at + frame.bytes},
                                    .taken_us = frame.taken_us,
                                    .late = spool->state.late,
                                    .damaged = state == FRAME_DAMAGED,
                                    .line = frame.line};
    return true;
}

static bool is_late(const struct spool_choice *choice, const struct spool_line *line)
{
    return choice->now_us > line->taken_us && choice->now_us - line->taken_us > choice->late_us;
}

/* Decide in which form the lines from ${line} on are sent, as far as it is the same, and keep that.
 */
static enum err decide(struct spool *spool, const struct spool_choice *choice,
                       struct spool_line *line, struct err_text *ret_why)
{
    struct spool_line next = *line;
    spool->state.late = line->late = is_late(choice, line);
    spool->state.decided = line->end.at;
    for (int i = 1; i < SPOOL_ROUND_LINES; i++) {
        if (!line_at(spool, next.end.at, &next) || is_late(choice, &next) != line->late)
            break;
        spool->state.decided = next.end.at;
    }
    return write_state(spool, ret_why);
}

enum err spool_next(struct spool *spool, const struct spool_choice *choice,
                    struct spool_line *ret_line, bool *ret_found, struct err_text *ret_why)
{
    ASSERT(spool->mine);
    for (;;) {
        bool empty = false;
        struct piece rest = rest_of(spool);
        enum err err = rest.bytes == 0 ? fill(spool, &empty, ret_why) : ERR_OK;
        if (err != ERR_OK || empty) {
            *ret_found = false;
            return err;
        }
        rest = rest_of(spool);
        if (line_at(spool, spool->state.done, ret_line)) {
            *ret_found = true;
            return ret_line->end.at <= spool->state.decided
                       ? ERR_OK
                       : decide(spool, choice, ret_line, ret_why);
        }
        err = set_aside(spool, &rest, ret_why);
        if (err != ERR_OK)
            return err;
    }
}

bool spool_following(const struct spool *spool, const struct spool_line *at,
                     struct spool_line *ret_line)
{
    struct spool_line line;
    if (at->end.at >= spool->state.decided || !line_at(spool, at->end.at, &line) ||
        line.end.at > spool->state.decided)
        return false;
    *ret_line = line;
    return true;
}

void spool_pass(struct spool *spool, const struct spool_line *line)
{
    ASSERT(spool->mine && line->place.file == spool->state.file &&
           line->place.at >= spool->state.done);
    spool->state.done = line->end.at;
    spool->changed = true;
}

void spool_decided(struct spool *spool, const struct spool_place *place)
{
    ASSERT(spool->mine && place->file == spool->state.file && place->at >= spool->state.done);
    if (place->at >= spool->state.decided)
        return;
    spool->state.decided = place->at;
    spool->changed = true;
}

/* The lines of one file from byte ${from} on. */
static enum err count_lines(const struct spool *spool, uint64_t file, uint64_t from,
                            uint64_t *lines, struct err_text *ret_why)
{
    struct buf data = {0};
    struct frame frame;
    enum err err = pile_read(spool->dir, file, from, &data, ret_why);
    for (size_t at = 0; err == ERR_OK && at < data.bytes;) {
        enum frame_state state = frame_read(data.data + at, data.bytes - at, &frame);
        bool line = state == FRAME_WHOLE || state == FRAME_DAMAGED;
        at += line ? frame.bytes : frame_find(data.data + at, data.bytes - at);
        *lines += line;
    }
    buf_free(&data);
    return err;
}

enum err spool_waiting(struct spool *spool, uint64_t *ret_lines, struct err_text *ret_why)
{
    struct state state = spool->state;
    uint64_t lines = 0;
    enum err err = spool->mine ? ERR_OK : read_state(spool, &state, ret_why);
    for (uint64_t file = state.file; err == ERR_OK && file != 0;) {
        err = count_lines(spool, file, file == state.file ? state.done : 0, &lines, ret_why);
        if (err == ERR_OK)
            err = pile_next(spool->dir, file, &file, ret_why);
    }
    if (err == ERR_OK)
        *ret_lines = lines;
    return err;
}

uint64_t spool_torn(const struct spool *spool)
{
    return spool->torn;
}
