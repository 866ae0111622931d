#!/usr/bin/env python3
"""Reads metrics in Prometheus' text format 0.0.4 from standard input, strictly, and prints NAME VALUE lines.
Usage: prometheus.py <TEXT   (exit 1 and a word on standard error where the text is not in that format)"""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(\{{{LABEL}(?:,{LABEL})*\}})? (-?[0-9.eE+-]+|[+-]?Inf|NaN)\Z")


def main():
    text = sys.stdin.read()
    assert text.endswith("\n"), "the last line has no end"
    helped, typed, seen, found, family = {}, {}, set(), set(), None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name, words = line[7:].split(" ", 1)
            assert re.fullmatch(NAME, name) and words and name not in helped, line
            helped[name] = words
            family = name
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            assert name == family and name not in typed and kind in ("counter", "gauge", "histogram"), line
            assert (kind == "counter") == name.endswith("_total"), line
            typed[name] = kind
        else:
            sample = SAMPLE.match(line)
            assert sample, line
            name, labels, value = sample.groups()
            part = re.sub("_(bucket|sum|count)$", "", name)
            base = part if typed.get(part) == "histogram" else name
            assert base == family and base in typed, line
            assert (name, labels) not in seen, line
            assert typed[base] == "gauge" or float(value) >= 0, line
            seen.add((name, labels))
            found.add(base)
            print(name + (labels or ""), value)
    assert set(helped) == set(typed) == found, "a family without a sample"


try:
    main()
except (AssertionError, ValueError) as wrong:
    sys.exit(f"prometheus.py: {wrong}")
