#!/usr/bin/env bash
# The daemon over HTTP: every status of DESIGN.md 6 with its problem text, and nothing written on errors; receipts,
# duplicates, conflicts, paging, tiles against the oracle, clients that vanish, SIGTERM under load, a commit that fails,
# a disk that runs low, and `append`.
set -euo pipefail
cd "$(dirname "$0")/../.."
cs=$(realpath "${COUNTERSIGN:-build/release/countersign}")
clients=tests/scenario/http_clients.py
work=$(mktemp -d)
daemon=
trap '[[ -z $daemon ]] || kill -KILL "$daemon" 2>/dev/null; rm -rf "$work"' EXIT
unset COUNTERSIGN_KEY COUNTERSIGN_TOKEN

die() { printf '%s\n' "02-http: $*" >&2; exit 1; }
same() { [[ $2 == "$3" ]] || die "$1: expected '$2', got '$3'"; }

start() {
    "$cs" serve "$work/ledger" --listen 127.0.0.1:0 2>>"$work/serve.log" &
    daemon=$!
    for ((i = 0; i < 200; i++)); do
        [[ ! -s $work/ledger/serve.json ]] || break
        kill -0 "$daemon" 2>/dev/null || die "the daemon ended: $(tail -n 3 "$work/serve.log")"
        sleep 0.05
    done
    url=$(jq -r .url "$work/ledger/serve.json")
    same "the pid in serve.json" "$daemon" "$(jq -r .pid "$work/ledger/serve.json")"
}

# stop: SIGTERM, and exit 0 is owed.
stop() {
    local status=0
    kill -TERM "$daemon"
    wait "$daemon" || status=$?
    daemon=
    same "exit of the daemon" 0 "$status"
    [[ ! -e $work/ledger/serve.json ]] || die "serve.json is still there"
}

# ask STATUS CURL-ARGUMENT...: the answer's body in $work/body, its head in $work/head.
ask() {
    local expected=$1 status
    shift
    status=$(curl -sS --max-time 30 -D "$work/head" -o "$work/body" -w '%{http_code}' "$@") ||
        die "curl $*: failed"
    same "status of ${*: -1}" "$expected" "$status"
}

head_of() { sed -n "s/^$1: \(.*\)\r$/\1/Ip" "$work/head" | tail -n 1; }
body() { jq -r "$1" "$work/body"; }
size() { curl -sS "$url/checkpoint" | sed -n 2p; }

# refused STATUS NAME WORDS CURL-ARGUMENT...: a problem of that name and text, and nothing was written.
refused() {
    local status=$1 name=$2 words=$3 before
    shift 3
    before=$(size)
    ask "$status" "$@"
    same "media type" application/problem+json "$(head_of Content-Type)"
    same "problem type" "urn:countersign:problem:$name" "$(body .type)"
    same "problem status" "$status" "$(body .status)"
    [[ $(body .title) != null ]] || die "a problem without title"
    [[ $(body .detail) == *"$words"* ]] || die "detail '$(body .detail)' has no '$words'"
    same "size after a refusal" "$before" "$(size)"
}

json=(-H 'Content-Type: application/cloudevents+json')
dsse=(-H 'Content-Type: application/vnd.dsse.envelope.v1+json')
event() { # ID [DATA [MEMBERS]]
    printf '{"specversion":"1.0","id":"%s","source":"/t","type":"com.example.t","deployment":"web-1"%s,"data":%s}' \
        "$1" "${3:-}" "${2:-1}"
}

ssh-keygen -q -t ed25519 -N '' -f "$work/admin"
ssh-keygen -q -t ed25519 -N '' -f "$work/stranger"
"$cs" init "$work/ledger" --admin "root=$work/admin.pub" >"$work/vkey"
issue() { "$cs" token issue "$work/ledger" --principal ci --scope "$1" --key "$work/admin"; }
both=(-H "Authorization: Bearer $(issue write,read)")
writes=(-H "Authorization: Bearer $(issue write)")
token=$(issue read)
reads=(-H "Authorization: Bearer $token")

