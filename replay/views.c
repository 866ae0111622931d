#include "replay/views.h"

#include <stdlib.h>
#include <string.h>

#include "replay/between.h"
#include "replay/comparison.h"
#include "replay/errand.h"
#include "replay/shown.h"
#include "replay/state_json.h"
#include "replay/timeline.h"
#include "replay/why.h"

#define VIEWS_MAGIC MAGIC('V', 'i', 'e', 'w')

struct views {
    uint32_t magic;
    struct errand errand;
};

enum err views_open(const char *dir, struct views **ret_views, struct err_text *ret_why)
{
    struct errand errand = {0};
    enum err err = errand_open_all(dir, &errand, ret_why);
    if (err != ERR_OK)
        return err;
    struct views *views = mem_zero(1, sizeof(*views));
    views->magic = VIEWS_MAGIC;
    views->errand = errand;
    *ret_views = views;
    return ERR_OK;
}

void views_close(struct views *views)
{
    if (views == NULL)
        return;
    CHECK_OBJ(views, VIEWS_MAGIC);
    errand_close(&views->errand);
    views->magic = 0;
    free(views);
}

enum err views_moment(struct views *views, const char *id, const char *text, uint64_t *ret_to_seq,
                      int64_t *ret_time_us, struct err_text *ret_why)
{
    CHECK_OBJ(views, VIEWS_MAGIC);
    struct moment moment;
    enum err err = moment_find(&views->errand, id, text, &moment, ret_why);
    if (err != ERR_OK)
        return err;
    *ret_to_seq = moment.to_seq;
    *ret_time_us = moment.time_us;
    return ERR_OK;
}

/* One more of the list, if it is a deployment; counts its entries. */
static enum err add_one(struct views *views, const char *id, json_t *list, uint64_t *entries,
                        struct err_text *ret_why)
{
    struct deployment *deployment = NULL;
    if (!replay_is_deployment(id))
        return ERR_OK;
    enum err err = errand_head(&views->errand, id, &deployment, ret_why);
    if (err != ERR_OK)
        return err;
    *entries += deployment->entries;
    json_array_append_new(list, state_json_brief(deployment, ledger_info(views->errand.ledger)));
    deployment_free(deployment);
    return ERR_OK;
}

/* The first deployment behind `after`; "" for none. */
static enum err next_of(struct views *views, const char *after, char ret_id[STREAM_BYTES_MAX + 1],
                        struct err_text *ret_why)
{
    char id[STREAM_BYTES_MAX + 1], next[STREAM_BYTES_MAX + 1] = "";
    bool found = true;
    enum err err = ERR_OK;
    memcpy(id, after, strlen(after) + 1);
    do {
        err = ledger_stream_after(views->errand.ledger, id, next, &found, ret_why);
        memcpy(id, next, sizeof(id));
    } while (err == ERR_OK && found && !replay_is_deployment(next));
    if (err == ERR_OK)
        memcpy(ret_id, found ? next : "", found ? sizeof(next) : 1);
    return err;
}

enum err views_list(struct views *views, const char *after, uint64_t limit, struct buf *buf,
                    struct err_text *ret_why)
{
    CHECK_OBJ(views, VIEWS_MAGIC);
    char id[STREAM_BYTES_MAX + 1] = "", last[STREAM_BYTES_MAX + 1] = "";
    uint64_t entries = 0;
    json_t *list = json_array();
    enum err err = ledger_refresh(views->errand.ledger, ret_why);
    if (err == ERR_OK)
        err = next_of(views, after, id, ret_why);
    while (err == ERR_OK && id[0] != '\0' && json_array_size(list) < limit &&
           entries < VIEWS_ENTRIES_MAX) {
        err = add_one(views, id, list, &entries, ret_why);
        memcpy(last, id, sizeof(last));
        if (err == ERR_OK)
            err = next_of(views, last, id, ret_why);
    }
    if (err != ERR_OK) {
        json_decref(list);
        return err;
    }
    json_t *page = json_object();
    json_object_set_new(page, "deployments", list);
    json_object_set_new(page, "next", id[0] != '\0' ? json_string(last) : json_null());
    ijson_print(page, buf);
    buf_text(buf, "\n");
    json_decref(page);
    return ERR_OK;
}

/* The registry as of now, and whether the deployment is there. */
static enum err look_up(struct views *views, const char *id, struct err_text *ret_why)
{
    uint64_t seq = 0;
    bool found = false;
    enum err err = ledger_refresh(views->errand.ledger, ret_why);
    if (err == ERR_OK && replay_is_deployment(id))
        err = ledger_stream_seq(views->errand.ledger, id, 0, &seq, &found, ret_why);
    if (err == ERR_OK && !found)
        err = err_say(ret_why, ERR_NOT_FOUND, "no deployment has the id '%.128s'", id);
    return err;
}

enum err views_state(struct views *views, const char *id, const char *at, struct buf *buf,
                     struct err_text *ret_why)
{
    CHECK_OBJ(views, VIEWS_MAGIC);
    enum err err = look_up(views, id, ret_why);
    if (err == ERR_OK)
        err = shown_json(&views->errand, id, at, buf, ret_why);
    return err;
}

enum err views_timeline(struct views *views, const char *id, const char *format, struct buf *buf,
                        struct err_text *ret_why)
{
    CHECK_OBJ(views, VIEWS_MAGIC);
    struct timeline *timeline = NULL;
    timeline_format_fn *print = timeline_format(format);
    enum err err = look_up(views, id, ret_why);
    if (err == ERR_OK && print == NULL)
        err = err_say(ret_why, ERR_USAGE, "'format' is json, text, csv, html, md or grafana");
    if (err == ERR_OK)
        err = timeline_make(&views->errand, id, &timeline, ret_why);
    if (err == ERR_OK && print != NULL)
        print(timeline, buf);
    timeline_free(timeline);
    return err;
}

enum err views_diff(struct views *views, const char *id, const char *from, const char *to,
                    struct buf *buf, struct err_text *ret_why)
{
    CHECK_OBJ(views, VIEWS_MAGIC);
    const char *const moments[2] = {from != NULL ? from : "open", to != NULL ? to : "now"};
    enum err err = look_up(views, id, ret_why);
    return err == ERR_OK ? between_make(&views->errand, id, moments, true, buf, ret_why) : err;
}

enum err views_compare(struct views *views, const char *const ids[2], struct buf *buf,
                       struct err_text *ret_why)
{
    CHECK_OBJ(views, VIEWS_MAGIC);
    enum err err = look_up(views, ids[0], ret_why);
    if (err == ERR_OK)
        err = look_up(views, ids[1], ret_why);
    return err == ERR_OK ? comparison_make(&views->errand, ids, true, buf, ret_why) : err;
}

enum err views_why(struct views *views, const char *id, const char *of, const char *at,
                   struct buf *buf, struct err_text *ret_why)
{
    CHECK_OBJ(views, VIEWS_MAGIC);
    struct why why = {.held = NULL};
    enum err err = look_up(views, id, ret_why);
    if (err == ERR_OK)
        err = why_make(&views->errand, id, of, at, &why, ret_why);
    if (err == ERR_OK) {
        json_t *json = cause_json(&why.cause);
        ijson_pretty(json, buf);
        json_decref(json);
    }
    why_free(&why);
    return err;
}
