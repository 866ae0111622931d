#!/usr/bin/env bash
# Deployments from the command line: opened, run through a gate, rolled back, closed, replayed and
# told; by appending to the directory, and once more through a daemon.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

# is WANTED FILTER: what jq makes of the file out
is() {
    local found
    found=$(jq -r "$2" out) || fail "no JSON: $(head -c 300 out)"
    [[ $found == "$1" ]] || fail "$2 is $found, not $1"
}
# act CODE WHO VERB ARGUMENTS...: on the deployment $id at the time $now
act() {
    local wanted=$1 who=$2 verb=$3
    shift 3
    expect "$wanted" "$cs" "$verb" L "$id" "$@" --key "$who" --time "$now"
}
# refused RULE: the last act was, by that rule, on one line
refused() {
    has "refused: seq" out
    has ": $1: " out
    [[ $(wc -l <out) == 1 ]] || fail "a refusal takes more than a line: $(cat out)"
}

cat >small.md <<'END'
# Small deployment

## For a test

## BEFORE (T-24 hours to T-0)

### Readiness

- [ ] Code reviewed
- [ ] Image scan passed (0 critical)
- [ ] All approvals obtained:
  - [ ] Release Manager: ______
  - [ ] Security Lead: ______

## DURING

### Deploy (T+0 to T+20 min)

- [ ] New version runs
- [ ] Error rate (must remain < 0.1%)

**Deploy Status: ✓ GOOD / ⚠ WARNINGS / ✗ BAD**

**Error Rate: ______ %**

### Cutover (T+30 to T+50 min)

- [ ] Traffic moved
- [ ] Error rate stays < 0.1%

**Cutover Status: ✓ DONE / ✗ FAILED**

## ROLLBACK

### Rollback steps

- [ ] Traffic returned

**Rollback Status: ✓ SUCCESSFUL / ✗ PARTIAL**

## GATES

### Gate 1: go (T-1 hour)

**Decision Authority:** Release Manager

- [ ] No blockers

**Decision: [ ] GO [ ] NO-GO**

### Gate 2: cutover (T+25 min)

**Decision Authority:** Deployment Lead

- [ ] Ready for cutover

**Decision: [ ] GO [ ] NO-GO**
END

# a simulated ledger with four people
for name in root rosa sam lee; do ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$name"; done
expect 0 "$cs" init L --simulated --time 2026-03-01T00:00:00Z --admin root=root.pub
for name in rosa sam lee; do expect 0 "$cs" key enroll L "$name" "$name.pub" --key root; done
expect 0 "$cs" role grant L rosa "Release Manager" --key root
expect 0 "$cs" role grant L sam "Security Lead" --key root
expect 0 "$cs" role grant L lee "Deployment Lead" --key root
expect 0 "$cs" role grant L root deployer --key root
expect 0 "$cs" status L
[[ $(wc -l <out) == 2 ]] || fail "deployments in a new ledger: $(cat out)"

# usage, and what is not there
expect 2 "$cs" check
expect 2 "$cs" check L web-1 1.1.1 passed --key lee
expect 2 "$cs" check L web-1 1.1.1 --severity 1 --key lee
has "it takes no --severity" err
expect 2 "$cs" check L web-1 1.1.1
has "COUNTERSIGN_TOKEN" err
expect 2 "$cs" record L web-1 2.1.4 -5 --key lee
has "behind --" err
expect 0 "$cs" decide --help
has "usage: countersign decide LEDGER ID NODE VALUE" out
expect 3 "$cs" check nowhere web-1 1.1.1 --key lee
expect 1 "$cs" status L web-1
expect 1 "$cs" timeline L web-1
expect 1 "$cs" decide L web-1 4.1.2 GO --key rosa
expect 2 "$cs" open L web-1 --checklist small.md --key root
expect 1 "$cs" open L web-1 --checklist other.md --release 1 --key root
expect 1 "$cs" check L web-1 1.1.1 --key lee --time 2026-03-02T11:00:00Z
refused unknown-deployment

# open: only an admin publishes a file; a published one goes by file, digest or name
id=web-1 now=2026-03-02T12:00:00Z
open() {
    local wanted=$1 who=$2 checklist=$3
    shift 3
    act "$wanted" "$who" open --checklist "$checklist" --release 2.1.0 --lead lee \
        --role "Release Manager=rosa" --role "Security Lead=sam" --role "Deployment Lead=lee" \
        --t0 2026-03-03T10:00:00Z --title "A small one" "$@"
}
open 1 rosa small.md
refused not-authorized
open 0 root small.md
has "published small.md" err
has "accepted: seq" out
digest=$(sha256sum small.md | cut -d' ' -f1)
id=web-2
open 0 root "$digest"
[[ ! -s err ]] || fail "published twice: $(cat err)"
id=web-3
open 0 root small --emergency "the site is down"
id=web-1
open 1 root small.md
refused superseded

