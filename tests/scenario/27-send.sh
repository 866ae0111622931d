#!/usr/bin/env bash
# A deployment played again: to another ledger over HTTP, to its own, to a consumer that is no ledger, and over RabbitMQ;
# marked, at its pace, and going on where it was stopped.  COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
# shellcheck source=tests/scenario/rabbit.sh
source "$root/tests/scenario/rabbit.sh"
rabbit_start

is() { [[ $(jq -r "$2" out) == "$1" ]] || fail "$2 is $(jq -r "$2" out), not $1"; }
# soon COMMAND...: waits until it holds
soon() {
    local _
    for _ in {1..400}; do
        ! "$@" || return 0
        sleep 0.05
    done
    fail "never: $* (journal: $(tail -n 5 journal))"
}
# serve LEDGER OPTION...: its daemon, and its $url
serve() {
    local ledger=$1
    shift
    "$cs" serve "$ledger" --listen 127.0.0.1:0 --scrub-rate 0 "$@" 2>>journal &
    daemon=$!
    soon test -e "$ledger/serve.json"
    url=$(jq -r .url "$ledger/serve.json")
}
stop() {
    kill "$daemon"
    wait "$daemon" || fail "the daemon gave $?: $(tail -n 3 journal)"
    daemon=
}
# since COMMAND...: how many milliseconds it took, in $took
since() {
    local start
    start=$(date +%s%N)
    "$@"
    took=$((($(date +%s%N) - start) / 1000000))
}

# --- what is played: a small deployment, with a number as it was written, and evidence of a platform ---
printf '# S\n\n## T\n\n## DO (T+0 to T+9 min)\n\n- [ ] One\n- [ ] Two\n  - Lag: ____ ms\n\n**Status: ✓ GOOD / ✗ BAD**\n' >s.md
for name in root dora; do ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$name"; done
for ledger in L M; do
    expect 0 "$cs" init "$ledger" --origin "$ledger.example/simulated" --simulated --time 2026-03-01T00:00:00Z --admin root=root.pub
    expect 0 "$cs" key enroll "$ledger" dora dora.pub --key root
    expect 0 "$cs" role grant "$ledger" dora deployer --key root
    expect 0 "$cs" checklist publish "$ledger" s.md --key root
done
act() {
    local second=$1 verb=$2
    shift 2
    expect 0 "$cs" "$verb" L d-1 "$@" --key dora --time "2026-03-03T10:00:0${second}Z"
}
act 0 open --checklist s.md --release 1
act 1 clock 2026-03-03T10:00:01Z
act 1 check 1.0.1
token=$("$cs" token issue L --principal ci --scope write --key root)
echo '{"specversion":"1.0","id":"x","source":"/ci","type":"dev.countersign.metric.sampled.v1","deployment":"d-1","time":"2026-03-03T10:00:02Z","data":{"metric":"lag", "value":1.50,"node":"1.0.2"}}' >sample.json
echo '{"specversion":"1.0","id":"y","source":"/cd","type":"dev.cdevents.service.deployed.0.1.0","deployment":"d-1","ext":7,"time":"2026-03-03T10:00:03Z","data":{"é":[1e3]}}' >>sample.json
COUNTERSIGN_TOKEN=$token expect 0 "$cs" append L sample.json
act 3 record 1.0.2.1 12 --unit ms
size=$("$cs" checkpoint L | sed -n 2p)

# --- what would be sent: marked, named anew, unsigned, of no ledger; all else as it was written ---
expect 0 "$cs" send L d-1 --dry-run --as try-1
cp out dry
[[ $(wc -l <dry) == 6 ]] || fail "not six events: $(cat dry)"
ledger_id=$("$cs" log L --json | jq -rs '.[0].event.data.ledger')
jq -es --arg id "$ledger_id" 'all(.replayed == true and .replayof == $id and .deployment == "try-1" and (has("ledger") | not)
    and (.id | startswith("replay:try-1:")))' dry >/dev/null || fail "an event is not marked: $(cat dry)"
