#include "reports/reconciliation.h"

#include <stdlib.h>
#include <string.h>

/* The digest in hex that stands in a text, as in "sha256:…" or a package URL; NULL if there is
 * none. */
static char *digest_in(const char *text)
{
    static const char hex[] = "0123456789abcdef";
    for (const char *at = text; *at != '\0'; at++) {
        size_t run = strspn(at, hex);
        if (run == 2 * (size_t)HASH_BYTES)
            return mem_text_n(at, run);
        at += run > 0 ? run - 1 : 0;
    }
    return NULL;
}

/* A text by which a deployment is found. */
struct key {
    const char *text;
    struct platform_deployment *of;
};

/* Sorted by text, then by opening: deployments stand in the order of their openings. */
struct keys {
    struct key *list;
    size_t count, cap;
};

static int key_order(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order != 0 ? order : (a->of > b->of) - (a->of < b->of);
}

static void add_key(struct keys *keys, const char *text, struct platform_deployment *of)
{
    if (text != NULL)
        *(struct key *)MEM_PUSH(keys->list, keys->count, keys->cap) = (struct key){text, of};
}

/* The deployment with the key that was opened last by ${time_us}, or NULL. */
static struct platform_deployment *last_with(const struct keys *keys, const char *text,
                                             int64_t time_us)
{
    size_t low = 0, high = keys->count; /* keys below low are at or before what is looked for */
    while (text != NULL && low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(keys->list[middle].text, text);
        if (order < 0 || (order == 0 && keys->list[middle].of->opened_us <= time_us))
            low = middle + 1;
        else
            high = middle;
    }
    bool found = text != NULL && low > 0 && strcmp(keys->list[low - 1].text, text) == 0;
    return found ? keys->list[low - 1].of : NULL;
}

/* How deployments are found. */
struct directory {
    struct keys ids, artifacts, releases;
};

static void fill_directory(struct platform *platform, struct directory *directory)
{
    struct keys *const all[] = {&directory->ids, &directory->artifacts, &directory->releases};
    for (size_t i = 0; i < platform->deployment_count; i++) {
        struct platform_deployment *deployment = &platform->deployments[i];
        add_key(&directory->ids, deployment->id, deployment);
        add_key(&directory->releases, deployment->release, deployment);
        for (size_t j = 0; j < deployment->artifact_count; j++)
            add_key(&directory->artifacts, deployment->artifacts[j], deployment);
    }
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i]->count > 0)
            qsort(all[i]->list, all[i]->count, sizeof(struct key), key_order);
    }
}

/* The one opened last by then that names the artifact, by its text or by the digest in it. */
static struct platform_deployment *with_artifact(const struct keys *artifacts,
                                                 const struct platform_event *event)
{
    char *digest = event->artifact == NULL ? NULL : digest_in(event->artifact);
    struct platform_deployment *by_text = last_with(artifacts, event->artifact, event->time_us);
    struct platform_deployment *by_digest = last_with(artifacts, digest, event->time_us);
    free(digest);
    return by_text == NULL || (by_digest != NULL && by_digest > by_text) ? by_digest : by_text;
}

static struct platform_deployment *match(const struct directory *directory,
                                         const struct platform_event *event, const char **ret_by)
{
    *ret_by = "stream";
    if (event->stream != NULL && replay_is_deployment(event->stream))
        return last_with(&directory->ids, event->stream, INT64_MAX);
    *ret_by = "id";
    struct platform_deployment *found = last_with(&directory->ids, event->deployment, INT64_MAX);
    if (found != NULL)
        return found;
    *ret_by = "artifact";
    found = with_artifact(&directory->artifacts, event);
    if (found != NULL)
        return found;
    *ret_by = "release";
    return last_with(&directory->releases, event->release, event->time_us);
}

static void add_event(struct tables *tables, const struct platform_event *event,
                      const struct platform_deployment *deployment, const char *by)
{
    struct sheet *sheet = tables->sheets[FORM_RECONCILIATION];
    bool own = event->stream != NULL && replay_is_deployment(event->stream);
    sheet_add(sheet);
    sheet_put_text(sheet, REC_RESULT, deployment != NULL ? "matched" : "no-deployment");
    if (event->seq != SEQ_NONE)
        sheet_put_number(sheet, REC_SEQ, event->seq);
    if (event->line > 0)
        sheet_put_number(sheet, REC_LINE, event->line);
    sheet_put_number(sheet, REC_TIME, (uint64_t)event->time_us);
    sheet_put_text(sheet, REC_DEPLOYMENT,
                   deployment != NULL ? deployment->id
                   : own              ? event->stream
                                      : event->deployment);
    sheet_put_text(sheet, REC_BY, deployment != NULL ? by : NULL);
    sheet_put_text(sheet, REC_TYPE, event->type);
    sheet_put_text(sheet, REC_SERVICE, event->service);
    sheet_put_text(sheet, REC_ARTIFACT, event->artifact);
    sheet_put_text(sheet, REC_ENVIRONMENT, event->environment);
}

