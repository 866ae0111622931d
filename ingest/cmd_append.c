#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/ingest.h"
#include "ingest/lines.h"
#include "ingest/presence.h"
#include "ingest/problem.h"

static const char usage[] =
    "usage: countersign append LEDGER [FILE]\n"
    "Appends events: JSON lines of FILE (default standard input, or -), each a CloudEvent or a\n"
    "DSSE envelope around one.  Prints for each line its receipt, or a problem with its number.\n"
    "  --key FILE   sign each bare event with this SSH key, or the agent's for a .pub\n"
    "               (without a token: COUNTERSIGN_KEY)\n"
    "  --json       changes nothing: what it prints is JSON\n"
    "COUNTERSIGN_TOKEN authenticates lines that are not signed.  A running daemon is used.\n"
    "Exit codes: 0 all accepted, 1 one was refused or rejected, 2 usage, 3 could not.\n";

/* A line that waits for the commit of its batch. */
struct slot {
    uint64_t line;
    struct admitted *admitted; /* owned; NULL: it was not let in */
    enum err err;
    struct err_text why;
};

struct append {
    struct ledger *ledger;
    const struct judge *judge; /* NULL: only the stream `ledger` is judged */
    struct submit_options options;
    bool daemon;        /* one runs: it appends */
    struct slot *slots; /* owned: the batch that collects */
    size_t slot_count, slot_cap;
    size_t event_count, event_bytes; /* of its admitted events */
    int exit_code;                   /* the worst so far */
};

static void print_json(json_t *json)
{
    struct buf text = {0};
    ijson_print(json, &text);
    buf_text(&text, "\n");
    fwrite(text.data, 1, text.bytes, stdout);
    buf_free(&text);
    json_decref(json);
}

static void note_exit(struct append *append, int exit_code)
{
    if (exit_code > append->exit_code)
        append->exit_code = exit_code;
}

static void print_problem(struct append *append, uint64_t line, enum err err,
                          const struct err_text *why)
{
    json_t *problem = problem_json(err, why);
    bool later = err_http(err) >= 500; /* the line may be good, and was not taken */
    ASSERT(json_object_set_new(problem, "line", json_integer((json_int_t)line)) == 0);
    print_json(problem);
    note_exit(append, later ? err_exit(err) : 1);
}

static void print_receipt(struct append *append, json_t *receipt)
{
    const char *verdict = ijson_string(receipt, "verdict");
    note_exit(append, verdict != NULL && strcmp(verdict, "accepted") == 0 ? 0 : 1);
    print_json(receipt);
}

/* Print what became of each line of the batch; `receipts` are in order of the admitted ones. */
static void print_batch(struct append *append, const struct receipt *receipts)
{
    struct err_text taken;
    size_t next = 0;
    (void)err_say(&taken, ERR_CONFLICT,
                  "another event of this actor has this source and id already");
    for (size_t i = 0; i < append->slot_count; i++) {
        const struct slot *slot = &append->slots[i];
        const struct receipt *receipt = slot->admitted != NULL ? &receipts[next++] : NULL;
        if (receipt == NULL || slot->err != ERR_OK)
            print_problem(append, slot->line, slot->err, &slot->why);
        else if (receipt->err != ERR_OK)
            print_problem(append, slot->line, receipt->err, &taken);
        else
            print_receipt(append, ledger_receipt_json(receipt));
    }
    fflush(stdout);
}

static void clear_batch(struct append *append)
{
    for (size_t i = 0; i < append->slot_count; i++)
        admit_free(append->slots[i].admitted);
    append->slot_count = append->event_count = append->event_bytes = 0;
}

/* Append the batch in one commit and print its receipts. */
static enum err flush(struct append *append, struct err_text *ret_why)
{
    size_t count = append->event_count, at = 0;
    struct admitted **admitted = mem_zero(count + 1, sizeof(struct admitted *));
    struct receipt *receipts = mem_zero(count + 1, sizeof(*receipts));
    struct err_text why = {""};
    enum err err = ERR_OK;
    for (size_t i = 0; i < append->slot_count; i++) {
        if (append->slots[i].admitted != NULL)
            admitted[at++] = append->slots[i].admitted;
    }
    if (count > 0)
        err = ledger_append(append->ledger, admitted, count, append->judge, receipts, &why);
    for (size_t i = 0; err == ERR_DISK_LOW && i < append->slot_count; i++) {
        if (append->slots[i].admitted != NULL) {
            append->slots[i].err = err;
            append->slots[i].why = why;
        }
    }
    if (err == ERR_OK || err == ERR_DISK_LOW) {
        print_batch(append, receipts);
        err = ERR_OK;
    } else {
        *ret_why = why;
    }
    ledger_receipts_free(receipts, count);
    free(receipts);
    free(admitted);
    clear_batch(append);
    return err;
}

