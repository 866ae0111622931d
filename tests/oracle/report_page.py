"""The page of a report, read as a reader would: facts, tables, charts in words, sentences with numbers,
and where links lead; each held against what was counted again or the JSON that was.
"""
import html.parser
VOID = {"meta", "line", "rect", "circle", "path", "br", "link"}
CHARTS = {
    "Deployments opened, by outcome": ("deployments", {
        "successful": "successful", "rolled_back": "rolled back", "failed": "failed",
        "abandoned": "abandoned", "not_closed": "not closed"}),
    "Lead time": ("hours", {"lead_time_h": ""}),
    "Change failure rate": ("%", {"change_failure_pct": ""}),
    "Waiting at gates": ("minutes", {"waiting_min": ""}),
    "Late acts": ("acts", {"late_acts": ""})}
FACTS = {
    "Origin": "origin", "Ledger": "ledger", "As of": "as_of", "Entries of the ledger (size)": "size",
    "Root": "root", "Key": "key", "Deployments in the period": "deployments",
    "Of these opened in it": "counted", "Exceptions": "exceptions", "Entries read": "entries",
    "Signatures on them": "signatures", "Verification": "verification",
    "Reconciliation": "reconciliation", "Outside times": "outside_times",
    "Completeness": "completeness", "Disposal": "disposal"}
PARAMETERS = {"Period from (UTC)": "from", "Period to, not included": "to",
              "SHA-256 of the platform's file": "platform_sha256"}


