#include "reports/html.h"

#include <string.h>

/* How a cell shows its value. */
enum cell { CELL_TEXT, CELL_TIME, CELL_MONO, CELL_LINK, CELL_LIST, CELL_YES, CELL_CARRIED };

struct column {
    const char *title;
    const char *path; /* member names joined by dots */
    enum cell cell;
};

#define COLUMNS_MAX 14

/* A section of the page that is a table; `columns` ends with a NULL title. */
struct table {
    const char *id;
    const char *title;
    const char *intro;
    const char *path; /* of the array in the document */
    const char *none; /* what an empty table says */
    struct column columns[COLUMNS_MAX + 1];
};

static const char style[] =
    ":root{color-scheme:light "
    "dark;--ink:#1a1c1e;--paper:#fff;--soft:#5b6168;--line:#d5d9de;--band:#f4f6f8;"
    "--warn:#8a1c1c;--link:#0b57a4}"
    "@media screen and "
    "(prefers-color-scheme:dark){:root{--ink:#e7e9ec;--paper:#15181b;--soft:#a2a9b1;--line:#"
    "3a4047;"
    "--band:#1e2327;--warn:#ff9c9c;--link:#8cc4ff}}"
    "body{font:15px/1.5 "
    "system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:82rem;"
    "margin:2rem auto;padding:0 1.25rem}"
    "h1{font-size:1.7rem;margin:0 0 .25rem}h2{font-size:1.25rem;margin:2.5rem 0 .5rem}"
    "a{color:var(--link)}p.soft,caption,dt{color:var(--soft)}"
    ".wrap{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.86rem}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid "
    "var(--line);"
    "overflow-wrap:break-word}th{background:var(--band);white-space:nowrap}"
    "caption{text-align:left;padding:.25rem 0}"
    ".mono{font-family:ui-monospace,monospace;font-size:.8rem;overflow-wrap:anywhere}td.mono{min-"
    "width:12rem}td.time{white-"
    "space:nowrap}"
    "dl{display:grid;grid-template-columns:minmax(10rem,max-content) 1fr;gap:.25rem "
    "1.25rem}dd{margin:0;overflow-wrap:anywhere}"
    ".banner{border:2px solid var(--warn);color:var(--warn);padding:.5rem "
    "1rem;font-weight:600;margin:1rem 0}"
    "nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0}"
    "@media "
    "print{:root{color-scheme:light}body{max-width:none;margin:0;font-size:10pt}nav{display:none}"
    "thead{display:table-header-"
    "group}"
    "tr{break-inside:avoid}.wrap{overflow:visible}table{font-size:7pt}td.mono{font-size:6.5pt;min-"
    "width:"
    "0}"
    "th,td{padding:.2rem .3rem}"
    "td,td.time{white-space:normal;overflow-wrap:anywhere}}@page{size:A4 landscape;margin:12mm}";