/* Authenticate and admit one message: an envelope by its signatures, a bare event by the token. */
static enum err admit(struct append *append, const char *media, const struct buf *message,
                      struct slot *slot)
{
    struct ledger *ledger = append->ledger;
    struct courier courier = {0};
    struct admit_message admit_message = {
        .media = media, .data = message->data, .bytes = message->bytes};
    bool bare = strcmp(media, EVENT_MEDIA_TYPE) == 0;
    const char *token = bare ? append->options.token : NULL;
    enum err err = ERR_OK;
    int64_t now_us = ledger_now(ledger);
    ledger_lock(ledger, false);
    const struct registry *registry = ledger_registry(ledger);
    if (token != NULL)
        err = admit_token(registry, token, registry_size(registry), now_us, &courier);
    courier.origin = ORIGIN_CLI;
    if (err != ERR_OK)
        (void)err_say(&slot->why, err,
                      "the token in COUNTERSIGN_TOKEN is unknown here, revoked or expired");
    else
        err = admit_event(ledger_admission(ledger), registry, &courier, &admit_message,
                          &slot->admitted, &slot->why);
    ledger_unlock(ledger);
    return err;
}

/* Add one message to the batch, which is flushed first where the message may need what it holds. */
static enum err add_message(struct append *append, uint64_t line, const char *media,
                            const struct buf *message, struct err_text *ret_why)
{
    struct slot slot = {.line = line};
    enum err err = ERR_OK;
    slot.err = admit(append, media, message, &slot);
    bool again = slot.err == ERR_UNAUTHENTICATED && append->event_count > 0;
    size_t bytes = slot.admitted != NULL ? slot.admitted->event.bytes : 0;
    if (again || append->slot_count >= BATCH_EVENTS_MAX ||
        append->event_bytes + bytes > BATCH_BYTES_MAX)
        err = flush(append, ret_why);
    if (err != ERR_OK) {
        admit_free(slot.admitted);
        return err;
    }
    if (again) /* a key or token of this batch */
        slot.err = admit(append, media, message, &slot);
    if (slot.admitted != NULL) {
        append->event_count++;
        append->event_bytes += slot.admitted->event.bytes;
    }
    *(struct slot *)MEM_PUSH(append->slots, append->slot_count, append->slot_cap) = slot;
    return ERR_OK;
}

/* Let the daemon append one message. */
static enum err send_message(struct append *append, uint64_t line, const char *media,
                             const struct buf *message, struct err_text *ret_why)
{
    struct submitter submitter = {
        .ledger = append->ledger, .options = &append->options, .judge = append->judge};
    json_t *receipt = NULL;
    struct err_text why = {""};
    enum err err = submit_message(&submitter, media, message, &receipt, &why);
    if (err == ERR_IO || err == ERR_DAMAGED) {
        *ret_why = why;
        return err;
    }
    if (err != ERR_OK)
        print_problem(append, line, err, &why);
    else
        print_receipt(append, receipt);
    fflush(stdout);
    return ERR_OK;
}

/* An envelope has the member payloadType, which cannot name an attribute of an event. */
static bool is_envelope(const struct piece *line)
{
    json_t *json = NULL;
    if (ijson_parse(line->data, line->bytes, &json, NULL) != ERR_OK)
        return false;
    bool has = ijson_get(json, "payloadType") != NULL;
    json_decref(json);
    return has;
}

static enum err take_line(struct append *append, uint64_t number, const struct piece *line,
                          struct err_text *ret_why)
{
    struct buf bare = {0}, signed_one = {0};
    const char *media = is_envelope(line) ? DSSE_MEDIA_TYPE : EVENT_MEDIA_TYPE;
    const struct buf *message = &bare;
    enum err err = ERR_OK;
    buf_add(&bare, line->data, line->bytes);
    if (append->options.key != NULL && strcmp(media, EVENT_MEDIA_TYPE) == 0) {
        err = submit_sign(append->options.key, &bare, &signed_one, ret_why);
        media = DSSE_MEDIA_TYPE;
        message = &signed_one;
    }
    if (err == ERR_OK && append->daemon)
        err = send_message(append, number, media, message, ret_why);
    else if (err == ERR_OK)
        err = add_message(append, number, media, message, ret_why);
    buf_free(&bare);
    buf_free(&signed_one);
    return err;
}

