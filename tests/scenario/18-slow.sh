#!/usr/bin/env bash
# Slow and hostile clients: heads and bodies that trickle or stop, sockets that are half closed, bodies too big and from
# nobody, floods: each ended with the right status, counted, nothing left behind, and others served meanwhile.
# COUNTERSIGN is the program; where the tests' build with sanitizers is there, that is used, since it sees leaks.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
[[ ! -x $root/build/fuzz/countersign ]] || cs=$root/build/fuzz/countersign
clients=$root/tests/scenario/slow_clients.py

expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
COUNTERSIGN_TOKEN=$("$cs" token issue L --principal ci --scope write,read)
READER_TOKEN=$("$cs" token issue L --principal reader --scope read)
export COUNTERSIGN_TOKEN READER_TOKEN
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 \
    -subj "/CN=ledger" -addext subjectAltName=IP:127.0.0.1 2>/dev/null
expect 2 "$cs" serve L --patience 0

files=1024
# visit PART OPTION...: the clients of that part at a daemon with these options
visit() {
    local part=$1
    shift
    (
        ulimit -n "$files"
        exec "$cs" serve L --listen 127.0.0.1:0 --scrub-rate 0 --patience 1 "$@" 2>>journal
    ) &
    daemon=$!
    for _ in {1..400}; do
        [[ ! -e L/serve.json ]] || break
        kill -0 "$daemon" 2>/dev/null || fail "the daemon ended: $(cat journal)"
        sleep 0.05
    done
    python3 "$clients" "$part" "$(jq -r .url L/serve.json)" || fail "$part $*: $(tail -n 5 journal)"
    kill "$daemon"
    wait "$daemon" || fail "$part: the daemon gave $?: $(tail -n 30 journal)"
    daemon=
}
visit plain
visit tls --tls-cert cert.pem --tls-key key.pem
files=200 visit flood
has "what=full" journal
has "what=limited" journal
expect 0 "$cs" verify L
