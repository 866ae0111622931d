#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ingest/ingest.h"
#include "ingest/intake.h"
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

struct append {
    struct ledger *ledger;
    const struct judge *judge; /* NULL: only the stream `ledger` is judged */
    struct submit_options options;
    struct intake *intake; /* owned; NULL: a daemon runs, and appends */
    int exit_code;         /* the worst so far */
    bool progress;         /* shown on standard error */
    uint64_t told;         /* lines told of */
    time_t shown_s;        /* when progress was last shown */
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

static void show_progress(struct append *append)
{
    time_t now = time(NULL);
    append->told++;
    if (!append->progress || now == append->shown_s)
        return;
    append->shown_s = now;
    fprintf(stderr, "\r%llu lines", (unsigned long long)append->told);
}

/* An intake_done_fn. */
static void tell(void *ctx, uint64_t line, enum err err, const struct err_text *why,
                 const struct receipt *receipt)
{
    struct append *append = ctx;
    if (err != ERR_OK)
        print_problem(append, line, err, why);
    else
        print_receipt(append, ledger_receipt_json(receipt));
    show_progress(append);
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
    show_progress(append);
    fflush(stdout);
    return ERR_OK;
}

static enum err take_line(struct append *append, uint64_t number, const struct piece *line,
                          struct err_text *ret_why)
{
    struct buf text = {0};
    enum err err = ERR_OK;
    bool envelope = dsse_is_envelope(line->data, line->bytes);
    const char *media = envelope ? DSSE_MEDIA_TYPE : EVENT_MEDIA_TYPE;
    buf_add(&text, line->data, line->bytes);
    if (append->options.key != NULL && !envelope) {
        struct buf bare = text;
        text = (struct buf){0};
        err = submit_sign(append->options.key, &bare, &text, ret_why);
        media = DSSE_MEDIA_TYPE;
        buf_free(&bare);
    }
    const struct piece message = {text.data, text.bytes};
    if (err == ERR_OK && append->intake == NULL)
        err = send_message(append, number, media, &text, ret_why);
    else if (err == ERR_OK)
        err = intake_add(append->intake, number, &message, ret_why);
    buf_free(&text);
    return err;
}

/* A line that cannot be a message at all. */
static enum err take_too_long(struct append *append, uint64_t number, struct err_text *ret_why)
{
    struct err_text why;
    enum err err = err_say(&why, ERR_TOO_BIG, "the line is over %d bytes", LINES_BYTES_MAX);
    if (append->intake != NULL)
        return intake_reject(append->intake, number, err, &why, ret_why);
    print_problem(append, number, err, &why);
    return ERR_OK;
}

/* Append what was taken in, and let its receipts go out. */
static enum err flush(struct append *append, struct err_text *ret_why)
{
    enum err err = append->intake != NULL ? intake_flush(append->intake, ret_why) : ERR_OK;
    fflush(stdout);
    return err;
}

/* Take in all lines.  What was taken in is flushed when the next line is not there yet: who feeds a
 * pipe slowly gets each receipt at once. */
static enum err take_lines(struct append *append, struct lines *lines, struct err_text *ret_why)
{
    for (;;) {
        struct piece line = {0};
        enum lines_state state = LINES_END;
        enum err err = lines_next(lines, &line, &state, ret_why);
        if (err == ERR_OK && state == LINES_TOO_LONG)
            err = take_too_long(append, lines_number(lines), ret_why);
        else if (err == ERR_OK && state == LINES_ONE && !lines_blank(&line))
            err = take_line(append, lines_number(lines), &line, ret_why);
        if (err == ERR_OK && (state == LINES_END || !lines_ready(lines)))
            err = flush(append, ret_why);
        if (err != ERR_OK || state == LINES_END)
            return err;
    }
}

/* Take in the lines, here or by the daemon. */
static enum err append_lines(struct append *append, struct lines *lines, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    append->progress = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 0;
    if (ledger_writable(append->ledger)) {
        const struct intake_config config = {.ledger = append->ledger,
                                             .judge = append->judge,
                                             .token = append->options.token,
                                             .done = tell,
                                             .ctx = append};
        err = intake_new(&config, &append->intake, ret_why);
    }
    if (err == ERR_OK)
        err = take_lines(append, lines, ret_why);
    intake_free(append->intake);
    append->intake = NULL;
    if (append->progress)
        fputs("\r\033[K", stderr);
    return err;
}

/* Open the ledger for whoever appends, and take in the lines. */
static enum err append_all(struct append *append, const char *dir, struct lines *lines,
                           const struct ingest_parts *parts, struct err_text *ret_why)
{
    struct judge judge = {0};
    bool judging = false;
    enum err err = ledger_open(dir, !presence_running(dir), &append->ledger, ret_why);
    if (err != ERR_OK)
        return err;
    if (parts->judge_new != NULL) {
        err = parts->judge_new(append->ledger, &judge);
        judging = err == ERR_OK;
        append->judge = judging ? &judge : NULL;
    }
    if (err == ERR_OK)
        err = append_lines(append, lines, ret_why);
    if (judging)
        parts->judge_free(&judge);
    append->judge = NULL;
    ledger_close(append->ledger);
    append->ledger = NULL;
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