# before the gate
now=2026-03-02T12:30:00Z
act 0 lee check 1.1.1 --note "PR 7"
act 0 lee check 1.1.2
has "(unmeasured)" out
act 1 lee check 1.1.3
refused children-open
act 1 lee check 2.1.1
refused phase-closed
act 1 sam approve 1.1.3.1 --anyway
refused not-authorized
has "To be signed for web-1, release 2.1.0" err
has "basis      position #" err
act 0 rosa approve 1.1.3.1 --comment "looks fine"
act 0 sam approve 1.1.3.2
act 0 sam withdraw 1.1.3.2 --reason "the scan was old"
act 1 lee check 1.1.3
act 0 sam approve 1.1.3.2
has "approved   1.1.3.1 Release Manager: rosa" err
act 0 lee check 1.1.3
act 1 rosa decide 4.1.2 GO --anyway
refused gate-not-ready
has "missing    4.1.1 No blockers: not checked" err
expect 0 "$cs" status L web-1
has "gate 1 lacks 1" out
has "SIMULATED" out
act 0 lee check 4.1.1
expect 0 "$cs" status L web-1
has "gate 1 is ready for a holder of Release Manager: countersign decide L web-1 4.1.2 GO" out
now=2026-03-03T08:30:00Z
act 1 lee decide 4.1.2 GO --anyway
refused not-authorized
act 0 rosa decide 4.1.2 GO --comment "all there" --json
is accepted .verdict
gate1=$(jq -r .seq out)

# during
now=2026-03-03T10:00:05Z
act 0 lee clock 2026-03-03T10:00:00Z
now=2026-03-03T10:05:00Z
act 0 lee check 2.1.1
act 0 lee record 2.1.4 0.05 --unit %
act 0 lee check 2.1.2
act 0 lee status 2.1.3 GOOD
act 0 lee check 4.2.1
now=2026-03-03T10:24:00Z
act 0 lee decide 4.2.2 GO
has "thresholds" err
has "error rate must remain < 0.1 %: 0.05 % (lee, seq" err

# a threshold is broken: the rollback
now=2026-03-03T10:31:00Z
act 0 lee check 2.2.1
act 0 lee sample "error rate" 0.4 --unit % --node 2.2.2 --source prometheus --window 60
act 1 lee check 2.2.2
refused contradicted
expect 0 "$cs" status L web-1
has "threshold:2.2.2: " out
now=2026-03-03T11:05:00Z
act 0 lee issue open inc-1 --title "errors at cutover" --severity 1
printf 'log\n' >evidence.txt
act 0 lee attest 2.2.2 evidence.txt --media text/plain
act 0 lee note $'evil \e[31m\u202e text,\n=1+1' --node 2.2.1
act 0 lee rollback start --reason "error rate over the limit"
now=2026-03-03T11:10:00Z
act 0 lee check 3.1.1
act 1 lee check 2.2.1
refused rolled-back
act 0 lee rollback finish SUCCESSFUL
act 0 lee issue resolve inc-1 --text "traffic is back"
expect 0 "$cs" status L web-1
has "countersign close L web-1 rolled-back" out
now=2026-03-03T11:12:00Z
act 1 rosa close rolled-back
refused not-authorized
act 0 lee close rolled-back
act 1 lee check 1.1.1
refused deployment-closed
act 0 lee note "post-mortem on Friday"

# the others: rescheduled, assigned, waived, reopened, abandoned
id=web-2 now=2026-03-03T12:00:00Z
act 0 root reschedule --t0 2026-03-04T10:00:00Z --reason "the freeze"
act 0 root assign "Security Lead" lee --reason "sam is away" --until 2026-03-05T00:00:00Z
act 0 root assign "Security Lead" sam --remove
act 0 rosa waive 1.1.2 --reason "no image in it"
has "(waived)" out
act 0 lee check 1.1.1
act 0 lee reopen 1.1.1 --reason "the PR changed"
act 1 lee check 1.1.1 na
refused bad-value
act 0 sam check 1.1.1 na --note "docs only"
expect 0 "$cs" status L web-2
has "[-] 1.1.1    Code reviewed" out
has "[w] 1.1.2    Image scan passed (0 critical)" out
has "Security Lead: lee until 2026-03-05 00:00:00 UTC" out
act 0 rosa reject 1.1.3.1 --reason "not yet"
act 0 lee close abandoned
id=web-3
act 0 lee emergency --reason "still down"
expect 0 "$cs" status L
has "web-1                   closed, rolled-back" out
has "web-2                   closed, abandoned" out
has "web-3                   open" out
expect 0 "$cs" status L --json
is "web-1 web-2 web-3" '[.[].deployment] | join(" ")'
is true 'all(.[]; .simulated)'

