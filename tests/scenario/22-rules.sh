#!/usr/bin/env bash
# Every refusal and every flag of RULES.md, through the real program: rules_cases.py has them, each as a deployment of
# its own.  Then what a signature is good for: in no other deployment or ledger, in no other role, once.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
here=$root/tests/scenario

people=(rosa sam quin paul olga lee rudi sara tess lost susi eve dana adam)
for name in root "${people[@]}" nell spare spare-2; do ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$name"; done
expect 0 "$cs" init L --simulated --time 2026-03-01T00:00:00Z --admin root=root.pub
token=$("$cs" token issue L --principal robot --scope write,read --key root)

# setup TYPE DATA: an event of the ledger's stream, to be signed by root
ledger=$("$cs" log L --json | head -1 | jq -r .event.ledger)
count=0
setup() {
    count=$((count + 1))
    printf '{"specversion":"1.0","id":"s-%d","source":"/setup","type":"dev.countersign.%s.v1","time":"%s","ledger":"%s","data":%s}' \
        "$count" "$1" "${when:-2026-03-01T01:00:00Z}" "$ledger" "$2" >"setup-$count"
}
enroll() { setup key.enrolled "{\"principal\":\"$1\",\"public_key\":\"$(<"$1.pub")\"}"; }
grant() { setup role.granted "{\"principal\":\"$1\",\"role\":\"$2\"}"; }
for name in "${people[@]}"; do enroll "$name"; done
for name in rosa rudi; do grant "$name" "Release Manager"; done
for name in sam sara tess lost susi; do grant "$name" "Security Lead"; done
for name in quin sam; do grant "$name" "QA Lead"; done
grant paul "Product Owner"
for role in "Operations Lead" "Release Manager" "Security Lead"; do grant olga "$role"; done
grant lee "Deployment Lead"
grant dana deployer
grant adam admin
setup checklist.published "$(jq -Rs '{name: "rules", markdown: .}' "$here/rules.md")"
when=2026-03-09T20:00:00Z enroll nell
for ((i = 1; i <= count; i++)); do "$cs" sign "setup-$i" --key root; done >signed
expect 0 "$cs" append L signed
[[ $(jq -r .verdict out | sort | uniq -c | tr -s ' ') == " $count accepted" ]] || fail "the people: $(cat out)"

PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here python3 "$here/rules.py" "$cs" L "$token" "$here/rules.md" >&2 || fail "some cases failed"

# the policy from the command line: in force for what is opened from then on
expect 2 "$cs" policy set L --quorum "Release Manager" --key root
expect 2 "$cs" policy set L --separation perhaps --key root
expect 2 "$cs" policy set L --skew-seconds -1 --key root
expect 1 "$cs" policy set L --late-refuses --key eve
has "not-authorized" out
expect 0 "$cs" policy set L --separation off --quorum "Release Manager=2" --touch "QA Lead" --touch "Product Owner" \
    --pin "QA Lead" --retroactive-hours 24 --skew-seconds 60 --late-refuses --key root
expect 0 "$cs" log L ledger --json
[[ $(tail -1 out | jq -cS .event.data) == '{"late_refuses":true,"pin":["QA Lead"],"quorum":{"Release Manager":2},'$(
)'"retroactive_hours":24,"separation":false,"skew_seconds":60,"touch":["QA Lead","Product Owner"]}' ]] ||
    fail "policy.set: $(tail -1 out)"
expect 0 "$cs" policy set L --key root
expect 0 "$cs" policy list L
[[ $(sed -n 1p out) == *'separation true quorum {} touch [] pin [] retroactive_hours 72 skew_seconds 300 late_refuses false retention {}' ]] ||
    fail "the policy in force: $(cat out)"
[[ $(sed -n 2p out) == *', weaker than the default' ]] || fail "the policy before: $(cat out)"
[[ $(tail -1 out) == 'default: separation true '* ]] || fail "the default: $(cat out)"
expect 0 "$cs" policy list L --json
[[ $(jq -c '[.[1].weaker, .[1].quorum["Release Manager"], .[-1].seq]' out) == '[true,2,null]' ]] || fail "policies: $(cat out)"

# admitted over 24 hours after its claimed time: no simulated ledger can tell
expect 0 "$cs" init R --admin root=root.pub
expect 0 "$cs" key enroll R rosa rosa.pub --key root
expect 0 "$cs" role grant R root deployer --key root
expect 0 "$cs" role grant R rosa "Release Manager" --key root
expect 0 "$cs" open R d --checklist "$here/rules.md" --release 1 --role "Release Manager=rosa" --key root
expect 1 "$cs" approve R d 1.2.1.1 --key rosa --time "$(date -u -d '-25 hours' +%FT%TZ)" --anyway
has "bad-basis: it was admitted over 24 hours after its time" out
expect 0 "$cs" approve R d 1.2.1.1 --key rosa --time "$(date -u -d '-23 hours' +%FT%TZ)"
expect 0 "$cs" replay R d --gate 1
has "[x] 1.2.1.1 Release Manager: given by rosa, seq " out
has "[ ] 1.2.1.2 Security Lead: no approval of Security Lead" out
expect 0 "$cs" status R d --gate 4.1.2 --json
[[ $(jq '[.needs[] | select(.met)] | length' out) == 1 ]] || fail "what the gate needs: $(cat out)"
expect 1 "$cs" status R d --gate 4
has "has no gate '4'" err
