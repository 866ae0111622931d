#!/usr/bin/env bash
# What changed between two moments, how two deployments differ, what would have been otherwise, and a walk through a
# deployment event by event.  COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

is() { [[ $(jq -r "$2" out) == "$1" ]] || fail "$2 is $(jq -r "$2" out), not $1"; }
# act CODE WHO VERB ARGUMENTS...: on the deployment $id, a minute later
act() {
    local wanted=$1 who=$2 verb=$3
    shift 3
    minute=$((minute + 1))
    expect "$wanted" "$cs" "$verb" L "$id" "$@" --key "$who" --time "$(printf '2026-03-03T10:%02d:00Z' "$minute")"
}

cat >small.md <<'EOF'
# Small deployment

## For a test

## BEFORE (T-24 hours to T-0)

- [ ] Code reviewed
- [ ] All approvals obtained:
  - [ ] Release Manager: ______

## DURING (T+0 to T+30 min)

- [ ] New version runs
- [ ] Error rate (must remain < 0.1%)

**Error Rate: ______ %**

## GATES

### Gate 1: go (T-1 hour)

**Decision Authority:** Release Manager

- [ ] No blockers

**Decision: [ ] GO [ ] NO-GO**

### Gate 2: success (T+60 min)

**Decision Authority:** Release Manager

**Decision: [ ] SUCCESS [ ] ISSUES**
EOF
for name in root rosa; do ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$name"; done
expect 0 "$cs" init L --simulated --time 2026-03-01T00:00:00Z --admin root=root.pub
expect 0 "$cs" key enroll L rosa rosa.pub --key root
expect 0 "$cs" role grant L rosa "Release Manager" --key root
expect 0 "$cs" role grant L root deployer --key root
expect 0 "$cs" checklist show small.md --json
item=$(jq -r '.nodes[] | select(.label == "Error rate (must remain < 0.1%)") | .id' out)
field=$(jq -r '.nodes[] | select(.label == "Error Rate") | .id' out)
gate=$(jq -r '[.nodes[] | select(.authority != null)][0].id' out)
blockers=$(jq -r '.nodes[] | select(.label == "No blockers") | .id' out)
approval=$(jq -r '.nodes[] | select(.kind == "approval") | .id' out)
asked=$(jq -r '.nodes[] | select(.label | startswith("All approvals")) | .id' out)
for id in d-1 d-2; do
    minute=0
    act 0 root open --checklist small.md --release "$id" --role "Release Manager=rosa" --t0 2026-03-03T10:10:00Z
    act 0 rosa check 1.0.1
    act 0 rosa approve "$approval"
    [[ $id == d-2 ]] || act 0 rosa check "$asked"
    [[ $id == d-1 ]] || act 0 rosa waive "$asked" --reason "by word of mouth"
    act 0 rosa check "$blockers"
    act 0 rosa decide "$gate" GO
    act 0 rosa check 2.0.1
    [[ $id == d-2 ]] || act 0 rosa record "$field" 0.4 --unit %
    [[ $id == d-1 ]] || act 0 rosa record "$field" 0.05 --unit %
    act 0 rosa note "seen" --node "$item"
done

# diff of two moments: what changed, by whom; both ways; nothing
expect 0 "$cs" diff L d-1 gate-1 '#7'
has "2 entries between" out
has "threshold $item Error rate (must remain < 0.1%)" out
has "+ broken: 0.4 of $field is not < 0.1 %" out
has "+ recorded: 0.4 % (rosa, seq " out
has "+ unresolved: " out
lacks "gate 1" out
expect 0 "$cs" diff L d-1 open now --json
is "not open open" '.changes[] | select(.kind == "gate" and .name == "gate 1") | "\(.before.text) \(.after.text)"'
is "null on $item: seen" '.changes[] | select(.kind == "note") | "\(.before) \(.after.text)"'
is "0 8" '"\(.from.pos) \(.to.pos)"'
expect 0 "$cs" diff L d-1 now open
has "8 entries between, backwards" out
has "- pass (rosa, seq " out
expect 0 "$cs" diff L d-1 now now
has "nothing changed" out
expect 2 "$cs" diff L d-1 now yesterday
has "'yesterday' is no moment" err
expect 1 "$cs" diff L d-1 now close
expect 1 "$cs" diff L d-1 gate-9 now
has "its checklist has no gate 'gate-9'" err
expect 1 "$cs" diff L d-9 open now
expect 2 "$cs" diff L d-1

