#include "ingest/job.h"

#include <stdlib.h>
#include <string.h>

struct job *job_new(struct sink *sink, void *owner)
{
    struct job *job = mem_zero(1, sizeof(*job));
    job->magic = JOB_MAGIC;
    job->media = EVENT_MEDIA_TYPE;
    job->sink = sink;
    job->owner = owner;
    job->count = 1;
    return job;
}

void job_refuse(struct job *job, enum err err, const struct err_text *why)
{
    job_clear(job);
    job->settled = true;
    job->err = err;
    job->why = *why;
    job->state = JOB_READY;
}

void job_own(struct job *job, struct admitted *admitted)
{
    job_clear(job);
    job->settled = true;
    job->admitted = mem_zero(1, sizeof(struct admitted *));
    job->admitted[0] = admitted;
    job->state = JOB_READY;
}

void job_clear(struct job *job)
{
    if (job->receipts != NULL)
        ledger_receipts_free(job->receipts, job->count);
    free(job->receipts);
    for (size_t i = 0; job->admitted != NULL && i < job->count; i++)
        admit_free(job->admitted[i]);
    free(job->admitted);
    job->receipts = NULL;
    job->admitted = NULL;
    job->count = 1;
    job->accepts_clock = false;
    job->counted = false;
    job->err = ERR_OK;
    job->why.s[0] = '\0';
}

void job_free(struct job *job)
{
    if (job == NULL)
        return;
    CHECK_OBJ(job, JOB_MAGIC);
    job_clear(job);
    buf_free(&job->message);
    buf_free(&job->reply);
    free(job->deployment);
    job->magic = 0;
    free(job);
}

bool job_is_let_in(const struct job *job)
{
    return job->err == ERR_OK && job->admitted != NULL;
}

bool job_is_batch(const struct job *job)
{
    return strcmp(job->media, BATCH_MEDIA_TYPE) == 0;
}

bool job_acts(const struct job *job)
{
    bool acts = false;
    for (size_t i = 0; job_is_let_in(job) && i < job->count; i++)
        acts = acts || strcmp(job->admitted[i]->part.stream, "ledger") == 0;
    return acts;
}
