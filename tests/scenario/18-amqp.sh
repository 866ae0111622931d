#!/usr/bin/env bash
# RabbitMQ as the way in and out, with a real broker: what messages become, poison and dead letters, and that each message is
# in the ledger exactly once whatever happens to the broker, the connection, the queue, or the ledger itself.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
# shellcheck source=tests/scenario/rabbit.sh
source "$root/tests/scenario/rabbit.sh"

# soon COMMAND...: waits until it holds
soon() {
    local _
    for _ in {1..400}; do
        ! "$@" || return 0
        [[ -z $daemon ]] || kill -0 "$daemon" 2>/dev/null || break
        sleep 0.05
    done
    fail "never: $* (journal: $(tail -n 5 journal); metrics: $(metric '.*'))"
}
serving=(--scrub-rate 0)
metric() { curl -s -H "$reads" "$url/metrics" | sed -n "s/^countersign_amqp_$1 //p"; }
is() { [[ $(metric "$1") == "$2" ]]; }
size() { "$cs" checkpoint L | sed -n 2p; }
size_is() { (($(size) == $1)); }
depth_is() { [[ $(rabbit depth "$1") == "$2" ]]; }
tells() { [[ $(grep -c -- "$1" journal) -ge ${2:-1} ]]; }
# last N: the last N records
last() { "$cs" log L --json | jq -s ".[-$1:]"; }
# equal JQ TEXT: of the file records
equal() { [[ $(jq -r "$1" records) == "$2" ]] || fail "$1 is not '$2': $(jq -c "$1" records)"; }
# events PREFIX COUNT: messages with structured events
events() {
    seq "$2" | jq -c --arg prefix "$1" '{body: ({specversion: "1.0", id: "\($prefix)-\(.)", source: "/ci", type: "org.example.t",
        deployment: "d-1"} | tojson), media: "application/cloudevents+json", claim: "ci"}'
}
publish() { rabbit publish --user ci hunter2 "$@"; }
# once PREFIX COUNT: each of them is in the ledger, and once
once() {
    "$cs" log L d-1 --json | jq -r '(.event // .event).id' | grep "^$1-" | sort >seen
    [[ $(wc -l <seen) == "$2" && $(sort -u seen | wc -l) == "$2" ]] || fail "$1: $(wc -l <seen) of $2: $(head -3 seen)"
}

rabbit_start
expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
reads="Authorization: Bearer $("$cs" token issue L --principal prometheus --scope read)"

# what the command line must say; a password in it is refused and not repeated
export COUNTERSIGN_AMQP_PASSWORD=hunter2
expect 2 "$cs" serve L --amqp amqp://ci:hunter2@localhost
lacks hunter2 err
has --amqp-password-file err
expect 2 "$cs" serve L --amqp-queue q
expect 2 "$cs" serve L --amqp http://localhost
expect 2 "$cs" serve L --amqp amqp://localhost --amqp-ca ca.pem
expect 3 "$cs" serve L --amqp amqps://localhost --amqp-ca no.pem
expect 3 "$cs" serve L --amqp amqp://ci@localhost --amqp-password-file no
unset COUNTERSIGN_AMQP_PASSWORD
expect 2 "$cs" serve L --amqp amqp://ci@localhost
(umask 077; echo hunter2 >password)

# a broker whose certificate is another CA's, or for another name, or that takes no such user, is not talked to
rabbit_await
rabbit_user ci hunter2
: >journal
start --amqp "amqps://ci@localhost:$amqps_port" --amqp-ca "$rabbit/other-ca.pem" --amqp-password-file password
soon tells 'amqp-failed role=consume'
is 'connected{role="consume"}' 0 || fail "another CA's certificate was taken"
stop
start --amqp "amqps://ci@127.0.0.1:$amqps_port" --amqp-ca "$rabbit/ca.pem" --amqp-password-file password
soon tells 'amqp-failed role=consume.*hostname' 1
stop
COUNTERSIGN_AMQP_PASSWORD=wrong start --amqp "amqps://ci@localhost:$amqps_port" --amqp-ca "$rabbit/ca.pem"
soon tells 'amqp-failed role=consume.*ACCESS_REFUSED'
stop

