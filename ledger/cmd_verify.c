/* cmd_verify - check the whole of a ledger. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/args.h"
#include "ledger/files.h"
#include "ledger/interrupt.h"
#include "ledger/ledger.h"
#include "ledger/progress.h"
#include "ledger/verify.h"
#include "ledger/verify_file.h"
#include "ledger/verify_mark.h"
#include "ledger/verify_tiles.h"

#define CLOSED_TYPE "dev.countersign.deployment.closed.v1"

static const struct option options[] = {
    {"vkey", required_argument, NULL, 'k'},    {"only", required_argument, NULL, 'o'},
    {"against", required_argument, NULL, 'a'}, {"json", no_argument, NULL, 'j'},
    {"entry", required_argument, NULL, 'e'},   {"leaf", required_argument, NULL, 'l'},
    {"threads", required_argument, NULL, 't'}, {"mark", required_argument, NULL, 'm'},
    {"since", required_argument, NULL, 's'},   {"mark-key", required_argument, NULL, 'q'},
    {"help", no_argument, NULL, ARGS_HELP},    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "verify",
    .operands = "LEDGER|TILES|FILE",
    .about =
        "Recomputes every hash, chain, index and root of a ledger and checks every signature.\n"
        "Exit code 4, with the entry's seq and what is wrong, if anything was changed; what was\n"
        "not checked is listed.  Of a good ledger each closing is replayed: exit code 1 if one "
        "was\n"
        "signed on another state than replay gives.\n\n"
        "  --vkey K        the key that checks checkpoints, as init printed it, from a copy kept\n"
        "                  elsewhere (default: the one that the ledger itself names)\n"
        "  --only hashes   check entries, events, chains and tree, but no signature and not the\n"
        "                  indexes of ids and streams\n"
        "  --only checkpoints   look at no entry: check the last checkpoint and those of "
        "--against\n"
        "                  by the stored tree, in no time\n"
        "  --against FILE  a checkpoint kept elsewhere must lie in this ledger's history; may be\n"
        "                  given again\n"
        "  --mark FILE     if all is good, write there how far: the checkpoint, signed by a key "
        "of\n"
        "                  this verifier\n"
        "  --since FILE    check only what came after such a mark\n"
        "  --mark-key FILE that key (default: verifier.key in $XDG_STATE_HOME/countersign or\n"
        "                  ~/.local/state/countersign; made when it is first needed)\n"
        "  --threads N     default: one a core\n"
        "  --json          print {ok, size, root, entries, signatures, skipped, first_bad, "
        "closings,\n"
        "                  since, stopped}\n\n"
        "TILES is a directory with checkpoint and tile/ (countersign export, or any other program\n"
        "that writes C2SP tlog-tiles; of another's log --vkey must be given).\n\n"
        "FILE is a tlog-proof (countersign prove), a checkpoint or an evidence bundle "
        "(countersign\n"
        "bundle), - for standard input; it is checked by --vkey alone, exit code 1 if it does not\n"
        "hold.  A bundle names a key itself: without --vkey it is checked by that, which is "
        "said.\n\n"
        "  --entry FILE    the entry's bytes, for a proof that does not carry them\n"
        "  --leaf HEX      its leaf hash, where the entry is not to be shown\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

/* Everything that the command has in hand. */
struct job {
    struct args args;
    struct verify_options options;
    struct verify_note *notes; /* owned: of --against */
    struct buf *texts;         /* owned: theirs */
    verify_closings_fn *check_closings;
    struct verify_closings closings;
    struct checkpoint since;
    struct progress progress;
    int64_t began_us;  /* when something was done first */
    uint64_t began_at; /* entries that were done then */
};

/* A number as people read it: 1,234,000. */
static void add_grouped(struct buf *text, uint64_t number)
{
    char digits[32];
    int count = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            buf_text(text, ",");
        buf_add(text, &digits[i], 1);
    }
}

static void show_progress(void *ctx, uint64_t done, uint64_t total)
{
    struct job *job = ctx;
    struct buf text = {0};
    if (job->began_us == 0) {
        job->began_us = clock_monotonic_us();
        job->began_at = done;
    }
    if (!progress_due(&job->progress))
        return;
    double seconds = (double)(clock_monotonic_us() - job->began_us) / 1e6;
    double rate = seconds > 0 ? (double)(done - job->began_at) / seconds : 0;
    add_grouped(&text, done);
    buf_text(&text, " of ");
    add_grouped(&text, total);
    buf_text(&text, " entries");
    if (rate >= 1) {
        buf_text(&text, ", ");
        add_grouped(&text, (uint64_t)rate);
        buf_printf(&text, "/s, %.0f s left", (double)(total - done) / rate);
    }
    progress_draw(&job->progress, "%s", (const char *)text.data);
    buf_free(&text);
}

static json_t *closings_json(const struct verify_closings *closings)
{
    json_t *first = json_null();
    if (closings->first.found)
        first = json_pack("{s:I, s:o}", "seq", (json_int_t)closings->first.seq, "what",
                          ijson_text(closings->first.what));
    return json_pack("{s:I, s:I, s:I, s:o}", "held", (json_int_t)closings->held, "differing",
                     (json_int_t)closings->differing, "unchecked", (json_int_t)closings->unchecked,
                     "first_differing", first);
}

