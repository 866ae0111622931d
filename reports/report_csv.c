#include <string.h>

#include "reports/report.h"

#define ROWS_PASSED 256 /* then what was written is passed on */

/* What a spreadsheet passes over before it looks for a formula. */
static bool is_passed_over(uint32_t code)
{
    return code == ' ' || code == '\n' || code == 0xa0 || code == 0xad || code == 0x1680 ||
           code == 0x180e || (code >= 0x2000 && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202f) || (code >= 0x205f && code <= 0x206f) ||
           code == 0x3000 || code == 0xfeff;
}

/* What a formula begins with, in ASCII, full width, or small form; and what moves to other cells.
 */
static bool begins_formula(uint32_t code)
{
    return code == '=' || code == '+' || code == '-' || code == '@' || code == '\t' ||
           code == '\r' || code == 0x2212 || code == 0xfe62 || code == 0xfe63 || code == 0xfe66 ||
           code == 0xfe6b || code == 0xff0b || code == 0xff0d || code == 0xff1d || code == 0xff20;
}

static bool is_formula(const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        uint32_t code;
        size_t bytes = utf8_decode((const uint8_t *)text, left, &code);
        if (bytes == 0)
            return false;
        if (begins_formula(code))
            return true;
        if (!is_passed_over(code))
            return false;
        text += bytes;
        left -= bytes;
    }
    return false;
}

/* A text as one field, which no spreadsheet computes. */
static void add_field(struct buf *buf, const char *text)
{
    bool formula = is_formula(text);
    size_t bytes = strlen(text);
    if (!formula && strpbrk(text, "\",\r\n") == NULL) {
        buf_add(buf, text, bytes);
        return;
    }
    buf_text(buf, formula ? "\"'" : "\"");
    for (const char *quote; (quote = strchr(text, '"')) != NULL; text = quote + 1) {
        buf_add(buf, text, (size_t)(quote - text));
        buf_text(buf, "\"\"");
    }
    buf_text(buf, text);
    buf_text(buf, "\"");
}

/* A number that a spreadsheet reads as one; a sign before it makes no formula of it. */
static bool is_number(const char *text)
{
    size_t bytes = strlen(text), sign = text[0] == '-' || text[0] == '+';
    size_t digits = strspn(text + sign, "0123456789.eE");
    return digits > 0 && strpbrk(text + sign, "0123456789") == text + sign &&
           sign + digits == bytes;
}

static void add_cell(struct buf *buf, const struct sheet *sheet, size_t row, size_t column)
{
    const char *text;
    switch (sheet_form(sheet)->columns[column].cell) {
    case CELL_TEXT:
    case CELL_CODE:
    case CELL_DEPLOYMENT:
        add_field(buf, sheet_text(sheet, row, column));
        break;
    case CELL_NUMBER:
        text = sheet_text(sheet, row, column);
        if (is_number(text))
            buf_text(buf, text);
        else
            add_field(buf, text);
        break;
    case CELL_EVENT:
    case CELL_COUNT:
    case CELL_TIME:
    case CELL_YES:
        sheet_print(sheet, row, column, buf);
        break;
    }
}

enum err report_csv(const struct report *report, enum form form, struct output *output,
                    struct err_text *ret_why)
{
    const struct sheet *sheet = report->sheets[form];
    const struct sheet_form *is = forms_of(form);
    struct buf *buf = &output->buf;
    enum err err = ERR_OK;
    for (size_t column = 0; column < is->column_count; column++)
        buf_printf(buf, "%s%s", column > 0 ? "," : "", is->columns[column].name);
    buf_text(buf, "\r\n");
    for (size_t row = 0; err == ERR_OK && row < sheet_rows(sheet); row++) {
        for (size_t column = 0; column < is->column_count; column++) {
            if (column > 0)
                buf_u8(buf, ',');
            if (sheet_has(sheet, row, column))
                add_cell(buf, sheet, row, column);
        }
        buf_text(buf, "\r\n");
        if (row % ROWS_PASSED == 0)
            err = output_pass(output, ret_why);
    }
    return err;
}

static void add_fact(struct buf *buf, const char *name, const char *text)
{
    buf_printf(buf, "%s,", name);
    add_field(buf, text);
    buf_text(buf, "\r\n");
}

static void add_number(struct buf *buf, const char *name, uint64_t number)
{
    buf_printf(buf, "%s,%llu\r\n", name, (unsigned long long)number);
}

static void add_instant(struct buf *buf, const char *name, int64_t us)
{
    char text[INSTANT_TEXT_BYTES];
    instant_format(us, text);
    add_fact(buf, name, text);
}

static void add_hex(struct buf *buf, const char *name, const uint8_t hash[HASH_BYTES])
{
    buf_printf(buf, "%s,", name);
    buf_hex(buf, hash, HASH_BYTES);
    buf_text(buf, "\r\n");
}

enum err report_csv_parameters(const struct report *report, struct output *output,
                               struct err_text *ret_why)
{
    const struct params *params = &report->params;
    const struct report_cover *cover = &report->cover;
    struct buf *buf = &output->buf;
    buf_text(buf, "name,value\r\nreport," PARAMS_REPORT "\r\ncarried,");
    params_carried(params, buf);
    buf_text(buf, "\r\n");
    add_instant(buf, "from", params->period.from_us);
    add_instant(buf, "to", params->period.to_us);
    add_number(buf, "size", params->size);
    add_fact(buf, "verify", params_verify_name(params->verify));
    add_number(buf, "sample", params->sample);
    add_fact(buf, "seed", params->seed);
    if (params->has_platform)
        add_hex(buf, "platform_sha256", params->platform_sha256);
    add_fact(buf, "origin", cover->origin);
    add_fact(buf, "ledger", cover->ledger);
    add_fact(buf, "simulated", cover->simulated ? "true" : "false");
    add_hex(buf, "root", cover->root);
    add_fact(buf, "key", cover->key);
    add_instant(buf, "as_of", cover->as_of_us);
    add_number(buf, "entries", cover->entries);
    add_number(buf, "signatures", cover->signatures);
    add_number(buf, "deployments", cover->deployments);
    add_number(buf, "counted", cover->counted);
    add_number(buf, "exceptions", cover->exceptions);
    add_fact(buf, "verification", cover->verified);
    add_fact(buf, "reconciliation", cover->platform);
    add_fact(buf, "outside_times", cover->outside);
    add_fact(buf, "completeness", cover->complete);
    add_fact(buf, "disposal", cover->disposal);
    return output_pass(output, ret_why);
}