has '"id":"replay:try-1:3:x"' dry
has '"data":{"metric":"lag", "value":1.50,"node":"1.0.2"}}' dry
has '"ext":7,"time":"2026-03-03T10:00:03Z","data":{"é":[1e3]}}' dry
expect 0 "$cs" send L d-1 --dry-run --from '#2' --until '#3'
[[ $(jq -r .type out | tr '\n' ' ') == "dev.countersign.item.checked.v1 dev.countersign.metric.sampled.v1 " ]] || fail "another part: $(cat out)"
expect 0 "$cs" send L d-1 --dry-run --from 2026-03-03T10:00:03Z
[[ $(wc -l <out) == 2 ]] || fail "not two from that time on: $(cat out)"
expect 0 "$cs" send L d-1 --dry-run --from open --until open
[[ $(wc -l <out) == 1 ]] || fail "not the opening alone: $(cat out)"

# --- usage, and what is not there ---
expect 2 "$cs" send L d-1
expect 2 "$cs" send L d-1 --to ftp://127.0.0.1
expect 2 "$cs" send L d-1 --to amqp://ci:secret@127.0.0.1
lacks secret err
expect 2 "$cs" send L d-1 --to http://127.0.0.1:1 --speed 0
expect 2 "$cs" send L d-1 --to http://127.0.0.1:1 --speed fast
expect 2 "$cs" send L d-1 --to http://127.0.0.1:1 --as ledger
expect 2 "$cs" send L d-1 --to http://127.0.0.1:1 --amqp-exchange e
expect 2 "$cs" send L d-1 --dry-run --from yesterday
expect 1 "$cs" send L d-9 --dry-run
expect 1 "$cs" send L d-1 --dry-run --from close
expect 3 "$cs" send nowhere d-1 --dry-run
expect 3 "$cs" send L d-1 --to http://127.0.0.1:1 --speed max --wait 0
has "--from '#0' goes on" err

# --- to another ledger: a rehearsal that somebody opened there; flagged, and nothing that only a person can do ---
expect 0 "$cs" open M try-1 --checklist s.md --release 1 --key dora --time 2026-03-03T09:00:00Z
serve M
COUNTERSIGN_TOKEN=$("$cs" token issue M --principal rehearsal --scope write --key root)
export COUNTERSIGN_TOKEN
expect 0 "$cs" send L d-1 --as try-1 --to "$url" --speed max --json
is "try-1 6 6 2 0 null" '"\(.as) \(.events) \(.sent) \(.refused_by_rules) \(.not_taken) \(.next)"'
expect 0 "$cs" timeline M try-1 --format json
cp out timeline
jq -e '[.entries[] | select(.principal == "rehearsal")] | length == 6 and ([.[] | select(.verdict == "accepted")]
    | length == 4 and all(.flags | index("replayed")))' timeline >/dev/null || fail "not flagged: $(cat timeline)"
jq -e '[.entries[] | select(.principal == "rehearsal" and .verdict == "refused") | .rule] == ["unsigned", "unsigned"]' timeline \
    >/dev/null || fail "an act of a person's was taken: $(cat timeline)"
before=$("$cs" checkpoint M | sed -n 2p)
# Again: each is the entry that it was.
expect 0 "$cs" send L d-1 --as try-1 --to "$url/" --speed max
has "d-1: 6 of 6 events sent as a replay, as try-1; 2 recorded there and refused by a rule" out
[[ $("$cs" checkpoint M | sed -n 2p) == "$before" ]] || fail "a second run made entries"
# By its own name: nobody opened that there.
expect 0 "$cs" send L d-1 --to "$url" --speed max
has "unknown-deployment" err
# A token that is none.
COUNTERSIGN_TOKEN=$token expect 1 "$cs" send L d-1 --to "$url" --speed max --wait 0
has "--from '#0' goes on" err

# --- at its pace: three seconds, and half of that (a lower bound: how long it takes more is the machine's) ---
since expect 0 "$cs" send L d-1 --as try-2 --to "$url" --speed 6
((took >= 500)) || fail "three seconds six times as fast took $took ms"
since expect 0 "$cs" send L d-1 --as try-3 --to "$url" --until '#2'
((took >= 1000)) || fail "one second as it happened took $took ms"

