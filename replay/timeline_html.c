#include "replay/timeline.h"

#include <inttypes.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/offset.h"

static const char style[] =
    ":root{color-scheme:light dark;--line:#8884;--bad:#b3261e;--warn:#8a5a00;--quiet:#6a6a6a}\n"
    "@media(prefers-color-scheme:dark){:root{--bad:#ff897d;--warn:#ffc069;--quiet:#a0a0a0}}\n"
    "body{font:15px/1.45 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;"
    "background:Canvas;color:CanvasText}\n"
    ".skip{position:absolute;left:-100vw}.skip:focus{position:static}\n"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;"
    "border-top:1px solid var(--line)}\n"
    "th{position:sticky;top:0;background:Canvas;border-top:0}\n"
    "td.n{font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "td.w{overflow-wrap:anywhere}\n"
    ".quiet{color:var(--quiet)}.refused{color:var(--bad)}.flag{color:var(--warn)}\n"
    ".mark{border:1px solid currentColor;border-radius:.3rem;padding:0 .3rem;font-size:.85em}\n"
    "p.simulated{border:2px solid var(--warn);color:var(--warn);padding:.4rem .8rem}\n"
    "figure{margin:1rem "
    "0;overflow-x:auto}svg{min-width:60rem;width:100%;height:auto;font-size:12px}\n"
    "svg text{fill:currentColor}svg .l{stroke:var(--line)}svg .w{fill:var(--line)}\n"
    "svg .a{fill:var(--quiet)}svg .f{fill:Canvas;stroke:var(--warn);stroke-width:2}"
    "svg .r{fill:var(--bad)}\n"
    "svg .c{stroke:var(--quiet);stroke-dasharray:2 3}svg line.t{stroke:currentColor}\n"
    "svg text.t{text-anchor:middle}svg a:focus circle{stroke:Highlight;stroke-width:3}\n"
    "tr:target{outline:2px solid Highlight}\n"
    "@media screen and (max-width:60rem){main{overflow-x:auto}th{position:static}}\n"
    "@media print{body{max-width:none;margin:0;font-size:10pt}th{position:static}"
    "tr{break-inside:avoid}}\n";

/* One element around a text; nothing if there is none. */
static void add_in(struct buf *buf, const char *element, const char *class, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    buf_printf(buf, "<%s class=\"%s\">", element, class);
    printable_html(buf, text);
    buf_printf(buf, "</%s>", element);
}

