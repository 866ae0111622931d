/* Rates of the libraries alone (raw.h). */
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#include "ledger/store.h"
#include "tests/bench/raw.h"

#define SAMPLES 512

/* Admission messages as the ledger signs and checks them. */
struct samples {
    struct buf messages[SAMPLES];
    uint8_t signatures[SAMPLES][ED25519_SIG_BYTES];
    const struct stock *stock;
    double until; /* bench_now */
    atomic_ullong done;
};

static struct samples *samples_new(const struct stock *stock)
{
    struct samples *samples = mem_zero(1, sizeof(*samples));
    samples->stock = stock;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct admitted *admitted = stock_admit(stock, stock->next + i);
        entry_admission_message(ledger_info(stock->ledger)->id, admitted->part_bytes.data,
                                admitted->part_bytes.bytes, &samples->messages[i]);
        memcpy(samples->signatures[i], admitted->admission, ED25519_SIG_BYTES);
        admit_free(admitted);
    }
    return samples;
}

static void samples_free(struct samples *samples)
{
    for (size_t i = 0; i < SAMPLES; i++)
        buf_free(&samples->messages[i]);
    free(samples);
}

double raw_sign(const struct stock *stock, double seconds)
{
    struct samples *samples = samples_new(stock);
    uint64_t done = 0;
    double began = bench_now(), took = 0;
    for (; took < seconds; took = bench_now() - began) {
        for (unsigned i = 0; i < 64; i++, done++) {
            const struct buf *message = &samples->messages[done % SAMPLES];
            uint8_t signature[ED25519_SIG_BYTES];
            crypto_sign_detached(signature, NULL, message->data, message->bytes,
                                 ledger_admission(stock->ledger)->secret_key);
        }
    }
    samples_free(samples);
    return (double)done / took;
}

static enum err verify_some(void *ctx, uint64_t index)
{
    struct samples *samples = ctx;
    unsigned long long done = 0;
    for (; bench_now() < samples->until; done += 32) {
        for (size_t i = 0; i < 32; i++) {
            size_t at = (done + i + index * 7) % SAMPLES;
            const struct buf *message = &samples->messages[at];
            if (crypto_sign_verify_detached(samples->signatures[at], message->data, message->bytes,
                                            ledger_info(samples->stock->ledger)->admission_key) !=
                0)
                return ERR_DAMAGED;
        }
    }
    atomic_fetch_add(&samples->done, done);
    return ERR_OK;
}

double raw_verify(const struct stock *stock, struct pool *pool, double seconds)
{
    struct samples *samples = samples_new(stock);
    double began = bench_now();
    samples->until = began + seconds;
    bench_must(pool_each(pool, pool_threads(pool), verify_some, NULL, samples), "verifying", NULL);
    double rate = (double)atomic_load(&samples->done) / (bench_now() - began);
    samples_free(samples);
    return rate;
}

struct hashing {
    double until;
    atomic_ullong done;
};

static enum err hash_some(void *ctx, uint64_t index)
{
    struct hashing *hashing = ctx;
    uint8_t data[EVENT_BYTES] = {(uint8_t)index};
    unsigned long long done = 0;
    for (; bench_now() < hashing->until; done += 256) {
        for (size_t i = 0; i < 256; i++)
            hash_bytes(data, sizeof(data), data); /* each needs the one before */
    }
    atomic_fetch_add(&hashing->done, done);
    return ERR_OK;
}

double raw_hash(struct pool *pool, double seconds)
{
    struct hashing hashing = {.until = bench_now() + seconds};
    bench_must(pool_each(pool, pool_threads(pool), hash_some, NULL, &hashing), "hashing", NULL);
    return (double)atomic_load(&hashing.done) / seconds;
}
