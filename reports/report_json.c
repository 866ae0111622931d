#include <string.h>

#include "reports/control.h"
#include "reports/report.h"

#define ROWS_PASSED 256 /* then what was written is passed on */

/* A text between quotes: as it is, but for what JSON must have escaped, and what would end a line
 * or a script where a page holds it. */
static void add_text(struct buf *buf, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    buf_u8(buf, '"');
    for (const char *at = text; *at != '\0';) {
        size_t plain = 0;
        while ((uint8_t)at[plain] >= 0x20 && at[plain] != '"' && at[plain] != '\\' &&
               at[plain] != 0x7f)
            plain++;
        buf_add(buf, at, plain);
        at += plain;
        if (*at == '\0')
            break;
        uint8_t c = (uint8_t)*at++;
        if (c == '"' || c == '\\') {
            buf_u8(buf, '\\');
            buf_u8(buf, c);
        } else {
            buf_text(buf, "\\u00");
            buf_u8(buf, (uint8_t)hex[c >> 4]);
            buf_u8(buf, (uint8_t)hex[c & 15]);
        }
    }
    buf_u8(buf, '"');
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Whether a number's source text is one in JSON too. */
static bool is_json_number(const char *text)
{
    text += *text == '-';
    size_t whole = digits(text);
    if (whole == 0 || (whole > 1 && text[0] == '0'))
        return false;
    text += whole;
    if (*text == '.') {
        size_t part = digits(text + 1);
        if (part == 0)
            return false;
        text += 1 + part;
    }
    if (*text == 'e' || *text == 'E') {
        text += 1 + (text[1] == '+' || text[1] == '-');
        size_t power = digits(text);
        if (power == 0)
            return false;
        text += power;
    }
    return *text == '\0';
}

static void add_cell(struct buf *buf, const struct sheet *sheet, size_t row, size_t column)
{
    switch (sheet_form(sheet)->columns[column].cell) {
    case CELL_NUMBER:
        if (is_json_number(sheet_text(sheet, row, column))) {
            buf_text(buf, sheet_text(sheet, row, column));
            break;
        }
        add_text(buf, sheet_text(sheet, row, column));
        break;
    case CELL_TEXT:
    case CELL_CODE:
    case CELL_DEPLOYMENT:
        add_text(buf, sheet_text(sheet, row, column));
        break;
    case CELL_TIME:
        buf_u8(buf, '"');
        sheet_print(sheet, row, column, buf);
        buf_u8(buf, '"');
        break;
    case CELL_EVENT:
    case CELL_COUNT:
    case CELL_YES:
        sheet_print(sheet, row, column, buf);
        break;
    }
}

static void add_row(struct buf *buf, const struct sheet *sheet, size_t row)
{
    const struct sheet_form *form = sheet_form(sheet);
    const char *before = "{\"";
    for (size_t column = 0; column < form->column_count; column++) {
        if (!sheet_has(sheet, row, column))
            continue;
        buf_text(buf, before);
        buf_text(buf, form->columns[column].name);
        buf_text(buf, "\":");
        add_cell(buf, sheet, row, column);
        before = ",\"";
    }
    buf_text(buf, *before == '{' ? "{}" : "}");
}

static enum err add_sheet(struct output *output, const struct sheet *sheet,
                          struct err_text *ret_why)
{
    enum err err = ERR_OK;
    size_t rows = sheet_rows(sheet);
    buf_printf(&output->buf, ",\n\"%s\":[", sheet_form(sheet)->name);
    for (size_t row = 0; err == ERR_OK && row < rows; row++) {
        buf_text(&output->buf, row == 0 ? "\n" : ",\n");
        add_row(&output->buf, sheet, row);
        if (row % ROWS_PASSED == 0)
            err = output_pass(output, ret_why);
    }
    buf_text(&output->buf, "]");
    return err;
}

static json_t *cover_json(const struct report *report)
{
    const struct report_cover *cover = &report->cover;
    json_t *json = json_object(), *steps = json_array();
    ijson_put(json, "origin", ijson_text(cover->origin));
    ijson_put(json, "ledger", ijson_text(cover->ledger));
    ijson_put(json, "simulated", json_boolean(cover->simulated));
    ijson_put(json, "size", json_integer((json_int_t)report->params.size));
    ijson_put(json, "root", ijson_hex(cover->root, HASH_BYTES));
    ijson_put(json, "key", ijson_text(cover->key));
    ijson_put(json, "as_of", ijson_instant(cover->as_of_us));
    ijson_put(json, "entries", json_integer((json_int_t)cover->entries));
    ijson_put(json, "signatures", json_integer((json_int_t)cover->signatures));
    ijson_put(json, "deployments", json_integer((json_int_t)cover->deployments));
    ijson_put(json, "counted", json_integer((json_int_t)cover->counted));
    ijson_put(json, "exceptions", json_integer((json_int_t)cover->exceptions));
    ijson_put(json, "verification", ijson_text(cover->verified));
    ijson_put(json, "reconciliation", ijson_text(cover->platform));
    ijson_put(json, "outside_times", ijson_text(cover->outside));
    ijson_put(json, "completeness", ijson_text(cover->complete));
    ijson_put(json, "disposal", ijson_text(cover->disposal));
    for (const char *at = control_steps(); *at != '\0';) {
        size_t bytes = strcspn(at, "\n");
        json_array_append_new(steps, json_stringn(at, bytes));
        at += bytes + (at[bytes] == '\n');
    }
    ijson_put(json, "how_to_verify", steps);
    return json;
}

static void add_json(struct buf *buf, const char *name, json_t *json)
{
    buf_printf(buf, ",\n\"%s\":", name);
    ijson_print(json, buf);
    json_decref(json);
}

enum err report_json(const struct report *report, struct output *output, struct err_text *ret_why)
{
    struct buf *buf = &output->buf;
    enum err err = ERR_OK;
    buf_printf(buf, "{\"report\":\"%s\",\n\"carried\":\"", PARAMS_REPORT);
    params_carried(&report->params, buf);
    buf_text(buf, "\"");
    add_json(buf, "parameters", params_json(&report->params));
    add_json(buf, "cover", cover_json(report));
    for (enum form form = 0; err == ERR_OK && form < FORM_COUNT; form++)
        err = add_sheet(output, report->sheets[form], ret_why);
    buf_text(buf, "\n}\n");
    return err;
}
