#!/usr/bin/env bash
# Measures, and prints one table: each figure beside the raw limit and the peers of the same run.
# Usage: tests/bench/run.sh [--quick] [--smoke] [--big N] [--json] [--dir DIR] [PATTERN]
#   --quick    a minute or so: fewer rounds, smaller ledgers
#   --smoke    every path with tiny numbers, in seconds; its figures mean nothing
#   --big N    entries of the big ledger (default 200,000; 10,000,000 takes half an hour and 15 GB)
#   --json     the table as JSON; progress is on standard error in any case
#   --dir DIR  measure on the file system of DIR (default: TMPDIR, or /tmp)
#   PATTERN    only these: append-1 append-many verify hashes big-growing big-random
# What is missing of Debian's packages is installed.  PostgreSQL runs in a cluster of its own, on a
# socket, and goes with everything else at the end.
set -euo pipefail
cd "$(dirname "$0")/../.." || exit 3
place=${TMPDIR:-/tmp} smoke=0 options=()
while (($# > 0)); do
    case $1 in
    --help | -h) sed -n '2,12s/^# //p' "$0"; exit 0 ;;
    --quick | --json) options+=("$1") ;;
    --smoke) smoke=1; options+=("$1") ;;
    --big) options+=("$1" "${2:?--big needs a number}"); shift ;;
    --dir) place=${2:?--dir needs a directory}; shift ;;
    -*) echo "tests/bench/run.sh: no option $1; --help lists them" >&2; exit 2 ;;
    *) options+=("$1") ;;
    esac
    shift
done

packages=(libsqlite3-dev libpq-dev)
((smoke)) || packages+=(postgresql)
say() { printf 'bench: %s\n' "$*" >&2; }

say "packages and build"
mkdir -p build
{ ./quickstart.sh --prepare "${packages[@]}" && cmake --preset bench && cmake --build --preset bench; } \
    >build/bench.log 2>&1 || {
    tail -n 20 build/bench.log >&2
    say "could not be built (build/bench.log)"
    exit 3
}

work=$(mktemp -d "$place/bench-XXXXXX")
chmod 711 "$work"
postgres=()
# as_postgres COMMAND...: it refuses to run as root
as_postgres() {
    if ((EUID == 0)); then runuser -u postgres -- "$@"; else "$@"; fi
}
cleanup() {
    ((${#postgres[@]} == 0)) || as_postgres "$bin/pg_ctl" -D "$work/postgres/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
if [[ -x $bin/initdb ]]; then
    mkdir "$work/postgres"
    ((EUID != 0)) || chown postgres "$work/postgres"
    {
        (
            cd "$work/postgres"
            as_postgres "$bin/initdb" -D "$work/postgres/data" -A trust -U bench --no-sync
            as_postgres "$bin/pg_ctl" -D "$work/postgres/data" -w -l "$work/postgres/log" start \
                -o "-c listen_addresses='' -c fsync=on -c synchronous_commit=on -k $work/postgres"
        )
    } >"$work/postgres.log" 2>&1 || {
        tail -n 20 "$work/postgres.log" >&2
        say "PostgreSQL could not be started"
        exit 3
    }
    postgres=(--postgres "host=$work/postgres user=bench dbname=postgres")
elif ((!smoke)); then
    say "there is no PostgreSQL server in /usr/lib/postgresql"
    exit 3
fi

build/bench/tests/bench/countersign_bench --dir "$work" "${postgres[@]}" "${options[@]}"