static const struct table tables[] = {
    {"population",
     "Population",
     "Every deployment that was open in the period, with the first and last of its positions in "
     "the ledger.",
     "population",
     "No deployment was open in this period.",
     {{"deployment", "deployment", CELL_LINK},
      {"release", "release", CELL_TEXT},
      {"lead", "lead", CELL_TEXT},
      {"opened", "opened", CELL_TIME},
      {"closed", "closed", CELL_TIME},
      {"state", "state", CELL_TEXT},
      {"carried", "", CELL_CARRIED},
      {"entries", "entries", CELL_TEXT},
      {"refused", "refused", CELL_TEXT},
      {"flagged", "flagged", CELL_TEXT},
      {"first seq", "first.seq", CELL_TEXT},
      {"first leaf", "first.leaf", CELL_MONO},
      {"last seq", "last.seq", CELL_TEXT},
      {"last leaf", "last.leaf", CELL_MONO}}},
    {"exceptions",
     "Exceptions",
     "Every refusal, flag, waiver, weaker policy, emergency, suspect signature, open criterion, "
     "unclosed or unreconciled deployment, quarantine, conflict, denial and gap in the "
     "verification.",
     "exceptions",
     "None.",
     {{"seq", "seq", CELL_TEXT},
      {"time", "time", CELL_TIME},
      {"deployment", "deployment", CELL_LINK},
      {"what", "kind", CELL_TEXT},
      {"who", "principal", CELL_TEXT},
      {"node", "node", CELL_TEXT},
      {"found", "text", CELL_TEXT}}},
    {"decisions",
     "Decisions and approvals",
     "Who, in which role, with which key, when, and when it was due.",
     "decisions",
     "None.",
     {{"seq", "seq", CELL_TEXT},
      {"time", "time", CELL_TIME},
      {"due", "due", CELL_TIME},
      {"deployment", "deployment", CELL_LINK},
      {"act", "act", CELL_TEXT},
      {"node", "label", CELL_TEXT},
      {"value", "value", CELL_TEXT},
      {"who", "principal", CELL_TEXT},
      {"role", "role", CELL_TEXT},
      {"key", "key", CELL_MONO},
      {"touch", "touch", CELL_TEXT},
      {"verdict", "verdict", CELL_TEXT}}},
    {"metrics",
     "Metrics against thresholds",
     NULL,
     "metrics",
     "None.",
     {{"seq", "seq", CELL_TEXT},
      {"time", "time", CELL_TIME},
      {"deployment", "deployment", CELL_LINK},
      {"item", "item_label", CELL_TEXT},
      {"value", "value", CELL_TEXT},
      {"unit", "unit", CELL_TEXT},
      {"limit", "threshold.op", CELL_TEXT},
      {"", "threshold.value", CELL_TEXT},
      {"within", "holds", CELL_YES}}},
    {"rollbacks",
     "Rollbacks",
     NULL,
     "rollbacks",
     "None.",
     {{"seq", "seq", CELL_TEXT},
      {"time", "time", CELL_TIME},
      {"deployment", "deployment", CELL_LINK},
      {"act", "act", CELL_TEXT},
      {"who", "principal", CELL_TEXT},
      {"cause", "cause", CELL_TEXT},
      {"status", "status", CELL_TEXT},
      {"verdict", "verdict", CELL_TEXT}}},
    {"changes",
     "Changes of keys, roles, tokens, policies and checklists",
     NULL,
     "changes",
     "None.",
     {{"seq", "seq", CELL_TEXT},
      {"time", "time", CELL_TIME},
      {"act", "act", CELL_TEXT},
      {"by", "principal", CELL_TEXT},
      {"about", "subject", CELL_LIST},
      {"verdict", "verdict", CELL_TEXT}}},
    {"controls",
     "Controls",
     NULL,
     "controls",
     "None.",
     {{"control", "control", CELL_TEXT},
      {"asks", "asks", CELL_TEXT},
      {"answered by", "answered_by", CELL_TEXT}}},
    {"sample",
     "Sample for testing",
     "Drawn by the smallest SHA-256(seed | 0x00 | deployment id): anyone draws the same.",
     "sample.drawn",
     "Nothing to draw from.",
     {{"deployment", "deployment", CELL_LINK}, {"rank", "rank", CELL_MONO}}},
    {"evidence",
     "Evidence",
     NULL,
     "evidence",
     "None.",
     {{"seq", "seq", CELL_TEXT},
      {"deployment", "deployment", CELL_LINK},
      {"node", "node", CELL_TEXT},
      {"media", "media", CELL_TEXT},
      {"SHA-256", "sha256", CELL_MONO},
      {"where", "uri", CELL_TEXT},
      {"kept", "kept", CELL_TEXT},
      {"found", "found", CELL_TEXT}}},
    {"retention",
     "Retention",
     "At least 365 days from a deployment's last event. Nothing is ever disposed of in this "
     "release.",
     "retention.deployments",
     "Nothing to keep.",
     {{"deployment", "deployment", CELL_LINK},
      {"last event", "last_event", CELL_TIME},
      {"kept until", "keep_until", CELL_TIME}}},
};

