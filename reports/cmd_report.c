/* cmd_report - the audit report of a period, or the dossier of a deployment: made, compared with
 * one there is, issued. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/again.h"
#include "reports/casefile_files.h"
#include "reports/fileset.h"
#include "reports/footing.h"
#include "reports/issue.h"
#include "reports/order.h"
#include "reports/printer.h"
#include "reports/reports.h"

/* What the command has in hand beside what it was asked for. */
struct job {
    struct order order;
    struct progress progress;
    struct ledger *ledger;
    struct report *report;     /* of a period; */
    struct casefile *casefile; /* or the dossier of a deployment */
    json_t *files;             /* written: [{name, sha256, bytes}] */
};

static void show_gathered(void *ctx, uint64_t done, uint64_t total)
{
    progress_draw(ctx, "%" PRIu64 " of %" PRIu64 " deployments", done, total);
}

/* The report as the parameters ask for it. */
static enum err make_report(struct job *job, struct err_text *ret_why)
{
    struct params *params = &job->order.params;
    const struct report_watch watch = {
        .progress = show_gathered, .stop = interrupt_came, .ctx = &job->progress};
    enum err err = footing_open(job->order.dir, params->verify, &params->size, &job->progress,
                                &job->ledger, ret_why);
    if (err == ERR_OK)
        err = report_make(job->ledger, params, &watch, &job->report, ret_why);
    progress_end(&job->progress);
    return err;
}

/* The dossier of a deployment; a size that is not given is told. */
static enum err make_dossier(struct job *job, struct casefile_want *want, struct err_text *ret_why)
{
    enum err err = footing_open(job->order.dir, want->verify, &want->size, &job->progress,
                                &job->ledger, ret_why);
    progress_end(&job->progress);
    if (err == ERR_OK)
        err = casefile_make(job->ledger, want, &job->casefile, ret_why);
    return err;
}

static json_t *paths_of(const struct job *job)
{
    json_t *paths = json_array(), *file;
    size_t i;
    json_array_foreach (job->files, i, file) {
        char *path = files_path(job->order.out, ijson_string(file, "name"));
        json_array_append_new(paths, ijson_text(path));
        free(path);
    }
    return paths;
}

static void add_line(json_t *summary, struct buf *text)
{
    ijson_print(summary, text);
    buf_text(text, "\n");
    json_decref(summary);
}

static void describe_report(const struct job *job, json_t *receipt, struct buf *text)
{
    const struct report_cover *cover = &job->report->cover;
    const uint64_t size = job->report->params.size;
    if (!job->order.args.submit.json) {
        buf_printf(text, "deployments %" PRIu64 ", exceptions %" PRIu64 ", size %" PRIu64 ": %s\n",
                   cover->deployments, cover->exceptions, size, job->order.out);
        if (receipt != NULL)
            buf_printf(text, "issued in entry %lld\n",
                       json_integer_value(ijson_get(receipt, "seq")));
        return;
    }
    json_t *summary = json_object();
    ijson_put(summary, "deployments", json_integer((json_int_t)cover->deployments));
    ijson_put(summary, "exceptions", json_integer((json_int_t)cover->exceptions));
    ijson_put(summary, "size", json_integer((json_int_t)size));
    ijson_put(summary, "root", ijson_hex(cover->root, HASH_BYTES));
    ijson_put(summary, "files", paths_of(job));
    if (receipt != NULL)
        ijson_put(summary, "issued", json_incref(receipt));
    add_line(summary, text);
}

/* Make it, write its files, and issue it if that is asked for. */
static enum err produce_report(struct job *job, struct buf *text, struct err_text *ret_why)
{
    const struct order *order = &job->order;
    json_t *receipt = NULL;
    enum err err = ERR_OK;
    if (order->issues && order->params.size == 0)
        err = issue_heads(order->dir, ret_why);
    if (err == ERR_OK)
        err = make_report(job, ret_why);
    if (err == ERR_OK)
        err = fileset_write(job->report, order->formats, order->out, &job->progress, &job->files,
                            ret_why);
    if (err == ERR_OK && order->issues)
        err = issue_keep(order->out, job->files, ret_why);
    if (err == ERR_OK && order->issues)
        err = issue_deliver(order->dir, &order->args.submit, &order->params,
                            json_incref(job->files), &receipt, ret_why);
    const char *verdict = ijson_string(receipt, "verdict");
    if (err == ERR_OK && verdict != NULL && strcmp(verdict, "accepted") != 0)
        err = err_say(ret_why, ERR_FORBIDDEN, "issuing it was refused: %s",
                      ijson_string(receipt, "reason"));
    if (err == ERR_OK)
        describe_report(job, receipt, text);
    json_decref(receipt);
    return err;
}

static void describe_dossier(const struct job *job, uint64_t size, struct buf *text)
{
    const char *id = job->order.deployment;
    const uint64_t entries = casefile_entries(job->casefile);
    if (job->order.args.submit.json)
        add_line(json_pack("{s:s, s:I, s:I, s:o}", "deployment", id, "entries", (json_int_t)entries,
                           "size", (json_int_t)size, "files", paths_of(job)),
                 text);
    else
        buf_printf(text, "deployment %s, %" PRIu64 " entries, size %" PRIu64 ": %s\n", id, entries,
                   size, job->order.out);
}