static void add_head(const struct timeline *timeline, struct buf *buf)
{
    const struct deployment *deployment = timeline->deployment;
    char time[INSTANT_TEXT_BYTES];
    buf_text(buf, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<title>Timeline of ");
    printable_html(buf, deployment->id);
    buf_printf(buf,
               "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n"
               "<a class=\"skip\" href=\"#content\">To the entries</a>\n<h1>",
               style);
    printable_html(buf, deployment->id);
    if (deployment->release != NULL) {
        buf_text(buf, ", release ");
        printable_html(buf, deployment->release);
    }
    buf_text(buf, "</h1>\n");
    add_in(buf, "p", "title", deployment->title);
    if (timeline->simulated)
        buf_text(buf, "\n<p class=\"simulated\"><strong>Simulated.</strong> This ledger is for "
                      "trying and testing; its times are claimed.</p>");
    buf_printf(buf, "\n<p>%s", deployment_phase_name(deployment->phase));
    if (deployment->outcome != NULL) {
        buf_text(buf, " as ");
        printable_html(buf, deployment->outcome);
    }
    buf_printf(buf, "; %zu entries, %zu refused, %zu flagged; ledger ", timeline->row_count,
               deployment->refused, deployment->flagged);
    printable_html(buf, timeline->origin);
    if (deployment->has_t0) {
        instant_short(deployment->t0_us, time);
        buf_printf(buf, "; T+0 is %s UTC%s", time,
                   deployment->clock_started.set ? "" : ", as planned");
    }
    buf_text(buf, "</p>\n");
}

static void add_when(const struct timeline *timeline, const struct timeline_row *row,
                     struct buf *buf)
{
    char exact[INSTANT_TEXT_BYTES];
    char time[INSTANT_TEXT_BYTES];
    struct buf offset = {0};
    instant_format(row->time_us, exact);
    instant_short(row->time_us, time);
    timeline_offset(timeline, row->time_us, &offset);
    buf_printf(buf, "<td class=\"n\"><time datetime=\"%s\" title=\"%s\">%s</time>", exact, exact,
               time);
    if (timeline_claims(row)) {
        instant_short(row->claimed_us, time);
        buf_printf(buf, "<br><span class=\"quiet\">claimed %s</span>", time);
    }
    buf_printf(buf, "</td><td class=\"n\">%s</td>",
               offset.bytes > 0 ? (const char *)offset.data : "");
    buf_free(&offset);
}

static void add_who(const struct timeline *timeline, const struct timeline_row *row,
                    struct buf *buf)
{
    char key[SSHKEY_FINGERPRINT_BYTES];
    if (row->has_key && timeline->blameless) {
        buf_text(buf, "<td>");
    } else if (row->has_key) {
        sshkey_fingerprint(row->key_id, key);
        buf_printf(buf, "<td title=\"signed with %s\">", key);
    } else {
        buf_printf(buf, "<td title=\"not signed; came by %s\">", entry_origin_name(row->origin));
    }
    printable_html(buf, row->principal);
    buf_text(buf, row->has_key ? " <span class=\"quiet\">signed</span></td>" : "</td>");
}

static void add_verdict(const struct verdict *verdict, struct buf *buf)
{
    if (verdict->rule != RULE_NONE) {
        buf_printf(buf, "<br><span class=\"refused\"><span class=\"mark\">refused</span> %s",
                   rule_name(verdict->rule));
        buf_text(buf, verdict->reason != NULL ? ": " : "");
        printable_html(buf, verdict->reason);
        buf_text(buf, "</span>");
    } else if (verdict->flags != 0) {
        struct buf what = {0};
        layout_explained(&what, verdict->flags, verdict->reason);
        buf_text(buf, "<br><span class=\"flag\"><span class=\"mark\">flags</span> ");
        printable_html(buf, (const char *)what.data);
        buf_text(buf, "</span>");
        buf_free(&what);
    }
}

/* The threshold that a value broke. */
static void add_outside(const struct node *item, struct buf *buf)
{
    if (item == NULL)
        return;
    buf_printf(buf, "<br><span class=\"refused\"><span class=\"mark\">outside</span> %s ",
               item->id);
    printable_html(buf, item->label);
    buf_text(buf, "</span>");
}

static void add_row(const struct timeline *timeline, const struct timeline_row *row,
                    struct buf *buf)
{
    buf_printf(buf, "<tr id=\"s%" PRIu64 "\"><td class=\"n\">%" PRIu64 "</td>", row->seq, row->seq);
    buf_printf(buf, "<td class=\"n\">#%" PRIu64 "</td>", row->pos);
    add_when(timeline, row, buf);
    add_who(timeline, row, buf);
    buf_text(buf, "<td>");
    printable_html(buf, row->said.kind);
    buf_text(buf, "</td><td class=\"w\">");
    add_in(buf, "span", "quiet", row->said.node);
    buf_text(buf, row->said.node != NULL ? " " : "");
    printable_html(buf, timeline_label(timeline, row));
    buf_text(buf, row->said.value != NULL && row->said.node != NULL ? ": " : "");
    add_in(buf, "strong", "value", row->said.value);
    if (row->said.text != NULL) {
        buf_text(buf, row->said.node != NULL || row->said.value != NULL ? "<br>" : "");
        add_in(buf, "span", "text", row->said.text);
    }
    add_verdict(&row->verdict, buf);
    add_outside(timeline_outside(timeline, row), buf);
    buf_text(buf, "</td></tr>\n");
}

static void add_section(const struct timeline *timeline, size_t at, struct buf *buf)
{
    const struct section *section = &timeline->deployment->checklist->sections[at];
    const struct timeline_section *sum = &timeline->sections[at];
    buf_text(buf, "<tr><td class=\"n\">");
    printable_html(buf, section->id);
    buf_text(buf, "</td><td class=\"w\">");
    printable_html(buf, section->title[0] != '\0' ? section->title : "(the document's own)");
    buf_text(buf, "</td><td class=\"n\">");
    offset_window(buf, &section->window);
    buf_text(buf, "</td><td class=\"n\">");
    timeline_offset(timeline, sum->first_us, buf);
    buf_text(buf, "</td><td class=\"n\">");
    timeline_offset(timeline, sum->last_us, buf);
    buf_text(buf, "</td><td class=\"n\">");
    offset_length(buf, sum->last_us - sum->first_us);
    buf_printf(buf, "</td><td class=\"n\">%zu</td><td class=\"n\">%zu</td><td class=\"n\">",
               sum->acts, sum->late);
    if (sum->late_us > 0)
        offset_length(buf, sum->late_us);
    buf_text(buf, "</td></tr>\n");
}

static void add_sections(const struct timeline *timeline, struct buf *buf)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    if (checklist == NULL)
        return;
    buf_text(buf, "<h2>Sections and their windows</h2>\n<table><thead><tr><th>id<th>section<th>"
                  "window<th>first<th>last<th>took<th>acts<th>late<th>past the end</tr></thead>"
                  "<tbody>\n");
    for (size_t i = 0; i < checklist->section_count; i++) {
        if (timeline->sections[i].acts > 0)
            add_section(timeline, i, buf);
    }
    buf_text(buf, "</tbody></table>\n");
}

