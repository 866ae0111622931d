#!/usr/bin/env bash
# Measures, and prints one table: each figure beside the raw limit and the peers of the same run.
# Usage: tests/bench/run.sh [--quick] [--smoke] [--big N] [--json] [--dir DIR] [PATTERN]
#   --quick    a minute or so: fewer rounds, smaller ledgers
#   --smoke    every path with tiny numbers, in seconds; its figures mean nothing
#   --big N    entries of the big ledgers (default 200,000; 10,000,000 takes half an hour and 15 GB)
#   --json     the table as JSON; progress is on standard error in any case
#   --dir DIR  measure on the file system of DIR (default: TMPDIR, or /tmp)
#   PATTERN    only these: append-1 append-many verify hashes big-growing big-random http-token
#              http-signed http-batch http-one connections amqp-plain amqp-signed
#              replay-fold replay-search replay-state report
# What is missing of Debian's packages is installed, Message DB from the npm registry.  PostgreSQL
# runs in a cluster of its own, on a socket, RabbitMQ as a node of its own on a port of its own;
# all goes with everything else at the end.  --smoke does without RabbitMQ unless PATTERN is amqp.
set -euo pipefail
cd "$(dirname "$0")/../.." || exit 3
root=$PWD place=${TMPDIR:-/tmp} smoke=0 pattern='' options=()
while (($# > 0)); do
    case $1 in
    --help | -h) sed -n '2,15s/^# //p' "$0"; exit 0 ;;
    --quick | --json) options+=("$1") ;;
    --smoke) smoke=1; options+=("$1") ;;
    --big) options+=("$1" "${2:?--big needs a number}"); shift ;;
    --dir) place=${2:?--dir needs a directory}; shift ;;
    -*) echo "tests/bench/run.sh: no option $1; --help lists them" >&2; exit 2 ;;
    *) pattern=$1 options+=("$1") ;;
    esac
    shift
done

say() { printf 'bench: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 3
}
# wanted GROUP...: whether PATTERN asks for one of them
wanted() {
    local group
    for group in "$@"; do [[ $group != *"$pattern"* ]] || return 0; done
    return 1
}
broker=0
if wanted amqp-plain amqp-signed && { ((!smoke)) || [[ $pattern == amqp* ]]; }; then broker=1; fi
packages=(libsqlite3-dev libpq-dev)
((smoke)) || packages+=(postgresql postgresql-client)
if wanted http-token && ! command -v npm >/dev/null; then packages+=(nodejs npm); fi
((!broker)) || packages+=(rabbitmq-server openssl python3)

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
export XDG_STATE_HOME=$work/state
servers=()
# as_postgres COMMAND...: it refuses to run as root
as_postgres() {
    if ((EUID == 0)); then runuser -u postgres -- "$@"; else "$@"; fi
}
cleanup() {
    ! [[ -e $work/postgres/data/postmaster.pid ]] ||
        as_postgres "$bin/pg_ctl" -D "$work/postgres/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start_postgres: a cluster in the same directory, on a socket, that writes when it is asked to alone:
# neither in its own rounds for later, nor in those of others
start_postgres() {
    mkdir "$work/postgres"
    ((EUID != 0)) || chown postgres "$work/postgres"
    cd "$work/postgres"
    as_postgres "$bin/initdb" -D "$work/postgres/data" -A trust -U bench --no-sync
    as_postgres "$bin/pg_ctl" -D "$work/postgres/data" -w -l "$work/postgres/log" start \
        -o "-c listen_addresses='' -c fsync=on -c synchronous_commit=on -c max_connections=200 -k $work/postgres \
            -c autovacuum=off -c bgwriter_lru_maxpages=0 -c checkpoint_timeout=1h -c max_wal_size=4GB"
}
# install_message_db: as its own script does, in the database message_store
install_message_db() {
    npm install --prefix "$work/npm" --cache "$root/build/npm-cache" --ignore-scripts --no-audit --no-fund --no-save \
        --loglevel=error @eventide/message-db@1.3.1
    PGHOST=$work/postgres PGUSER=bench bash "$work/npm/node_modules/@eventide/message-db/database/install.sh"
}

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
if [[ -x $bin/initdb ]]; then
    (start_postgres) >"$work/postgres.log" 2>&1 || {
        tail -n 20 "$work/postgres.log" >&2
        fail "PostgreSQL could not be started"
    }
    servers+=(--postgres "host=$work/postgres user=bench dbname=postgres")
    if wanted http-token; then
        (install_message_db) >"$work/message-db.log" 2>&1 || {
            tail -n 20 "$work/message-db.log" >&2
            fail "Message DB could not be installed"
        }
        servers+=(--message-db)
    fi
elif ((!smoke)); then
    fail "there is no PostgreSQL server in /usr/lib/postgresql"
fi
if ((broker)); then
    # shellcheck source=tests/scenario/rabbit.sh
    source tests/scenario/rabbit.sh
    rabbit_start
    rabbit_await
    servers+=(--broker "$amqp_port")
fi

build/bench/tests/bench/countersign_bench --dir "$work" --program build/bench/countersign "${servers[@]}" "${options[@]}"
