#!/usr/bin/env bash
# clang-tidy and cppcheck over the program's own sources, as .clang-tidy and the options here have it.
# Usage: tests/style/lint.sh tidy|cppcheck.  Needs the release build's compile_commands.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
case ${1:-} in
tidy)
    # The analyzer looks at a third of the paths that it would, in a third of the time, where nobody asks for all.
    paths=()
    [[ -n ${COUNTERSIGN_LONG:-} ]] || for word in -analyzer-config max-nodes=75000; do
        paths+=(--extra-arg=-Xclang --extra-arg="$word")
    done
    ls main.c ledger/*.c ingest/*.c replay/*.c reports/*.c |
        xargs -P "$(nproc)" -n 4 clang-tidy -p build/release --quiet "${paths[@]}" 2>build/test-logs/tidy.err
    ;;
cppcheck)
    # A NULL behind the last argument is a pointer wherever this runs.
    exec cppcheck -j "$(nproc)" --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
        -I. --suppress=missingIncludeSystem --suppress=varFuncNullUB main.c ledger ingest replay reports
    ;;
*)
    echo "usage: tests/style/lint.sh tidy|cppcheck" >&2
    exit 2
    ;;
esac