/* A line that cannot be a message at all: it takes its turn among the others. */
static void add_too_long(struct append *append, uint64_t number)
{
    struct slot slot = {.line = number, .err = ERR_TOO_BIG};
    (void)err_say(&slot.why, ERR_TOO_BIG, "the line is over %d bytes", LINES_BYTES_MAX);
    *(struct slot *)MEM_PUSH(append->slots, append->slot_count, append->slot_cap) = slot;
}

static bool is_blank(const struct piece *line)
{
    const char *text = line->data;
    for (size_t i = 0; i < line->bytes; i++) {
        if (strchr(" \t\r", text[i]) == NULL || text[i] == '\0')
            return false;
    }
    return true;
}

/* Take in all lines.  A batch ends when it is full, or when the next line is not there yet: who
 * feeds a pipe slowly gets each receipt at once. */
static enum err take_lines(struct append *append, struct lines *lines, struct err_text *ret_why)
{
    for (;;) {
        struct piece line = {0};
        enum lines_state state = LINES_END;
        enum err err = lines_next(lines, &line, &state, ret_why);
        if (err == ERR_OK && state == LINES_TOO_LONG)
            add_too_long(append, lines_number(lines));
        else if (err == ERR_OK && state == LINES_ONE && !is_blank(&line))
            err = take_line(append, lines_number(lines), &line, ret_why);
        bool due = append->daemon || state == LINES_END || !lines_ready(lines);
        if (err == ERR_OK && append->slot_count > 0 && due)
            err = flush(append, ret_why);
        if (err != ERR_OK || state == LINES_END)
            return err;
    }
}

/* Open the ledger for whoever appends, and take in the lines. */
static enum err append_all(struct append *append, const char *dir, struct lines *lines,
                           const struct ingest_parts *parts, struct err_text *ret_why)
{
    struct judge judge = {0};
    bool judging = false;
    append->daemon = presence_running(dir);
    enum err err = ledger_open(dir, !append->daemon, &append->ledger, ret_why);
    if (err != ERR_OK)
        return err;
    if (parts->judge_new != NULL) {
        err = parts->judge_new(append->ledger, &judge);
        judging = err == ERR_OK;
        append->judge = judging ? &judge : NULL;
    }
    if (err == ERR_OK)
        err = take_lines(append, lines, ret_why);
    clear_batch(append);
    free(append->slots);
    if (judging)
        parts->judge_free(&judge);
    ledger_close(append->ledger);
    return err;
}

/* Read the options; false (with a word on standard error) if they are wrong. */
static bool read_options(int argc, char *argv[], struct submit_options *ret, bool *ret_help)
{
    static const struct option options[] = {{"key", required_argument, NULL, 'k'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;
    submit_defaults(ret);
    if (ret->token != NULL)
        ret->key = NULL;
    optind = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'k')
            ret->key = optarg;
        else if (option == 'h')
            *ret_help = true;
        else if (option != 'j')
            return false;
    }
    if (!*ret_help && (argc - optind < 1 || argc - optind > 2)) {
        fputs(usage, stderr);
        return false;
    }
    return true;
}

int append_run(int argc, char *argv[], const struct ingest_parts *parts)
{
    struct append append = {0};
    struct lines *lines = NULL;
    struct err_text why = {""};
    bool help = false;
    if (!read_options(argc, argv, &append.options, &help))
        return err_exit(ERR_USAGE);
    if (help) {
        fputs(usage, stdout);
        return 0;
    }
    const char *file = argc - optind == 2 ? argv[optind + 1] : "-";
    enum err err = lines_open(file, &lines, &why);
    if (err == ERR_OK)
        err = append_all(&append, argv[optind], lines, parts, &why);
    lines_close(lines);
    if (err == ERR_OK && (fflush(stdout) != 0 || ferror(stdout)))
        err = err_say(&why, ERR_IO, "the receipts could not be written to standard output");
    if (err == ERR_OK)
        return append.exit_code;
    fprintf(stderr, "countersign: append: %s\n", why.s[0] != '\0' ? why.s : err_text(err));
    return err == ERR_NOT_FOUND ? err_exit(ERR_IO) : err_exit(err);
}
