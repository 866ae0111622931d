#include "reports/demo_issue.h"

#include <stdlib.h>

#include "reports/format.h"

/* A PDF is the same only for the same libraries. */
#define FORMATS "html,csv,json,oscal"

/* A file's row {name, sha256, bytes}; nothing is written. */
static enum err add_file(const struct report *report, const struct format_file *file,
                         json_t *ret_files, struct err_text *ret_why)
{
    struct output *output = NULL;
    struct output_end end;
    output_digest(&output);
    enum err err = format_write(file, report, output, ret_why);
    if (err == ERR_OK)
        err = output_close(output, &end, ret_why);
    if (err == ERR_OK)
        json_array_append_new(ret_files, output_row(file->path, &end));
    output_free(output);
    return err;
}

static enum err check(const char *dir, struct err_text *ret_why)
{
    const struct verify_options wanted = {.only_hashes = true, .stop = interrupt_came};
    struct verify_result *result = NULL;
    enum err err = verify_ledger(dir, &wanted, &result, ret_why);
    if (err == ERR_OK && result->stopped)
        err = err_say(ret_why, ERR_IO, "it was interrupted");
    else if (err == ERR_OK && !result->ok)
        err = err_say(ret_why, ERR_DAMAGED, "no report of a damaged ledger: %s",
                      result->first_bad.what);
    verify_result_free(result);
    return err;
}

static enum err add_files(struct ledger *ledger, const struct params *params, json_t *ret_files,
                          struct err_text *ret_why)
{
    struct format_file files[FORMAT_FILES_MAX];
    const struct report_watch watch = {.stop = interrupt_came};
    struct report *report = NULL;
    unsigned formats = 0;
    ASSERT(format_parse(FORMATS, &formats));
    enum err err = report_make(ledger, params, &watch, &report, ret_why);
    size_t count = format_files(formats, files);
    for (size_t i = 0; err == ERR_OK && i < count; i++)
        err = add_file(report, &files[i], ret_files, ret_why);
    report_free(report);
    return err;
}

enum err demo_issue_data(const char *dir, struct ledger *ledger, struct period period,
                         char **ret_data, struct err_text *ret_why)
{
    struct params params = {.period = period,
                            .verify = VERIFY_HASHES,
                            .sample = PARAMS_SAMPLE_DEFAULT,
                            .seed = PARAMS_SEED_DEFAULT,
                            .rows = PARAMS_ROWS_DEFAULT};
    json_t *files = json_array();
    struct buf text = {0};
    enum err err = ledger_size(ledger, &params.size, ret_why);
    if (err == ERR_OK)
        err = check(dir, ret_why);
    if (err == ERR_OK)
        err = add_files(ledger, &params, files, ret_why);
    if (err == ERR_OK) {
        json_t *made_with = params_made_with(&params);
        buf_text(&text, "\"parameters\":");
        ijson_print(made_with, &text);
        buf_text(&text, ",\"files\":");
        ijson_print(files, &text);
        *ret_data = buf_take_text(&text);
        json_decref(made_with);
    }
    json_decref(files);
    buf_free(&text);
    return err;
}