class Page(html.parser.HTMLParser):
    """What stands in it: facts, tables, pictures, paragraphs and blocks by their ids."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.facts, self.tables, self.charts, self.captions = {}, [], {}, []
        self.paragraphs, self.blocks, self.ids, self.links = [], {}, [], []
        self.open, self.texts, self.block, self.term = [], [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "table":
            self.tables.append({"head": [], "rows": [], "caption": ""})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag == "svg":
            self.charts[attributes["aria-label"].split(":")[0]] = attributes["aria-label"]
        elif tag == "a" and attributes["href"].startswith("#"):
            self.links.append(attributes["href"][1:])
        elif tag == "div" and "id" in attributes:
            self.block = attributes["id"]
        if tag not in VOID:
            self.open.append(tag)
            self.texts.append(attributes.get("datetime", ""))

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_data(self, data):
        if self.open and self.open[-1] == "time":
            assert data == self.texts[-1][:19].replace("T", " "), f"{data} is not {self.texts[-1]}"
        elif self.open:
            self.texts[-1] += data

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} does not end what is open"
        text = self.texts.pop()
        if tag in ("summary", "script", "style"):
            return
        if tag == "dt":
            self.term = text
        elif tag == "dd":
            self.facts[self.term] = text
        elif tag == "caption":
            self.tables[-1]["caption"] = text
        elif tag == "th":
            self.tables[-1]["head"].append(text)
        elif tag == "td":
            self.tables[-1]["rows"][-1].append(text)
        elif tag == "p":
            self.paragraphs.append(text)
        elif tag == "figcaption":
            self.captions.append(text)
        elif tag == "pre":
            self.blocks[self.block] = text
        elif self.texts:
            self.texts[-1] += text


def shown(table, rows):
    """Whether the page has a table: not of one key alone, of metrics that are all within, of events."""
    if table == "exception_events":
        return False
    if table == "ledger_keys":
        return len(rows) > 1
    return table != "metrics" or not all(cells["holds"] for cells in rows)


def in_words(trend, title):
    """A chart as it is told to those who do not see it."""
    unit, columns = CHARTS[title]
    months = []
    for cells in trend:
        values = [f"{cells.get(column, 'none')} {name}".strip() for column, name in columns.items()]
        months.append(f"{cells['month']}: {', '.join(values)}")
    return f"{title} by month, in {unit}. {'; '.join(months)}."


def cell_of(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def caption_of(table, rows, most):
    count = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    if len(rows) <= most:
        return count
    return f"the first {most} of {count}; all of them: csv/{table}.csv"


def table_differs(page_table, table, rows, most):
    """What is wrong with a table: its caption, or a cell that its row does not have in that order."""
    if table == "metrics":
        rows = [cells for cells in rows if not cells["holds"]]
    elif table == "population":
        most = len(rows)
    if page_table["caption"] != caption_of(table, rows, most):
        yield f"{table}: the page's caption is {page_table['caption']!r}"
    found = [cells for cells in page_table["rows"] if cells]
    if len(found) != min(most, len(rows)):
        yield f"{table}: the page shows {len(found)} rows"
    for cells, said in zip(rows, found):
        left = iter([cell_of(v) for v in cells.values()])
        lost = [text for text in said if text and text not in left]
        if lost or len(said) != len(page_table["head"]):
            yield f"{table}: the page has {said} for {cells}"


def sentences(report):
    """The sentences that tell numbers."""
    results = [cells["result"] for cells in report["reconciliation"]]
    yield (f"Deploy events in the period: {results.count('matched')} matched, "
           f"{results.count('no-deployment')} without a deployment. Deployments without a deploy "
           f"event: {results.count('no-event')}.")
    outside = sum(cells["holds"] is False for cells in report["metrics"])
    yield (f"Values that judged a threshold: {len(report['metrics'])}, in csv/metrics.csv. Outside "
           f"it: {outside}.")
    yield f"Size: {report['parameters']['sample']}; seed: {report['parameters']['seed']}"


def page_differs(text, report):
    """(how many values were compared, what differs) of a page and the report, its numbers as texts."""
    page, lines, most = Page(text), [], int(report["parameters"]["rows"])
    for facts, told in ((FACTS, report["cover"]), (PARAMETERS, report["parameters"])):
        lines += [f"the page's fact {term!r} is {page.facts.get(term)!r}" for term, name in facts.items()
                  if page.facts.get(term) != (str(told[name]) if name in told else None)]
    graves = [e["gravity"] for e in report["exceptions"]]
    by_gravity = ", ".join(f"{sum(str(g) == str(n) for g in graves)} of gravity {n}" for n in (1, 2, 3, 4))
    if page.facts.get("Exceptions by gravity") != by_gravity:
        lines.append(f"the page's exceptions are {page.facts.get('Exceptions by gravity')!r}, not {by_gravity!r}")
    lines += [f"the page does not say {s!r}" for s in sentences(report) if s not in page.paragraphs]
    charts = {t: f"{t}: {in_words(report['trend'], t)}" for t in CHARTS} if report["trend"] else {}
    lines += [f"the chart {t!r} says {page.charts.get(t)!r}" for t in charts if page.charts.get(t) != charts[t]]
    lines += [f"no caption says {said!r}" for said in charts.values()
              if said.split(": ", 1)[1] not in page.captions]
    tables = [(k, v) for k, v in report.items() if isinstance(v, list) and v and shown(k, v)]
    if len(tables) != len(page.tables):
        lines.append(f"the page has {len(page.tables)} tables, not {len(tables)}")
    for (table, rows), found in zip(tables, page.tables):
        lines += table_differs(found, table, rows, most)
    lines += events_differ(page, report, most)
    return sum(len(row) for t in page.tables for row in t["rows"]) + len(page.facts), lines


LINES = {"seq": "seq", "deployment": "deployment", "time": "time", "act": "act", "node": "node",
         "by": "principal", "key": "key", "leaf": "leaf", "event": "event"}


def block_of(cells):
    """A signed event as the page has it."""
    cells = {"event": "not shown here", **cells}
    return "".join(f"{name}: {cells[column]}\n" for name, column in LINES.items() if column in cells)


def events_differ(page, report, most):
    """Each exception that is shown leads to its event; each id stands once; no link leads nowhere."""
    if len(page.ids) != len(set(page.ids)):
        yield "the page has an id more than once"
    for name in set(page.links) - set(page.ids):
        yield f"the page's link #{name} leads nowhere"
    blocks = {f"seq-{c['seq']}": block_of(c) for t in ("signed_events", "exception_events")
              for c in report[t][:most]}
    for name in blocks.keys() ^ page.blocks.keys():
        yield f"the event {name} is on one side only"
    for name in blocks.keys() & page.blocks.keys():
        if blocks[name] != page.blocks[name]:
            yield f"the page has for {name}: {page.blocks[name]}"
    for cells in report["exceptions"][:most]:
        if "seq" in cells and f"seq-{cells['seq']}" not in page.links:
            yield f"the exception of entry {cells['seq']} does not lead to its event"