# --- who may listen where, and only one
status=0
"$cs" serve "$work/ledger" --listen 0.0.0.0:0 2>"$work/err" || status=$?
same "exit on an open address" 2 "$status"
grep -q -- --insecure "$work/err" || die "no word of --insecure"
status=0
"$cs" serve "$work/nowhere" --listen 127.0.0.1:0 2>"$work/err" || status=$?
same "exit where there is no ledger" 3 "$status"
grep -q "no ledger in '$work/nowhere'" "$work/err" || die "no word of the ledger: $(cat "$work/err")"
start
status=0
"$cs" serve "$work/ledger" --listen 127.0.0.1:0 2>"$work/err" || status=$?
same "exit of a second daemon" 3 "$status"
grep -q "pid $daemon" "$work/err" || die "the second daemon does not name the first: $(cat "$work/err")"
ask 200 "$url/healthz"
ask 200 "$url/readyz"

# --- receipts
ask 201 "${writes[@]}" "${json[@]}" -d "$(event one)" "$url/v1/events"
same "seq" 4 "$(body .seq)"
same "stream" web-1 "$(body .stream)"
same "stream_pos" 0 "$(body .stream_pos)"
same "verdict" accepted "$(body .verdict)"
same "flags" '[]' "$(body '.flags|tostring')"
same "Location" /v1/events/4 "$(head_of Location)"
same "media type" application/json "$(head_of Content-Type)"
same "nosniff" nosniff "$(head_of X-Content-Type-Options)"
cp "$work/body" "$work/first"
ask 200 "${writes[@]}" "${json[@]}" -d "$(event one)" "$url/v1/events"
cmp -s "$work/first" "$work/body" || die "a duplicate got another receipt"
same "size after a duplicate" 5 "$(size)"
ask 201 "${writes[@]}" -H 'Content-Type: Application/CloudEvents+JSON; charset="UTF-8"' \
    -d " $(event two) " "$url/v1/events"
ask 201 "${writes[@]}" "${json[@]}" -d '{"specversion":"1.0","id":"3","source":"/t","type":"t"}' \
    "$url/v1/events?deployment=by-query"
same "stream by query" by-query "$(body .stream)"
ask 201 "${writes[@]}" "${json[@]}" -H 'ce-deployment: by-head' \
    -d '{"specversion":"1.0","id":"4","source":"/t","type":"t"}' "$url/v1/events"
same "stream by header" by-head "$(body .stream)"
ask 201 "${writes[@]}" "${json[@]}" -d '{"specversion":"1.0","id":"5","source":"/t","type":"t"}' "$url/v1/events"
same "stream of nobody" inbox "$(body .stream)"

# --- refusals: the right status and text, and nothing is written
post=("${writes[@]}" "${json[@]}")
to=$url/v1/events
refused 400 invalid "I-JSON" "${post[@]}" -d 'this is no JSON' "$to"
refused 400 invalid "I-JSON" "${post[@]}" -d '' "$to"
refused 400 invalid "I-JSON" "${post[@]}" -d "$(event x 1 ',"id":"y"')" "$to"
refused 400 invalid "unknown query parameter" "${post[@]}" -d "$(event x)" "$to?deploiment=web-1"
refused 422 not-event "id" "${post[@]}" -d '{"specversion":"1.0","source":"/t","type":"t"}' "$to"
refused 422 not-event "specversion" "${post[@]}" \
    -d '{"specversion":"0.3","id":"x","source":"/t","type":"t"}' "$to"
refused 422 not-event "from 1970 to 9999" "${post[@]}" -d "$(event x 1 ',"time":"0001-01-01T00:00:00Z"')" "$to"
refused 422 not-event "differ" "${post[@]}" -H 'ce-deployment: a' \
    -d '{"specversion":"1.0","id":"x","source":"/t","type":"t"}' "$to?deployment=b"
refused 422 not-event "web-2" "${post[@]}" -d "$(event x)" "$to?deployment=web-2"
refused 415 media-type "application/cloudevents+json" "${writes[@]}" -H 'Content-Type: text/plain' \
    -d "$(event x)" "$to"
refused 415 media-type "application/cloudevents+json" "${writes[@]}" -H 'Content-Type:' -d "$(event x)" "$to"
refused 415 media-type "" "${writes[@]}" -d "$(event x)" \
    -H 'Content-Type: application/cloudevents+json; charset=latin1' "$to"
refused 415 media-type "" "${writes[@]}" -H 'Content-Type: application/cloudevents+avro' -H 'ce-id: x' \
    -d "$(event x)" "$to"