/* The value at a path of member names joined by dots; NULL if there is none. */
static const json_t *at_path(const json_t *json, const char *path)
{
    char name[64];
    while (json != NULL && *path != '\0') {
        size_t bytes = strcspn(path, ".");
        ASSERT(bytes < sizeof(name));
        memcpy(name, path, bytes);
        name[bytes] = '\0';
        json = ijson_get(json, name);
        path += bytes + (path[bytes] == '.');
    }
    return json;
}

/* A value in words: strings as they are, numbers as JSON writes them, null as nothing. */
static void value_text(struct buf *buf, const json_t *value)
{
    struct buf text = {0};
    if (value == NULL || json_is_null(value))
        return;
    if (json_is_string(value)) {
        printable_html(buf, json_string_value(value));
        return;
    }
    ijson_print(value, &text);
    printable_html(buf, (const char *)text.data);
    buf_free(&text);
}

static void list_text(struct buf *buf, const json_t *object)
{
    const char *name;
    json_t *value;
    const char *between = "";
    json_object_foreach ((json_t *)(uintptr_t)object, name, value) {
        buf_text(buf, between);
        buf_text(buf, "<span>");
        printable_html(buf, name);
        buf_text(buf, ": ");
        value_text(buf, value);
        buf_text(buf, "</span>");
        between = "<br>";
    }
}

static void cell(struct buf *buf, const struct column *column, const json_t *row, bool defines)
{
    const json_t *value = at_path(row, column->path);
    const char *text = json_string_value(value);
    int64_t us;
    buf_text(buf, column->cell == CELL_MONO   ? "<td class=\"mono\">"
                  : column->cell == CELL_TIME ? "<td class=\"time\">"
                                              : "<td>");
    if (column->cell == CELL_LINK && text != NULL && replay_is_deployment(text)) {
        buf_text(buf, defines ? "<strong id=\"d-" : "<a href=\"#d-");
        printable_html(buf, text);
        buf_text(buf, "\">");
        printable_html(buf, text);
        buf_text(buf, defines ? "</strong>" : "</a>");
    } else if (column->cell == CELL_TIME && text != NULL && instant_parse(text, &us)) {
        char shown[INSTANT_TEXT_BYTES];
        instant_short(us, shown);
        buf_printf(buf, "<time datetime=\"%s\">%s</time>", text, shown);
    } else if (column->cell == CELL_YES) {
        buf_text(buf, json_is_true(value) ? "yes" : "<strong>no</strong>");
    } else if (column->cell == CELL_CARRIED) {
        bool in = json_is_true(ijson_get(row, "carried_in"));
        bool out = json_is_true(ijson_get(row, "carried_out"));
        buf_text(buf, in && out ? "in and out" : in ? "in" : out ? "out" : "");
    } else if (column->cell == CELL_LIST) {
        list_text(buf, value);
    } else {
        value_text(buf, value);
    }
    buf_text(buf, "</td>");
}

/* With what the sample was drawn. */
static void draw(struct buf *buf, const json_t *sample)
{
    buf_text(buf, "<p>Size: ");
    value_text(buf, ijson_get(sample, "size"));
    buf_text(buf, "; seed: ");
    value_text(buf, ijson_get(sample, "seed"));
    buf_text(buf, "</p>\n");
}

