#!/usr/bin/env bash
# A made-up year: the same bytes for the same seed on one core or all; what it promises is there; verify finds it good,
# and report, status and search work on it; who is given the key may go on; what is in the way stays as it was.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
. "$(dirname "$0")/kit.sh"

few=(--deployments 12)
expect 0 "$cs" demo A "${few[@]}" --seed 7 --json
mv out A.json
[[ $(jq -c 'keys' A.json) == '["deployments","entries","ledger","root","vkey"]' ]] || fail "$(cat A.json)"
lacks report err
expect 0 taskset -c 0 "$cs" demo B/ "${few[@]}" --seed 7 --json
cmp A.json out || fail "another root on one core"
"$cs" log A --json >A.log
"$cs" log B --json >B.log
cmp A.log B.log || fail "other entries of the same seed"
cmp A/checkpoint B/checkpoint || fail "another checkpoint of the same seed"
expect 0 "$cs" demo C "${few[@]}" --seed 8 --json
[[ $(jq -r .root out) != "$(jq -r .root A.json)" && $(jq -r .ledger out) != "$(jq -r .ledger A.json)" ]] || fail "a seed like another"
[[ $(wc -l <A.log) == "$(jq .entries A.json)" ]] || fail "not as many entries as it says"
expect 0 "$cs" verify A --vkey "$(jq -r .vkey A.json)"
expect 0 "$cs" verify A --json
[[ $(jq -c '[.ok, .size, .root]' out) == "[true,$(jq -c .entries A.json),$(jq -c .root A.json)]" ]] || fail "$(cat out)"
jq -e '.event.data.simulated and (.event.data.origin | endswith("/simulated"))' <(head -n 1 A.log) >/dev/null || fail "not marked"
expect 0 "$cs" status A
has SIMULATED out

# What the year holds is there: outcomes, rules, flags, and in the streams of the ledger and the inbox
expect 0 "$cs" demo YEAR --deployments "${COUNTERSIGN_DEMO:-150}" --seed 7
has "countersign report YEAR --year 2026" err
"$cs" search YEAR refused --json >refused
"$cs" search YEAR flagged --json >flagged
"$cs" log YEAR ledger --json >ledger.log
"$cs" log YEAR inbox --json >inbox.log
# all WHAT FILE FILTER NAME...: each name is among what the filter gives of the file
all() {
    local what=$1 found missing
    found=$(jq -r "$3" "$2" | sort -u)
    missing=$(comm -13 <(echo "$found") <(printf '%s\n' "${@:4}" | sort))
    [[ -z $missing ]] || fail "$what that are promised and not there: $missing"
}
all refusals refused .rule wrong-stream unknown-deployment unknown-checklist unknown-node wrong-kind bad-value unsigned \
    not-authorized key-revoked deployment-closed rolled-back not-rolling-back phase-closed criterion-open children-open \
    contradicted late separation-of-duties bad-basis stale-basis gate-not-ready superseded not-closable
all flags flagged '.flags[]' late early outside-window clock-skew spooled waived emergency retroactive blind unmeasured \
    judgement other-command no-touch counter new-key after-close replayed key-by-admin
all 'acts on the ledger' ledger.log '.event.type | ltrimstr("dev.countersign.") | rtrimstr(".v1")' checklist.published \
    policy.set key.enrolled key.revoked role.granted role.revoked token.issued token.revoked hold.placed hold.released \
    clock.leapt ledger.heads report.issued
all 'acts in the inbox' inbox.log .event.type dev.countersign.ingest.quarantined.v1 dev.countersign.ingest.conflicted.v1 \
    dev.cdevents.service.deployed.0.2.0
expect 0 "$cs" status YEAR
for state in 'closed, successful' 'closed, rolled-back' 'closed, failed' 'closed, abandoned' 'open ' 'unopened '; do
    has "  $state" out
done
"$cs" log YEAR --json | jq -r 'select(.event.data.repairs) .event.data.repairs[0]' >repaired
[[ -s repaired ]] || fail "nothing is repaired"
# Nearly nine in ten go well; of those that were told, nothing was refused but what was meant to be
good=$(grep -cF 'closed, successful' out)
((good * 100 > ${COUNTERSIGN_DEMO:-150} * 80)) || fail "only $good go well"
stuck=$(jq -r 'select(.rule == "phase-closed").stream' refused | sort | uniq -c | awk '$1 > 20' | wc -l)
((stuck == 0)) || fail "$stuck deployments went on in front of a closed gate"
expect 0 "$cs" report A --year 2026 --out report --json

# What was issued within the year is made again, and known by its digest; of what is kept some is of a class of its own
"$cs" log A --type dev.countersign.report.issued.v1 --json >issued
expect 0 "$cs" report A --from 2026-01-01 --to 2026-07-01 --size "$(jq .event.data.parameters.size issued)" --format html,csv,json,oscal --out half
for file in html json; do
    expect 0 "$cs" report A --check half/report.$file --json
    [[ $(jq .issued out) == "$(jq .seq issued)" ]] || fail "report.$file is not what was issued: $(cat out)"
done
(cd half && jq -r '.event.data.files[] | "\(.sha256)  \(.name)"' ../issued | sha256sum --quiet -c) || fail "a file is not what was issued"
expect 0 "$cs" retention YEAR --json
[[ $(jq -c '[.streams[] | select(.class != null) | .class] | unique' out) == '["default","production-eu"]' ]] || fail "$(jq -c '.streams[0]' out)"

# Whose key is given may go on; nobody else can
ssh-keygen -q -t ed25519 -N '' -f mine
expect 0 "$cs" demo M --deployments 0 --admin me=mine.pub --year 2020
expect 0 "$cs" role grant M me deployer --key mine --time 2020-12-31T00:00:00Z
expect 0 "$cs" verify M
expect 1 "$cs" role grant A me deployer --key mine

# What is there stays as it is; wrong usage; a stop leaves nothing
expect 1 "$cs" demo A --seed 9
has 'is there already' err
expect 0 "$cs" verify A
mkdir N.making
expect 1 "$cs" demo N
has 'earlier run' err
expect 2 "$cs" demo N --deployments many
expect 2 "$cs" demo N --year 20
expect 2 "$cs" demo N --seed -1
expect 2 "$cs" demo N --admin nobody
expect 3 "$cs" demo N --admin me=none.pub
expect 2 "$cs" demo
"$cs" demo S --deployments 100000 2>stopped &
made=$!
until [[ -s S.making/checkpoint ]]; do sleep 0.05; done
kill -INT "$made"
code=0
wait "$made" || code=$?
((code == 3)) || fail "stopping gave $code: $(cat stopped)"
[[ ! -e S && ! -e S.making ]] || fail "something is left"
has 'nothing is left' stopped
