/* cmd_report - the audit report of a period: made, compared with one there is, issued. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/again.h"
#include "reports/casefile_files.h"
#include "reports/control.h"
#include "reports/format.h"
#include "reports/issue.h"
#include "reports/printer.h"
#include "reports/reports.h"

#define WRITING_MAGIC MAGIC('W', 'R', 'I', 'T')
#define SAMPLE_MAX 1000000
#define ROWS_MAX 1000000
#define DRAW_US 100000 /* progress is drawn no oftener */

enum {
    OPTION_YEAR = 0x2000,
    OPTION_FROM,
    OPTION_TO,
    OPTION_SIZE,
    OPTION_FORMAT,
    OPTION_OUT,
    OPTION_SAMPLE,
    OPTION_SEED,
    OPTION_ROWS,
    OPTION_PLATFORM,
    OPTION_VERIFY,
    OPTION_UNVERIFIED,
    OPTION_CHECK,
    OPTION_ISSUE,
    OPTION_DEPLOYMENT
};

static const struct option options[] = {
    {"year", required_argument, NULL, OPTION_YEAR},
    {"from", required_argument, NULL, OPTION_FROM},
    {"to", required_argument, NULL, OPTION_TO},
    {"size", required_argument, NULL, OPTION_SIZE},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"out", required_argument, NULL, OPTION_OUT},
    {"sample", required_argument, NULL, OPTION_SAMPLE},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"rows", required_argument, NULL, OPTION_ROWS},
    {"platform", required_argument, NULL, OPTION_PLATFORM},
    {"verify", required_argument, NULL, OPTION_VERIFY},
    {"unverified", no_argument, NULL, OPTION_UNVERIFIED},
    {"check", required_argument, NULL, OPTION_CHECK},
    {"issue", no_argument, NULL, OPTION_ISSUE},
    {"deployment", required_argument, NULL, OPTION_DEPLOYMENT},
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "report",
    .operands = "LEDGER --year YYYY | --from TIME --to TIME | --deployment ID | --check FILE",
    .about =
        "Writes the audit report of a period: a pure function of the ledger's entries and these\n"
        "parameters, the same bytes wherever and whenever it is made.\n\n"
        "  --year YYYY       the calendar year, UTC\n"
        "  --from T --to T   RFC 3339, half-open\n"
        "  --size N          as of the first N entries (default: all)\n"
        "  --format LIST     of html, pdf, csv, json and oscal, joined by commas (default: all)\n"
        "  --out DIR         where report.html, .pdf, .json, oscal.json and csv/ go (default: "
        "here)\n"
        "  --sample N        deployments to draw for testing (default: 25)\n"
        "  --seed S          the seed of the draw (default: 1)\n"
        "  --rows N          rows of a table on a page; CSV and JSON have all (default: 1000)\n"
        "  --platform FILE   the platform's own list of deployments, to reconcile with: a CSV "
        "whose\n"
        "                    head names time and one of deployment, artifact, release\n"
        "  --verify WHAT     what to verify first: all, hashes (default; no signatures), none;\n"
        "                    the cover says what was not\n"
        "  --unverified      --verify none\n\n"
        "  --deployment ID   the dossier of one deployment instead, ID.html and ID.pdf: the "
        "checklist "
        "as\n"
        "                    it was filled in, approvals with their keys, findings, evidence, the "
        "timeline,\n"
        "                    the signed events; with --size, --format, --out, --verify\n"
        "  --check FILE      make this file of a report again, with what it says it was made "
        "with,\n"
        "                    and compare: 0 the same, 1 it differs, 3 not comparable\n"
        "  --issue           record the digests of the files in the ledger, signed by an admin\n\n"
        "With --json it prints {deployments, exceptions, size, root, files}.  To issue:\n\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .writes = true,
    .at_once = true,
};

/* Everything that the command has in hand. */
struct job {
    struct args args;
    struct params params;
    struct buf platform;
    unsigned formats;
    unsigned dossier_formats;
    const char *deployment; /* of a dossier; NULL: the report of a period */
    const char *dir;        /* the ledger */
    const char *out;
    bool has_from, has_to, issues;
    bool shows; /* progress */
    int64_t drawn_us;
    struct ledger *ledger;
    struct report *report;
    json_t *files; /* written: [{name, sha256, bytes}] */
};

/* Whether somebody wants it to end: set by a signal. */
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static bool is_interrupted(void *ctx)
{
    (void)ctx;
    return interrupted != 0;
}

