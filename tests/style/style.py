#!/usr/bin/env python3
"""Holds the house rules (CONTRIBUTING.md "House rules"): prints each breach as file:line: text; exit 1 if any."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOT_FILES = {
    "CMakeLists.txt", "CMakePresets.json", "main.c", "README.md", "ARCHITECTURE.md",
    "CONTRIBUTING.md", "quickstart.sh", "ledger", "ingest", "replay", "reports", "tests",
}
# What each folder may include: its own headers and the public header of those below it.
BELOW = {"ledger": [], "ingest": ["ledger"], "replay": ["ledger"], "reports": ["replay", "ledger"],
         ".": ["ledger", "ingest", "replay", "reports"]}
# Third-party headers and the files that may include them.
CONTAINED = {
    r"archive(_entry)?\.h": r"ledger/tar_head\.c",
    r"lmdb\.h": r"ledger/store\.c",
    r"curl/.*": r"ledger/post\.c",
    r"event2/.*": r"ingest/.*",
    r"amqp.*\.h": r"ingest/amqp.*|tests/.*",
    r"cmark-gfm.*": r"replay/markdown\.c",
    r"(cairo|pango).*": r"reports/(canvas|fonts)\.c",
    r"(fontconfig/|freetype/|hb|fribidi|zlib).*": r"reports/fonts\.c",
    r"openssl/.*": r"(ledger/hash|ledger/pubkey|ledger/uuid|ingest/tls)\.c|tests/.*",
}
BANNED = {
    "strcpy": "snprintf or buf_text", "strcat": "buf_text", "sprintf": "snprintf or buf_printf",
    "gets": "fgets", "strtok": "strchr or a loop", "system": "execvp", "popen": "execvp",
    "atoi": "strtoll with its checks", "atof": "strtod with its checks", "alloca": "mem_alloc",
    "setlocale": "nothing: the program has no locale", "rand": "randombytes_buf",
    "malloc": "mem_alloc", "calloc": "mem_zero", "realloc": "mem_grow", "strdup": "mem_text",
    "gmtime": "instant_format", "localtime": "instant_format", "memcmp_secret": "sodium_memcmp",
}
FILE_LINES, FUNCTION_LINES, PARAMETERS, COLUMNS = 600, 70, 6, 100

breaches = []


def breach(path, line, text):
    breaches.append(f"{path}:{line}: {text}")


def tracked():
    names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                           cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    return [n for n in names if n and (ROOT / n).is_file()]


def check_root(names):
    for top in sorted({n.split("/")[0] for n in names}):
        if not top.startswith(".") and top not in ROOT_FILES:
            breach(top, 1, "not in the plan of the house: the root holds only what ARCHITECTURE.md lists")


def strip(text):
    """The text with comments and strings blanked, of the same length and lines."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def check_includes(name, text):
    folder = str(pathlib.PurePath(name).parent)
    for match in re.finditer(r'^#include ([<"])([^>"]+)[>"]', text, re.M):
        line = text.count("\n", 0, match.start()) + 1
        kind, target = match.groups()
        if kind == '"':
            to = str(pathlib.PurePath(target).parent)
            public = target == f"{to}/{to}.h"
            if to != folder and not (to in BELOW.get(folder, []) and public):
                breach(name, line, f"includes {target}: another folder is seen only through its public header, "
                       "and only from above")
        else:
            for header, allowed in CONTAINED.items():
                if re.fullmatch(header, target) and not re.fullmatch(allowed, name):
                    breach(name, line, f"includes <{target}>, which is contained in {allowed}")


def check_banned(name, code):
    for word, instead in BANNED.items():
        if name == "ledger/mem.c":
            continue
        for match in re.finditer(rf"(?<![\w.>]){word}\s*\(", code):
            breach(name, code.count("\n", 0, match.start()) + 1, f"{word}(): use {instead}")


