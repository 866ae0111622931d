#!/usr/bin/env bash
# The report's contents (DESIGN.md 8): reconciliation, exceptions at their entries, what the period cuts, hostile
# text, and the same bytes for an earlier size once the ledger has grown.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
. "$(dirname "$0")/kit.sh"

for name in admin dora; do ssh-keygen -q -t ed25519 -N '' -f "$name"; done
expect 0 "$cs" init L --simulated --origin report --admin admin=admin.pub --time 2025-12-01T00:00:00Z
id=$("$cs" show L 0 --json | jq -r .event.data.ledger)
at=2025-12-01T01:00:00Z
as() {
    local name=$1
    shift
    expect 0 "$cs" "$@" --key "$name" --time "$at"
}
as admin key enroll L dora dora.pub
as admin role grant L dora deployer
as admin role grant L dora Lead
printf '# T\n\nText.\n\n## Work\n\n- [ ] Errors < 1 %%\n\n## Rollback\n\n- [ ] NO - go on\n- [ ] YES - go back\n' >list.md
as admin checklist publish L list.md
"$cs" token issue L --principal ci --scope write --key admin --time "$at" >token

# event STREAM TYPE DATA: one of the pipeline's, at $at
event() {
    jq -cn --arg at "$at" --arg id "$RANDOM$RANDOM" --arg ledger "$id" --arg stream "$1" --arg type "$2" --argjson data "$3" \
        '{specversion: "1.0", $id, source: "/t", $type, time: $at, $ledger, data: $data}
         + if $stream == "" then {} else {deployment: $stream} end' |
        COUNTERSIGN_TOKEN=$(<token) "$cs" append L - >out 2>err || true
}

# a is opened in the year before and cut by the period; b breaks its threshold, goes back, and no platform tells of it;
# c is never opened
hostile=$'<script>alert(1)</script>\n=cmd|x \u202e\u0001'"$(printf 'x%.0s' {1..10000})"
at=2025-12-30T00:00:00Z as dora open L a --checklist list --release "$hostile" --title "$hostile" --reason "$hostile"
event c dev.countersign.item.checked.v1 '{"node": "1.0.1", "result": "pass"}'
at=2026-01-02T00:00:00Z as dora open L b --checklist list --release 1 --role Lead=dora --emergency 'all is down'
at=2026-01-02T01:00:00Z
event a dev.cdevents.service.deployed.0.2.0 '{}'
event "" dev.cdevents.service.upgraded.0.2.0 '{}'
event b dev.countersign.metric.sampled.v1 '{"metric": "errors", "value": 7, "unit": "%", "node": "1.0.1"}'
broken=$(("$("$cs" checkpoint L --json | jq .size)" - 1))
as dora decide L b 2.0.1 YES --comment 'too many errors'
as dora note L a "$hostile"
since=$(("$("$cs" checkpoint L --json | jq .size)" - 1))
mkdir early now
expect 0 "$cs" report L --year 2026 --out early --format json,html --verify all --json
[[ $(jq -c '[.deployments, .size, (.files | length)]' out) == "[2,$((since + 1)),2]" ]] || fail "$(cat out)"

# is TEXT FILTER: what a filter gives of early/report.json
is() {
    local found
    found=$(jq -c "$2" early/report.json)
    [[ $found == "$1" ]] || fail "$2 gave $found, not $1"
}
is '[["a",false,true,true],["b",true,false,true]]' '[.population[] | [.deployment, .counted, .carried_in, .carried_out]]'
is '[["decision.made","too many errors","YES"]]' '[.rollbacks[] | [.act, .cause, .status]]'
is '[["no-deployment",null],["no-event","b"],["matched","a"]]' '[.reconciliation[] | [.result, .deployment]]'
is '["b","inbox"]' '[.exceptions[] | select(.kind == "unreconciled").deployment] | sort'
is "[$broken]" '[.exceptions[] | select(.kind == "criterion").seq]'
is '[["b",0]]' '[.exceptions[] | select(.kind == "emergency") | [.deployment, .pos]]'
is true '([.exceptions[] | [.gravity, .seq]] | . == sort) and (.cover.entries == .cover.size)'
lacks '<script>alert' early/report.html
has '&lt;script&gt;' early/report.html
has "$(jq -r '.population[0].last_leaf' early/report.json)" early/report.html

# A year with no deployments, and one that only the never opened stands in
expect 0 "$cs" report L --year 2030 --out now --sample 0
[[ $(jq -c '[.population[].deployment]' now/report.json) == '["a","b"]' ]] || fail "c is carried for ever"
expect 0 "$cs" report L --year 2025 --out now
[[ $(jq -c '[.population[] | [.deployment, .counted, .carried_out]]' now/report.json) == \
    '[["a",true,true],["c",false,false]]' ]] || fail "2025: $(jq -c .population now/report.json)"
expect 0 "$cs" report L --year 1999 --out now
has 'No deployment was open in this period.' now/report.html

# The ledger grows: a key is revoked for what it signed; the report of the earlier size stays the same
at=2026-01-03T00:00:00Z as admin key revoke L "$(ssh-keygen -lf dora.pub | cut -d ' ' -f 2)" --reason compromised --since "$since"
TZ=Asia/Tokyo expect 0 "$cs" report L --year 2026 --size $((since + 1)) --verify all --out now
cmp early/report.json now/report.json || fail "another report of the same size"
cmp early/report.html now/report.html || fail "another page of the same size"
expect 0 "$cs" report L --year 2026 --out now --unverified
[[ $(jq -c '[.exceptions[] | select(.kind == "suspect").seq]' now/report.json) == "[$since]" ]] || fail "no suspect signature"
[[ $(jq '[.exceptions[] | select(.kind == "verification-gap")] | length' now/report.json) == 1 ]] || fail "no gap"
expect 2 "$cs" report L --year 2026 --seed $'\xff' --out now
expect 2 "$cs" report L --nonsense
has 'countersign report: ' err