/* The first Ctrl-C ends it and leaves no half file; a second one the program. */
static void catch_interrupts(void)
{
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    interrupted = 0;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
}

static void draw(struct job *job, const char *what, uint64_t done, uint64_t total)
{
    int64_t now_us = clock_monotonic_us();
    if (!job->shows || (now_us - job->drawn_us < DRAW_US && done < total))
        return;
    job->drawn_us = now_us;
    fprintf(stderr, "\r\033[K%llu of %llu %s", (unsigned long long)done, (unsigned long long)total,
            what);
    fflush(stderr);
}

static void show_verified(void *ctx, uint64_t done, uint64_t total)
{
    draw(ctx, "entries verified", done, total);
}

static void show_gathered(void *ctx, uint64_t done, uint64_t total)
{
    draw(ctx, "deployments", done, total);
}

static bool number_within(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
    uint64_t value;
    if (!args_number(text, &value) || value < least || value > most)
        return false;
    *ret = value;
    return true;
}

static bool any_character(uint32_t code)
{
    (void)code;
    return true;
}

static bool take_year(struct job *job, const char *value)
{
    uint64_t year;
    if (!number_within(value, 1970, 9998, &year))
        return false;
    job->params.period.from_us = instant_from_date((int)year, 1, 1);
    job->params.period.to_us = instant_from_date((int)year + 1, 1, 1);
    return job->has_from = job->has_to = true;
}

static bool take_seed(struct job *job, const char *value)
{
    size_t bytes = strlen(value);
    if (bytes > PARAMS_SEED_BYTES_MAX || !utf8_all(value, bytes, any_character))
        return false;
    memcpy(job->params.seed, value, bytes + 1);
    return true;
}

static bool take_option(struct job *job, int option, const char *value)
{
    struct params *params = &job->params;
    switch (option) {
    case OPTION_YEAR:
        return take_year(job, value);
    case OPTION_FROM:
        return job->has_from = instant_parse(value, &params->period.from_us);
    case OPTION_TO:
        return job->has_to = instant_parse(value, &params->period.to_us);
    case OPTION_SIZE:
        return number_within(value, 1, JSON_INTEGER_MAX, &params->size);
    case OPTION_FORMAT:
        return job->deployment != NULL ? casefile_files_parse(value, &job->dossier_formats)
                                       : format_parse(value, &job->formats);
    case OPTION_SAMPLE:
        return number_within(value, 0, SAMPLE_MAX, &params->sample);
    case OPTION_SEED:
        return take_seed(job, value);
    case OPTION_ROWS:
        return number_within(value, 0, ROWS_MAX, &params->rows);
    case OPTION_VERIFY:
        return params_verify_of(value, &params->verify);
    case OPTION_UNVERIFIED:
        params->verify = VERIFY_NONE;
        return true;
    default: /* taken where they are needed */
        return true;
    }
}

/* The period and all that goes with it; false if the command is over. */
static bool take_options(struct job *job, int *ret_exit)
{
    const struct period *period = &job->params.period;
    job->dir = job->args.operand[0];
    job->out = args_value(&job->args, OPTION_OUT);
    job->out = job->out == NULL ? "." : job->out;
    job->issues = args_value(&job->args, OPTION_ISSUE) != NULL;
    job->deployment = args_value(&job->args, OPTION_DEPLOYMENT);
    bool checks = args_value(&job->args, OPTION_CHECK) != NULL;
    for (size_t i = 0; i < job->args.choice_count; i++) {
        const struct args_choice *choice = &job->args.choices[i];
        if (!take_option(job, choice->option, choice->value)) {
            *ret_exit = args_wrong(spec.name, "'%s' cannot be read", choice->value);
            return false;
        }
    }
    if (job->deployment != NULL && (checks || job->has_from || job->has_to || job->issues))
        *ret_exit =
            args_wrong(spec.name, "--deployment goes with --size, --format, --out, --verify");
    else if (checks && (job->has_from || job->has_to || job->issues))
        *ret_exit = args_wrong(spec.name, "--check takes all else from the file, but --platform");
    else if (job->deployment == NULL && !checks &&
             (!job->has_from || !job->has_to || period->from_us >= period->to_us))
        *ret_exit = args_wrong(spec.name, "needs --year, --from before --to, or --deployment");
    else if (job->issues && job->args.submit.key == NULL)
        *ret_exit = args_wrong(spec.name, "an admin issues it: --key FILE, --agent, or "
                                          "COUNTERSIGN_KEY");
    else
        return true;
    return false;
}