# diff of two deployments of one checklist
expect 0 "$cs" diff L d-1 d-2
has "- 1 outside of 1, worst 0.4 %, last 0.4 %" out
has "+ 0 outside of 1, worst 0.05 %, last 0.05 %" out
has "+ waived: by word of mouth" out
has "more are the same in both" out
expect 0 "$cs" diff L d-1 d-2 --json
is "d-1 d-2" '.ids | join(" ")'
is "d-1 d-2" '.rows[] | select(.name == "release") | .values | join(" ")'
is "null" '.rows[] | select(.group == "Course" and .name == "criteria") | .values[1]'
sed 's/Code reviewed/Code read/' small.md >other.md
id=d-3 minute=30
act 0 root open --checklist other.md --release 1 --role "Release Manager=rosa"
expect 1 "$cs" diff L d-1 d-3
has "different checklists" err

# what would have been without the approval, and by a policy that asks for two
expect 0 "$cs" replay L d-1 --without '#2'
has "+ left out" out
has "+ refused, gate-not-ready: " out
has "+ refused, phase-closed: " out
has "  gate 1" out
seq=$("$cs" log L d-1 --json | jq -r 'select(.stream_pos == 2) | .seq')
expect 0 "$cs" replay L d-1 --without "$seq" --json
is "$seq" '.without[0]'
is "left out" '.verdicts[] | select(.pos == 2) | if .would == null then "left out" else "in" end'
is "accepted gate-not-ready" '.verdicts[] | select(.kind == "decision.made") | "\(.was.verdict) \(.would.rule)"'
is "open not open" '.changes[] | select(.name == "gate 1") | "\(.before.text) \(.after.text)"'
echo '{"quorum": {"Release Manager": 2}}' >two.json
expect 0 "$cs" replay L d-1 --policy two.json --at gate-1
has "approved by 1 of 2 holders" out
lacks "phase-closed" out
expect 0 "$cs" replay L d-1 --without '#8'
has "note #8" out
echo '{"separation": true}' >same.json
expect 0 "$cs" replay L d-1 --policy same.json --json
is "0 0" '"\(.verdicts | length) \(.changes | length)"'
echo '{"separation": 1}' >bad.json
expect 3 "$cs" replay L d-1 --policy bad.json
has "must be true or false" err
expect 1 "$cs" replay L d-1 --without 0
has "entry 0 is not one of d-1" err
expect 1 "$cs" replay L d-1 --without 99999
expect 2 "$cs" replay L d-1 --without gate-1
expect 2 "$cs" replay L d-1 --without 1 --step
expect 2 "$cs" replay L d-1 --digest --step

# event by event: all of them where nobody sits at a terminal
expect 0 "$cs" replay L d-1 --step
has "#2  seq " out
has "rosa: approval.given $approval: Release Manager" out
[[ $(grep -c '^#' out) == 9 ]] || fail "not nine steps: $(cat out)"
expect 0 "$cs" replay L d-1 --step --at gate-1 --json
[[ $(wc -l <out) == 6 ]] || fail "not six steps up to the gate: $(cat out)"
[[ $(tail -1 out | jq -r '.changes[] | select(.name == "gate 1") | .after.text') == open ]] || fail "the gate did not open: $(tail -1 out)"

# one by one on a terminal, both ways, and somewhere else
expect 0 python3 "$root/tests/scenario/terminal.py" "quit: =n" "quit: =b" "quit: =b" "quit: =gate-1" "quit: =#99" "quit: =q" -- \
    "$cs" replay L d-1 --step --at '#1'
[[ $(grep -o '#[0-9]*  seq' out | tr -d '# seq\n') == 121055 ]] || fail "another way than 1, 2, 1, 0, 5, 5: $(cat out)"
has "it has no position #99" out
at=$("$cs" log L d-1 --json | jq -r 'select(.stream_pos == 3) | .time')
expect 0 python3 "$root/tests/scenario/terminal.py" "quit: =${at:11:8}" "quit: =q" -- "$cs" replay L d-1 --step --at '#1'
[[ $(grep -o '#[0-9]*  seq' out | tr -d '# seq\n') == 13 ]] || fail "a time of that day leads elsewhere: $(cat out)"
expect 0 "$cs" replay L d-1 --at "${at:0:10} ${at:11:8} UTC"
has "position #3" out