# --- stopped: it says how far it came, and goes on there ---
"$cs" send L d-1 --as try-4 --to "$url" --speed 0.001 --json >out 2>err &
sender=$!
soon eval '"$cs" log M try-4 >log 2>/dev/null'
kill -INT "$sender"
code=0
wait "$sender" || code=$?
((code == 3)) || fail "stopped, it gave $code: $(cat err)"
next=$(jq .next out)
[[ $next == 1 && $(jq .sent out) == 1 ]] || fail "it was stopped behind the first: $(cat out)"
has "stopped before #1; --from '#1' goes on" err
expect 0 "$cs" send L d-1 --as try-4 --to "$url" --speed max --from "#$next"
[[ $("$cs" log M try-4 | wc -l) == 6 ]] || fail "it did not go on: $("$cs" log M try-4)"

# --- to what is no ledger ---
cat >sink.py <<'END'
import http.server, json, sys
class Sink(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        print(self.path, self.headers["Content-Type"], body["id"], body["replayed"], flush=True)
        self.send_response(204 if body["id"] != "replay:d-1:1:no" else 400)
        self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Sink)
open("port.new", "w").write(str(server.server_port))
import os; os.rename("port.new", "port")
server.serve_forever()
END
python3 sink.py >sunk &
sink=$!
soon test -e port
expect 0 "$cs" send L d-1 --to "http://127.0.0.1:$(cat port)/hook" --plain --speed max
kill "$sink"
wait "$sink" 2>/dev/null || true
[[ $(grep -c '^/hook application/cloudevents+json replay:d-1:.* True$' sunk) == 6 ]] || fail "the consumer got something else: $(cat sunk)"

# --- into the very ledger that it is from: never ---
stop
COUNTERSIGN_TOKEN=$token
serve L
expect 1 "$cs" send L d-1 --to "$url" --speed max
has "it is a replay of this very ledger, which never takes its own events again" err
expect 1 "$cs" send L d-1 --as other-1 --to "$url" --speed max
stop
[[ $("$cs" checkpoint L | sed -n 2p) == "$size" ]] || fail "the ledger took its own replay"

# --- RabbitMQ: into its exchange, read by the other ledger, and by its own, which puts it aside ---
rabbit_await
rabbit_user ci hunter2
export COUNTERSIGN_AMQP_PASSWORD=hunter2
broker_url=amqp://ci@127.0.0.1:$amqp_port
expect 1 "$cs" send L d-1 --as try-5 --to "$broker_url" --speed max
has "no queue is bound for what has the key try-5.dev.countersign.deployment.opened.v1" err
expect 3 "$cs" send L d-1 --to "$broker_url" --speed max --amqp-exchange nosuch --wait 0
has "nosuch" err
expect 0 "$cs" open M try-5 --checklist s.md --release 1 --key dora --time 2026-03-03T10:00:03Z
serve M --amqp "$broker_url"
soon rabbit depth countersign.ingest >/dev/null
since expect 0 "$cs" send L d-1 --as try-5 --to "$broker_url" --speed 6
((took >= 500)) || fail "three seconds six times as fast took $took ms"
has "d-1: 6 of 6 events sent as a replay, as try-5" out
soon eval '[[ $("$cs" log M try-5 | wc -l) == 7 ]]'
expect 0 "$cs" timeline M try-5 --format json
jq -e '[.entries[] | select(.principal == "amqp:ci" and .verdict == "accepted")] | length == 4 and all(.flags | index("replayed"))' out \
    >/dev/null || fail "not flagged over RabbitMQ: $(cat out)"
stop
serve L --amqp "$broker_url"
expect 0 "$cs" send L d-1 --to "$broker_url" --speed max
soon eval '[[ $("$cs" log L inbox | grep -c ingest.quarantined) == 6 ]]'
stop
[[ $("$cs" log L d-1 | wc -l) == 6 ]] || fail "the deployment took its own replay"