static enum err take_platform(struct job *job, struct err_text *ret_why)
{
    const char *path = args_value(&job->args, OPTION_PLATFORM);
    if (path == NULL)
        return ERR_OK;
    enum err err = files_input(path, PLATFORM_BYTES_MAX, &job->platform, ret_why);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_IO : err;
    job->params.has_platform = true;
    job->params.platform = job->platform.bytes > 0 ? (const char *)job->platform.data : "";
    job->params.platform_bytes = job->platform.bytes;
    hash_bytes(job->params.platform, job->platform.bytes, job->params.platform_sha256);
    return ERR_OK;
}

static enum err open_ledger(struct job *job, struct err_text *ret_why)
{
    uint64_t size;
    enum err err = ledger_open(job->dir, false, &job->ledger, ret_why);
    if (err == ERR_NOT_FOUND)
        return ERR_IO; /* an input that could not be had; a size above the ledger's is another */
    if (err == ERR_OK)
        err = ledger_size(job->ledger, &size, ret_why);
    if (err == ERR_OK && job->params.size > size)
        err = err_say(ret_why, ERR_NOT_FOUND, "size %llu: the ledger has %llu entries",
                      (unsigned long long)job->params.size, (unsigned long long)size);
    if (err == ERR_OK && job->params.size == 0)
        job->params.size = size;
    return err;
}

static enum err check_ledger(struct job *job, struct err_text *ret_why)
{
    struct verify_result *result = NULL;
    const struct verify_options wanted = {.only_hashes = job->params.verify == VERIFY_HASHES,
                                          .progress = show_verified,
                                          .stop = is_interrupted,
                                          .ctx = job};
    if (job->params.verify == VERIFY_NONE)
        return ERR_OK;
    enum err err = verify_ledger(job->dir, &wanted, &result, ret_why);
    if (err == ERR_OK && result->stopped)
        err = err_say(ret_why, ERR_IO, "it was interrupted");
    else if (err == ERR_OK && !result->ok)
        err = err_say(ret_why, ERR_DAMAGED, "no report of a damaged ledger: %s",
                      result->first_bad.what);
    verify_result_free(result);
    return err;
}

/* The report as the parameters ask for it. */
static enum err make(struct job *job, struct err_text *ret_why)
{
    const struct report_watch watch = {
        .progress = show_gathered, .stop = is_interrupted, .ctx = job};
    enum err err = open_ledger(job, ret_why);
    if (err == ERR_OK)
        err = check_ledger(job, ret_why);
    if (err == ERR_OK)
        err = report_make(job->ledger, &job->params, &watch, &job->report, ret_why);
    if (job->shows)
        fputs("\r\033[K", stderr);
    return err;
}

static enum err make_directory(const char *path, struct err_text *ret_why)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return err_say(ret_why, ERR_IO, "%s cannot be made: %s", path, strerror(errno));
    return ERR_OK;
}

/* The files of a report while they are written, several at once. */
struct writing {
    uint32_t magic;
    struct job *job;
    struct format_file files[FORMAT_FILES_MAX];
    struct output_end ends[FORMAT_FILES_MAX];
    struct err_text whys[FORMAT_FILES_MAX];
    size_t count;
};

static enum err write_file(void *ctx, uint64_t index)
{
    struct writing *writing = NULL;
    CAST_OBJ(writing, ctx, WRITING_MAGIC);
    const struct format_file *file = &writing->files[index];
    struct err_text *why = &writing->whys[index];
    struct output *output = NULL;
    char *path = files_path(writing->job->out, file->path);
    enum err err = output_file(path, &output, why);
    if (err == ERR_OK)
        err = format_write(file, writing->job->report, output, why);
    if (err == ERR_OK && interrupted != 0)
        err = err_say(why, ERR_IO, "it was interrupted");
    if (err == ERR_OK)
        err = output_close(output, &writing->ends[index], why);
    output_free(output);
    free(path);
    return err;
}

static enum err list_file(void *ctx, uint64_t index)
{
    struct writing *writing = NULL;
    CAST_OBJ(writing, ctx, WRITING_MAGIC);
    const struct output_end *end = &writing->ends[index];
    json_t *file = json_object();
    ijson_put(file, "name", ijson_text(writing->files[index].path));
    ijson_put(file, "sha256", ijson_hex(end->sha256, HASH_BYTES));
    ijson_put(file, "bytes", json_integer((json_int_t)end->bytes));
    json_array_append_new(writing->job->files, file);
    return ERR_OK;
}

