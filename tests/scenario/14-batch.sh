#!/usr/bin/env bash
# Batches over HTTP: all or nothing, each event's own bytes, receipts and their proofs.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

expect 0 "$cs" init L
cp out vkey
export COUNTERSIGN_KEY=countersign-admin
robot=$("$cs" token issue L --principal robot --scope write)
watcher=$("$cs" token issue L --principal watcher --scope read)
start --scrub-rate 0

# event ID [MORE]: an event with its own blanks, and with what ends arrays and objects in its strings
event() { printf '{ "specversion":"1.0", "id":"%s","source":"/t","type":"t","data":[1.50, "],}\\""]%s}' "$1" "${2:-}"; }
# post STATUS BODY ARGUMENT...: BODY as a batch by $token; the answer is in the files head and body
token=$robot
post() {
    local wanted=$1 text=$2 status
    shift 2
    status=$(printf '%s' "$text" | curl -sS --max-time 30 -o body -D head -w '%{http_code}' \
        ${token:+-H "Authorization: Bearer $token"} -H 'Content-Type: application/cloudevents-batch+json' \
        --data-binary "${data:-@-}" "$@" "$url/v1/events")
    [[ $status == "$wanted" ]] || fail "the batch gave $status, not $wanted: $(head -c 500 body)"
}
size() { curl -sS "$url/checkpoint" | sed -n 2p; }
# answer FILTER WANTED: what jq finds in the answer
answer() { [[ $(jq -c "$1" body) == "$2" ]] || fail "$1 is not $2: $(head -c 500 body)"; }

# each event has the bytes that it came with
before=$(size)
post 201 " [$(event a) , $(event b)
,$(event c)] "
answer 'map(.seq)' "[$before,$((before + 1)),$((before + 2))]"
answer 'map(.stream + .verdict)' '["inboxaccepted","inboxaccepted","inboxaccepted"]'
"$cs" show L $((before + 1)) >shown
has "$(event b)" shown

# again: duplicates, with the first receipts; twice in one batch too
post 200 "[$(event a),$(event b)]"
answer 'map(.seq)' "[$before,$((before + 1))]"
post 201 "[$(event a),$(event d),$(event d)]"
answer 'map(.seq)' "[$before,$((before + 3)),$((before + 3))]"
post 200 '[]'
answer . '[]'

# one that is wrong refuses them all, and is named
before=$(size)
refused() { # STATUS WORDS BODY
    post "$1" "$3"
    has "$2" body
    has 'application/problem+json' head
    [[ $(size) == "$before" ]] || fail "$2: something was written"
}
refused 422 'event at 1 of the batch' "[$(event x),{\"specversion\":\"1.0\"}]"
refused 422 'event at 0 of the batch' '[1]'
refused 422 'event at 1 of the batch' "[$(event x),{\"payloadType\":\"x\",\"payload\":\"\",\"signatures\":[]}]"
refused 400 'event at 2 of the batch' "[$(event x),$(event y),{\"a\":1,\"a\":2}]"
refused 400 'batch' "[$(event x)"
refused 400 'batch' "$(event x)"
refused 400 'batch' ''

# a conflict of one refuses them all, and is on the record once; among themselves there is nothing to tell of
post 409 "[$(event x),$(event y),$(event a ',"subject":"other"')]"
has 'event at 2 of the batch' body
post 409 "[$(event x),$(event a ',"subject":"other"')]"
post 409 "[$(event z),$(event z ',"subject":"other"')]"
[[ $(size) == $((before + 1)) ]] || fail "three conflicts have $(($(size) - before)) entries"
"$cs" log L inbox --type dev.countersign.ingest.conflicted.v1 >log
[[ $(wc -l <log) == 1 ]] || fail "conflicts: $(cat log)"
post 201 "[$(event x),$(event y),$(event z)]"

# who may not
token=$watcher post 403 "[$(event q)]"
token=$watcher post 403 '[]'
token=nonsense post 401 '[]'
token='' post 401 '[]'

# a receipt with its proof holds by the ledger's vkey alone
post 201 "[$(event p1),$(event p2)]" -H 'Prefer: respond-async, return=representation'
has 'Preference-Applied: return=representation' head
for i in 0 1; do
    jq -j ".[$i].proof" body >proof
    expect 0 "$cs" verify proof --vkey "$(cat vkey)"
    jq -j ".[$i].checkpoint" body >note
    expect 0 "$cs" verify note --vkey "$(cat vkey)"
done
curl -sS -o body -H "Authorization: Bearer $robot" -H 'Content-Type: application/cloudevents+json' \
    -H 'Prefer: return=representation' -d "$(event p1)" "$url/v1/events"
jq -j .proof body >proof
expect 0 "$cs" verify proof --vkey "$(cat vkey)"

# the largest that there may be, in one commit
before=$(size)
{ printf '['; for ((i = 0; i < 8192; i++)); do ((i == 0)) || printf ,; event "m$i"; done; printf ']'; } >big
sed 's/]$/,{}]/' big >bigger
data=@bigger post 413 ''
has 'at most 8192 events' body
[[ $(size) == "$before" ]] || fail "a part of what was too much was written"
data=@big post 201 ''
answer length 8192
[[ $(size) == $((before + 8192)) ]] || fail "the ledger has $(size) entries"
stop
has 'batch_max=8192' journal
expect 0 "$cs" verify L
