#!/usr/bin/env bash
# The reading side of HTTP: proofs, conditional requests, who may read what, following by server-sent events.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

expect 0 "$cs" init L
cp out vkey
export COUNTERSIGN_KEY=countersign-admin
writes="Authorization: Bearer $("$cs" token issue L --principal ci --scope write)"
reads="Authorization: Bearer $("$cs" token issue L --principal auditor --scope read)"

serving=(--scrub-rate 0)
# ask STATUS ARGUMENT...: the answer is in the files head and body
ask() {
    local wanted=$1 status
    shift
    status=$(curl -sS --max-time 30 -o body -D head -w '%{http_code}' "$@")
    [[ $status == "$wanted" ]] || fail "$* gave $status, not $wanted: $(cat body)"
}
header() { sed -n "s/^$1: \(.*\)\r$/\1/Ip" head; }

start
for n in {1..40}; do
    printf '{"specversion":"1.0","id":"r-%d","source":"/t","type":"org.example.t","deployment":"d-1","data":%d}\n' "$n" "$n"
done >events
COUNTERSIGN_TOKEN=${writes##* } expect 0 "$cs" append L events

# a proof holds by the ledger's vkey alone, with the event and without
for seq in 0 7 39; do
    ask 200 -H "$reads" "$url/v1/events/$seq/proof"
    expect 0 "$cs" verify body --vkey "$(cat vkey)"
    lacks "org.example.t" out
    ask 200 -H "$reads" "$url/v1/events/$seq/proof?event=1"
    expect 0 "$cs" verify body --vkey "$(cat vkey)"
done
expect 0 "$cs" prove L 7
ask 200 -H "$reads" "$url/v1/events/7/proof"
cmp out body || fail "a proof over HTTP is not that of the command"
ask 404 -H "$reads" "$url/v1/events/9999/proof"
ask 404 -H "$reads" "$url/v1/events/x/proof"
ask 404 -H "$reads" "$url/v1/events/7/proofs"
ask 400 -H "$reads" "$url/v1/events/7/proof?event=2"
ask 400 -H "$reads" "$url/v1/events/7?event=1"

# what did not change is not sent again, and what may not be kept says so
for path in /v1/events/7 "/v1/events?limit=5" /checkpoint /tile/0/000.p/8 /tile/entries/000.p/8 /v1/events/7/proof; do
    ask 200 -H "$reads" "$url$path"
    tag=$(header ETag)
    [[ $tag == \"*\" ]] || fail "$path has no entity tag: $(cat head)"
    bytes=$(stat -c %s body)
    ask 304 -H "$reads" -H "If-None-Match: \"other\", $tag" "$url$path"
    [[ ! -s body || $(header ETag) == "$tag" ]] || fail "$path: a 304 with a body, or another tag"
    ask 200 -H "$reads" -H 'If-None-Match: "other"' "$url$path"
    ask 200 -I -H "$reads" "$url$path"
    [[ $(header Content-Length) == "$bytes" ]] || fail "$path: HEAD counts otherwise: $(cat head)"
done
[[ $(header Cache-Control) == "private, no-cache" ]] || fail "a proof: $(cat head)"
ask 200 -H "$reads" -H 'Accept: application/octet-stream' "$url/v1/events/7"
[[ $(header Cache-Control) == *private*immutable* && $(header Vary) == *Accept* ]] || fail "an entry: $(cat head)"
ask 200 "$url/tile/0/000.p/8"
[[ $(header Cache-Control) == *public*immutable* ]] || fail "a tile: $(cat head)"
ask 404 "$url/tile/0/001"
[[ $(header Cache-Control) == no-store ]] || fail "a tile that is not there yet: $(cat head)"

# deployments are shown as the commands print them, now and as of a moment, to programs and to people
expect 0 "$cs" role grant L admin deployer
for id in web-1 web-2; do
    expect 0 "$cs" open L "$id" --checklist "$root/replay/checklists/blue-green.md" --release v9 --role "Release Manager=admin"
done
opened=$("$cs" log L web-2 --json | head -n 1 | jq .seq)
for n in 1 2 3; do expect 0 "$cs" note L web-2 "note $n"; done
# shows PATH COMMAND...: the body is what the command prints
shows() {
    local path=$1
    shift
    expect 0 "$cs" "$@"
    ask 200 -H "$reads" "$url$path"
    cmp out body || fail "$path is not what $* prints: $(head -c 300 body)"
}
shows /v1/deployments/web-2 status L web-2 --json
shows "/v1/deployments/web-2?at=$opened" status L web-2 --at "$opened" --json
shows "/v1/deployments/web-2?at=%231" status L web-2 --at '#1' --json
shows "/v1/deployments/web-2?at=open" status L web-2 --at open --json
[[ $(jq .basis.pos body) == 0 ]] || fail "the state as of its opening: $(head -c 300 body)"
for format in json text csv html; do
    shows "/v1/deployments/web-2/timeline?format=$format" timeline L web-2 --format "$format"
done
[[ $(header Content-Security-Policy) == *"style-src 'unsafe-inline'"* && $(header Content-Type) == text/html* ]] ||
    fail "a page of HTML: $(cat head)"
shows /v1/deployments/web-1/timeline timeline L web-1 --json
expect 0 "$cs" status L --json
ask 200 -H "$reads" "$url/v1/deployments"
[[ $(jq -c .deployments body) == "$(jq -c . out)" && $(jq .next body) == null ]] || fail "the list: $(cat body)"
ask 200 -H "$reads" "$url/v1/deployments?limit=1"
[[ $(jq -c '[.next, .deployments[].deployment]' body) == '["d-1","d-1"]' ]] || fail "a page of the list: $(cat body)"
ask 200 -H "$reads" "$url/v1/deployments?limit=5&after=d-1"
[[ $(jq -c '[.next, .deployments[].deployment]' body) == '[null,"web-1","web-2"]' ]] || fail "the rest of it: $(cat body)"
# what comes in while they are shown is in the next one
expect 0 "$cs" note L web-2 "note 4"
shows /v1/deployments/web-2 status L web-2 --json
tag=$(header ETag)
ask 304 -H "$reads" -H "If-None-Match: $tag" "$url/v1/deployments/web-2"
for path in nobody ledger inbox Web-1 nobody/timeline 'web-2?at=gate-1' 'web-2?at=99999' web-2/other; do
    ask 404 -H "$reads" "$url/v1/deployments/$path"
done
for path in 'web-2?at=then' 'web-2?on=1' 'web-2/timeline?format=pdf' '?limit=0' '?after=Not!'; do
    ask 400 -H "$reads" "$url/v1/deployments${path/#web/\/web}"
done

# who may read what
for path in /healthz /readyz /checkpoint /tile/0/000.p/8; do ask 200 "$url$path"; done
ask 403 -H "$writes" "$url/v1/stream"
ask 401 "$url/v1/stream"
for path in /v1/events /v1/events/1 /v1/events/1/proof /tile/entries/000.p/8 /tile/events/000.p/8 /metrics \
    /v1/deployments /v1/deployments/web-1 /v1/deployments/web-1/timeline; do
    ask 401 "$url$path"
    [[ $(header WWW-Authenticate) == Bearer* ]] || fail "$path: $(cat head)"
    ask 403 -H "$writes" "$url$path"
    ask 401 -H "Authorization: Bearer ${reads:24:20}" "$url$path"
    ask 200 -H "$reads" "$url$path"
    ask 405 -X PUT -H "$reads" "$url$path"
done

# following: many readers, cut and resumed, filtered and slow, see each entry once and in order
python3 "$root/tests/scenario/follow.py" "$url" "${reads##* }" "${writes##* }" \
    $([[ -n ${COUNTERSIGN_LONG-} ]] && echo 500 8000 || echo 60 800) || fail "following"
ask 200 -I -H "$reads" "$url/v1/stream"
[[ $(header Content-Type) == text/event-stream ]] || fail "HEAD of a stream: $(cat head)"
size=$(curl -sS "$url/checkpoint" | sed -n 2p)
for query in after=x after=-1 "after=$size" "deployment=Not!" limit=3 "after=1&after=2"; do
    ask 400 -H "$reads" "$url/v1/stream?$query"
done
ask 400 -H "$reads" -H 'Last-Event-ID: none' "$url/v1/stream"

# follow FILE HEADER...: in the background; its pid is in $follower
follow() {
    local file=$1
    shift
    curl -sSN -o "$file" "$@" "$url/v1/stream?after=$((size - 1))" &
    follower=$!
}
# seen TEXT FILE: waits until it is there
seen() {
    for _ in {1..400}; do
        ! grep -qF -- "$1" "$2" 2>/dev/null || return 0
        sleep 0.025
    done
    fail "no '$1' in $2: $(cat "$2")"
}
post() {
    ask 201 -H "$writes" -H 'Content-Type: application/cloudevents+json' "$url/v1/events" \
        -d '{"specversion":"1.0","id":"'"$1"'","source":"/s","type":"org.example.s","data":1}'
}
# ends STATUS FILE: it has ended, with a problem of that status
ends() {
    wait "$follower" || fail "curl gave $?"
    [[ $(grep -A 1 '^event: end' "$2" | sed -n 's/^data: //p' | jq .status) == "$1" ]] || fail "another end: $(cat "$2")"
}

# a token that is revoked ends its streams before anything later is sent
doomed=$("$cs" token issue L --principal guest --scope read)
size=$((size + 1))
follow doomed -H "Authorization: Bearer $doomed"
post before
seen '"before"' doomed
expect 0 "$cs" token revoke L "$(printf '%s=' "$doomed" | tr -- -_ +/ | base64 -d | sha256sum | cut -d ' ' -f 1)"
post behind
ends 401 doomed
lacks '"behind"' doomed

# one that expires ends them, too
"$cs" token issue L --principal guest --scope read --expires "$(date -u -d '2 seconds' +%FT%TZ)" >brief
follow expiring -H "Authorization: Bearer $(cat brief)"
seen '"behind"' expiring
ends 401 expiring

# who reads nothing has little on the way to them, and holds up nobody
for n in {1..30}; do
    printf '{"specversion":"1.0","id":"big-%d","source":"/s","type":"org.example.s","data":"%0300000d"}\n' "$n" 0
done >events
COUNTERSIGN_TOKEN=${writes##* } expect 0 "$cs" append L events
exec {deaf}<>"/dev/tcp/127.0.0.1/${url##*:}"
printf 'GET /v1/stream HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n' "$reads" >&"$deaf"
follow all -H "$reads"
seen '"big-30"' all
unsent=$(curl -sS -H "$reads" "$url/metrics" | sed -n 's/^countersign_followers_unsent_bytes //p')
((unsent < 65536 + 2 * 300500)) || fail "$unsent bytes are on their way"

# a crowd of them is cut off, the slowest first
python3 "$root/tests/scenario/deaf.py" "$url" "${reads##* }" 400 "$size" || fail "a crowd of the deaf"
[[ -z ${COUNTERSIGN_LONG-} ]] || python3 "$root/tests/scenario/deaf.py" "$url" "${reads##* }" 5 "$size" || fail "a deaf one"

# when the daemon stops all streams are ended in order; who is deaf was for a second, and is not waited for
sleep 1
stop
ends 503 all
exec {deaf}>&-

# with --rate a principal that asks too often is told when to come back, and nobody else is
expect 2 "$cs" serve L --rate 0
expect 2 "$cs" serve L --rate x
start --rate 1
# limited ARGUMENT...: who asks so again and again is refused sooner or later
limited() {
    local status=
    for _ in {1..50}; do
        status=$(curl -sS --max-time 30 -o body -D head -w '%{http_code}' "$@")
        [[ $status != 429 ]] || break
    done
    [[ $status == 429 && $(header Retry-After) == 1 && $(jq -r .type body) == urn:countersign:problem:rate ]] ||
        fail "$*: $(cat head body)"
}
ask 200 -H "$reads" "$url/v1/events/1"
for path in /v1/events /v1/events/1 /metrics; do limited -H "$reads" "$url$path"; done
post rate-1
limited -H "$writes" -H 'Content-Type: application/cloudevents+json' "$url/v1/events" -d '{}'
for _ in 1 2 3; do ask 200 "$url/healthz"; done
# who signs and has no token is told after the signature was checked
dsse='Content-Type: application/vnd.dsse.envelope.v1+json'
printf '{"specversion":"1.0","id":"signed-1","source":"/k","type":"org.example.k","deployment":"d-1","data":1}' >event
"$cs" sign event >envelope
ask 201 -H "$dsse" "$url/v1/events" --data-binary @envelope
limited -H "$dsse" "$url/v1/events" --data-binary @envelope
stop
