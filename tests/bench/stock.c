#include "tests/bench/stock.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OPEN 32    /* deployments that are open at a time */
#define LENGTH 500 /* events of a deployment */

static const char *const sources[] = {"/ci/pipeline", "/cluster/eu-1", "/monitoring", "/console"};

#define ADMIN 1 /* its key; who also signs events */

void stock_key(uint8_t number, struct stock_key *ret)
{
    uint8_t seed[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES];
    memset(seed, number, sizeof(seed));
    crypto_sign_seed_keypair(public_key, ret->secret, seed);
    sshkey_from_ed25519(public_key, &ret->key);
}

/* The token's secret is no secret: it opens nothing but ledgers that are removed. */
static void token_secret(uint8_t ret[TOKEN_BYTES])
{
    memset(ret, 7, TOKEN_BYTES);
}

void stock_sign(const struct stock_key *key, const struct buf *text, struct buf *ret)
{
    uint8_t signature[ED25519_SIG_BYTES];
    struct dsse dsse = {.payload = *text, .sig_count = 1};
    struct buf pae = {0};
    dsse_pae(EVENT_MEDIA_TYPE, text->data, text->bytes, &pae);
    crypto_sign_detached(signature, NULL, pae.data, pae.bytes, key->secret);
    memcpy(dsse.sigs[0].key_id, key->key.id, KEY_ID_BYTES);
    dsse.sigs[0].data = signature;
    dsse.sigs[0].bytes = sizeof(signature);
    dsse_format(&dsse, ret);
    buf_free(&pae);
}

static void sign_text(const struct buf *text, struct buf *ret)
{
    struct stock_key key;
    stock_key(ADMIN, &key);
    stock_sign(&key, text, ret);
}

struct admitted *stock_let_in(const struct stock *stock, const struct buf *text, bool is_envelope)
{
    const struct courier nobody = {.origin = ORIGIN_CLI};
    struct admitted *admitted = NULL;
    struct err_text why;
    const struct admit_message message = {is_envelope ? DSSE_MEDIA_TYPE : EVENT_MEDIA_TYPE,
                                          text->data, text->bytes, NULL};
    ledger_lock(stock->ledger, false);
    enum err err = admit_event(ledger_admission(stock->ledger), ledger_registry(stock->ledger),
                               is_envelope ? &nobody : &stock->courier, &message, &admitted, &why);
    ledger_unlock(stock->ledger);
    bench_must(err, "admitting an event", &why);
    return admitted;
}

static void token_issue(struct stock *stock)
{
    uint8_t secret[TOKEN_BYTES], sha256[HASH_BYTES];
    struct buf hex = {0}, text = {0}, envelope = {0};
    token_secret(secret);
    hash_bytes(secret, sizeof(secret), sha256);
    buf_hex(&hex, sha256, sizeof(sha256));
    buf_printf(
        &text,
        "{\"specversion\":\"1.0\",\"id\":\"token\",\"source\":\"/bench\","
        "\"type\":\"dev.countersign.token.issued.v1\",\"ledger\":\"%s\","
        "\"data\":{\"principal\":\"pipeline\",\"sha256\":\"%s\",\"scopes\":[\"write\",\"read\"]}}",
        ledger_info(stock->ledger)->id_hex, (const char *)hex.data);
    sign_text(&text, &envelope);
    struct admitted *admitted = stock_let_in(stock, &envelope, true);
    stock_append(stock, &admitted, 1, NULL);
    admit_free(admitted);
    buf_free(&hex);
    buf_free(&text);
    buf_free(&envelope);
}