static void table_section(struct buf *buf, const struct table *table, const json_t *report)
{
    const json_t *rows = at_path(report, table->path);
    buf_printf(buf, "<section id=\"%s\"><h2>%s</h2>\n", table->id, table->title);
    if (table->intro != NULL)
        buf_printf(buf, "<p class=\"soft\">%s</p>\n", table->intro);
    if (strcmp(table->id, "sample") == 0)
        draw(buf, ijson_get(report, "sample"));
    if (json_array_size(rows) == 0) {
        buf_printf(buf, "<p>%s</p></section>\n", table->none);
        return;
    }
    buf_printf(buf,
               "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
               "aria-label=\"%s\"><table><caption>%zu row%s</caption><thead><tr>",
               table->title, json_array_size(rows), json_array_size(rows) == 1 ? "" : "s");
    for (const struct column *column = table->columns; column->title != NULL; column++)
        buf_printf(buf, "<th scope=\"col\">%s</th>", column->title);
    buf_text(buf, "</tr></thead><tbody>\n");
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row) {
        buf_text(buf, "<tr>");
        for (const struct column *column = table->columns; column->title != NULL; column++)
            cell(buf, column, row, strcmp(table->id, "population") == 0);
        buf_text(buf, "</tr>\n");
    }
    buf_text(buf, "</tbody></table></div></section>\n");
}

static void definition(struct buf *buf, const char *term, const json_t *value, bool mono)
{
    buf_printf(buf, "<dt>%s</dt><dd%s>", term, mono ? " class=\"mono\"" : "");
    value_text(buf, value);
    buf_text(buf, "</dd>\n");
}

static void cover(struct buf *buf, const json_t *cover_json)
{
    if (json_is_true(ijson_get(cover_json, "simulated")))
        buf_text(buf, "<p class=\"banner\">SIMULATED: a ledger for trying; its times are claimed, "
                      "not admitted.</p>\n");
    buf_text(buf, "<section id=\"cover\"><h2>Cover</h2><dl>\n");
    definition(buf, "Origin", ijson_get(cover_json, "origin"), false);
    definition(buf, "Ledger", ijson_get(cover_json, "ledger"), true);
    definition(buf, "Period from (UTC)", at_path(cover_json, "period.from"), false);
    definition(buf, "Period to, not included", at_path(cover_json, "period.to"), false);
    definition(buf, "Entries of the ledger", ijson_get(cover_json, "size"), false);
    definition(buf, "Root", ijson_get(cover_json, "root"), true);
    definition(buf, "Key", ijson_get(cover_json, "key"), true);
    size_t i;
    json_t *former;
    json_array_foreach (ijson_get(cover_json, "former_keys"), i, former) {
        definition(buf, "Key before", ijson_get(former, "key"), true);
    }
    definition(buf, "Verification", at_path(cover_json, "verification.text"), false);
    definition(buf, "Signatures, of admission and events",
               at_path(cover_json, "verification.signatures"), false);
    definition(buf, "Largest clock step (s)", at_path(cover_json, "largest_clock_step.seconds"),
               false);
    definition(buf, "Outside times", ijson_get(cover_json, "outside_times"), false);
    definition(buf, "Reconciliation", ijson_get(cover_json, "reconciliation"), false);
    definition(buf, "Completeness", ijson_get(cover_json, "completeness"), false);
    buf_text(buf, "</dl></section>\n");
}

static void delivery(struct buf *buf, const json_t *figures)
{
    const char *name;
    json_t *figure;
    buf_text(buf, "<section id=\"delivery\"><h2>Delivery</h2><div class=\"wrap\" tabindex=\"0\" "
                  "role=\"region\" aria-label=\"Delivery\">"
                  "<table><thead><tr><th scope=\"col\">figure</th><th scope=\"col\">value</th><th "
                  "scope=\"col\">unit"
                  "</th><th scope=\"col\">formula</th><th "
                  "scope=\"col\">computable</th></tr></thead><tbody>\n");
    json_object_foreach ((json_t *)(uintptr_t)figures, name, figure) {
        const json_t *value = ijson_get(figure, "value");
        buf_text(buf, "<tr><td>");
        printable_html(buf, name);
        buf_text(buf, "</td><td>");
        if (json_is_number(value))
            buf_printf(buf, "%.2f", json_number_value(value));
        buf_text(buf, "</td><td>");
        value_text(buf, ijson_get(figure, "unit"));
        buf_text(buf, "</td><td>");
        value_text(buf, ijson_get(figure, "formula"));
        buf_printf(buf, "</td><td>%lld of %lld</td></tr>\n",
                   json_integer_value(ijson_get(figure, "computable")),
                   json_integer_value(ijson_get(figure, "of")));
    }
    buf_text(buf, "</tbody></table></div></section>\n");
}