# over TLS, from here on; the copy has all that is committed
rabbit declare copy countersign.committed '#'
through=("amqps://ci@localhost:$amqps_port" --amqp-ca "$rabbit/ca.pem" --amqp-password-file password --amqp-publish)
start --amqp "${through[@]}"
soon is 'connected{role="consume"}' 1
soon is 'connected{role="publish"}' 1

# one event in all its forms, twice each: structured, bare and binary; a signed one over HTTP, too
before=$(size)
event='{"specversion":"1.0","id":"one","source":"/ci","type":"org.example.t","datacontenttype":"application/json","deployment":"d-1","data":{"a":1}}'
jq -cn --arg body "$event" '{body: $body, media: "application/cloudevents+json", claim: "ci"}, {body: $body, claim: "ci"},
    {body: "{\"a\":1}", media: "application/json", claim: "ci", headers: {"ce-id": "one", "ce-specversion": "1.0",
     "ce-source": "/ci", "ce-type": "org.example.t", "ce-deployment": "d-1"}}' | publish --times 2
soon is acks_total 6
size_is $((before + 1)) || fail "one event, and $(size) entries after $before"
last 1 >records
equal '.[0].principal' amqp:ci
equal '.[0].stream' d-1
jq -cn --arg ledger "$("$cs" show L 0 --json | jq -r .event.data.ledger)" '{specversion: "1.0", id: "signed", source: "/ci",
    type: "dev.countersign.note.added.v1", ledger: $ledger, deployment: "d-1", data: {text: "hello"}}' >note.json
"$cs" sign note.json >note.dsse
jq -cRn '[inputs] | join("\n") | {body: ., media: "application/vnd.dsse.envelope.v1+json"}, {body: .}' note.dsse | publish
soon is acks_total 8
curl -sS -H 'Content-Type: application/vnd.dsse.envelope.v1+json' "$url/v1/events" --data-binary @note.dsse -w '%{http_code}' -o body >status
[[ $(<status) == 200 ]] || fail "$(cat body)"
size_is $((before + 2)) || fail "the signed event is there $(($(size) - before - 1)) times"
last 1 >records
equal '.[0].principal' admin

# poison: in the ledger, with the reason; twice is once
before=$(size)
big=$(head -c 2200000 /dev/zero | base64 -w 0)
jq -cn '{body: "nonsense"}, {base64: "/w=="}, {body: ""}, {body: "[]", media: "application/cloudevents-batch+json", claim: "ci"},
    {body: "{}", encoding: "gzip"}, {body: "x", headers: {"ce-id": "x"}, claim: "ci"}, {body: "x", depth: 1000}' | publish --times 2
jq -cRn '{base64: input}' <<<"$big" | publish
jq -c '.payload |= .[4:]' note.dsse | jq -cRn '{body: input}' | publish
soon is acks_total 24
size_is $((before + 9)) || fail "quarantined $(($(size) - before)), not 9: $(tail -n 20 journal)"
last 9 >records
equal '[.[].event.type] | unique[]' dev.countersign.ingest.quarantined.v1
equal '[.[].origin] | unique[]' ledger
# in the order in which they were refused: some need a look at their content
equal '.[].event.data | select(.bytes == 8) | "\(.head | @base64d) \(.courier)"' 'nonsense amqp:anonymous'
equal '.[].event.data | select(.bytes == 2) | select(.head | @base64d == "[]") | .courier' amqp:ci
equal '.[].event.data | select(.bytes == 2200000) | .head | length' 10924

# past 100 in a minute they are dead letters, with the reason and without what the broker would act on
seq 100 | jq -c '{body: "poison \(.)", claim: "ci", expiration: "86400000", key: "k"}' | publish
soon is acks_total 124
quarantined=$(metric quarantined_total) dead=$(metric dead_letters_total)
((dead > 0 && quarantined + dead == 116)) || fail "quarantined $quarantined, dead letters $dead"
rabbit drain countersign.dead >dead.jsonl
[[ $(wc -l <dead.jsonl) == "$dead" ]] || fail "$(wc -l <dead.jsonl) dead letters of $dead"
jq -se 'all(.user == null and .expiration == null and .key == "k" and (.headers["x-countersign-reason"] | test("I-JSON"))
    and .headers["x-countersign-user-id"] == "ci")' dead.jsonl >/dev/null || fail "$(head -n 2 dead.jsonl)"