# replay: the state as of any moment, inclusive
id=web-1
replay() { expect 0 "$cs" replay L web-1 --at "$1" --json; }
for moment in gate-1 "$gate1" 2026-03-03T08:30:00Z 2026-03-03T10:00:04Z; do
    replay "$moment"
    is "$gate1 open true false" \
        '"\(.last.seq) \(.phase) \(.gates[0].open) \(.gates[1].open)"'
done
replay "$((gate1 - 1))"
is "false 0" '"\(.gates[0].open) \(.gates[0].missing | length)"'
position=$(jq -r .last.pos out)
replay "#$position"
is "$((gate1 - 1))" .last.seq
replay open
is "1 0 4.1.2" '"\(.last.pos) \(.counts.met) \(.next_gate)"'
replay rollback
is "rolling-back null" '"\(.phase) \(.outcome)"'
is "open" '.nodes[] | select(.id == "2.2.2") | .state'
replay close
is "closed rolled-back" '"\(.phase) \(.outcome)"'
is "0.05 recorded lee" '.nodes[] | select(.id == "2.1.4") | "\(.value) \(.state) \(.by)"'
is "rosa looks fine" '.approvals[] | select(.id == "1.1.3.1") | "\(.by) \(.comment)"'
is 1 '.notes | length'
expect 0 "$cs" replay L web-1 --json
is "post-mortem on Friday" '.notes[-1].text'
# the closing names the state that it was signed on; anyone makes it again, and `verify` does
closed=$(jq -r .seq <<<"$("$cs" log L web-1 --type dev.countersign.deployment.closed.v1 --json | tail -1)")
claim=$("$cs" show L "$closed" --json | jq -r '.event.data.state | "\(.digest)  web-1 #\(.pos)"')
expect 0 "$cs" replay L web-1 --at "#${claim##*#}" --digest
has "$claim" out
expect 0 "$cs" replay L web-1 --at "#${claim##*#}" --digest --json
is "$claim" '"\(.digest)  \(.id) #\(.pos)"'
expect 0 "$cs" verify L --json
is "2 0 null" '.closings | "\(.held) \(.differing) \(.first_differing)"'

replay 2020-01-01T00:00:00Z
is "unopened 0" '"\(.phase) \(.counts.entries)"'
expect 1 "$cs" replay L web-1 --at gate-3
expect 1 "$cs" replay L web-1 --at '#999'
expect 1 "$cs" replay L web-1 --at 99999
expect 2 "$cs" replay L web-1 --at yesterday
expect 2 "$cs" replay L web-1 --occurred
expect 0 "$cs" status L web-1 --at gate-1
has "As of gate-1: up to seq $gate1" out
lacks "Next" out

# what happened by a time, and what was known then
id=web-4 now=2026-03-03T13:00:00Z
open 0 root small
now=2026-03-03T14:00:00Z
act 0 lee note "at two"
now=2026-03-03T13:30:00Z
act 0 lee check 1.1.1 --spooled --note "at half past one, told later"
has "spooled" out
expect 0 "$cs" replay L web-4 --at 2026-03-03T13:45:00Z --json
is "1 open" '"\(.counts.entries) \(.nodes[0].state)"'
expect 0 "$cs" replay L web-4 --at 2026-03-03T13:45:00Z --occurred --json
is "pass 1 0" '"\(.nodes[0].state) \(.left_out) \(.notes | length)"'
expect 0 "$cs" timeline L web-4
has "claimed: 2026-03-03 13:30:00" out