/* Makes the directories that the files stand in. */
static enum err make_directories(const struct writing *writing, struct err_text *ret_why)
{
    const char *out = writing->job->out;
    bool within = false;
    for (size_t i = 0; i < writing->count; i++)
        within = within || strchr(writing->files[i].path, '/') != NULL;
    char *csv = files_path(out, "csv");
    enum err err = make_directory(out, ret_why);
    if (err == ERR_OK && within)
        err = make_directory(csv, ret_why);
    free(csv);
    return err;
}

static enum err write_files(struct job *job, struct err_text *ret_why)
{
    struct writing *writing = mem_zero(1, sizeof(*writing));
    writing->magic = WRITING_MAGIC;
    writing->job = job;
    writing->count = format_files(job->formats, writing->files);
    job->files = json_array();
    enum err err = make_directories(writing, ret_why);
    if (err == ERR_OK) {
        struct pool *pool = pool_new(0);
        err = pool_each(pool, writing->count, write_file, list_file, writing);
        pool_free(pool);
        for (size_t i = 0; err != ERR_OK && i < writing->count; i++) {
            if (writing->whys[i].s[0] != '\0')
                err_say(ret_why, err, "%s", writing->whys[i].s);
        }
    }
    free(writing);
    return err;
}

static json_t *paths_of(const struct job *job)
{
    json_t *paths = json_array(), *file;
    size_t i;
    json_array_foreach (job->files, i, file) {
        char *path = files_path(job->out, ijson_string(file, "name"));
        json_array_append_new(paths, ijson_text(path));
        free(path);
    }
    return paths;
}

static void describe(const struct job *job, const json_t *receipt, struct buf *text)
{
    const struct report_cover *cover = &job->report->cover;
    if (!job->args.submit.json) {
        buf_printf(text, "deployments %llu, exceptions %llu, size %llu: %s\n",
                   (unsigned long long)cover->deployments, (unsigned long long)cover->exceptions,
                   (unsigned long long)job->params.size, job->out);
        if (receipt != NULL)
            buf_printf(text, "issued in entry %lld\n",
                       json_integer_value(ijson_get(receipt, "seq")));
        return;
    }
    json_t *summary = json_object();
    ijson_put(summary, "deployments", json_integer((json_int_t)cover->deployments));
    ijson_put(summary, "exceptions", json_integer((json_int_t)cover->exceptions));
    ijson_put(summary, "size", json_integer((json_int_t)job->params.size));
    ijson_put(summary, "root", ijson_hex(cover->root, HASH_BYTES));
    ijson_put(summary, "files", paths_of(job));
    if (receipt != NULL)
        json_object_set(summary, "issued", (json_t *)(uintptr_t)receipt);
    ijson_print(summary, text);
    buf_text(text, "\n");
    json_decref(summary);
}

/* Make it, write its files, and issue it if that is asked for. */
static enum err produce(struct job *job, struct buf *text, struct err_text *ret_why)
{
    json_t *receipt = NULL;
    enum err err = ERR_OK;
    if (job->issues && job->params.size == 0)
        err = issue_heads(job->dir, ret_why);
    if (err == ERR_OK)
        err = make(job, ret_why);
    if (err == ERR_OK)
        err = write_files(job, ret_why);
    if (err == ERR_OK && job->issues)
        err = issue_deliver(job->dir, &job->args.submit, &job->params, json_incref(job->files),
                            &receipt, ret_why);
    const char *verdict = ijson_string(receipt, "verdict");
    if (err == ERR_OK && verdict != NULL && strcmp(verdict, "accepted") != 0)
        err = err_say(ret_why, ERR_FORBIDDEN, "issuing it was refused: %s",
                      ijson_string(receipt, "reason"));
    if (err == ERR_OK)
        describe(job, receipt, text);
    json_decref(receipt);
    return err;
}

/* The dossier of one deployment. */
static enum err produce_dossier(struct job *job, struct buf *text, struct err_text *ret_why)
{
    struct casefile *casefile = NULL;
    enum err err = open_ledger(job, ret_why);
    if (err == ERR_OK)
        err = check_ledger(job, ret_why);
    if (job->shows)
        fputs("\r\033[K", stderr);
    const struct casefile_want want = {job->deployment, job->params.size,
                                       control_verified(job->params.verify)};
    if (err == ERR_OK)
        err = casefile_make(job->ledger, &want, &casefile, ret_why);
    if (err == ERR_OK)
        err = make_directory(job->out, ret_why);
    if (err == ERR_OK)
        err = casefile_files_write(casefile, job->dossier_formats, job->out, &job->files, ret_why);
    if (err == ERR_OK && job->args.submit.json) {
        json_t *summary = json_pack("{s:s, s:I, s:I, s:o}", "deployment", want.id, "entries",
                                    (json_int_t)casefile_entries(casefile), "size",
                                    (json_int_t)want.size, "files", paths_of(job));
        ijson_print(summary, text);
        buf_text(text, "\n");
        json_decref(summary);
    } else if (err == ERR_OK) {
        buf_printf(text, "deployment %s, %llu entries, size %llu: %s\n", want.id,
                   (unsigned long long)casefile_entries(casefile), (unsigned long long)want.size,
                   job->out);
    }
    casefile_free(casefile);
    return err;
}

