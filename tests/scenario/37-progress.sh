#!/usr/bin/env bash
# A report on a terminal: it tells how far it is while it verifies, gathers and writes, and Ctrl-C ends each of these
# without half a file.  COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
. "$(dirname "$0")/kit.sh"

expect 0 "$cs" demo L --deployments 25 --seed 7
# stopped_at TEXT OPTION...: Ctrl-C once the text stands on the terminal
stopped_at() {
    expect 3 python3 "$root/tests/scenario/terminal.py" --slowly "$1=^C" -- "$cs" report L --year 2026 --out R "${@:2}"
    has 'it was interrupted' out
    [[ -z $(find . -path './R/*' -type f) ]] || fail "there is $(find R -type f)"
}
stopped_at 'entries verified' --verify all
stopped_at 'of 25 deployments' --verify none --format json
stopped_at '0 of 1 files written: report.pdf' --verify none --format pdf

# Else all is written, and the line is gone; what is no terminal gets none
expect 0 python3 "$root/tests/scenario/terminal.py" --slowly 'files written: =' -- "$cs" report L --year 2026 --out R --verify none
expect 0 "$cs" report L --year 2026 --out other --verify none
[[ ! -s err ]] || fail "$(cat err)"
diff -rq R other >out || fail "$(cat out)"