static void describe_closings(const struct verify_closings *closings, struct buf *text)
{
    if (closings->held > 0)
        buf_printf(text, "%llu closings were signed on the state that replay gives\n",
                   (unsigned long long)closings->held);
    if (closings->differing > 0) {
        buf_printf(text, "%llu closings were signed on another state than replay gives: ",
                   (unsigned long long)closings->differing);
        printable_add(text, closings->first.what);
        buf_text(text, "\n");
    }
    if (closings->unchecked > 0)
        buf_printf(text, "not checked: %llu closings of deployments that have too many\n",
                   (unsigned long long)closings->unchecked);
}

static void describe_json(const struct job *job, const struct verify_result *result,
                          struct buf *text)
{
    json_t *object = json_object(), *skipped = json_array(), *bad = NULL;
    for (size_t i = 0; i < result->skipped_count; i++)
        json_array_append_new(skipped, ijson_text(result->skipped[i]));
    if (result->first_bad.found) {
        bad = json_object();
        json_object_set_new(bad, "seq", json_integer((json_int_t)result->first_bad.seq));
        json_object_set_new(bad, "what", ijson_text(result->first_bad.what));
    }
    json_object_set_new(object, "ok", json_boolean(result->ok));
    json_object_set_new(object, "size", json_integer((json_int_t)result->size));
    json_object_set_new(object, "root", ijson_hex(result->root, HASH_BYTES));
    json_object_set_new(object, "entries", json_integer((json_int_t)result->entries));
    json_object_set_new(object, "signatures", json_integer((json_int_t)result->signatures));
    json_object_set_new(object, "skipped", skipped);
    json_object_set_new(object, "first_bad", bad != NULL ? bad : json_null());
    json_object_set_new(object, "closings", closings_json(&job->closings));
    json_object_set_new(object, "since", json_integer((json_int_t)job->since.size));
    json_object_set_new(object, "stopped", json_boolean(result->stopped));
    if (job->options.vkey != NULL)
        json_object_set_new(object, "vkey",
                            json_pack("{s:I, s:o}", "from", (json_int_t)result->vkey_from, "to",
                                      result->vkey_to == UINT64_MAX
                                          ? json_null()
                                          : json_integer((json_int_t)result->vkey_to)));
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
}

static void describe(const struct verify_result *result, struct buf *text)
{
    if (result->ok) {
        buf_printf(text, "good: %llu entries, %llu signatures, root ",
                   (unsigned long long)result->entries, (unsigned long long)result->signatures);
        buf_hex(text, result->root, HASH_BYTES);
    } else {
        buf_text(text, result->stopped ? "stopped, with nothing bad so far" : "damaged: ");
        if (result->first_bad.found)
            printable_add(text, result->first_bad.what);
        buf_printf(text, "\n%llu of %llu entries were checked and are good",
                   (unsigned long long)result->entries, (unsigned long long)result->size);
    }
    buf_text(text, "\n");
    if (result->ok && result->vkey_to != UINT64_MAX)
        buf_printf(text,
                   "the key given signed from entry %llu on; another followed it at entry %llu\n",
                   (unsigned long long)result->vkey_from, (unsigned long long)result->vkey_to);
    for (size_t i = 0; i < result->skipped_count; i++) {
        buf_text(text, "not checked: ");
        printable_add(text, result->skipped[i]);
        buf_text(text, "\n");
    }
}

/* One file, by itself. */
static int verify_one_file(const struct args *args)
{
    static const int not_for_files[] = {'o', 'm', 's', 'q', 't'};
    const struct verify_file file = {spec.name,
                                     args->operand[0],
                                     args_value(args, 'k'),
                                     args_value(args, 'e'),
                                     args_value(args, 'l'),
                                     args_value(args, 'j') != NULL};
    if (args_value(args, 'a') != NULL)
        return args_wrong(spec.name, "--against needs the tree between two checkpoints: give the "
                                     "ledger, or a directory of its tiles, not one file");
    for (size_t i = 0; i < sizeof(not_for_files) / sizeof(not_for_files[0]); i++) {
        if (args_value(args, not_for_files[i]) != NULL)
            return args_wrong(spec.name, "--only, --mark, --since, --mark-key and --threads are "
                                         "for a ledger, not for one file");
    }
    return verify_file_run(&file);
}

/* NULL, or what is wrong with the usage. */
static const char *usage_fault(const struct args *args)
{
    const char *only = args_value(args, 'o'), *threads = args_value(args, 't');
    uint64_t count = 0;
    if (only != NULL && strcmp(only, "hashes") != 0 && strcmp(only, "checkpoints") != 0)
        return "--only takes hashes or checkpoints";
    if (only != NULL && args_value(args, 'm') != NULL)
        return "--mark is for a check of everything, not for --only";
    if (only != NULL && strcmp(only, "checkpoints") == 0 && args_value(args, 's') != NULL)
        return "--only checkpoints looks at no entry, so that --since makes no difference";
    if (args_value(args, 'q') != NULL && args_value(args, 'm') == NULL &&
        args_value(args, 's') == NULL)
        return "--mark-key is the key of --mark and --since";
    if (args_value(args, 'e') != NULL || args_value(args, 'l') != NULL)
        return "--entry and --leaf are for a proof, not for a ledger";
    if (threads != NULL && (!args_number(threads, &count) || count < 1 || count > POOL_THREADS_MAX))
        return "--threads takes a number from 1 on";
    return NULL;
}