refused 401 unauthenticated "neither a token nor a signature" "${json[@]}" -d "$(event x)" "$to"
same "challenge" Bearer "$(head_of WWW-Authenticate)"
for bad in 'Bearer ' "Bearer ${token:1}" "Bearer ${token}A" "Bearer $(printf 'A%.0s' {1..43})" 'Basic Y2k6Y2k='; do
    refused 401 unauthenticated "" -H "Authorization: $bad" "${json[@]}" -d "$(event x)" "$to"
    same "challenge" Bearer "$(head_of WWW-Authenticate)"
done
refused 403 forbidden "write scope" "${reads[@]}" "${json[@]}" -d "$(event x)" "$to"
refused 403 forbidden "read scope" "${writes[@]}" "$to"
refused 401 unauthenticated "token" "$to"
refused 404 not-found "" "${reads[@]}" "$to/4711"
refused 404 not-found "" "${reads[@]}" "$to/x"
refused 404 not-found "" "${reads[@]}" "$to/4/x"
refused 404 not-found "" "$url/nowhere"
refused 405 method "" -X DELETE "$to"
same "Allow" "GET, HEAD, POST" "$(head_of Allow)"
refused 405 method "" -X POST -d x "$url/checkpoint"
same "Allow" "GET, HEAD" "$(head_of Allow)"
refused 405 method "" -X BREW "$url/checkpoint"
for query in limit=0 limit=1001 limit=x limit= after=-1 after=99999999999999999999 deployment=A%20B limit=1\&limit=1 \
    since=3 type=%zz; do
    refused 400 invalid "" "${reads[@]}" "$to?$query"
done

# --- too large: over 1 MiB, and over what is read at all; both in pieces of unknown number too
{ printf '{"specversion":"1.0","id":"big","source":"/t","type":"t","data":"'; head -c 1048576 /dev/zero | tr '\0' x
    printf '"}'; } >"$work/big"
head -c 10485760 /dev/zero >"$work/huge"
for pieces in '' 'Transfer-Encoding: chunked'; do
    refused 413 too-big "1048576" "${post[@]}" -H "$pieces" --data-binary "@$work/big" "$to"
    refused 413 too-big "1048576" "${post[@]}" -H "$pieces" --data-binary "@$work/huge" "$to"
    refused 413 too-big "1048576" "${post[@]}" -H "$pieces" -H Expect: --data-binary "@$work/huge" "$to"
done
refused 400 invalid "" -H "X-Long: $(head -c 20000 /dev/zero | tr '\0' x)" "$url/healthz"

# --- signed: by the right key, a wrong key, over other bytes
sign() { # KEY EVENT-FILE: its envelope
    ssh-keygen -q -Y sign -n event@countersign -f "$1" "$2" 2>/dev/null
    python3 "$clients" envelope "$2" "$2.sig"
    rm "$2.sig"
}
event signed >"$work/signed.json"
sign "$work/admin" "$work/signed.json" >"$work/good"
sign "$work/stranger" "$work/signed.json" >"$work/unknown"
jq -c '.payload = (.payload | @base64d | sub("com.example.t"; "com.example.u") | @base64)' "$work/good" >"$work/altered"
jq -c '.signatures = []' "$work/good" >"$work/unsigned"
refused 401 unauthenticated "not enrolled" "${dsse[@]}" -d "@$work/unknown" "$to"
refused 401 unauthenticated "does not verify" "${dsse[@]}" -d "@$work/altered" "$to"
same "challenge" Bearer "$(head_of WWW-Authenticate)"
refused 400 invalid "" "${dsse[@]}" -d "@$work/unsigned" "$to"
ask 201 "${dsse[@]}" -d "@$work/good" "$to"
signed=$(body .seq)
ask 200 "${dsse[@]}" -d "@$work/good" "$to"
ask 200 "${reads[@]}" "$to/$signed"
same "principal of a signed event" root "$(body .principal)"
same "its key" "$(ssh-keygen -lf "$work/admin.pub" | cut -d ' ' -f 2)" "$(body '.keys[0]')"

# --- an authentic event that breaks a rule is recorded, with its verdict
ask 200 "${reads[@]}" "$to/0"
id=$(body .event.ledger)
ask 201 "${post[@]}" -d '{"specversion":"1.0","id":"grant","source":"/t","type":"dev.countersign.role.granted.v1",
    "ledger":"'"$id"'","data":{"principal":"ci","role":"admin"}}' "$to"
same "verdict" refused "$(body .verdict)"
same "rule" unsigned "$(body .rule)"

