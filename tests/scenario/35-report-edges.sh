#!/usr/bin/env bash
# Reports at their edges: new year, the leap day, the very ends of a period, what was never opened or never closed, one
# rolled back twice, an emergency declared twice, draws of nothing and of all; each told as it is, and counted again.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
. "$(dirname "$0")/kit.sh"

# A ledger with no more than its beginning, and with one act
ssh-keygen -q -t ed25519 -N '' -f admin
export COUNTERSIGN_KEY=admin
expect 0 "$cs" init L --simulated --origin edges --admin admin=admin.pub --time 2027-12-01T00:00:00Z
python3 "$root/tests/oracle/test_report.py" L 2027 2028 >out || fail "only begun: $(cat out)"
at() {
    local time=$1
    shift
    expect 0 "$cs" "$@" --time "$time"
}
at 2027-12-01T01:00:00Z role grant L admin deployer
python3 "$root/tests/oracle/test_report.py" L 2027 >out || fail "one act: $(cat out)"

at 2027-12-01T01:00:00Z role grant L admin Lead
printf '# T\n\nText.\n\n## Work\n\n- [ ] Errors < 1 %%\n\n## Rollback\n\n- [ ] NO - go on\n- [ ] YES - go back\n' >list.md
at 2027-12-01T02:00:00Z checklist publish L list.md
"$cs" token issue L --principal ci --scope write --time 2027-12-01T02:00:00Z >token
id=$("$cs" show L 0 --json | jq -r .event.data.ledger)
# event TIME STREAM TYPE DATA: one of the pipeline's
event() {
    jq -cn --arg at "$1" --arg id "$RANDOM$RANDOM" --arg ledger "$id" --arg stream "$2" --arg type "$3" --argjson data "$4" \
        '{specversion: "1.0", $id, source: "/t", $type, time: $at, $ledger, deployment: $stream, data: $data}' |
        COUNTERSIGN_TOKEN=$(<token) COUNTERSIGN_KEY='' "$cs" append L - >out 2>err || true
}
begin() { at "$1" open L "$2" --checklist list --release 1 --role Lead=admin "${@:3}"; }

begin 2027-12-31T23:00:00Z over
begin 2028-01-01T00:00:00Z edge --repairs over
at 2028-01-01T01:00:00Z close L over failed
begin 2028-02-29T23:59:59Z leap
at 2028-02-29T23:59:59.999999Z close L leap abandoned
begin 2028-03-01T00:00:00Z left
begin 2028-04-01T00:00:00Z twice
at 2028-04-01T01:00:00Z rollback L twice start --reason 'it is slow'
at 2028-04-01T02:00:00Z rollback L twice finish failed
"$cs" rollback L twice start --reason 'once more' --time 2028-04-01T03:00:00Z >out 2>err || true
at 2028-04-01T04:00:00Z rollback L twice finish successful
at 2028-04-01T05:00:00Z close L twice rolled-back
begin 2028-05-01T00:00:00Z urgent --emergency 'all is down'
at 2028-05-01T01:00:00Z emergency L urgent --reason 'it still is'
at 2028-05-01T02:00:00Z close L urgent failed
event 2028-06-01T00:00:00Z refused dev.countersign.item.checked.v1 '{"node": "1.0.1", "result": "pass"}'
event 2028-06-01T00:00:00Z refused dev.countersign.item.checked.v1 '{"node": "1.0.1", "result": "fail"}'
event 2028-07-01T00:00:00Z early org.example.built '{}'
at 2028-12-01T00:00:00Z note L over 'it has been quiet since'
at 2029-01-01T00:00:00Z close L edge failed
begin 2029-01-02T00:00:00Z early
event 2029-06-01T00:00:00Z early org.example.built '{}'

# told YEAR TEXT FILTER [OPTION...]: what a filter gives of a year's report
told() {
    local found
    expect 0 "$cs" report L --year "$1" --format json,html --verify none --out "year$1" "${@:4}"
    found=$(jq -c "$3" "year$1/report.json")
    [[ $found == "$2" ]] || fail "$1: $3 gave $found, not $2"
}
population='[.population[] | [.deployment, .state, .counted, .carried_in, .carried_out]]'
told 2027 '[["over","failed",true,false,true]]' "$population"
told 2028 '[["over","failed",false,true,false],["edge","failed",true,false,true],["leap","abandoned",true,false,false],["left","unclosed",true,false,true],["twice","rolled-back",true,false,false],["urgent","failed",true,false,false],["refused","unclosed",false,false,false],["early","open",false,false,false]]' "$population"
told 2029 '[["edge","failed",false,true,false],["left","unclosed",false,true,true],["early","open",true,false,true]]' "$population"
told 2030 '[["left","unclosed",false,true,true],["early","open",false,true,true]]' "$population"
told 2028 '[["2028-02",1,1],["2028-03",1,0]]' '[.trend[1, 2] | [.month, .opened, .abandoned]]'
told 2028 '["it is slow",null,"once more",null]' '[.rollbacks[].cause]'
told 2028 '[["rollback","twice",3]]' '[.restores[] | select(.deployment == "twice") | [.kind, .deployment, .hours]]'
told 2028 '[["urgent","it still is"]]' '[.exceptions[] | select(.kind == "emergency") | [.deployment, .text]]'
told 2028 '[["left","not closed, and no event for 72 hours"],["refused","never opened, and no event for 72 hours"]]' \
    '[.exceptions[] | select(.kind == "unclosed") | [.deployment, .text]]'
told 2028 '[0,0]' '[(.sample, .signed_events) | length]' --sample 0
has 'Nothing was drawn.' year2028/report.html
told 2028 '["edge","leap","left","twice","urgent"]' '[.sample[].deployment] | sort' --sample 1000
expect 0 "$cs" report L --from 2028-02-29T00:00:00Z --to 2028-03-01T00:00:00Z --format json --verify none --out day
[[ $(jq -c '[.population[].deployment, (.trend | length)]' day/report.json) == '["edge","leap",1]' ]] || fail "the leap day"

# What Python alone draws
told 2028 true '.sample | length == 3' --sample 3 --seed $'\u05e9\u05dc\u05d5\u05dd'
python3 - <<'END' || fail "another sample: $(jq -c .sample year2028/report.json)"
import hashlib, json
report = json.load(open("year2028/report.json", encoding="utf-8"))
seed, size = report["parameters"]["seed"], report["parameters"]["sample"]
counted = [row["deployment"] for row in report["population"] if row["counted"]]
drawn = sorted(counted, key=lambda deployment: hashlib.sha256(seed.encode() + b"\0" + deployment.encode()).digest())[:size]
assert drawn == [row["deployment"] for row in report["sample"]]
END

python3 "$root/tests/oracle/test_report.py" L 2027 2028 2029 >out || fail "$(cat out)"
