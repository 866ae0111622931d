#include "reports/fileset.h"

#include <stdlib.h>
#include <string.h>

#define FILESET_MAGIC MAGIC('F', 'S', 'E', 'T')

struct fileset {
    uint32_t magic;
    const struct report *report;
    const char *dir;
    json_t *list;
    struct format_file files[FORMAT_FILES_MAX];
    struct output_end ends[FORMAT_FILES_MAX];
    struct err_text whys[FORMAT_FILES_MAX];
    size_t count;
};

static enum err write_file(void *ctx, uint64_t index)
{
    struct fileset *set = NULL;
    CAST_OBJ(set, ctx, FILESET_MAGIC);
    struct err_text *why = &set->whys[index];
    struct output *output = NULL;
    char *path = files_path(set->dir, set->files[index].path);
    enum err err = output_file(path, &output, why);
    if (err == ERR_OK)
        err = format_write(&set->files[index], set->report, output, why);
    if (err == ERR_OK && interrupt_came(NULL))
        err = err_say(why, ERR_IO, "it was interrupted");
    if (err == ERR_OK)
        err = output_close(output, &set->ends[index], why);
    output_free(output);
    free(path);
    return err;
}

static enum err list_file(void *ctx, uint64_t index)
{
    struct fileset *set = NULL;
    CAST_OBJ(set, ctx, FILESET_MAGIC);
    json_array_append_new(set->list, output_row(set->files[index].path, &set->ends[index]));
    return ERR_OK;
}

/* Makes the directories that the files stand in. */
static enum err make_directories(const struct fileset *set, struct err_text *ret_why)
{
    bool within = false;
    for (size_t i = 0; i < set->count; i++)
        within = within || strchr(set->files[i].path, '/') != NULL;
    char *csv = files_path(set->dir, "csv");
    enum err err = files_directory(set->dir, ret_why);
    if (err == ERR_OK && within)
        err = files_directory(csv, ret_why);
    free(csv);
    return err;
}

enum err fileset_write(const struct report *report, unsigned formats, const char *dir,
                       json_t **ret_files, struct err_text *ret_why)
{
    struct fileset *set = mem_zero(1, sizeof(*set));
    *set = (struct fileset){
        .magic = FILESET_MAGIC, .report = report, .dir = dir, .list = json_array()};
    set->count = format_files(formats, set->files);
    enum err err = make_directories(set, ret_why);
    if (err == ERR_OK) {
        struct pool *pool = pool_new(0);
        err = pool_each(pool, set->count, write_file, list_file, set);
        pool_free(pool);
        for (size_t i = 0; err != ERR_OK && i < set->count; i++) {
            if (set->whys[i].s[0] != '\0')
                err_say(ret_why, err, "%s", set->whys[i].s);
        }
    }
    if (err == ERR_OK)
        *ret_files = json_incref(set->list);
    json_decref(set->list);
    free(set);
    return err;
}
