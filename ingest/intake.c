#include "ingest/intake.h"

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/account.h"
#include "ingest/inlet.h"

#define INTAKE_MAGIC MAGIC('I', 'n', 't', 'k')

struct intake {
    uint32_t magic;
    struct intake_config config;
    struct courier courier; /* of what is not signed */
    bool token_bad;         /* the token is none */
    struct inlet *inlet;
    struct sink *sink;
    sem_t woken;
    size_t waiting;      /* jobs that have not come back */
    enum err err;        /* OK, or why the ledger can no longer be written */
    struct err_text why; /* of that */
};

/* A sink_wake_fn. */
static void wake(void *ctx)
{
    struct intake *intake;
    CAST_OBJ(intake, ctx, INTAKE_MAGIC);
    ASSERT(sem_post(&intake->woken) == 0);
}

enum err intake_new(const struct intake_config *config, struct intake **ret_intake,
                    struct err_text *ret_why)
{
    struct intake *intake = mem_zero(1, sizeof(*intake));
    const struct inlet_config taking = {.ledger = config->ledger, .judge = config->judge};
    intake->magic = INTAKE_MAGIC;
    intake->config = *config;
    if (config->token != NULL)
        intake->token_bad = admit_credential(config->token, &intake->courier) != ERR_OK;
    intake->courier.origin = ORIGIN_CLI;
    ASSERT(sem_init(&intake->woken, 0, 0) == 0);
    intake->sink = sink_new(wake, intake);
    enum err err = inlet_start(&taking, &intake->inlet, ret_why);
    if (err == ERR_OK) {
        *ret_intake = intake;
        intake = NULL;
    }
    intake_free(intake);
    return err;
}

void intake_free(struct intake *intake)
{
    if (intake == NULL)
        return;
    CHECK_OBJ(intake, INTAKE_MAGIC);
    inlet_free(intake->inlet);
    sink_free(intake->sink);
    ASSERT(sem_destroy(&intake->woken) == 0);
    free(intake);
}

/* Tell of the jobs that have come back. */
static enum err tell_all(struct intake *intake, struct err_text *ret_why)
{
    const struct intake_config *config = &intake->config;
    struct job *jobs = sink_take(intake->sink);
    while (jobs != NULL) {
        struct job *job = jobs;
        jobs = job->next;
        intake->waiting--;
        if (job->err == ERR_IO || job->err == ERR_DAMAGED) {
            intake->err = job->err;
            intake->why = job->why;
        } else {
            account_refused(config->ledger, job);
            config->done(config->ctx, job->number, job->err, &job->why,
                         job->err == ERR_OK ? job->receipts : NULL);
        }
        job_free(job);
    }
    if (intake->err != ERR_OK)
        *ret_why = intake->why;
    return intake->err;
}

/* Tell of what comes back next. */
static enum err wait_for_some(struct intake *intake, struct err_text *ret_why)
{
    while (sem_wait(&intake->woken) != 0)
        ;
    return tell_all(intake, ret_why);
}

/* Hand over a job as soon as there is room. */
static enum err hand_over(struct intake *intake, struct job *job, struct err_text *ret_why)
{
    enum err err = tell_all(intake, ret_why);
    while (err == ERR_OK && inlet_push(intake->inlet, job) != NULL)
        err = wait_for_some(intake, ret_why);
    if (err == ERR_OK)
        intake->waiting++;
    else
        job_free(job);
    return err;
}

enum err intake_add(struct intake *intake, uint64_t line, const struct piece *message,
                    struct err_text *ret_why)
{
    CHECK_OBJ(intake, INTAKE_MAGIC);
    struct job *job = job_new(intake->sink, NULL);
    struct err_text why;
    job->number = line;
    job->courier = (struct courier){.origin = ORIGIN_CLI};
    buf_add(&job->message, message->data, message->bytes);
    if (dsse_is_envelope(message->data, message->bytes)) {
        job->media = DSSE_MEDIA_TYPE;
    } else if (intake->token_bad) {
        enum err err = err_say(&why, ERR_UNAUTHENTICATED, "COUNTERSIGN_TOKEN is no token");
        job_refuse(job, err, &why);
    } else {
        job->courier = intake->courier;
    }
    return hand_over(intake, job, ret_why);
}

enum err intake_reject(struct intake *intake, uint64_t line, enum err err,
                       const struct err_text *why, struct err_text *ret_why)
{
    struct job *job = job_new(intake->sink, NULL);
    job->number = line;
    job->courier.origin = ORIGIN_CLI;
    job_refuse(job, err, why);
    return hand_over(intake, job, ret_why);
}

enum err intake_flush(struct intake *intake, struct err_text *ret_why)
{
    enum err err = tell_all(intake, ret_why);
    while (err == ERR_OK && intake->waiting > 0)
        err = wait_for_some(intake, ret_why);
    return err;
}
