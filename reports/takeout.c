#include "reports/takeout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Deployments of a period, and how far it is. */
struct work {
    struct ledger *ledger;
    struct replay *replay; /* owned; NULL until a deployment must be folded */
    const struct docket_plan *plan;
    uint64_t size;
    char **names; /* owned, and each of them */
    size_t count, cap;
    struct progress progress;
    struct err_text *why;
};

static bool show_writing(void *ctx, uint64_t done)
{
    struct work *work = ctx;
    progress_draw(&work->progress, "written, entries: %" PRIu64, done);
    return interrupt_came(NULL);
}

static bool show_checking(void *ctx, uint64_t done, uint64_t total)
{
    struct work *work = ctx;
    progress_draw(&work->progress, "checked %" PRIu64 " of %" PRIu64 " MiB", done >> 20,
                  (total >> 20) + 1);
    return interrupt_came(NULL);
}

/* Whether a deployment whose last entry is before the period was still open; what was never opened
 * ends with its last entry, as in the report. */
static enum err is_open(struct work *work, const char *name, bool *ret)
{
    struct deployment *deployment = NULL;
    enum err err = work->replay == NULL ? replay_open(work->ledger, &work->replay) : ERR_OK;
    if (err == ERR_OK)
        err = replay_fold(work->replay, name, work->size, NULL, &deployment, work->why);
    if (err == ERR_OK)
        *ret = deployment->opened.set && !deployment->closed.set;
    deployment_free(deployment);
    return err;
}

static enum err time_at(struct work *work, const char *stream, uint64_t pos, int64_t *ret_us)
{
    struct record *record = NULL;
    uint64_t seq = 0;
    bool found = false;
    enum err err = ledger_stream_seq(work->ledger, stream, pos, &seq, &found, work->why);
    if (err == ERR_OK && !found)
        err = err_say(work->why, ERR_DAMAGED, "%s has no entry %" PRIu64, stream, pos);
    if (err == ERR_OK)
        err = ledger_read(work->ledger, seq, &record, work->why);
    if (err == ERR_OK)
        *ret_us = record->entry.time_us;
    ledger_record_free(record);
    return err;
}

/* Whether a deployment belongs to the period. */
static enum err take_stream(struct work *work, const struct heads_record *head)
{
    int64_t first_us = 0, last_us = 0;
    bool is = false;
    enum err err = time_at(work, head->stream, 0, &first_us);
    if (err != ERR_OK || first_us >= work->plan->to_us)
        return err;
    err = time_at(work, head->stream, head->pos, &last_us);
    is = last_us >= work->plan->from_us;
    if (err == ERR_OK && !is)
        err = is_open(work, head->stream, &is);
    if (err == ERR_OK && is)
        *(char **)MEM_PUSH(work->names, work->count, work->cap) = mem_text(head->stream);
    return err;
}

static enum err take_period(struct work *work)
{
    struct heads *heads = NULL;
    enum err err = heads_make_at(work->ledger, work->size, &heads, work->why);
    for (size_t i = 0; err == ERR_OK && i < heads_count(heads); i++) {
        const struct heads_record *head = heads_at(heads, i);
        if (replay_is_deployment(head->stream))
            err = take_stream(work, head);
        if (err == ERR_OK && interrupt_came(NULL))
            err = err_say(work->why, ERR_BUSY, "stopped: nothing was written");
    }
    heads_free(heads);
    return err;
}

/* What was written is checked as whoever gets it would. */
static enum err check(struct work *work, struct outfile *file)
{
    struct stat info;
    struct tar_source source = {.fd = outfile_written(file)};
    struct tar_index index = {0};
    struct docket_finding finding = {0};
    const struct docket_options options = {.progress = show_checking, .ctx = work};
    if (fstat(source.fd, &info) != 0)
        return err_say(work->why, ERR_IO, "what was written cannot be read again");
    source.bytes = (uint64_t)info.st_size;
    enum err err = tar_index_find(&source, DOCKET_MEMBERS_MAX, &index, work->why);
    if (err == ERR_OK)
        err = docket_check_whole(&source, &index, &options, &finding, work->why);
    docket_check_free(&finding);
    tar_index_free(&index);
    return err == ERR_PROOF || err == ERR_INVALID ? ERR_DAMAGED : err;
}

static enum err write_file(struct work *work, const struct takeout *takeout,
                           struct takeout_result *ret)
{
    struct outfile *file = NULL;
    struct takeout_result result = {.bytes = 0};
    const struct docket_order order = {.plan = takeout->plan,
                                       .note = takeout->note,
                                       .deployments = (const char *const *)work->names,
                                       .deployment_count = work->count,
                                       .files = takeout->files,
                                       .file_count = takeout->file_count,
                                       .source = takeout->source,
                                       .progress = show_writing,
                                       .ctx = work};
    enum err err = outfile_open(takeout->path, &file, work->why);
    if (err == ERR_OK)
        err = docket_make_write(work->ledger, &order, file, &result.made, work->why);
    if (err == ERR_OK && !takeout->unchecked && outfile_written(file) >= 0)
        err = check(work, file);
    if (err != ERR_OK) {
        outfile_drop(file);
        return err;
    }
    result.bytes = outfile_digest(file, result.digest);
    err = outfile_end(file, work->why);
    if (err == ERR_OK)
        *ret = result;
    return err;
}

enum err takeout_write(struct ledger *ledger, const struct takeout *takeout,
                       struct takeout_result *ret_result, struct err_text *ret_why)
{
    struct work work = {
        .ledger = ledger, .plan = &takeout->plan, .progress = progress_begin(), .why = ret_why};
    struct checkpoint checkpoint;
    const char *note = takeout->note->bytes > 0 ? (const char *)takeout->note->data : "";
    if (checkpoint_parse(note, takeout->note->bytes, &checkpoint) != ERR_OK)
        return err_say(ret_why, ERR_INVALID, "the checkpoint is malformed");
    work.size = checkpoint.size;
    enum err err = takeout->plan.kind == DOCKET_PERIOD ? take_period(&work) : ERR_OK;
    if (err == ERR_OK)
        err = write_file(&work, takeout, ret_result);
    progress_end(&work.progress);
    replay_close(work.replay);
    for (size_t i = 0; i < work.count; i++)
        free(work.names[i]);
    free(work.names);
    return err;
}
