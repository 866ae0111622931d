#include "replay/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/layout.h"

/* Whether a spreadsheet would take the cell for a formula: numbers are none. */
static bool formula(const char *text)
{
    char *end = NULL;
    if (text[0] == '\0' || strchr("=+-@", text[0]) == NULL)
        return false;
    strtod(text, &end);
    return *end != '\0' || strpbrk(text, "xXnNpP") != NULL;
}

/* A cell in quotes, its control characters shown as escapes; an apostrophe disarms a formula. */
static void add_cell(struct buf *buf, const char *text)
{
    struct buf fair = {0};
    printable_add(&fair, text);
    const char *at = fair.bytes > 0 ? (const char *)fair.data : "";
    buf_text(buf, formula(at) ? ",\"'" : ",\"");
    for (; *at != '\0'; at++) {
        if (*at == '"')
            buf_text(buf, "\"");
        buf_add(buf, at, 1);
    }
    buf_text(buf, "\"");
    buf_free(&fair);
}

static void add_row(const struct timeline *timeline, const struct timeline_row *row,
                    struct buf *buf)
{
    char time[INSTANT_TEXT_BYTES];
    char claimed[INSTANT_TEXT_BYTES] = "";
    char key[SSHKEY_FINGERPRINT_BYTES] = "";
    struct buf offset = {0};
    struct buf flags = {0};
    instant_format(row->time_us, time);
    if (row->has_claimed)
        instant_format(row->claimed_us, claimed);
    if (row->has_key && !timeline->blameless)
        sshkey_fingerprint(row->key_id, key);
    timeline_offset(timeline, row->time_us, &offset);
    layout_flags(&flags, row->verdict.flags);
    buf_printf(buf, "%" PRIu64 ",%" PRIu64 ",%s,%s", row->seq, row->pos, time, claimed);
    add_cell(buf, offset.bytes > 0 ? (const char *)offset.data : "");
    add_cell(buf, row->principal);
    add_cell(buf, timeline->lanes[row->lane].name);
    add_cell(buf, key);
    add_cell(buf, entry_origin_name(row->origin));
    add_cell(buf, row->said.kind);
    add_cell(buf, row->said.node);
    add_cell(buf, timeline_label(timeline, row));
    add_cell(buf, row->said.value);
    add_cell(buf, row->said.text);
    add_cell(buf, row->verdict.rule == RULE_NONE ? "accepted" : "refused");
    add_cell(buf, rule_name(row->verdict.rule));
    add_cell(buf, row->verdict.reason);
    add_cell(buf, flags.bytes > 0 ? (const char *)flags.data : "");
    buf_text(buf, "\r\n");
    buf_free(&offset);
    buf_free(&flags);
}

void timeline_csv(const struct timeline *timeline, struct buf *buf)
{
    buf_text(buf,
             "seq,pos,time,claimed,offset,principal,role,key,origin,type,node,label,value,text,"
             "verdict,rule,reason,flags\r\n");
    for (size_t i = 0; i < timeline->row_count; i++)
        add_row(timeline, &timeline->rows[i], buf);
}