/* The parameters that the file names; the platform's bytes must be given once more. */
static enum err take_again(struct job *job, const struct again *again, struct err_text *ret_why)
{
    const struct params given = job->params;
    job->params = again->params;
    if (again->params.has_platform != given.has_platform ||
        (given.has_platform &&
         memcmp(given.platform_sha256, again->params.platform_sha256, HASH_BYTES) != 0))
        return err_say(ret_why, ERR_USAGE,
                       again->params.has_platform
                           ? "it was made with a file of the platform's: --platform that file"
                           : "it was made without a file of the platform's");
    job->params.platform = given.platform;
    job->params.platform_bytes = given.platform_bytes;
    return ERR_OK;
}

static int check(struct job *job, const char *path)
{
    struct again again = {.path = NULL};
    struct err_text why = {""};
    struct output_end end = {.same = false};
    enum err err = again_open(path, &again, &why);
    if (err != ERR_OK)
        return args_unopened(spec.name, err, &why);
    err = take_again(job, &again, &why);
    if (err == ERR_OK)
        err = make(job, &why);
    if (err == ERR_OK)
        err = again_compare(&again, job->report, &end, &why);
    bool otherwise = err == ERR_OK && !end.same && again_otherwise(&again);
    again_close(&again);
    if (err != ERR_OK)
        return args_failed(spec.name, err, &why);
    struct buf text = {0};
    if (job->args.submit.json)
        buf_printf(&text, "{\"same\":%s,\"comparable\":%s,\"size\":%llu}\n",
                   end.same ? "true" : "false", otherwise ? "false" : "true",
                   (unsigned long long)job->params.size);
    else if (end.same)
        buf_printf(&text, "the same %llu bytes, size %llu\n", (unsigned long long)end.bytes,
                   (unsigned long long)job->params.size);
    else if (otherwise)
        buf_text(&text, "not comparable: other versions of libraries made it\n");
    else
        buf_printf(&text, "it differs from byte %llu on\n", (unsigned long long)end.differs);
    int code = args_print(spec.name, &text, end.same ? 0 : otherwise ? 3 : 1);
    buf_free(&text);
    return code;
}

int cmd_report(int argc, char *argv[])
{
    struct job job = {.params = {.verify = VERIFY_HASHES,
                                 .sample = PARAMS_SAMPLE_DEFAULT,
                                 .seed = PARAMS_SEED_DEFAULT,
                                 .rows = PARAMS_ROWS_DEFAULT},
                      .formats = format_all(),
                      .dossier_formats = CASEFILE_HTML | CASEFILE_PDF};
    struct err_text why = {""};
    struct buf text = {0};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &job.args, &code) || !take_options(&job, &code))
        goto out;
    bool pdf = job.deployment != NULL ? (job.dossier_formats & CASEFILE_PDF) != 0
                                      : (job.formats & format_pdf()) != 0;
    if (printer_needed(args_value(&job.args, OPTION_CHECK), pdf)) {
        code = args_failed(spec.name, printer_become(argc, argv, &why), &why);
        goto out;
    }
    job.shows = isatty(STDERR_FILENO) == 1;
    catch_interrupts();
    enum err err = take_platform(&job, &why);
    const char *path = args_value(&job.args, OPTION_CHECK);
    if (err == ERR_OK && path != NULL) {
        code = check(&job, path);
        goto out;
    }
    if (err == ERR_OK)
        err = job.deployment != NULL ? produce_dossier(&job, &text, &why)
                                     : produce(&job, &text, &why);
    code = err == ERR_OK ? args_print(spec.name, &text, 0) : args_failed(spec.name, err, &why);
out:
    json_decref(job.files);
    report_free(job.report);
    ledger_close(job.ledger);
    buf_free(&job.platform);
    buf_free(&text);
    args_free(&job.args);
    return code;
}