# why: behind a node, a gate, a verdict; what would have had to be different
expect 0 "$cs" why L d-1 gate-1
has "decision.made $gate GO was accepted: late" out
has "rosa was granted Release Manager on the ledger (root, seq " out
has "$approval Release Manager: given (rosa, seq " out
has "items and statuses were met; the last: " out
expect 0 "$cs" why L d-1 "$item"
has "threshold:$item: 0.4 of $field is not < 0.1 %" out
has "otherwise: resolved by a later good value" out
id=d-1
act 1 rosa check "$item"
expect 0 "$cs" why L d-1 "$item"
has "item.checked $item pass was refused, contradicted: " out
seq=$("$cs" log L d-1 --json | tail -1 | jq .seq)
expect 0 "$cs" why L d-1 "$seq" --json
is "item.checked $item pass was refused, contradicted: $item: 0.4 of $field is not < 0.1 %" .what
is "a later value within the threshold, or a waiver of $item" '.because[0].otherwise'
is "0.4 of $field is not < 0.1 % #7" '.because[0] | "\(.what) #\(.pos)"'
expect 0 "$cs" why L d-1 2.0.1 --at '#4'
has "gate 1, $gate Gate 1: go (T-1 hour), is not open: not decided" out
has "otherwise: GO decided by a holder of Release Manager (rosa)" out
expect 0 "$cs" why L d-1 criteria
has "otherwise: " out
expect 0 "$cs" why L d-1 criteria --at open
[[ $(tail -1 out) == "  nothing" ]] || fail "criteria where there are none: $(cat out)"
act 1 root approve "$approval" --anyway
expect 0 "$cs" why L d-1 "$("$cs" log L d-1 --json | tail -1 | jq .seq)"
has "root was not granted Release Manager on the ledger" out
has "root was not assigned Release Manager here" out
has "otherwise: done by a holder (rosa)" out
expect 1 "$cs" why L d-1 9.9.9
expect 1 "$cs" why L d-1 gate-9
expect 1 "$cs" why L d-9 1.0.1
expect 1 "$cs" why L d-1 0
expect 2 "$cs" why L d-1

# search: over all deployments, in order
expect 0 "$cs" search L refused
has "not-authorized: it needs a holder of Release Manager" out
has "2 found in " out
expect 0 "$cs" search L refused contradicted --json
is "d-1 contradicted" '"\(.stream) \(.rule)"'
expect 0 "$cs" search L flagged late
has "4 found in " out
expect 0 "$cs" search L flagged
lacks "REFUSED" out
expect 2 "$cs" search L refused something
expect 0 "$cs" search --help
for name in $(sed -nE 's/^ +X\([A-Z_]+, "([a-z-]+)"\).*/\1/p' "$root/ledger/verdict.h"); do has "$name" out; done
expect 0 "$cs" search L broken --json
is "d-1 #7" '"\(.stream) #\(.pos)"'
expect 0 "$cs" search L state open --json
[[ $(jq -r .stream out | tr '\n' ' ') == "d-2 d-3 d-1 " ]] || fail "by their last entries: $(cat out)"
expect 0 "$cs" search L state closed
has "0 found in " out
expect 0 "$cs" search L key "$(ssh-keygen -lf root.pub | cut -d' ' -f2)" --json
[[ $(jq -r 'select(.stream == "ledger") | .what' out | head -1) == key.enrolled* ]] || fail "the key's use in the ledger's stream: $(cat out)"
[[ $(jq -r 'select(.verdict == "refused") | .rule' out) == not-authorized ]] || fail "how its uses were judged: $(cat out)"
expect 0 "$cs" search L key "$(ssh-keygen -lf root.pub | cut -d' ' -f2)" --since 2026-03-03T10:03:00Z --until 2026-03-03T10:10:00Z
has "1 found in " out
# also where it signed what belongs to no deployment, and what somebody else attached
echo '{"specversion":"1.0","id":"n1","source":"/me","type":"org.example.note","data":{}}' >note.json
"$cs" sign note.json --key rosa >note.dsse
"$cs" append L note.dsse >out
act 0 root attest "$item" note.dsse
expect 0 "$cs" search L key "$(ssh-keygen -lf rosa.pub | cut -d' ' -f2)" --json
[[ $(tail -2 out | jq -r '"\(.stream) \(.by)"' | tr '\n' ' ') == "inbox rosa d-1 root " ]] || fail "uses of a key: $(tail -2 out)"
expect 2 "$cs" search L refused nonsense
expect 2 "$cs" search L key nonsense
expect 2 "$cs" search L state nonsense
expect 2 "$cs" search L broken nonsense
expect 3 "$cs" search nowhere broken
