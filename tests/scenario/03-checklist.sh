#!/usr/bin/env bash
# Checklists from the command line: shown, printed, linted, published.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
shipped=$root/replay/checklists/blue-green.md

# is WANTED FILTER: what jq makes of the file out
is() {
    local found
    found=$(jq -c "$2" out) || fail "no JSON: $(head -c 300 out)"
    [[ $found == "$1" ]] || fail "$2 is $found, not $1"
}

# usage
expect 0 "$cs" checklist --help
has "checklist publish LEDGER FILE" out
expect 2 "$cs" checklist
expect 2 "$cs" checklist burn x
expect 2 "$cs" checklist show
expect 2 "$cs" checklist lint a b
expect 2 "$cs" checklist print x --jsonn
expect 0 "$cs" checklist lint --help

# what cannot be read or compiled
expect 3 "$cs" checklist show missing.md
has missing.md err
printf 'a\0b' >nul.md
expect 3 "$cs" checklist lint nul.md
has "not UTF-8" err
head -c 600000 /dev/zero | tr '\0' x >long.md
expect 3 "$cs" checklist print long.md

# a small one: every shape of output
printf '# T\r\n## Sub\r\n\r\n---\r\n\r\n## Before (T-1 day to T-0)\r\n\r\n- [x] Load < 0.5%% (if any)\r\n  - Load: ____ %%\r\n' >small.md
expect 0 "$cs" checklist print small.md
cmp -s out small.md || fail "print changed the bytes"
expect 0 "$cs" checklist print - <small.md
cmp -s out small.md || fail "print changed the bytes of standard input"
expect 0 "$cs" checklist show small.md --json
is '{"title":"T","subtitle":"Sub"}' '{title, subtitle}'
is "\"$(sha256sum <small.md | cut -d ' ' -f 1)\"" .sha256
is '[{"id":"1","title":"Before (T-1 day to T-0)","level":2,"window":{"from_min":-1440,"to_min":0}}]' .sections
is '{"id":"1.0.1","kind":"item","label":"Load < 0.5% (if any)","section":"1","line":8,"window":{"from_min":-1440,"to_min":0},"threshold":{"metric":"load","op":"<","value":0.5,"unit":"%"},"optional":true}' '.nodes[0]'
is '{"id":"1.0.1.1","kind":"field","label":"Load","section":"1","line":9,"window":{"from_min":-1440,"to_min":0},"unit":"%","optional":true,"parent":"1.0.1"}' '.nodes[1]'
is '{"item":1,"approval":0,"decision":0,"status":0,"field":1,"choice":0,"command":0,"expected":0,"notes":0,"gate":0}' .counts
is '[]' .warnings
expect 0 "$cs" checklist show small.md
has "1.0.1    item     Load < 0.5% (if any); threshold < 0.5 %; optional" out
expect 0 "$cs" checklist lint small.md
[[ $(cut -d : -f 2,3 out) == "1: no-gate (note)"$'\n'"1: no-sign-off (note)"$'\n'"1: no-rollback (note)" ]] ||
    fail "lint said: $(cat out)"
expect 1 "$cs" checklist lint small.md --strict

# what cannot be placed is said by line
printf '## A\n\n____\n\n- []\n[ ] x\n' >odd.md
expect 1 "$cs" checklist lint odd.md
[[ $(grep -vc note out) == 2 ]] || fail "$(cat out)"
has "odd.md:5: not-a-box: not a box" out
expect 0 "$cs" checklist show odd.md --json
is '[5,6]' '[.warnings[].line]'
expect 0 "$cs" checklist show odd.md
has "warning: line 5: not a box" out
: >empty.md
expect 0 "$cs" checklist show empty.md --json
is '[[],[],[],null]' '[.nodes, .sections, .warnings, .title]'

# the one that ships, and the seed
expect 0 "$cs" checklist lint "$shipped"

# its search for secrets finds them, however they are written, and nothing where there are none
"$cs" checklist show "$shipped" --json >shipped.json
jq -er '.nodes[] | select(.label == "No commit of this release holds a secret").command' shipped.json >search.sh
commit() { # TAG TEXT
    printf '%s\n' "$2" >repository/file
    git -C repository add file
    git -C repository -c user.name=n -c user.email=e commit -qm "$1"
    git -C repository tag "$1"
}
git init -q repository
commit v0 begin
searches=0
for secret in 'limit=1' 'password=1' 'AWS_SECRET=1' '{"token": "1"}' '-----BEGIN PRIVATE KEY-----'; do
    commit "v$((++searches))" "$secret"
    [[ $secret == limit=1 ]] && wanted=0 || wanted=1
    (cd repository && git tag -f before "v$searches~1" && git tag -f now "v$searches") >/dev/null
    expect "$wanted" env -C repository PREVIOUS_TAG=before TAG=now bash ../search.sh