def check_header(name, text):
    stem = pathlib.PurePath(name).stem
    if not re.match(rf"/\* {re.escape(stem)} - ", text):
        breach(name, 1, f'begins with "/* {stem} - " and a line on what it is')
    code = strip(text)
    documented = re.compile(r"\*/\s*(?:[^;{}]*;\s*)*$", re.S)
    for match in re.finditer(r"^(?!typedef)[A-Za-z_][\w \*]*?\**(\w+)\(([^;{}]*)\)[^;{}]*;", code, re.M):
        line = code.count("\n", 0, match.start()) + 1
        function, parameters = match.group(1), match.group(2)
        before = text[:match.start()]
        comment = before.rfind("/**")
        if comment < 0 or not documented.search(before[before.find("*/", comment):]) or \
                function not in before[comment:]:
            breach(name, line, f"{function} has no /** comment that names it right above")
        if parameters.count(",") >= PARAMETERS:
            breach(name, line, f"{function} has more than {PARAMETERS} parameters")
        if not function.startswith((stem + "_", "cmd_")) and function not in EXPORTS.get(name, ()):
            breach(name, line, f"{function}: a file exports only {stem}_*")
    if re.search(r"^typedef struct", code, re.M):
        breach(name, 1, "typedef of a struct")


# Names that are not <file>_*, each with its reason.
EXPORTS = {
    # The public face of a folder also names its commands that main hands something, and the catalog.
    "ingest/ingest.h": ("serve_run", "append_run", "send_run"),
    "replay/replay.h": ("catalog_new", "catalog_free", "catalog_find"),
    # The names of a header's own enums.
    "ledger/verdict.h": ("rule_name", "flag_name"),
    "replay/checklist.h": ("node_kind_name", "option_mark_text", "threshold_op_text"),
}


def check_functions(name, code):
    start = None
    for number, line in enumerate(code.split("\n"), 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            if number - start + 1 > FUNCTION_LINES:
                breach(name, start, f"a function of {number - start + 1} lines (at most {FUNCTION_LINES})")
            start = None


def check_lines(name, text):
    lines = text.split("\n")
    if len(lines) - 1 > FILE_LINES:
        breach(name, 1, f"{len(lines) - 1} lines: it has two nouns, split it (at most {FILE_LINES})")
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS and name.endswith((".c", ".h")):
            breach(name, number, f"{len(line)} columns (at most {COLUMNS})")
        left_over = "TO" + "DO|FIX" + "ME|XX" + "X|HA" + "CK"
        if re.search(rf"\b({left_over})\b", line):
            breach(name, number, "left over: finish it or file it")


def check_architecture(names):
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for name in names:
        path = pathlib.PurePath(name)
        if path.suffix not in (".c", ".h") or path.parts[0] not in ("ledger", "ingest", "replay", "reports"):
            continue
        if not re.search(rf"(?<![\w]){re.escape(path.stem)}(?![\w])", text):
            breach(name, 1, "has no line in ARCHITECTURE.md")


def check_format(names):
    sources = [n for n in names if n.endswith((".c", ".h"))]
    run = subprocess.run(["clang-format", "--dry-run", "--Werror", *sources], cwd=ROOT,
                         capture_output=True, text=True)
    for match in re.finditer(r"^([^\s:]+):(\d+):\d+: error", run.stderr, re.M):
        breach(match.group(1), match.group(2), "not as .clang-format has it")


def main():
    names = tracked()
    check_root(names)
    for name in names:
        if not name.endswith((".c", ".h", ".py", ".sh")):
            continue
        text = (ROOT / name).read_text()
        check_lines(name, text)
        if not name.endswith((".c", ".h")):
            continue
        code = strip(text)
        check_functions(name, code)
        if name.startswith("tests/"):
            continue
        check_includes(name, text)
        check_banned(name, code)
        if name.endswith(".h"):
            check_header(name, text)
    check_architecture(names)
    check_format(names)
    for line in breaches:
        print(line)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