# --- a conflict: 409, and the ledger's own word of it, once
before=$(size)
ask 409 "${post[@]}" -d "$(event one 2)" "$to"
same "problem type" urn:countersign:problem:conflict "$(body .type)"
ask 409 "${post[@]}" -d "$(event one 2)" "$to"
same "size after a conflict told twice" $((before + 1)) "$(size)"
ask 200 "${reads[@]}" "$to/$before"
same "what was written" dev.countersign.ingest.conflicted.v1 "$(body .event.type)"

# --- reading: one, the entry's own bytes, pages, filters
ask 200 "${reads[@]}" "$to/4"
same "members" seq,stream,stream_pos,time,principal,origin,leaf,keys,signatures,event "$(body 'keys_unsorted|join(",")')"
same "event" "$(event one)" "$(jq -c .event "$work/body")"
same "origin" http "$(body .origin)"
leaf=$(body .leaf)
ask 200 "${reads[@]}" -H 'Accept: application/octet-stream' "$to/4"
same "leaf of the entry's bytes" "$leaf" "$({ printf '\0'; cat "$work/body"; } | sha256sum | cut -d ' ' -f 1)"
ask 200 -I "${reads[@]}" "$to/4"
for ((i = 0; i < 23; i++)); do
    printf '%s\n' "$(event "page-$i" "{\"n\":$i.50}")"
