#include "ingest/push.h"

#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ingest/backoff.h"
#include "ingest/lines.h"
#include "ingest/push_direct.h"
#include "ingest/push_spool.h"

#define TOKEN_FILE_BYTES_MAX 4096

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = stop}, ignored = {.sa_handler = SIG_IGN};
    ASSERT(sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0 &&
           sigaction(SIGPIPE, &ignored, NULL) == 0);
}

bool push_stopped(void)
{
    return stopped != 0;
}

int64_t push_now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

void push_pause(int64_t ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    if (!push_stopped() && ms > 0)
        (void)nanosleep(&pause, NULL);
}

void push_went_well(struct push *push)
{
    push->failures = 0;
    push->barred = false;
    push->progress_ms = push->due_ms = push_now_ms();
}

bool push_patient(const struct push *push)
{
    if (push_stopped() || push->refused_strict)
        return false;
    int64_t now_ms = push_now_ms();
    int64_t next_ms = now_ms > push->due_ms ? now_ms : push->due_ms;
    return push->options->follow ||
           (!push->barred && next_ms - push->progress_ms <= push->options->wait_ms);
}

/* The token of this run, for the caller to wipe; NULL where there is none. */
static enum err read_token(const struct push_options *options, char **ret_token,
                           struct err_text *ret_why)
{
    struct buf text = {0};
    const char *token = getenv("COUNTERSIGN_TOKEN");
    enum err err = ERR_OK;
    if (options->token_file != NULL) {
        err = files_input(options->token_file, TOKEN_FILE_BYTES_MAX, &text, ret_why);
        while (text.bytes > 0 && strchr(" \t\r\n", text.data[text.bytes - 1]) != NULL)
            text.bytes--;
    } else if (token != NULL) {
        buf_text(&text, token);
    }
    bool any = text.bytes > 0;
    char *copy = buf_take_text(&text);
    if (err == ERR_OK && any && !post_token_ok(copy))
        err = err_say(ret_why, ERR_USAGE, "%s does not hold a token",
                      options->token_file != NULL ? options->token_file : "COUNTERSIGN_TOKEN");
    if (err == ERR_OK && any) {
        *ret_token = copy;
        return ERR_OK;
    }
    sodium_memzero(copy, strlen(copy));
    free(copy);
    return err == ERR_NOT_FOUND ? ERR_IO : err;
}

/* The token's file may hold another by now. */
static void refresh_token(struct push *push)
{
    char *token = NULL;
    if (push->options->token_file == NULL || read_token(push->options, &token, NULL) != ERR_OK)
        return;
    post_set_token(push->post, token);
    if (token != NULL)
        sodium_memzero(token, strlen(token));
    free(token);
}

void push_failed(struct push *push, const struct delivery *delivery)
{
    int64_t wait_ms;
    push->failures++;
    push->why = delivery->why;
    push->barred = delivery->fate == DELIVERY_BARRED;
    if (push->barred && push->options->follow)
        refresh_token(push);
    wait_ms = backoff_ms(push->failures, randombytes_random());
    if (delivery->retry_after_s > 0 && delivery->retry_after_s <= PUSH_SECONDS_MAX &&
        delivery->retry_after_s * 1000 > wait_ms)
        wait_ms = delivery->retry_after_s * 1000;
    push->due_ms = push_now_ms() + wait_ms;
}

static enum err set_up(struct push *push)
{
    struct post_config config = push->options->post;
    char *token = NULL;
    enum err err = read_token(push->options, &token, &push->why);
    if (err != ERR_OK)
        return err;
    config.url = push->options->url;
    config.token = token;
    config.stopped = push_stopped;
    err = post_new(&config, &push->post, &push->why);
    if (token != NULL)
        sodium_memzero(token, strlen(token));
    free(token);
    return err;
}

int push_run(const struct push_options *options)
{
    struct push push = {.options = options};
    struct err_text why = {""};
    int code = 0;
    push.tally = (struct tally){
        .json = options->json, .late_us = options->late_us, .progress = isatty(STDERR_FILENO) == 1};
    catch_signals();
    push_went_well(&push);
    enum err err = set_up(&push);
    if (err != ERR_OK)
        return args_failed("push", err, &push.why);
    err = options->spool_dir != NULL ? push_spool_run(&push, &code, &why)
                                     : push_direct_run(&push, &code, &why);
    post_free(push.post);
    if (err == ERR_OK && (fflush(stdout) != 0 || ferror(stdout)))
        err = err_say(&why, ERR_IO, "standard output cannot be written");
    if (err != ERR_OK)
        return args_failed("push", err == ERR_NOT_FOUND ? ERR_IO : err, &why);
    return code;
}

void push_too_long(struct push *push, uint64_t number)
{
    struct err_text why;
    const struct tally_line line = {.number = number};
    enum err err = err_say(&why, ERR_TOO_BIG, "the line is over %d bytes", LINES_BYTES_MAX);
    tally_refused(&push->tally, &line, err, &why);
    push->refused_strict = push->options->strict;
}