/* Reads the files that the options name. */
static enum err take_files(struct job *job, struct err_text *ret_why)
{
    const struct args *args = &job->args;
    size_t at = 0, count = 0;
    enum err err = ERR_OK;
    job->notes = mem_zero(args->choice_count, sizeof(*job->notes));
    job->texts = mem_zero(args->choice_count, sizeof(*job->texts));
    for (const char *file; err == ERR_OK && (file = args_next(args, 'a', &at)) != NULL; count++) {
        struct buf *text = &job->texts[count];
        err = files_input(file, NOTE_BYTES_MAX, text, ret_why);
        job->notes[count] = (struct verify_note){file, (const char *)text->data, text->bytes};
    }
    job->options.against = job->notes;
    job->options.against_count = err == ERR_OK ? count : 0;
    const char *mark = args_value(args, 's');
    if (err == ERR_OK && mark != NULL) {
        uint64_t time_s = 0;
        err = verify_mark_read(mark, args_value(args, 'q'), &job->since, &time_s, ret_why);
        job->options.since = &job->since;
    }
    return err;
}

static void take_options(struct job *job)
{
    const struct args *args = &job->args;
    const char *only = args_value(args, 'o'), *threads = args_value(args, 't');
    uint64_t count = 0;
    job->options.only_hashes = only != NULL && strcmp(only, "hashes") == 0;
    job->options.only_checkpoints = only != NULL && strcmp(only, "checkpoints") == 0;
    if (threads != NULL && args_number(threads, &count))
        job->options.threads = (unsigned)count;
    job->options.vkey = args_value(args, 'k');
    job->options.type = CLOSED_TYPE;
    job->progress = progress_begin();
    job->options.progress = show_progress;
    job->options.stop = interrupt_came;
    job->options.ctx = job;
}

/* Says how it ended, and keeps it as a mark. */
static int finish(const struct job *job, const struct verify_result *result)
{
    const char *mark = args_value(&job->args, 'm');
    struct buf text = {0};
    struct err_text why = {""};
    enum err err = ERR_OK;
    int code = !result->ok                   ? err_exit(result->stopped ? ERR_BUSY : ERR_DAMAGED)
               : job->closings.differing > 0 ? err_exit(ERR_PROOF)
                                             : 0;
    if (args_value(&job->args, 'j') != NULL)
        describe_json(job, result, &text);
    else
        describe(result, &text);
    if (args_value(&job->args, 'j') == NULL)
        describe_closings(&job->closings, &text);
    if (result->ok && mark != NULL)
        err = verify_mark_write(mark, args_value(&job->args, 'q'), &result->checkpoint,
                                (uint64_t)time(NULL), &why);
    code = args_print(spec.name, &text, code);
    buf_free(&text);
    return err == ERR_OK ? code : args_failed(spec.name, err, &why);
}

static int verify_whole(struct job *job)
{
    struct verify_result *result = NULL;
    struct err_text why = {""};
    const char *dir = job->args.operand[0], *fault = usage_fault(&job->args);
    const bool tiles = verify_tiles_is(dir);
    if (fault == NULL && tiles &&
        (args_value(&job->args, 'm') != NULL || args_value(&job->args, 's') != NULL))
        fault = "--mark and --since are for a ledger, not for tiles";
    if (fault != NULL)
        return args_wrong(spec.name, "%s", fault);
    take_options(job);
    enum err err = take_files(job, &why);
    if (err == ERR_OK) {
        interrupt_catch();
        err = tiles ? verify_tiles(dir, &job->options, &result, &why)
                    : verify_ledger(dir, &job->options, &result, &why);
    }
    progress_end(&job->progress);
    if (err == ERR_PROOF || err == ERR_USAGE)
        return args_failed(spec.name, err, &why);
    if (err != ERR_OK)
        return args_unopened(spec.name, err, &why);
    if (result->ok && result->of_type_count > 0 && !tiles)
        err =
            job->check_closings(dir, result->of_type, result->of_type_count, &job->closings, &why);
    int code = err == ERR_OK ? finish(job, result) : args_failed(spec.name, err, &why);
    verify_result_free(result);
    return code;
}

int cmd_verify(int argc, char *argv[], verify_closings_fn *closings)
{
    struct job job = {.check_closings = closings};
    int code = 0;
    if (args_parse(argc, argv, &spec, &job.args, &code))
        code =
            verify_file_is(job.args.operand[0]) ? verify_one_file(&job.args) : verify_whole(&job);
    for (size_t i = 0; job.texts != NULL && i < job.args.choice_count; i++)
        buf_free(&job.texts[i]);
    free(job.texts);
    free(job.notes);
    args_free(&job.args);
    return code;
}
