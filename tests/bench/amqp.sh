#!/usr/bin/env bash
# Measures how fast a backlog in a quorum queue is committed and acked, against how fast the same broker confirmed it, on the
# same cores; plain events, then events that their producer signed.
# Usage: tests/bench/amqp.sh [COUNT]      (default 200,000; rabbitmq-server is a Debian package)
set -euo pipefail
cd "$(dirname "$0")/../.."
count=${1:-200000}
packages=(libsqlite3-dev libpq-dev rabbitmq-server openssl python3)
mkdir -p build
{ ./quickstart.sh --prepare "${packages[@]}" && cmake --preset bench && cmake --build --preset bench; } \
    >build/bench.log 2>&1 || {
    tail -n 20 build/bench.log >&2
    exit 3
}
export COUNTERSIGN=$PWD/build/release/countersign
publisher=$PWD/build/bench/tests/bench/countersign_amqp
# shellcheck source=tests/scenario/kit.sh
source tests/scenario/kit.sh
# shellcheck source=tests/scenario/rabbit.sh
source "$root/tests/scenario/rabbit.sh"

# measure NAME [LEDGER-ID]
measure() {
    local name=$1 confirmed began ended url
    shift
    confirmed=$("$publisher" publish "$amqp_port" "$count" "$@")
    "$cs" serve L --listen 127.0.0.1:0 --amqp "amqp://127.0.0.1:$amqp_port" --scrub-rate 0 2>journal &
    daemon=$!
    until grep -q 'connected role=consume' journal; do sleep 0.01; done
    began=$EPOCHREALTIME
    url=$(jq -r .url L/serve.json)
    until (($(curl -sS -H "$reads" "$url/metrics" | sed -n 's/^countersign_amqp_acks_total //p') >= count)); do sleep 0.5; done
    ended=$EPOCHREALTIME
    kill "$daemon"
    wait "$daemon"
    daemon=
    jq -nr --arg name "$name" --argjson count "$count" --argjson confirmed "$confirmed" --argjson began "$began" \
        --argjson ended "$ended" '($count / ($ended - $began)) as $acked
        | "\($name): confirmed \($confirmed)/s, committed and acked \($acked | round)/s, \($acked / $confirmed * 100 | round / 100)"'
}

rabbit_start
expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
"$publisher" key >bench.pub
expect 0 "$cs" key enroll L bench bench.pub
reads="Authorization: Bearer $("$cs" token issue L --principal prometheus --scope read)"
rabbit_await
measure plain
measure signed "$("$cs" show L 0 --json | jq -r .event.data.ledger)"