static void event_alone(struct tables *tables, const struct platform_event *event)
{
    const struct row_place place = {event->seq,    event->pos,       event->time_us,
                                    event->stream, event->principal, event->leaf};
    struct buf text = {0};
    if (event->line > 0)
        buf_printf(&text, "line %llu of the platform's file: ", (unsigned long long)event->line);
    buf_text(&text, "a deploy event of the platform without a deployment");
    tables_exception(tables, &place, "unreconciled", NULL, (const char *)text.data);
    buf_free(&text);
}

static void deployment_alone(struct tables *tables, const struct platform_deployment *deployment)
{
    struct sheet *sheet = tables->sheets[FORM_RECONCILIATION];
    const struct row_place place = {deployment->opened_seq, deployment->opened_pos,
                                    deployment->opened_us,  deployment->id,
                                    deployment->opened_by,  deployment->opened_leaf};
    sheet_add(sheet);
    sheet_put_text(sheet, REC_RESULT, "no-event");
    sheet_put_number(sheet, REC_SEQ, deployment->opened_seq);
    sheet_put_number(sheet, REC_TIME, (uint64_t)deployment->opened_us);
    sheet_put_text(sheet, REC_DEPLOYMENT, deployment->id);
    tables_exception(tables, &place, "unreconciled", NULL,
                     "no deploy event of the platform tells of this deployment");
}

static int event_order(const void *left, const void *right)
{
    const struct platform_event *a = left, *b = right;
    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static int deployment_order(const void *left, const void *right)
{
    const struct platform_deployment *a = left, *b = right;
    if (a->opened_us != b->opened_us)
        return a->opened_us < b->opened_us ? -1 : 1;
    return (a->opened_seq > b->opened_seq) - (a->opened_seq < b->opened_seq);
}

/* By time, both sides. */
static void sort(struct platform *platform)
{
    if (platform->event_count > 0)
        qsort(platform->events, platform->event_count, sizeof(*platform->events), event_order);
    if (platform->deployment_count > 0)
        qsort(platform->deployments, platform->deployment_count, sizeof(*platform->deployments),
              deployment_order);
}

/* The events of the period, those that match nothing first or those that match. */
static void add_events(struct tables *tables, const struct directory *directory, bool matched)
{
    struct platform *platform = &tables->platform;
    bool file = tables->params->has_platform;
    for (size_t i = 0; i < platform->event_count; i++) {
        const struct platform_event *event = &platform->events[i];
        const char *by;
        struct platform_deployment *deployment = match(directory, event, &by);
        if (deployment != NULL && (event->line > 0) == file)
            deployment->told = true;
        if ((deployment != NULL) != matched || !tables_in(tables, event->time_us))
            continue;
        add_event(tables, event, deployment, by);
        if (deployment == NULL)
            event_alone(tables, event);
    }
}

const char *reconciliation_fill(struct tables *tables)
{
    struct platform *platform = &tables->platform;
    struct directory directory = {.ids = {.count = 0}};
    sort(platform);
    fill_directory(platform, &directory);
    bool source = tables->params->has_platform || platform->event_count > 0;
    add_events(tables, &directory, false);
    for (size_t i = 0; source && i < platform->deployment_count; i++) {
        const struct platform_deployment *deployment = &platform->deployments[i];
        if (deployment->listed && !deployment->told)
            deployment_alone(tables, deployment);
    }
    add_events(tables, &directory, true);
    free(directory.ids.list);
    free(directory.artifacts.list);
    free(directory.releases.list);
    if (tables->params->has_platform)
        return "Deploy events of the platform's file, whose digest is a parameter, and CDEvents of "
               "the ledger, matched to deployments; the file must tell of each deployment.";
    return source ? "CDEvents of the ledger (service.deployed, upgraded, rolledback), matched to "
                    "deployments."
                  : "No source: no deploy events of the platform are in the ledger, and no file of "
                    "the platform's was given. That each deployment of the platform is in the "
                    "population is not shown by this report.";
}