# the timeline, in all formats
expect 0 "$cs" timeline L web-1
has "REFUSED, contradicted" out
has "T+24:00" out
has "2.2.2     error rate stays < 0.1%: 2 readings, 1 outside; worst 0.4 %" out
has "Longest silences" out
grep -q $'\e' out && fail "a control character reached the screen"
awk '{ gsub(/[\200-\277]/, "") } length > 100 { exit 1 }' out || fail "a line of over 100 columns"
expect 0 "$cs" timeline L web-1 --format json
entries=$(jq '.entries | length' out)
is "$entries" '[.entries[].pos] | length'
is true '[.entries[].pos] == [range(.entries | length)]'
is "contradicted" '[.entries[] | select(.node == "2.2.2" and .verdict == "refused")][0].rule'
expect 0 "$cs" timeline L web-1 --format csv --out t.csv
[[ ! -s out ]] || fail "--out also printed"
python3 - "$entries" <<'END' || fail "the CSV does not hold"
import csv, sys
text = open("t.csv", newline="", encoding="utf-8").read()
assert text.endswith("\r\n") and text.count("\n") == text.count("\r\n")
rows = list(csv.DictReader(text.splitlines()))
assert len(rows) == int(sys.argv[1]), len(rows)
assert all(len(row) == 18 and None not in row for row in rows)
assert not any(cell.startswith(("=", "+", "@", "\t")) for row in rows for cell in row.values())
note = [row for row in rows if row["type"] == "note.added"][0]
assert note["text"] == "evil \\x1b[31m\\u202e text,\\n=1+1", note["text"]
END
expect 0 "$cs" timeline L web-1 --format html --out t.html
has "<title>Timeline of web-1</title>" t.html
lacks "http" t.html
grep -q $'\e' t.html && fail "a control character in the HTML"
expect 2 "$cs" timeline L web-1 --format pdf
expect 3 "$cs" timeline L web-1 --out nowhere/t.txt

# the filled copy: the checklist's own lines, filled in
expect 0 "$cs" checklist print L web-1
has "- [x] Code reviewed — lee, 2026-03-02 12:30:00 UTC, seq" out
has "- [ ] Error rate stays < 0.1%" out
grep -q $'\e' out && fail "a control character in the filled copy"
expect 1 "$cs" checklist print L web-9
printf '# Other\n\n- [ ] One\n' >other.md
expect 1 "$cs" checklist publish L other.md --key rosa
refused not-authorized
expect 0 "$cs" checklist publish L other.md --key root
has "sha256 $(sha256sum other.md | cut -d' ' -f1)" err

# the same through a daemon, and by a pipeline's token
expect 0 "$cs" token issue L --principal pipeline --scope write --key root
token=$(cat out)
start
id=web-5 now=2026-03-03T15:00:00Z
open 0 root small.md
act 1 sam approve 1.1.3.1 --anyway
refused not-authorized
act 0 rosa approve 1.1.3.1
expect 0 env COUNTERSIGN_TOKEN="$token" "$cs" check L web-5 1.1.1 --time "$now" --event-id build-1 --json
is "accepted #3" '"\(.verdict) #\(.stream_pos)"'
expect 0 env COUNTERSIGN_TOKEN="$token" "$cs" check L web-5 1.1.1 --time "$now" --event-id build-1 --json
is "accepted #3" '"\(.verdict) #\(.stream_pos)"'
expect 1 env COUNTERSIGN_TOKEN="$token" "$cs" waive L web-5 1.1.2 --reason no --time "$now"
refused unsigned
expect 0 "$cs" log L web-5 --json
[[ $(jq -r .origin out | sort -u) == http ]] || fail "not by the daemon: $(cat out)"
expect 0 "$cs" status L web-5
has "[x] 1.1.1    Code reviewed · pipeline" out
stop
expect 0 "$cs" verify L

# whoever may close can sign a falsehood: it stands on record, and `verify` tells
lie=$(printf '1%.0s' {1..64})
jq -cn --arg ledger "$("$cs" show L 0 --json | jq -r .event.data.ledger)" --arg time "$now" --arg lie "$lie" \
    '{specversion: "1.0", id: "lie", source: "/test", type: "dev.countersign.deployment.closed.v1", time: $time, ledger: $ledger,
      deployment: "web-5", data: {outcome: "failed", state: {pos: 1, digest: $lie}}}' >lie.json
"$cs" sign lie.json --key lee >lie.envelope
expect 0 "$cs" append L lie.envelope
is accepted .verdict
expect 1 "$cs" verify L
has "1 closings were signed on another state than replay gives: the closing at seq " out
has "of web-5 names state $lie at #1, where replay gives $("$cs" replay L web-5 --at '#1' --digest | cut -d' ' -f1)" out
expect 1 "$cs" verify L --json
is "true 2 1" '"\(.ok) \(.closings | "\(.held) \(.differing)")"'
