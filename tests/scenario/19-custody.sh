#!/usr/bin/env bash
# Every message that was brought is accounted for, and the counters agree with the entries.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
robot=$("$cs" token issue L --principal robot --scope write)
reader=$("$cs" token issue L --principal reader --scope read)
start --scrub-rate 0

event() { printf '{"specversion":"1.0","id":"%s","source":"/t","type":"t","data":%s}' "$1" "${2:-1}"; }
# post STATUS TOKEN BODY [MEDIA]
post() {
    local status
    status=$(curl -sS --max-time 30 -o body -w '%{http_code}' ${2:+-H "Authorization: Bearer $2"} \
        -H "Content-Type: application/${4:-cloudevents+json}" --data-binary "$3" "$url/v1/events")
    [[ $status == "$1" ]] || fail "gave $status, not $1: $(cat body)"
}
post 201 "$robot" "$(event a)"
post 201 "$robot" "$(event b)"
post 200 "$robot" "$(event a)"
post 409 "$robot" "$(event a 2)"
post 201 "$robot" "[$(event c),$(event d),$(event a)]" cloudevents-batch+json
post 409 "$robot" "[$(event e),$(event a 3)]" cloudevents-batch+json
post 401 "" "$(event f)"
post 401 "${robot:1}x" "$(event f)"
post 403 "$reader" "$(event f)"
post 422 "$robot" '{}'
post 400 "$robot" '{'
post 415 "$robot" 'x' x

# what is refused by its head, or as HTTP, is counted too where it is a POST of an event, and nowhere else
raw() { # STATUS TEXT
    local address=${url#http://} answer
    exec 9<>"/dev/tcp/${address%:*}/${address#*:}"
    (trap '' PIPE && printf '%b' "$2" 2>/dev/null >&9) || true # what it refuses it need not read
    IFS= read -r -t 30 answer <&9 || true
    exec 9>&-
    [[ $answer == "HTTP/1.1 $1 "* ]] || fail "gave $answer, not $1"
}
head="POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer $robot\r\nContent-Type: application/cloudevents+json\r\n"
raw 400 "POST /v1/events HTTP/1.1\r\nno header\r\n\r\n"
raw 400 "POST /v1/events HTTP/1.1\r\nHost: x\r\nx: $(printf '%017000d' 0)\r\n\r\n"
raw 400 "${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n"
raw 413 "${head}Content-Length: 99999999\r\n\r\n"
raw 413 "${head}Transfer-Encoding: chunked\r\n\r\nfffffff\r\n"
raw 400 "POST /else HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"
raw 400 "GET /v1/events HTTP/1.1\r\nno header\r\n\r\n"
raw 400 "nonsense\r\n\r\n"

# the same counts in the metrics
curl -sS --max-time 30 -H "Authorization: Bearer $reader" "$url/metrics" >metrics
has 'countersign_messages_total{way="http",outcome="appended"} 4' metrics
has 'countersign_messages_total{way="http",outcome="refused-auth"} 3' metrics
has 'countersign_intake_seconds_count{way="http"} ' metrics
has 'countersign_commit_seconds_bucket{le="+Inf"} ' metrics

# what was refused is written at the latest when the daemon ends
stop
expect 0 "$cs" custody L --json
row() { # PRINCIPAL FIELDS WANTED
    [[ $(jq -c "[.counts[] | select(.principal == $1 and .way == \"http\")][0] | $2" out) == "$3" ]] ||
        fail "$1 $2 is not $3: $(cat out)"
}
row '"robot"' '[.appended, .duplicate, .conflicted, .refused]' '[4,2,2,3]'
row '"reader"' '."refused-auth"' 1
row null '[."refused-auth", .refused]' '[2,6]'
[[ $(jq -c '[.agrees, .differences, .entries]' out) == "[true,[],$((4 + 2))]" ]] || fail "$(cat out)"
expect 0 "$cs" custody L
has 'agrees: 6 entries were brought' out
expect 0 "$cs" custody L --since 2999-01-01
has 'agrees: 0 entries were brought' out
expect 2 "$cs" custody L --since yesterday
expect 3 "$cs" custody none

# events from a file are brought too
{ event g; echo; event h; echo; echo '{}'; } >lines
COUNTERSIGN_TOKEN=$robot expect 1 "$cs" append L lines
expect 0 "$cs" custody L --json
[[ $(jq -c '[.counts[] | select(.way == "cli" and .principal == "robot") | .appended, .refused]' out) == '[2,1]' ]] ||
    fail "$(cat out)"

# a counter that was lost is missed
mkdir M
mdb_dump -n -a L/data.mdb 2>/dev/null >dump || mdb_dump -a L >dump
python3 - dump >changed <<'PY'
import sys
lines = open(sys.argv[1]).read().split("\n")
key = b"\x00http\x00robot\x00appended".hex()
at = next(i for i, line in enumerate(lines) if line.strip().endswith(key))
lines[at + 1] = " " + "%016x" % 3
print("\n".join(lines), end="")
PY
mdb_load -f changed M 2>/dev/null
cp L/checkpoint L/*.key M
expect 1 "$cs" custody M
has 'robot appended: 3 counted, 4 entries' out