static void add_lanes(const struct timeline *timeline, struct buf *buf)
{
    buf_text(buf, "<h2>Who acted</h2>\n<table><thead><tr><th>as<th>who<th>acts<th>refused<th>"
                  "flagged<th>first<th>last</tr></thead><tbody>\n");
    for (size_t i = 0; i < timeline->lane_count; i++) {
        const struct timeline_lane *lane = &timeline->lanes[i];
        buf_text(buf, "<tr><td class=\"w\">");
        printable_html(buf, lane->name);
        buf_text(buf, "</td><td class=\"w\">");
        printable_html(buf, lane->who);
        buf_printf(buf,
                   "</td><td class=\"n\">%zu</td><td class=\"n\">%zu</td><td class=\"n\">%zu</td>",
                   lane->acts, lane->refused, lane->flagged);
        buf_text(buf, "<td class=\"n\">");
        timeline_offset(timeline, lane->first_us, buf);
        buf_text(buf, "</td><td class=\"n\">");
        timeline_offset(timeline, lane->last_us, buf);
        buf_text(buf, "</td></tr>\n");
    }
    buf_text(buf, "</tbody></table>\n");
}

static void add_silences(const struct timeline *timeline, struct buf *buf)
{
    buf_text(buf, "<h2>Longest silences</h2>\n<ul>\n");
    for (size_t i = 0; i < timeline->silence_count; i++) {
        const struct timeline_silence *silence = &timeline->silences[i];
        buf_text(buf, "<li>");
        offset_length(buf, silence->length_us);
        buf_printf(buf,
                   " between <a href=\"#s%" PRIu64 "\">%" PRIu64 "</a> and <a href=\"#s%" PRIu64
                   "\">%" PRIu64 "</a></li>\n",
                   silence->from_seq, silence->from_seq, silence->to_seq, silence->to_seq);
    }
    buf_text(buf, "</ul>\n");
}

static void add_reading(const struct timeline *timeline, size_t at, struct buf *buf)
{
    const struct timeline_row *row = &timeline->rows[at];
    printable_html(buf, timeline_reading(row));
    buf_printf(buf, " (<a href=\"#s%" PRIu64 "\">%" PRIu64 "</a>)", row->seq, row->seq);
}

static void add_threshold(const struct timeline *timeline, const struct timeline_threshold *sum,
                          struct buf *buf)
{
    const struct node *item = &timeline->deployment->checklist->nodes[sum->item];
    buf_text(buf, "<tr><td class=\"n\">");
    printable_html(buf, item->id);
    buf_text(buf, "</td><td class=\"w\">");
    printable_html(buf, item->threshold->metric);
    buf_text(buf, "</td><td class=\"n\">");
    printable_html(buf, threshold_op_text(item->threshold->op));
    buf_text(buf, " ");
    printable_html(buf, item->threshold->value_text);
    buf_text(buf, " ");
    printable_html(buf, item->threshold->unit);
    buf_printf(buf, "</td><td class=\"n\">%zu</td><td class=\"n%s\">%zu</td><td>", sum->readings,
               sum->outside > 0 ? " refused" : "", sum->outside);
    if (sum->readings > 0)
        add_reading(timeline, sum->worst, buf);
    buf_text(buf, "</td><td>");
    if (sum->readings > 0)
        add_reading(timeline, sum->last, buf);
    else
        buf_text(buf, "not measured");
    buf_text(buf, "</td></tr>\n");
}

void timeline_html(const struct timeline *timeline, struct buf *buf)
{
    add_head(timeline, buf);
    timeline_svg(timeline, buf);
    buf_text(buf, "<table id=\"content\"><thead><tr><th>seq<th>pos<th>time (UTC)<th>from "
                  "T+0<th>who<th>type<th>"
                  "what</tr></thead><tbody>\n");
    for (size_t i = 0; i < timeline->row_count; i++)
        add_row(timeline, &timeline->rows[i], buf);
    buf_text(buf, "</tbody></table>\n");
    add_sections(timeline, buf);
    add_lanes(timeline, buf);
    add_silences(timeline, buf);
    if (timeline->threshold_count > 0)
        buf_text(buf, "<h2>Thresholds</h2>\n<table><thead><tr><th>item<th>metric<th>threshold<th>"
                      "readings<th>outside<th>worst<th>last</tr></thead><tbody>\n");
    for (size_t i = 0; i < timeline->threshold_count; i++)
        add_threshold(timeline, &timeline->thresholds[i], buf);
    buf_text(buf, timeline->threshold_count > 0 ? "</tbody></table>\n" : "");
    buf_text(buf, "</main>\n</body>\n</html>\n");
}