static void reconciliation(struct buf *buf, const json_t *part)
{
    buf_text(buf, "<section id=\"reconciliation\"><h2>Reconciliation</h2><p>");
    value_text(buf, ijson_get(part, "text"));
    const json_t *unmatched = ijson_get(part, "unmatched");
    const json_t *silent = ijson_get(part, "unmatched_deployments");
    buf_printf(buf,
               "</p><p>Deploy events: %zu matched, %zu unmatched. Deployments without one: "
               "%zu.</p>\n",
               json_array_size(ijson_get(part, "matched")), json_array_size(unmatched),
               json_array_size(silent));
    size_t i;
    json_t *one;
    buf_text(buf, json_array_size(unmatched) + json_array_size(silent) > 0 ? "<ul>\n" : "");
    json_array_foreach (unmatched, i, one) {
        buf_text(buf, "<li>");
        value_text(buf, ijson_get(one, "type"));
        buf_text(buf, ", seq ");
        value_text(buf, ijson_get(one, "seq"));
        buf_text(buf, " (");
        value_text(buf, ijson_get(one, "deployment"));
        buf_text(buf, ")</li>\n");
    }
    json_array_foreach (silent, i, one) {
        buf_text(buf, "<li>");
        value_text(buf, one);
        buf_text(buf, "</li>\n");
    }
    buf_text(buf, json_array_size(unmatched) + json_array_size(silent) > 0 ? "</ul>\n" : "");
    buf_text(buf, "</section>\n");
}

static void verify_steps(struct buf *buf, const json_t *steps)
{
    size_t i;
    json_t *step;
    buf_text(buf, "<section id=\"verify\"><h2>How to verify without us</h2><ol>\n");
    json_array_foreach (steps, i, step) {
        buf_text(buf, "<li>");
        value_text(buf, step);
        buf_text(buf, "</li>\n");
    }
    buf_text(buf, "</ol></section>\n");
}

static void navigation(struct buf *buf)
{
    buf_text(buf, "<nav aria-label=\"Parts\"><ul><li><a href=\"#cover\">Cover</a></li>");
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        buf_printf(buf, "<li><a href=\"#%s\">%s</a></li>", tables[i].id, tables[i].title);
    buf_text(buf, "<li><a href=\"#reconciliation\">Reconciliation</a></li>"
                  "<li><a href=\"#delivery\">Delivery</a></li>"
                  "<li><a href=\"#verify\">How to verify</a></li></ul></nav>\n");
}

void html_report(const json_t *report, struct buf *buf)
{
    const json_t *front = ijson_get(report, "cover");
    buf_text(buf, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" "
                  "content=\"width=device-width,initial-scale=1\"><title>Audit report, ");
    value_text(buf, ijson_get(front, "origin"));
    buf_printf(buf,
               "</title><style>%s</style></head>\n<body><main><h1>Deployment audit report</h1>\n<p "
               "class=\"soft\">",
               style);
    value_text(buf, ijson_get(front, "origin"));
    buf_text(buf, "</p>\n");
    navigation(buf);
    cover(buf, front);
    table_section(buf, &tables[0], report);
    table_section(buf, &tables[1], report);
    reconciliation(buf, ijson_get(report, "reconciliation"));
    for (size_t i = 2; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (strcmp(tables[i].id, "controls") == 0)
            delivery(buf, ijson_get(report, "delivery"));
        table_section(buf, &tables[i], report);
    }
    verify_steps(buf, ijson_get(report, "how_to_verify"));
    buf_text(buf, "</main></body></html>\n");
}
