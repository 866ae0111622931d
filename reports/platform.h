/* platform - what the platform says was deployed (CDEvents of the ledger, or a file of the
 * platform's), against the deployments of the ledger.
 */
#ifndef REPORTS_PLATFORM_H
#define REPORTS_PLATFORM_H

#include "replay/replay.h"
#include "reports/sheet.h"

/* A deploy event; texts are owned, NULL where not told. */
struct platform_event {
    uint64_t line;     /* of the file, from 1; 0: it is an entry of the ledger */
    uint64_t seq, pos; /* of an entry; seq is SEQ_NONE of the file's */
    uint8_t leaf[HASH_BYTES];
    int64_t time_us;
    char *stream; /* the entry's, `inbox` included; NULL of the file's */
    char *principal;
    char *type, *service, *artifact, *environment;
    char *deployment; /* the id that the event itself tells */
    char *release;
};

/* A deployment to match it to. */
struct platform_deployment {
    char *id, *release, *opened_by;
    char **artifacts; /* digests in hex, and uris */
    size_t artifact_count, artifact_cap;
    uint64_t opened_seq, opened_pos;
    uint8_t opened_leaf[HASH_BYTES];
    int64_t opened_us;
    bool listed; /* in the population */
    bool told;   /* a deploy event of the source tells of it */
};

/* Zero-initialised is empty. */
struct platform {
    struct platform_event *events;
    size_t event_count, event_cap;
    struct platform_deployment *deployments; /* in order of first_seq, until they are matched */
    size_t deployment_count, deployment_cap;
};

/**
 * platform_free(platform): Free what it owns; it is empty again.
 * platform_move(from, to): Append what *${from} has, and leave it empty.
 * platform_is(event): Whether it is a CDEvents service.deployed, upgraded or rolledback.
 * platform_add(platform, record, event): Add such an event, with its data.
 * platform_add_deployment(platform, deployment, listed): Add an opened one.
 * platform_read(platform, text, bytes, ret_why): Add the rows of a CSV file (RFC 4180, UTF-8) whose
 * head names `time` (RFC 3339), and at least one of `deployment`, `artifact` (a digest or uri) and
 * `release`; `service`, `environment` and `type` are taken along.  Errors: INVALID, with the line.
 */
void platform_free(struct platform *platform);
void platform_move(struct platform *from, struct platform *to);
bool platform_is(const struct event *event);
void platform_add(struct platform *platform, const struct record *record,
                  const struct event *event);
void platform_add_deployment(struct platform *platform, const struct deployment *deployment,
                             bool listed);
MUST_CHECK enum err platform_read(struct platform *platform, const char *text, size_t bytes,
                                  struct err_text *ret_why);

#endif
