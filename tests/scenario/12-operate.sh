#!/usr/bin/env bash
# What an operator's monitoring sees of the daemon.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
writes="Authorization: Bearer $("$cs" token issue L --principal ci --scope write)"
reads="Authorization: Bearer $("$cs" token issue L --principal prometheus --scope read)"

# ask STATUS ARGUMENT...: the body is in the file body
ask() {
    local wanted=$1 status
    shift
    status=$(curl -sS --max-time 30 -o body -D head -w '%{http_code}' "$@")
    [[ $status == "$wanted" ]] || fail "$* gave $status: $(cat body)"
}
# metrics: in the file metrics, strictly read
metrics() {
    ask 200 -H "$reads" "$url/metrics"
    python3 "$root/tests/scenario/prometheus.py" <body >metrics || fail "$(cat body)"
}
# is NAME VALUE
is() { [[ $(sed -n "s/^countersign_$1 //p" metrics) == "$2" ]] || fail "$1 is not $2: $(cat metrics)"; }
# above NAME VALUE
above() {
    local value
    value=$(sed -n "s/^countersign_$1 //p" metrics)
    [[ -n $value ]] && ((value > $2)) || fail "$1 is not above $2: $(cat metrics)"
}
post() { # ID DATA STATUS
    ask "$3" -H "$writes" -H 'Content-Type: application/cloudevents+json' "$url/v1/events" \
        -d '{"specversion":"1.0","id":"'"$1"'","source":"/t","type":"org.example.t","deployment":"d-1","data":'"$2"'}'
}

# metrics are for tokens of the read scope, in Prometheus' own format
start --scrub-rate 0
ask 401 "$url/metrics"
ask 403 -H "$writes" "$url/metrics"
ask 405 -X POST -H "$reads" "$url/metrics"
post one 1 201
post one 1 200
post one 2 409
post two 1 201
metrics
grep -qi '^Content-Type: text/plain; version=0.0.4; charset=utf-8' head || fail "$(cat head)"
is entries 6
is checkpoint_size 6
is 'messages_total{way="http",outcome="appended"}' 2
is 'messages_total{way="http",outcome="duplicate"}' 1
is 'messages_total{way="http",outcome="conflicted"}' 1
is 'messages_total{way="http",outcome="refused"}' 0
is queue_events 0
is requests_waiting 0
is readers 0
is clock_leapt 0
above commits_total 2
above map_used_bytes 8192
above map_bytes 1000000
above disk_free_bytes 1000000
above last_entry_timestamp_seconds 1700000000
grep -q countersign_scrub metrics && fail "a scrub that is off is counted"
stop

# the scrub: passes are counted
expect 2 "$cs" serve L --scrub-rate -1
expect 2 "$cs" serve L --scrub-every soon
start --scrub-every 0 --scrub-rate 100000
for _ in {1..300}; do
    metrics
    passes=$(sed -n 's/^countersign_scrub_passes_total //p' metrics)
    ((passes < 2)) || break
    sleep 0.1
done
above scrub_passes_total 1
above scrub_entries_total 11
above scrub_last_good_timestamp_seconds 1700000000
is scrub_pass_size 6
is scrub_damages_total 0
is damaged 0
ask 200 "$url/readyz"
has 'what=scrubbed' journal

# damage under a running daemon: it says so, is not ready, and still answers
mapfile -t offsets < <(LC_ALL=C grep -abo -P 'CSL1\x00{7}\x04' L/data.mdb | cut -d: -f1)
((${#offsets[@]} > 0)) || fail "no entry 4 in data.mdb"
for at in "${offsets[@]}"; do
    byte=$(od -An -tu1 -j $((at + 100)) -N 1 L/data.mdb)
    printf "\\x$(printf %02x $((byte ^ 1)))" | dd of=L/data.mdb bs=1 seek=$((at + 100)) conv=notrunc status=none
done
for _ in {1..300}; do
    ! grep -q 'what=damaged level=error seq=4 ' journal || break
    sleep 0.1
done
has 'what=damaged level=error seq=4 ' journal
metrics
is damaged 1
is damaged_seq 4
above scrub_damages_total 0
ask 503 "$url/readyz"
has 'entry 4' body
ask 200 "$url/healthz"
ask 200 -H "$reads" "$url/v1/events/5"
post three 1 201
stop
expect 4 "$cs" verify L