void stock_token(char ret[STOCK_TOKEN_BYTES])
{
    uint8_t secret[TOKEN_BYTES];
    token_secret(secret);
    sodium_bin2base64(ret, STOCK_TOKEN_BYTES, secret, sizeof(secret),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* What `append` and the daemon do with COUNTERSIGN_TOKEN and Authorization, once. */
static void authenticate(struct stock *stock)
{
    char token[STOCK_TOKEN_BYTES];
    stock_token(token);
    const struct registry *registry = ledger_registry(stock->ledger);
    bench_must(admit_token(registry, token, registry_size(registry), ledger_now(stock->ledger),
                           &stock->courier),
               "the token", NULL);
    stock->courier.origin = ORIGIN_CLI;
}

static void make(struct stock *stock, const char *dir, const char *name,
                 const struct ledger_create *create)
{
    struct err_text why;
    memset(stock, 0, sizeof(*stock));
    stock->path = files_path(dir, name);
    bench_must(ledger_create(stock->path, create, &why), stock->path, &why);
    bench_must(ledger_open(stock->path, true, &stock->ledger, &why), stock->path, &why);
    token_issue(stock);
    authenticate(stock);
}

static const char *const admins[] = {"root"};

void stock_new(struct stock *stock, const char *dir, const char *name, bool random_ids)
{
    struct timespec now;
    struct stock_key admin;
    stock_key(ADMIN, &admin);
    clock_gettime(CLOCK_REALTIME, &now);
    make(stock, dir, name,
         &(struct ledger_create){.origin = "bench.example",
                                 .time_us = (int64_t)now.tv_sec * INSTANT_SECOND_US,
                                 .admin_count = 1,
                                 .admin_principals = admins,
                                 .admin_keys = &admin.key});
    stock->random_ids = random_ids;
}

void stock_new_simulated(struct stock *stock, const char *dir, const char *name, int64_t time_us)
{
    struct stock_key admin;
    stock_key(ADMIN, &admin);
    make(stock, dir, name,
         &(struct ledger_create){.origin = "bench.example/simulated",
                                 .simulated = true,
                                 .time_us = time_us,
                                 .admin_count = 1,
                                 .admin_principals = admins,
                                 .admin_keys = &admin.key});
}

void stock_open(struct stock *stock, const char *path, bool random_ids, uint64_t next)
{
    struct err_text why;
    memset(stock, 0, sizeof(*stock));
    stock->path = mem_text(path);
    stock->random_ids = random_ids;
    stock->next = next;
    bench_must(ledger_open(path, true, &stock->ledger, &why), path, &why);
    authenticate(stock);
}

void stock_leave(struct stock *stock)
{
    ledger_close(stock->ledger);
    stock->ledger = NULL;
}

void stock_close(struct stock *stock)
{
    stock_leave(stock);
    free(stock->path);
    stock->path = NULL;
}

void stock_remove(struct stock *stock)
{
    static const char *const names[] = {"data.mdb",      "lock.mdb",       "checkpoint",
                                        "admission.key", "checkpoint.key", "serve.lock"};
    ledger_close(stock->ledger);
    stock->ledger = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = files_path(stock->path, names[i]);
        unlink(path);
        free(path);
    }
    if (rmdir(stock->path) != 0)
        bench_say("%s is not empty, and stays", stock->path);
    free(stock->path);
    stock->path = NULL;
}

/* A number that looks random, the same for the same ${n} (splitmix64). */
static uint64_t scramble(uint64_t n)
{
    n += 0x9e3779b97f4a7c15;
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
    n = (n ^ n >> 27) * 0x94d049bb133111eb;
    return n ^ n >> 31;
}

/* When event 0 happened: now, so that no clock is found wrong; one happens each millisecond. */
static uint64_t begin_ms(void)
{
    static time_t begin;
    if (begin == 0)
        begin = time(NULL);
    return (uint64_t)begin * 1000;
}

void stock_event(const struct stock *stock, uint64_t number, struct buf *ret)
{
    uint64_t slot = number % OPEN, turn = number / OPEN;
    /* Deployments that are open together have not been opened together. */
    uint64_t deployment = (turn + slot * LENGTH / OPEN) / LENGTH * OPEN + slot;
    uint64_t high = scramble(2 * number), low = scramble(2 * number + 1);
    uint64_t ms = begin_ms() + number;
    if (stock->random_ids)
        ms = number < stock->ordered ? number * ((1ULL << 48) / stock->ordered) : high >> 16;
    char time[INSTANT_TEXT_BYTES];
    size_t begin = ret->bytes;
    instant_format((int64_t)(begin_ms() + number) * 1000, time);
    buf_printf(ret,
               "{\"specversion\":\"1.0\",\"id\":\"%08" PRIx64 "-%04" PRIx64 "-%s%03" PRIx64
               "-8%03" PRIx64 "-%012" PRIx64 "\",\"source\":\"%s\",\"type\":\"com.example.step\","
               "\"time\":\"%s\",\"deployment\":\"web-%07" PRIu64 "\",\"data\":{\"step\":%" PRIu64
               ",\"log\":\"",
               ms >> 16 & 0xffffffff, ms & 0xffff, stock->random_ids ? "4" : "7", high & 0xfff,
               low >> 48 & 0xfff, low & 0xffffffffffff, sources[scramble(number) % 4], time,
               deployment, turn % LENGTH);
    while (ret->bytes - begin < EVENT_BYTES - 3)
        buf_u8(ret, (uint8_t)('a' + (ret->bytes * 7 + number) % 26));
    buf_text(ret, "\"}}");
}

void stock_envelope(const struct stock *stock, uint64_t number, struct buf *ret)
{
    struct buf text = {0};
    stock_event(stock, number, &text);
    sign_text(&text, ret);
    buf_free(&text);
}

struct admitted *stock_admit(const struct stock *stock, uint64_t number)
{
    struct buf text = {0};
    stock_event(stock, number, &text);
    struct admitted *admitted = stock_let_in(stock, &text, false);
    buf_free(&text);
    return admitted;
}

void stock_append(struct stock *stock, struct admitted *const *admitted, size_t count,
                  struct receipt *ret_receipts)
{
    struct err_text why;
    struct receipt *receipts = mem_zero(count, sizeof(*receipts));
    bench_must(ledger_append(stock->ledger, admitted, count, NULL, receipts, &why), "appending",
               &why);
    for (size_t i = 0; i < count; i++) {
        if (receipts[i].err != ERR_OK || receipts[i].duplicate)
            bench_must(ERR_CONFLICT, "appending", NULL);
    }
    if (ret_receipts != NULL)
        memcpy(ret_receipts, receipts, count * sizeof(*receipts));
    else
        ledger_receipts_free(receipts, count);
    free(receipts);
}

/* Batches between their admission and their commit. */
struct intake {
    struct stock *stock;
    size_t batch;
    uint64_t window;
    struct admitted **ring; /* owned: `window` batches */
    struct buf *texts;      /* owned: of all events, made before the clock runs; NULL: as they go */
};

static enum err intake_admit(void *ctx, uint64_t index)
{
    struct intake *intake = ctx;
    struct admitted **batch = intake->ring + index % intake->window * intake->batch;
    for (size_t i = 0; i < intake->batch; i++) {
        uint64_t at = index * intake->batch + i;
        batch[i] = intake->texts != NULL ? stock_let_in(intake->stock, &intake->texts[at], false)
                                         : stock_admit(intake->stock, intake->stock->next + at);
    }
    return ERR_OK;
}

static enum err intake_append(void *ctx, uint64_t index)
{
    struct intake *intake = ctx;
    struct admitted **batch = intake->ring + index % intake->window * intake->batch;
    stock_append(intake->stock, batch, intake->batch, NULL);
    for (size_t i = 0; i < intake->batch; i++)
        admit_free(batch[i]);
    return ERR_OK;
}

double stock_take(struct stock *stock, struct pool *pool, uint64_t commits, size_t batch)
{
    uint64_t events = commits * batch;
    bool beforehand = events <= 100000;
    struct intake intake = {.stock = stock, .batch = batch, .window = pool_window(pool)};
    intake.ring = mem_zero(intake.window * batch, sizeof(struct admitted *));
    if (beforehand) {
        intake.texts = mem_zero(events, sizeof(*intake.texts));
        for (uint64_t i = 0; i < events; i++)
            stock_event(stock, stock->next + i, &intake.texts[i]);
    }
    double began = bench_now();
    bench_must(pool_each(pool, commits, intake_admit, intake_append, &intake), "taking in", NULL);
    double seconds = bench_now() - began;
    stock->next += events;
    for (uint64_t i = 0; beforehand && i < events; i++)
        buf_free(&intake.texts[i]);
    free(intake.texts);
    free(intake.ring);
    return seconds;
}