# connections cut, the queue deleted, the broker's application restarted, the broker killed, all while messages come
events cut 2000 >messages
for part in 1 2 3; do
    split -n "l/$part/3" messages | publish
    rabbit_cut
done
soon is 'connected{role="consume"}' 1
soon depth_is countersign.ingest 0
soon is unacked 0
once cut 2000
tells 'amqp-lost role=consume' || fail "no word of the cut connections"
rabbit delete countersign.ingest
soon tells 'amqp-lost role=consume.*cancelled'
soon is 'connected{role="consume"}' 1
events deleted 10 | publish
rabbit_call 'rabbit:stop(), rabbit:start()'
soon is 'connected{role="consume"}' 1
events restarted 500 | publish
rabbit_kill
rabbit_start
rabbit_await
soon is 'connected{role="consume"}' 1
soon is 'connected{role="publish"}' 1
soon depth_is countersign.ingest 0
once deleted 10
once restarted 500

# the ledger is killed between the commit and the ack: what comes again is the same, poison too
stop
/usr/bin/python3 "$rabbit_py" "$amqp_port" proxy port acks &
proxy=$!
soon test -s port
: >acks
start --amqp "amqp://ci@127.0.0.1:$(<port)" --amqp-password-file password
soon is 'connected{role="consume"}' 1
rm acks
before=$(size)
{ events killed 20; echo '{"body": "killed nonsense", "headers": {"z": 1, "a": 2}}'; } | publish
soon size_is $((before + 21))
{ kill -KILL "$daemon" && wait "$daemon"; } 2>/dev/null || true
daemon=
kill "$proxy"
wait "$proxy" 2>/dev/null || true
depth_is countersign.ingest 21 || soon depth_is countersign.ingest 21
rm -f L/serve.json

# while the broker is under alarm it takes nothing from us, and still has its acks
rabbit_memory 0.00001
start --amqp "${through[@]}"
soon is acks_total 21
size_is $((before + 21)) || fail "what came again is not the same: $(last 3 | jq -c .)"
once killed 20
soon is 'blocked{role="publish"}' 1
is 'blocked{role="consume"}' 0 || fail "the consumer is blocked"
rabbit_memory 0.4
soon is 'blocked{role="publish"}' 0
stop

# while the disk is low, messages stay in the broker
if unshare -rm true 2>/dev/null; then
    unshare -rm bash "$root/tests/scenario/low_disk_amqp.sh" "$cs" "$amqp_port"
fi

# a queue that is there, and messages of nobody
start --amqp "amqp://ci@127.0.0.1:$amqp_port" --amqp-password-file password --amqp-queue mine --amqp-require-user --amqp-publish
soon tells 'amqp-failed role=consume.*NOT_FOUND'
rabbit declare mine mine '#'
soon is 'connected{role="consume"}' 1
before=$(size)
jq -cn --arg body "$(jq -c '.id = "nobody"' <<<"$event")" '{body: $body}' | publish --exchange mine
soon is acks_total 1
last 1 >records
equal '.[0].event.data.reason' 'the message has no user-id'

# every entry was published, at least once, in the words of its event
end=$(size)
soon is published_position "$end"
stop
rabbit drain copy >copy.jsonl
jq -s 'map({seq: .headers["countersign-seq"], body, key}) | unique_by(.seq)' copy.jsonl >records
equal 'map(.seq) == [range(length)] | not | not' true
equal length "$end"
"$cs" log L --json | jq -s . >entries
jq -e --slurpfile entries entries '[.[].body | fromjson] == [$entries[0][].event]' records >/dev/null || fail "the copies differ"
jq -e --slurpfile entries entries '[.[].key] == [$entries[0][] | "\(.stream).\(.event.type)"]' records >/dev/null || fail "keys"

# more than is held at a time: the rest is left unread, and comes
start --amqp "amqp://ci@127.0.0.1:$amqp_port" --amqp-password-file password
soon is 'connected{role="consume"}' 1
kill -STOP "$daemon"
seq 40 | jq -c '{body: ({specversion: "1.0", id: "big-\(.)", source: "/ci", type: "org.example.t", data: ("x" * 900000)} | tojson),
    claim: "ci"}' | publish
kill -CONT "$daemon"
soon is acks_total 40
size_is $((end + 40)) || fail "of 40 big events $(($(size) - end))"
stop
lacks hunter2 journal
expect 0 "$cs" verify L
