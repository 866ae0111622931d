#!/usr/bin/env python3
"""Holds a report's PDF against its CSV files, as a reader of the PDF sees it (poppler, qpdf).
Usage: pdf.py DIRECTORY of report.pdf and csv/.  Prints what is wrong; exit 1 if anything is."""
import csv
import json
import pathlib
import re
import subprocess
import sys

wrong = []


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def pages_of(path):
    return run("pdftotext", "-layout", path, "-").split("\f")[:-1]


def check_pages(pages, root):
    for number, page in enumerate(pages, 1):
        for text in (f"page {number} of {len(pages)}", f"root {root}", "SIMULATED"):
            if text not in page:
                wrong.append(f"page {number} lacks '{text}'")


def check_rows(pages, sections, title, rows, head):
    """Each row stands in the section, in order, and each page with rows of it has the table's head."""
    names = [name for name, _ in sections]
    first = dict(sections)[title]
    after = names.index(title) + 1
    last = sections[after][1] if after < len(sections) else len(pages)
    lines = [(number, line) for number in range(first, last + 1) for line in pages[number - 1].split("\n")]
    at, headed = 0, set()
    for row in rows:
        shape = re.compile(r"\s*" + r"\s+".join(re.escape(text) for text in row) + r"(\s|$)")
        while at < len(lines) and not shape.match(lines[at][1]):
            if all(word in lines[at][1] for word in head):
                headed.add(lines[at][0])
            at += 1
        if at == len(lines):
            wrong.append(f"{title}: no row {row} where it should be")
            return
        if lines[at][0] not in headed:
            wrong.append(f"{title}: page {lines[at][0]} has rows without a head")
        at += 1


def check_outline(path, pages):
    """Gives the sections with the pages that the outline leads to, which the contents name, too."""
    outline = json.loads(run("qpdf", "--json", "--json-key=outlines", path))["outlines"]
    sections = [(entry["title"], entry["destpageposfrom1"]) for entry in outline]
    for title, page in sections:
        if not page or title not in pages[page - 1]:
            wrong.append(f"the outline's '{title}' leads to page {page}, where it is not")
        if not re.search(re.escape(title) + rf"\s+{page}(\s|$)", pages[0]):
            wrong.append(f"the contents do not name page {page} for '{title}'")
    if not any(entry["kids"] for entry in outline):
        wrong.append("the outline has no headings below its sections")
    return sections


def check_links(path, deployments):
    """Every link leads to a place that is there; of each deployment there is one, on the page of its row."""
    places = {name: int(page) for page, name in
              re.findall(r'^\s*(\d+) \[.*\] "(.*)"$', run("pdfinfo", "-dests", path), re.M)}
    links = [value for value in pathlib.Path(path).read_bytes().split(b"/Subtype /Link")[1:]]
    names = [re.search(rb"/Dest \((.*?)\)", link).group(1).decode() for link in links]
    for name in sorted({name for name in names if name not in places}):
        wrong.append(f"a link leads to {name}, which is nowhere")
    for deployment in deployments:
        if f"d-{deployment}" not in places:
            wrong.append(f"nothing leads to the row of {deployment}")
    if not any(name.startswith("d-") for name in names) or not any(name.startswith("seq-") for name in names):
        wrong.append("no link leads to a deployment, or none to an event")


def rows_of(directory, name, *columns):
    def shown(text):
        time = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d+Z", text)
        return f"{time[1]} {time[2]}" if time else text
    with open(directory / "csv" / f"{name}.csv", newline="") as file:
        return [[shown(row[column]) for column in columns] for row in csv.DictReader(file)][:1000]


def main():
    directory = pathlib.Path(sys.argv[1])
    path = str(directory / "report.pdf")
    with open(directory / "csv" / "report.csv", newline="") as file:
        cover = dict(csv.reader(file))
    pages = pages_of(path)
    sections = check_outline(path, pages)
    check_pages(pages, cover["root"])
    population = rows_of(directory, "population", "deployment")
    check_links(path, [row[0] for row in population])
    for title, name, columns, head in (
            ("Population", "population", ["deployment", "release"], ["deployment", "first leaf"]),
            ("Exceptions", "exceptions", ["seq"], ["seq", "finding"]),
            ("Decisions and approvals", "decisions", ["seq"], ["seq", "verdict"]),
            ("Rollbacks", "rollbacks", ["seq", "time", "deployment"], ["seq", "cause"]),
            ("Changes of keys, roles, tokens, policies and checklists", "changes", ["seq"], ["seq", "detail"]),
            ("Sample for testing", "sample", ["rank", "deployment"], ["drawn", "deployment"]),
            ("Evidence", "evidence", ["seq"], ["seq", "media"])):
        check_rows(pages, sections, title, rows_of(directory, name, *columns), head)
    for line in wrong[:20]:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