static enum err produce_dossier(struct job *job, struct buf *text, struct err_text *ret_why)
{
    const struct order *order = &job->order;
    struct casefile_want want = {order->deployment, order->params.size, order->params.verify};
    enum err err = make_dossier(job, &want, ret_why);
    if (err == ERR_OK)
        err = files_directory(order->out, ret_why);
    if (err == ERR_OK)
        err = casefile_files_write(job->casefile, order->formats, order->out, &job->files, ret_why);
    if (err == ERR_OK)
        describe_dossier(job, want.size, text);
    return err;
}

/* The parameters that the file names; the platform's bytes must be given once more. */
static enum err take_again(struct order *order, const struct again *again, struct err_text *ret_why)
{
    const struct params given = order->params;
    if (!again->dossier)
        order->params = again->params;
    if (again->params.has_platform != given.has_platform ||
        (given.has_platform &&
         memcmp(given.platform_sha256, again->params.platform_sha256, HASH_BYTES) != 0))
        return err_say(ret_why, ERR_USAGE,
                       again->params.has_platform
                           ? "it was made with a file of the platform's: --platform that file"
                           : "it was made without a file of the platform's");
    order->params.platform = given.platform;
    order->params.platform_bytes = given.platform_bytes;
    return ERR_OK;
}

/* Make what the file is of once more, and compare. */
static enum err compare(struct job *job, struct again *again, struct output_end *ret_end,
                        struct err_text *ret_why)
{
    enum err err = take_again(&job->order, again, ret_why);
    if (err == ERR_OK && again->dossier) {
        err = make_dossier(job, &again->want, ret_why);
        return err == ERR_OK ? again_dossier(again, job->casefile, ret_end, ret_why) : err;
    }
    if (err == ERR_OK)
        err = make_report(job, ret_why);
    return err == ERR_OK ? again_report(again, job->report, ret_end, ret_why) : err;
}

static void describe_check(const struct job *job, const struct output_end *end, uint64_t size,
                           bool otherwise, struct buf *text)
{
    const struct registry_report *issued =
        end->same ? issue_find(ledger_registry(job->ledger), end->sha256) : NULL;
    if (job->order.args.submit.json) {
        buf_printf(text, "{\"same\":%s,\"comparable\":%s,\"size\":%" PRIu64 ",\"issued\":",
                   end->same ? "true" : "false", otherwise ? "false" : "true", size);
        if (issued != NULL)
            buf_printf(text, "%" PRIu64 "}\n", issued->seq);
        else
            buf_text(text, "null}\n");
    } else if (end->same) {
        buf_printf(text, "the same %" PRIu64 " bytes, size %" PRIu64, end->bytes, size);
        if (issued != NULL)
            buf_printf(text, ", issued in entry %" PRIu64 " by %s\n", issued->seq,
                       issued->principal);
        else
            buf_text(text, "; no entry issues this file\n");
    } else if (otherwise) {
        buf_text(text, "not comparable: other versions of libraries made it\n");
    } else {
        buf_printf(text, "it differs from byte %" PRIu64 " on\n", end->differs);
    }
}

static int check(struct job *job)
{
    struct again again = {.path = NULL};
    struct err_text why = {""};
    struct output_end end = {.same = false};
    enum err err = again_open(job->order.check, &again, &why);
    if (err != ERR_OK)
        return args_unopened(order_name(), err, &why);
    err = compare(job, &again, &end, &why);
    const bool otherwise = err == ERR_OK && !end.same && again_otherwise(&again);
    const uint64_t size = again.dossier ? again.want.size : again.params.size;
    again_close(&again);
    if (err != ERR_OK)
        return args_failed(order_name(), err, &why);
    struct buf text = {0};
    describe_check(job, &end, size, otherwise, &text);
    int code = args_print(order_name(), &text, end.same ? 0 : otherwise ? 3 : 1);
    buf_free(&text);
    return code;
}

static int run(struct job *job)
{
    struct buf text = {0};
    struct err_text why = {""};
    enum err err = order_platform(&job->order, &why);
    if (err == ERR_OK && job->order.check != NULL)
        return check(job);
    if (err == ERR_OK)
        err = job->order.deployment != NULL ? produce_dossier(job, &text, &why)
                                            : produce_report(job, &text, &why);
    int code =
        err == ERR_OK ? args_print(order_name(), &text, 0) : args_failed(order_name(), err, &why);
    buf_free(&text);
    return code;
}

int cmd_report(int argc, char *argv[])
{
    struct job job = {.progress = progress_begin()};
    struct err_text why = {""};
    int code = 0;
    if (!order_take(argc, argv, &job.order, &code))
        goto out;
    if (printer_needed(job.order.check, job.order.pdf)) {
        code = args_failed(order_name(), printer_become(argc, argv, &why), &why);
        goto out;
    }
    interrupt_catch();
    code = run(&job);
out:
    json_decref(job.files);
    report_free(job.report);
    casefile_free(job.casefile);
    ledger_close(job.ledger);
    order_free(&job.order);
    return code;
}
