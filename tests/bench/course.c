#include "tests/bench/course.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARKDOWN "replay/checklists/blue-green.md" /* run.sh runs where that is */
#define MINUTE_US ((int64_t)60 * 1000000)
#define PIECE 32           /* events that one thread signs and admits in a row */
#define OPENED_MIN (-1800) /* before T0: 30 hours */
#define FIRST_KEY 2        /* stock_key's number of the first player */

/* Where a deployment that is played stands. */
struct seat {
    uint64_t pos; /* of its last entry, and its leaf: what a signer sees */
    uint8_t leaf[HASH_BYTES];
};

/* Events on their way into one commit. */
struct batch {
    struct course *course;
    struct seat *seats;
    size_t from, to; /* acts of each deployment; 0 is the opening */
    size_t count;
    struct admitted **admitted; /* [count], deployment by deployment of one act after the other */
};

void course_id(uint64_t number, char ret[COURSE_ID_BYTES])
{
    snprintf(ret, COURSE_ID_BYTES, "course-%07" PRIu64, number);
}

static const struct player *player_of(const struct course *course, const char *role)
{
    for (size_t i = 0; i < course->player_count; i++) {
        if (registry_role_same(course->players[i].role, role))
            return &course->players[i];
    }
    return NULL;
}

static void put_instant(struct buf *ret, const char *name, int64_t us)
{
    char text[INSTANT_TEXT_BYTES];
    instant_format(us, text);
    buf_printf(ret, "\"%s\":\"%s\"", name, text);
}

static void put_opening(const struct course *course, struct buf *ret)
{
    buf_text(ret, "\"checklist\":\"");
    buf_hex(ret, course->checklist->sha256, HASH_BYTES);
    buf_text(ret, "\",\"rules\":1,\"title\":\"web 2.1.0\",\"release\":\"2.1.0\","
                  "\"environment\":\"production\",\"services\":[\"web\"],"
                  "\"authors\":[\"devin\"],\"reason\":\"scheduled release\",\"roles\":{");
    for (size_t i = 1; i < course->player_count; i++)
        buf_printf(ret, "%s\"%s\":[\"%s\"]", i == 1 ? "" : ",", course->players[i].role,
                   course->players[i].name);
    buf_text(ret, "},");
    put_instant(ret, "t0", course->t0_us);
}

/* The data of an act; ${act} NULL: the opening. */
static void put_data(const struct course *course, const struct plan_act *act,
                     const struct seat *seat, struct buf *ret)
{
    if (act == NULL) {
        put_opening(course, ret);
        return;
    }
    buf_text(ret, act->data);
    if (act->data[0] == '\0')
        put_instant(ret, "t0", course->t0_us);
    if (!act->rests)
        return;
    buf_printf(ret, ",\"basis\":{\"pos\":%" PRIu64 ",\"leaf\":\"", seat->pos);
    buf_hex(ret, seat->leaf, HASH_BYTES);
    buf_text(ret, "\"}");
}

static struct admitted *admit(const struct course *course, uint64_t deployment, size_t step,
                              const struct seat *seat)
{
    const struct plan_act *act = step == 0 ? NULL : &course->plan.acts[step - 1];
    const char *role = act == NULL ? "" : act->role;
    double at_min = act == NULL ? OPENED_MIN : act->at_min;
    char id[COURSE_ID_BYTES];
    struct buf text = {0}, envelope = {0};
    int64_t time_us = course->t0_us + (int64_t)(at_min * 60) * INSTANT_SECOND_US;
    course_id(deployment, id);
    buf_printf(&text,
               "{\"specversion\":\"1.0\",\"id\":\"%s/%zu\",\"source\":\"/bench\",\"type\":"
               "\"dev.countersign.%s.v1\",",
               id, step, act == NULL ? "deployment.opened" : act->type);
    put_instant(&text, "time", time_us);
    buf_printf(&text, ",\"ledger\":\"%s\",\"deployment\":\"%s\",\"data\":{",
               ledger_info(course->stock->ledger)->id_hex, id);
    put_data(course, act, seat, &text);
    buf_text(&text, "}}");
    if (role != NULL)
        stock_sign(&player_of(course, role)->key, &text, &envelope);
    struct admitted *admitted =
        stock_let_in(course->stock, role == NULL ? &text : &envelope, role != NULL);
    buf_free(&text);
    buf_free(&envelope);
    return admitted;
}

static enum err admit_piece(void *ctx, uint64_t index)
{
    struct batch *batch = ctx;
    const struct course *course = batch->course;
    for (size_t i = index * PIECE; i < batch->count && i < (index + 1) * PIECE; i++) {
        size_t seat = i % COURSE_OPEN;
        batch->admitted[i] = admit(course, course->deployments + seat,
                                   batch->from + i / COURSE_OPEN, &batch->seats[seat]);
    }
    return ERR_OK;
}

