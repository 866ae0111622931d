/* timeline - every entry of a deployment, told, judged and set against T0, with what follows from
 * them: how the phases kept their windows, the longest silences, the readings of each threshold.
 */
#ifndef REPLAY_TIMELINE_H
#define REPLAY_TIMELINE_H

#include "replay/deployment.h"
#include "replay/narrative.h"

struct errand;
struct replay_step;

#define TIMELINE_SILENCES 3 /* how many of the longest are kept */

struct timeline_row {
    uint64_t seq;
    uint64_t pos;
    int64_t time_us;
    bool has_claimed;
    int64_t claimed_us;
    char *principal;
    bool has_key;
    uint8_t key_id[KEY_ID_BYTES]; /* of the first signature */
    uint8_t origin;
    struct narrative said;
    size_t node; /* index of said.node, or CHECKLIST_NONE */
    size_t lane; /* index in the timeline's lanes */
    struct verdict verdict;
    bool has_number; /* of a field's value, or a sample's */
    double number;
    char *metric; /* of a sample */
    char *unit;   /* of a field's value or a sample, "" without one; NULL of all else */
};

/* How the acts on a section's nodes kept its window.  A ## has those of its ### too. */
struct timeline_section {
    size_t acts;      /* accepted entries on its nodes, notes aside */
    int64_t first_us; /* of the first and the last; only if there are any */
    int64_t last_us;
    size_t late;     /* with the flag late */
    int64_t late_us; /* how long after the window's end the last act was; 0 if it was not */
};

/* Those who acted in one role, or in none. */
struct timeline_lane {
    char *name; /* "Security Lead", "Release Manager / Deployment Lead", "pipelines", "deployer" */
    char *who;  /* "sam, lee" */
    size_t acts, refused, flagged;
    int64_t first_us, last_us;
};

struct timeline_silence {
    uint64_t from_seq, to_seq; /* the entries before and after it */
    int64_t length_us;
};

/* The readings of one item's threshold: values of fields and samples that measure it. */
struct timeline_threshold {
    size_t item;
    size_t readings;
    size_t outside;
    size_t worst; /* row index; only if there are readings, as last */
    size_t last;
};

struct timeline {
    uint32_t magic;
    struct deployment *deployment; /* owned: the state at the end */
    bool simulated;
    const char *origin; /* borrowed from the ledger */
    struct timeline_row *rows;
    size_t row_count;
    size_t row_cap;
    struct timeline_section *sections;                   /* [checklist->section_count], or NULL */
    struct timeline_silence silences[TIMELINE_SILENCES]; /* longest first */
    size_t silence_count;
    struct timeline_lane *lanes; /* in order of their first act */
    size_t lane_count;
    size_t lane_cap;
    bool blameless;                        /* roles stand for names, and keys are left out */
    struct timeline_threshold *thresholds; /* in order of the document */
    size_t threshold_count;
    size_t threshold_cap;
};

/**
 * timeline_make(errand, id, ret_timeline, ret_why): The deployment's timeline up to now.  Free it
 * before ${errand} is closed.  Errors: NOT_FOUND (no entries), IO, DAMAGED.
 * timeline_free(timeline): NULL is fine.
 */
MUST_CHECK enum err timeline_make(struct errand *errand, const char *id,
                                  struct timeline **ret_timeline, struct err_text *ret_why);
void timeline_free(struct timeline *timeline);

/**
 * timeline_new(info): An empty timeline of a deployment of the ledger that ${info} tells of.
 * timeline_add(timeline, step): Add a row; a replay_step_fn.
 * timeline_end(timeline, deployment): No more rows come: take ${deployment}, the state after the
 * last of them, and sum up.  What timeline_make does is these three.
 */
struct timeline *timeline_new(const struct ledger_info *info);
void timeline_add(void *timeline, const struct replay_step *step);
void timeline_end(struct timeline *timeline, struct deployment *deployment);

/**
 * timeline_outside(timeline, row): The first item whose threshold the value of the row is outside
 * of, or NULL.  After timeline_end.
 */
const struct node *timeline_outside(const struct timeline *timeline,
                                    const struct timeline_row *row);

/**
 * timeline_notable(timeline, row): Whether a post-mortem speaks of it: what decided, went wrong,
 * was refused or flagged, was said; not each check that passed.
 */
bool timeline_notable(const struct timeline *timeline, const struct timeline_row *row);

/**
 * timeline_text(timeline, buf), timeline_json(timeline, buf), timeline_csv(timeline, buf),
 * timeline_html(timeline, buf), timeline_md(timeline, buf), timeline_grafana(timeline, buf): Append
 * it for people on 100 columns; as one JSON object; as RFC 4180 rows that a spreadsheet does not
 * take for formulas; as one HTML page that needs nothing else; as Markdown for a post-mortem, only
 * what is notable; as a JSON array of Grafana annotations.
 *
 * timeline_svg(timeline, buf): Append its chart: phases, roles and thresholds over time.
 */
void timeline_text(const struct timeline *timeline, struct buf *buf);
void timeline_json(const struct timeline *timeline, struct buf *buf);
void timeline_csv(const struct timeline *timeline, struct buf *buf);
void timeline_html(const struct timeline *timeline, struct buf *buf);
void timeline_md(const struct timeline *timeline, struct buf *buf);
void timeline_grafana(const struct timeline *timeline, struct buf *buf);
void timeline_svg(const struct timeline *timeline, struct buf *buf);

typedef void timeline_format_fn(const struct timeline *timeline, struct buf *buf);

/**
 * timeline_format(name): What a name means: text, json, csv, html, md or grafana; else NULL.
 */
timeline_format_fn *timeline_format(const char *name);

/**
 * timeline_label(timeline, row): The label of the row's node, or NULL.
 * timeline_reading(row): The value and unit of a field or sample, as they were written.
 * timeline_claims(row): Whether its claimed time is a second or more from its time_us: worth a
 * person's notice.
 * timeline_took(timeline, section, buf): Append "took 2 min, T-1:08:00 to T-1:06:00".
 * timeline_lateness(section, buf): Append "2 late; the last 19 min after the window's end".
 * timeline_silence(silence, buf): Append "2 h 5 min between seq 41 and 42".
 * timeline_offset(timeline, time_us, buf): Append "T+12:30"; nothing without a T+0.
 */
const char *timeline_label(const struct timeline *timeline, const struct timeline_row *row);
const char *timeline_reading(const struct timeline_row *row);
bool timeline_claims(const struct timeline_row *row);
void timeline_took(const struct timeline *timeline, const struct timeline_section *section,
                   struct buf *buf);
void timeline_lateness(const struct timeline_section *section, struct buf *buf);
void timeline_silence(const struct timeline_silence *silence, struct buf *buf);
void timeline_offset(const struct timeline *timeline, int64_t time_us, struct buf *buf);

#endif