done | COUNTERSIGN_TOKEN=${writes[1]##* } "$cs" append "$work/ledger" >"$work/receipts"
same "receipts of append" 23 "$(grep -c '"verdict":"accepted"' "$work/receipts")"
walk() { # QUERY: all seqs, by pages of 5, and how many pages
    local after= next pages=0
    while :; do
        ask 200 "${reads[@]}" "$to?limit=5&$1${after:+&after=$after}"
        body '.events[].seq' >>"$work/walk"
        pages=$((pages + 1))
        next=$(body .next)
        [[ $next != null ]] || break
        after=$next
    done
    tr '\n' ' ' <"$work/walk"
    rm "$work/walk"
    printf '(%d)' "$pages"
}
total=$(size)
same "all by pages" "$(seq 0 $((total - 1)) | tr '\n' ' ')($(((total + 4) / 5)))" "$(walk '')"
same "a stream by pages" "4 5 $signed $(seq $((total - 23)) $((total - 1)) | tr '\n' ' ')(6)" "$(walk deployment=web-1)"
same "a type by pages" "6 7 8 (1)" "$(walk type=t)"
ask 200 "${reads[@]}" "$to?deployment=web-1&after=5&limit=1"
same "after within a stream" "$signed" "$(body '.events[0].seq')"
ask 200 "${reads[@]}" "$to?after=$((total - 1))"
same "after the end" '{"events":[],"next":null}' "$(cat "$work/body")"
ask 200 "${reads[@]}" "$to?deployment=nobody"
same "a deployment that is none" '{"events":[],"next":null}' "$(cat "$work/body")"
ask 200 "${reads[@]}" "$to?after=$((total - 2))"
grep -q '"n":22.50' "$work/body" || die "a number was rewritten: $(cat "$work/body")"

# --- the log: for anyone, but entries and events
ask 200 "$url/checkpoint"
same "media type" "text/plain; charset=utf-8" "$(head_of Content-Type)"
same "caching" no-cache "$(head_of Cache-Control)"
ask 200 "$url/tile/0/000.p/$total"
same "bytes of a tile" $((total * 32)) "$(stat -c %s "$work/body")"
[[ $(head_of Cache-Control) == *immutable* ]] || die "a tile is not for caching"
refused 404 not-found "" "$url/tile/0/000.p/$((total + 1))"
refused 404 not-found "" "$url/tile/0/000"
refused 404 not-found "" "$url/tile/0/../0/000"
for kind in entries events; do
    refused 401 unauthenticated "" "$url/tile/$kind/000.p/$total"
    refused 403 forbidden "" "${writes[@]}" "$url/tile/$kind/000.p/$total"
    ask 200 "${reads[@]}" "$url/tile/$kind/000.p/$total"
done
python3 tests/oracle/oracle.py url "$url" --token "$token" >"$work/oracle"
same "size by the oracle" "$total" "$(jq .size "$work/oracle")"

# --- clients that vanish, send rubbish, or are slow
python3 "$clients" rude "$url" "${both[1]##* }"
ask 200 "$url/healthz"
python3 "$clients" slow "$url" "${both[1]##* }"

# --- SIGTERM under load: answered means kept
entries() { "$cs" checkpoint "$work/ledger" | sed -n 2p; }
before=$(entries)
python3 "$clients" load "$url" "${both[1]##* }" "$work/load.json" &
load=$!
for ((i = 0; i < 600 && $(entries) < before + 100; i++)); do sleep 0.05; done
stop
wait "$load" || die "the load failed"
start
python3 "$clients" check "$url" "${both[1]##* }" "$work/load.json"
stop
grep -q 'what=stopped' "$work/serve.log" || die "the daemon did not say that it stopped"
same "verify" true "$("$cs" verify "$work/ledger" --vkey "$(cat "$work/vkey")" --json | jq .ok)"

# --- a commit that fails: no answer, and the process ends; the next start recovers
start
touch "$work/ledger/commit-failed"
status=0
curl -sS --max-time 30 "${post[@]}" -d "$(event lost)" "$url/v1/events" >"$work/body" 2>&1 || status=$?
same "curl without an answer" 52 "$status"
status=0
wait "$daemon" || status=$?
daemon=
same "exit after a failed commit" 3 "$status"
[[ ! -e $work/ledger/serve.json ]] || die "serve.json outlived a failed commit"
grep -q 'what=fatal error=IO' "$work/serve.log" || die "the failed commit is not in the log"
start
ask 201 "${post[@]}" -d "$(event lost)" "$url/v1/events"
stop
if unshare -rm true 2>/dev/null; then
    unshare -rm bash tests/scenario/low_disk.sh "$cs"
else
    echo "SKIPPED: a disk that runs low (no mount namespaces here)"
fi

# --- append without a daemon: in order, with a problem and its line for what is rejected
{ event a1; echo; echo; echo nonsense; event a1; echo; event a1 2; echo; cat "$work/good"; event a2; } >"$work/lines"
status=0
COUNTERSIGN_TOKEN=${writes[1]##* } "$cs" append "$work/ledger" "$work/lines" >"$work/receipts" || status=$?
same "exit of append" 1 "$status"
same "its lines" 'accepted 3:400 accepted 5:409 accepted accepted' \
    "$(jq -r 'if .line then "\(.line):\(.status)" else .verdict end' "$work/receipts" | paste -sd ' ')"
same "a repeated line" "$(sed -n 1p "$work/receipts")" "$(sed -n 3p "$work/receipts")"
same "a signed line again" "$signed" "$(sed -n 5p "$work/receipts" | jq .seq)"
event k1 | "$cs" append "$work/ledger" --json --key "$work/admin" >"$work/receipts"
same "signed by append" accepted "$(jq -r .verdict "$work/receipts")"
same "its principal" root "$("$cs" log "$work/ledger" --json | jq -r 'select(.event.id == "k1").principal')"
status=0
event k1 | "$cs" append "$work/ledger" --key "$work/admin" 2>"$work/err" >/dev/full || status=$?
same "exit when receipts are lost" 3 "$status"
grep -q 'receipts could not be written' "$work/err" || die "no word of lost receipts: $(cat "$work/err")"
head -c 32 /dev/urandom >"$work/secret" # a token that the file itself issues, one line before it is used
printf '{"specversion":"1.0","id":"tok","source":"/t","type":"dev.countersign.token.issued.v1","ledger":"%s",
    "data":{"principal":"late","sha256":"%s","scopes":["write"]}}' "$id" \
    "$(sha256sum <"$work/secret" | cut -d ' ' -f 1)" >"$work/issue.json"
{ sign "$work/admin" "$work/issue.json"; event late1; echo; } >"$work/lines"
COUNTERSIGN_TOKEN=$(base64 -w 0 <"$work/secret" | tr '+/' '-_' | tr -d =) \
    "$cs" append "$work/ledger" "$work/lines" >"$work/receipts"
same "a token of the same file" 'accepted accepted' "$(jq -r .verdict "$work/receipts" | paste -sd ' ')"
for ((i = 0; i < 10000; i++)); do event "bulk-$i"; echo; done >"$work/bulk"
began=$SECONDS
COUNTERSIGN_TOKEN=${writes[1]##* } "$cs" append "$work/ledger" - <"$work/bulk" >"$work/receipts"
same "10,000 receipts" 10000 "$(grep -c '"verdict":"accepted"' "$work/receipts")"
((SECONDS - began < 30)) || die "10,000 lines took $((SECONDS - began)) s"
same "verify" true "$("$cs" verify "$work/ledger" --json | jq .ok)"
