#!/usr/bin/env bash
# A deployment that is not let go, one in an emergency, and one that is abandoned: their states, timelines and reasons are
# those that a person has read and found right (tests/golden).  COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
# shellcheck source=tests/scenario/golden.sh
source "$root/tests/scenario/golden.sh"

# act CODE WHO VERB ARGUMENTS...: on the deployment $id, a minute after the last
act() {
    local wanted=$1 who=$2 verb=$3
    shift 3
    minute=$((minute + 1))
    expect "$wanted" "$cs" "$verb" L "$id" "$@" --key "$who" --time "$(date -u -d "@$((start + minute * 60))" +%FT%TZ)"
}
# begin ID START: its T0 is an hour and 10 minutes after START
begin() {
    id=$1 minute=0 start=$(date -d "$2" +%s)
    act 0 dora open --checklist shop.md --release 3.1.0 --environment production --reason "scheduled release" \
        --role "Release Manager=rosa" --role "Security Lead=sven" --t0 "$(date -u -d "@$((start + 4200))" +%FT%TZ)"
}
# answers: the golden ones that all of them have
answers() {
    golden "$id-state" "$cs" status L "$id"
    golden "$id-timeline" "$cs" timeline L "$id"
    golden_digest "$id-digest" "$cs" replay L "$id" --digest
}

cat >shop.md <<'END'
# Shop

## Golden answers

## BEFORE (T-24 hours to T-0)

- [ ] Code reviewed
- [ ] All approvals obtained:
  - [ ] Release Manager: ______
  - [ ] Security Lead: ______

## DURING (T+0 to T+30 min)

- [ ] New version runs
- [ ] Error rate (must remain < 0.1%)

**Error Rate: ______ %**

**Status: ✓ GOOD / ✗ BAD**

## GATES

### Gate 1: go (T-1 hour)

**Decision Authority:** Release Manager

- [ ] No blockers

**Decision: [ ] GO [ ] NO-GO**

### Gate 2: success (T+60 min)

**Decision Authority:** Release Manager

**Decision: [ ] SUCCESS [ ] ISSUES**
END
for name in root dora rosa sven; do ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$name"; done
admin() { expect 0 "$cs" "$@" --key root --time 2026-03-01T00:00:00Z; }
expect 0 "$cs" init L --origin golden.example/simulated --simulated --time 2026-03-01T00:00:00Z --admin root=root.pub
for name in dora rosa sven; do admin key enroll L "$name" "$name.pub"; done
admin role grant L dora deployer
admin role grant L rosa "Release Manager"
admin role grant L sven "Security Lead"
admin checklist publish L shop.md

begin no-go 2026-03-03T08:00:00Z
act 0 dora check 1.0.1
act 0 rosa approve 1.0.2.1
act 0 sven reject 1.0.2.2 --reason "the image has a critical finding"
act 0 dora check 3.1.1
act 1 rosa decide 3.1.2 GO --anyway
act 0 rosa decide 3.1.2 NO-GO --comment "not before the image is mended"
act 1 dora check 2.0.1
answers
golden no-go-why-gate "$cs" why L no-go gate-1
golden no-go-why-approval "$cs" why L no-go 1.0.2.2
golden no-go-why-refused-go "$cs" why L no-go '#5'
golden no-go-why-refused-work "$cs" why L no-go '#7'

begin emergency 2026-03-04T08:00:00Z
act 0 dora emergency --reason "payments fail since 07:40"
act 0 dora check 1.0.1
act 0 dora check 3.1.1
act 0 rosa decide 3.1.2 GO
minute=80
act 0 dora clock 2026-03-04T09:10:00Z
act 0 dora check 2.0.1
act 0 dora record 2.0.3 0.4 --unit %
act 1 dora check 2.0.2
act 0 dora record 2.0.3 0.05 --unit %
act 0 dora check 2.0.2
act 0 dora status 2.0.4 GOOD
act 0 rosa approve 1.0.2.1
act 0 sven approve 1.0.2.2
answers
golden emergency-why-gate "$cs" why L emergency gate-1
golden emergency-why-threshold "$cs" why L emergency 2.0.2
golden emergency-why-refused-pass "$cs" why L emergency '#8'
golden emergency-why-gate-2 "$cs" why L emergency gate-2

begin abandoned 2026-03-05T08:00:00Z
act 0 dora check 1.0.1
act 0 rosa note "the supplier has withdrawn the library" --node 1.0.1
act 1 dora close abandoned
act 0 rosa close abandoned
act 1 dora check 3.1.1
answers
golden abandoned-why-gate "$cs" why L abandoned gate-1
golden abandoned-why-refused-close "$cs" why L abandoned '#3'
golden abandoned-why-refused-work "$cs" why L abandoned '#5'

# An act in a version that a newer program wrote is kept as evidence, has no effect, and is said to be unjudged.
begin newer 2026-03-06T08:00:00Z
token=$("$cs" token issue L --principal ci --scope write --key root --time 2026-03-06T08:01:00Z)
echo '{"specversion":"1.0","id":"n","source":"/ci","type":"dev.countersign.item.checked.v2","deployment":"newer","time":"2026-03-06T08:02:00Z","data":{"node":"1.0.1","result":"pass"}}' >newer.json
COUNTERSIGN_TOKEN=$token expect 0 "$cs" append L newer.json
has "written by a newer program than this one: kept, and not judged" out
answers
[[ $("$cs" replay L newer --json | jq '.newer // .entries.newer // .counts.newer') == 1 ]] || fail "the state does not count it"

# Ledgers that were stored once, which replay for ever (tests/unit/test_stored.c), are whole and signed as they were.
for name in stories quickstart; do
    stored=$root/tests/vectors/replay/$name
    expect 0 "$cs" verify "$stored" --vkey "$(<"$stored.vkey")"
done
