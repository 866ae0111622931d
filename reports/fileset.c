#include "reports/fileset.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILESET_MAGIC MAGIC('F', 'S', 'E', 'T')
#define LOOK_S 1 /* who has nothing left to write draws so often what others still write */

/* A file, and what became of it. */
struct file {
    struct format_file is;
    struct output_end end;
    enum err err;
    struct err_text why;
    bool writing; /* now */
};

struct fileset {
    uint32_t magic;
    const struct report *report;
    const char *dir;
    struct progress *progress;
    struct file files[FORMAT_FILES_MAX];
    size_t count;
    pthread_mutex_t mutex; /* guards which files are being written, and all below */
    pthread_cond_t ended_one;
    size_t begun, ended;
    bool failed; /* no more are begun */
};

static void lock(struct fileset *set)
{
    ASSERT(pthread_mutex_lock(&set->mutex) == 0);
}

static void unlock(struct fileset *set)
{
    ASSERT(pthread_mutex_unlock(&set->mutex) == 0);
}

/* Locked. */
static void show(struct fileset *set)
{
    struct buf names = {0};
    if (!progress_due(set->progress))
        return;
    buf_text(&names, "");
    for (size_t i = 0; i < set->begun; i++) {
        if (set->files[i].writing)
            buf_printf(&names, "%s%s", names.bytes > 0 ? ", " : ": ", set->files[i].is.path);
    }
    progress_draw(set->progress, "%zu of %zu files written%s", set->ended, set->count,
                  (const char *)names.data);
    buf_free(&names);
}

/* The next file to be written; NULL if there is none. */
static struct file *begin_next(struct fileset *set)
{
    struct file *file = NULL;
    lock(set);
    if (!set->failed && set->begun < set->count) {
        file = &set->files[set->begun++];
        file->writing = true;
        show(set);
    }
    unlock(set);
    return file;
}

static void end_one(struct fileset *set, struct file *file)
{
    lock(set);
    file->writing = false;
    set->ended++;
    set->failed = set->failed || file->err != ERR_OK;
    show(set);
    ASSERT(pthread_cond_broadcast(&set->ended_one) == 0);
    unlock(set);
}

/* Tells what others still write. */
static void await_others(struct fileset *set)
{
    struct timespec until;
    lock(set);
    while (set->ended < set->begun) {
        ASSERT(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
        until.tv_sec += LOOK_S;
        pthread_cond_clockwait(&set->ended_one, &set->mutex, CLOCK_MONOTONIC, &until);
        show(set);
    }
    unlock(set);
}

static enum err write_file(const struct fileset *set, struct file *file)
{
    struct output *output = NULL;
    char *path = files_path(set->dir, file->is.path);
    enum err err = output_file(path, &output, &file->why);
    if (err == ERR_OK)
        err = format_write(&file->is, set->report, output, &file->why);
    if (err == ERR_OK && interrupt_came(NULL))
        err = err_say(&file->why, ERR_IO, "it was interrupted");
    if (err == ERR_OK)
        err = output_close(output, &file->end, &file->why);
    output_free(output);
    free(path);
    return err;
}

/* Writes files until none is left: what takes long holds up no other thread's. */
static enum err write_some(void *ctx, uint64_t index)
{
    struct fileset *set = NULL;
    struct file *file;
    (void)index;
    CAST_OBJ(set, ctx, FILESET_MAGIC);
    while ((file = begin_next(set)) != NULL) {
        file->err = write_file(set, file);
        end_one(set, file);
    }
    await_others(set);
    return ERR_OK;
}

static enum err write_all(struct fileset *set, struct err_text *ret_why)
{
    struct pool *pool = pool_new(0);
    enum err err = pool_each(pool, pool_threads(pool), write_some, NULL, set);
    pool_free(pool);
    progress_end(set->progress);
    for (size_t i = 0; err == ERR_OK && i < set->count; i++) {
        err = set->files[i].err;
        if (err != ERR_OK)
            err_say(ret_why, err, "%s", set->files[i].why.s);
    }
    return err;
}

static json_t *list_files(const struct fileset *set)
{
    json_t *list = json_array();
    for (size_t i = 0; i < set->count; i++)
        json_array_append_new(list, output_row(set->files[i].is.path, &set->files[i].end));
    return list;
}

/* Makes the directories that the files stand in. */
static enum err make_directories(const struct fileset *set, struct err_text *ret_why)
{
    bool within = false;
    for (size_t i = 0; i < set->count; i++)
        within = within || strchr(set->files[i].is.path, '/') != NULL;
    char *csv = files_path(set->dir, "csv");
    enum err err = files_directory(set->dir, ret_why);
    if (err == ERR_OK && within)
        err = files_directory(csv, ret_why);
    free(csv);
    return err;
}

enum err fileset_write(const struct report *report, unsigned formats, const char *dir,
                       struct progress *progress, json_t **ret_files, struct err_text *ret_why)
{
    struct format_file files[FORMAT_FILES_MAX];
    struct fileset *set = mem_zero(1, sizeof(*set));
    *set = (struct fileset){.magic = FILESET_MAGIC,
                            .report = report,
                            .dir = dir,
                            .progress = progress,
                            .count = format_files(formats, files)};
    ASSERT(pthread_mutex_init(&set->mutex, NULL) == 0);
    ASSERT(pthread_cond_init(&set->ended_one, NULL) == 0);
    for (size_t i = 0; i < set->count; i++)
        set->files[i].is = files[i];
    enum err err = make_directories(set, ret_why);
    if (err == ERR_OK)
        err = write_all(set, ret_why);
    if (err == ERR_OK)
        *ret_files = list_files(set);
    pthread_cond_destroy(&set->ended_one);
    pthread_mutex_destroy(&set->mutex);
    free(set);
    return err;
}