static void commit(struct batch *batch)
{
    struct course *course = batch->course;
    struct receipt *receipts = mem_zero(batch->count, sizeof(*receipts));
    stock_append(course->stock, batch->admitted, batch->count, receipts);
    for (size_t i = 0; i < batch->count; i++) {
        struct seat *seat = &batch->seats[i % COURSE_OPEN];
        seat->pos = receipts[i].stream_pos;
        memcpy(seat->leaf, receipts[i].leaf, HASH_BYTES);
        admit_free(batch->admitted[i]);
    }
    ledger_receipts_free(receipts, batch->count);
    free(receipts);
    course->entries += batch->count;
}

void course_play(struct course *course, size_t acts)
{
    struct seat *seats = mem_zero(COURSE_OPEN, sizeof(*seats));
    size_t end = course->plan.count + 1 < acts ? course->plan.count + 1 : acts;
    struct batch batch = {.course = course, .seats = seats};
    for (; batch.from < end; batch.from = batch.to) {
        /* Up to the next act whose signer must see what was before it. */
        batch.to = batch.from + 1;
        while (batch.to < end && !course->plan.acts[batch.to - 1].rests &&
               (batch.to - batch.from + 1) * COURSE_OPEN <= BATCH_EVENTS_MAX)
            batch.to++;
        batch.count = (batch.to - batch.from) * COURSE_OPEN;
        batch.admitted = mem_zero(batch.count, sizeof(struct admitted *));
        bench_must(
            pool_each(course->pool, (batch.count + PIECE - 1) / PIECE, admit_piece, NULL, &batch),
            "admitting", NULL);
        commit(&batch);
        free(batch.admitted);
    }
    course->deployments += COURSE_OPEN;
    course->t0_us += 60 * 60 * MINUTE_US;
    free(seats);
}

/* An event of the stream `ledger`, signed by the admin; ${data} is taken. */
static void administer(struct course *course, const char *type, json_t *data)
{
    static unsigned number;
    struct buf text = {0}, envelope = {0};
    struct stock_key admin;
    stock_key(1, &admin);
    buf_printf(&text,
               "{\"specversion\":\"1.0\",\"id\":\"admin-%u\",\"source\":\"/bench\",\"type\":"
               "\"dev.countersign.%s.v1\",\"ledger\":\"%s\",\"data\":",
               number++, type, ledger_info(course->stock->ledger)->id_hex);
    ijson_print(data, &text);
    buf_text(&text, "}");
    stock_sign(&admin, &text, &envelope);
    struct admitted *admitted = stock_let_in(course->stock, &envelope, true);
    stock_append(course->stock, &admitted, 1, NULL);
    admit_free(admitted);
    json_decref(data);
    buf_free(&text);
    buf_free(&envelope);
}

static void enrol(struct course *course, const char *role)
{
    struct buf key = {0};
    if (role == NULL || player_of(course, role) != NULL)
        return;
    struct player *player = MEM_PUSH(course->players, course->player_count, course->player_cap);
    player->role = mem_text(role);
    snprintf(player->name, sizeof(player->name), "person-%zu", course->player_count);
    stock_key((uint8_t)(FIRST_KEY + course->player_count), &player->key);
    sshkey_format(&player->key.key, &key);
    administer(
        course, "key.enrolled",
        json_pack("{s:s, s:s}", "principal", player->name, "public_key", (const char *)key.data));
    administer(course, "role.granted",
               json_pack("{s:s, s:s}", "principal", player->name, "role",
                         role[0] == '\0' ? "deployer" : role));
    buf_free(&key);
}

void course_new(struct course *course, struct stock *stock, struct pool *pool)
{
    struct buf markdown = {0};
    struct err_text why;
    int64_t last_us = 0;
    *course = (struct course){.stock = stock, .pool = pool};
    bench_must(files_input(MARKDOWN, CHECKLIST_BYTES_MAX, &markdown, &why), MARKDOWN, &why);
    bench_must(checklist_compile(markdown.data, markdown.bytes, &course->checklist, &why), MARKDOWN,
               &why);
    plan_make(course->checklist, &course->plan);
    enrol(course, "");
    for (size_t i = 0; i < course->checklist->node_count; i++) {
        enrol(course, course->checklist->nodes[i].role);
        enrol(course, course->checklist->nodes[i].authority);
    }
    administer(
        course, "checklist.published",
        json_pack("{s:s, s:s}", "name", "blue-green", "markdown", (const char *)markdown.data));
    bench_must(ledger_last_us(stock->ledger, &last_us, &why), "the last time", &why);
    course->t0_us = last_us + 2 * INSTANT_DAY_US;
    buf_free(&markdown);
}

void course_free(struct course *course)
{
    for (size_t i = 0; i < course->player_count; i++)
        free(course->players[i].role);
    free(course->players);
    plan_free(&course->plan);
    checklist_free(course->checklist);
    *course = (struct course){.stock = NULL};
}
