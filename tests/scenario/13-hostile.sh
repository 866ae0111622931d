#!/usr/bin/env bash
# Ledgers that another program wrote, to bring whoever reads them down: every command that reads ends by itself, with an
# exit code of ours, and verify takes none for good but what is as good as before.
# COUNTERSIGN is the program; where the tests' build with sanitizers is there, that is used, since it sees more.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
[[ ! -x $root/build/fuzz/countersign ]] || cs=$root/build/fuzz/countersign
export ASAN_OPTIONS=exitcode=99:detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:exitcode=99

expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
COUNTERSIGN_TOKEN=$("$cs" token issue L --principal ci --scope write,read)
export COUNTERSIGN_TOKEN
for i in {1..30}; do
    printf '{"specversion":"1.0","id":"e-%d","source":"/x","type":"org.example.noted","deployment":"d-%d","data":{}}\n' \
        "$i" $((i % 3))
done | "$cs" append L - >/dev/null
"$cs" checkpoint L >late
mdb_dump -a L >dump

# run COMMAND...: ends by itself, with one of our exit codes
run() {
    local code=0
    timeout 20 "$@" >said 2>complained </dev/null || code=$?
    case $code in
    0 | 1 | 3 | 4) ;;
    *) fail "$name: $* gave $code: $(tail -n 30 complained)" ;;
    esac
    last=$code
}

# visit: a daemon on it, if it starts, answers or ends, and so does what it is asked
visit() {
    local code=0 path url
    rm -f H/serve.json
    "$cs" serve H --listen 127.0.0.1:0 --scrub-every 0 2>complained &
    daemon=$!
    for _ in {1..200}; do
        [[ ! -e H/serve.json ]] && kill -0 "$daemon" 2>/dev/null || break
        sleep 0.02
    done
    url=$(jq -r .url H/serve.json 2>/dev/null || true)
    for path in checkpoint readyz metrics v1/events v1/events/3 v1/events/0/proof "v1/events?deployment=d-1" \
        tile/0/000.p/30 tile/entries/000.p/30 tile/events/000.p/30 tile/0/000.p/5; do
        [[ -z $url ]] || curl -s --max-time 20 -H "Authorization: Bearer $COUNTERSIGN_TOKEN" -o said "$url/$path" || true
    done
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" || code=$?
    daemon=
    case $code in
    0 | 3 | 4) ;;
    *) fail "$name: serve gave $code: $(tail -n 30 complained)" ;;
    esac
}

# mdb_load writes them: it has no idea of what a ledger is.
for name in $(python3 "$root/tests/scenario/hostile.py" list); do
    rm -rf H
    cp -r L H
    rm H/data.mdb H/lock.mdb
    python3 "$root/tests/scenario/hostile.py" "$name" <dump | sed 's/^mapsize=.*/mapsize=67108864/' >hostile
    mdb_load -f hostile H 2>loaded || [[ -s H/data.mdb ]] || fail "$name: $(cat loaded)"
    for command in checkpoint log status "key list" "role list" "token list" "verify --only hashes" "log d-1 --json" \
        "show 0" "show 3 --json" "prove 2" "replay d-1" "timeline d-1" "report --year 2026 --format json"; do
        set -- $command
        if [[ $1 == key || $1 == role || $1 == token ]]; then run "$cs" "$1" "$2" H; else run "$cs" "$1" H "${@:2}"; fi
    done
    run "$cs" verify H --against late
    case $name in
    custody-odd) ((last == 0)) || fail "$name: $(cat said)" ;; # nothing signs them
    event-erased*) ;;                                          # which may be; the skipped ones are said
    *) ((last != 0)) || fail "$name: verify takes it for good" ;;
    esac
    echo '{"specversion":"1.0","id":"new","source":"/x","type":"t"}' >new
    run "$cs" append H new
    visit
    run "$cs" repair H --index
done