done
if [[ -e $seed ]]; then
    expect 0 "$cs" checklist show "$seed" --json
    is '{"item":269,"approval":9,"decision":5,"status":14,"field":68,"choice":2,"command":31,"expected":15,"notes":1,"gate":3}' .counts
    is 368 '.nodes | length'
    is '["7.1.5"]' '[.nodes[] | select(.section | startswith("2")).guarded_by] | unique'
    is '["7.2.5"]' '[.nodes[] | select(.section | test("^[34]|^5[.][123]")).guarded_by] | unique'
    expect 0 "$cs" checklist print "$seed"
    cmp -s out "$seed" || fail "print changed the seed"
else
    echo "SKIPPED: $seed is absent"
fi

# published by an admin, under its own name; a token will not do
ssh-keygen -q -t ed25519 -N '' -C admin -f admin
"$cs" init ledger --simulated --origin lists --admin admin=admin.pub >/dev/null
expect 0 "$cs" checklist publish ledger small.md --key admin
has "sha256 $(sha256sum <small.md | cut -d ' ' -f 1)" err
has "accepted" out
expect 0 "$cs" checklist publish ledger "$shipped" --key admin --json
is '"accepted"' .verdict
has "sha256 $(sha256sum <"$shipped" | cut -d ' ' -f 1)" err
expect 0 "$cs" log ledger --json
[[ $(grep -c '"type":"dev.countersign.checklist.published.v1"' out) == 2 ]] || fail "$(cat out)"
[[ $(jq -r 'select(.event.type | contains("checklist")).event.data.name' out) == $'small\nblue-green' ]] || fail "$(cat out)"
jq -j 'select(.event.data.name == "small").event.data.markdown' out | cmp -s - small.md || fail "not the same Markdown"
expect 3 "$cs" checklist publish nowhere small.md --key admin
expect 3 "$cs" checklist publish ledger missing.md --key admin
expect 2 "$cs" checklist publish ledger small.md

# the filled copy of a deployment: marks with who, when and seq; as of a moment; nothing else is changed
"$cs" role grant ledger admin deployer --key admin >/dev/null
expect 1 "$cs" checklist print ledger d1
expect 0 "$cs" open ledger d1 --checklist small.md --release 1 --key admin --time 2026-01-02T00:00:00Z
expect 0 "$cs" record ledger d1 1.0.1.1 0.25 --unit % --key admin --time 2026-01-02T01:00:00Z
expect 0 "$cs" check ledger d1 1.0.1 pass --key admin --time 2026-01-02T02:00:00Z
seq=$(sed -n 's/^accepted: seq \([0-9]*\).*/\1/p' out)
expect 0 "$cs" checklist print ledger d1
has "- [x] Load < 0.5% (if any) — admin, 2026-01-02 02:00:00 UTC, seq $seq" out
has "  - Load: 0.25 % (admin, 2026-01-02 01:00:00 UTC, seq $((seq - 1)))" out
has "(SIMULATED): deployment d1, release 1, open" out
expect 0 "$cs" checklist print ledger d1 --at "$((seq - 1))"
has "- [ ] Load < 0.5% (if any)" out
has "  - Load: 0.25 %" out
expect 0 "$cs" checklist print ledger d1 --at open --json
is "\"$(sha256sum <small.md | cut -d ' ' -f 1)\"" .sha256
jq -j .markdown out | head -n 9 | sed 's/\[ \] Load/[x] Load/' | cmp -s - small.md || fail "more than marks was changed"
expect 0 "$cs" checklist print small.md --json
jq -j .markdown out | cmp -s - small.md || fail "print --json changed the bytes"
expect 0 "$cs" checklist lint small.md --json
is '["no-gate","no-sign-off","no-rollback"]' 'map(select(.severity == "note").rule)'
expect 2 "$cs" checklist print small.md --at open
expect 2 "$cs" checklist print ledger d1 --at nonsense
expect 3 "$cs" checklist print nowhere d1
