#!/usr/bin/env bash
# Checklists of all kinds: printed as they are, read or warned of line by line, and judged by lint, on a ledger too.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
corpus=$root/tests/vectors/checklists
shared=${seed%/seed/*}

# rules FILE OPTION...: the rules that lint names, with their lines, but what a whole checklist should have
rules() {
    "$cs" checklist lint "$@" >out 2>err || (($? == 1)) || fail "$* cannot be linted: $(cat err)"
    grep -v ':1: no-' out | sed -E 's/^[^:]*:([0-9]+): ([a-z-]+).*/\1 \2/' | tr '\n' ',' || true
}
# says WANTED FILE OPTION...
says() {
    local wanted=$1 found
    shift
    found=$(rules "$@")
    [[ $found == "$wanted" ]] || fail "lint $* says '$found', not '$wanted': $(cat out)"
}

# all Markdown that there is, checklist or not, prints as it is after it was shown, and is what it was
git -C "$root" ls-files -z '*.md' 2>err >files || (cd "$root" && find . -name build -prune -o -name '*.md' -print0) >files
mapfile -td '' files < <(sed -z "s|^|$root/|" files)
[[ -d $shared ]] || echo "SKIPPED: the Markdown of $shared, which is absent"
((${#files[@]} >= 25)) || fail "only ${#files[@]} Markdown files were found"
for file in "${files[@]}" "$shared"/*.md "$shared"/{seed,research}/*.md "$root"/tests/fuzz/corpus/checklist/*; do
    if [[ ! -e $file ]]; then
        [[ $file == "$shared"/* ]] && continue # not there on every machine
        fail "$file is not there"
    fi
    sum=$(sha256sum <"$file")
    expect 0 "$cs" checklist show "$file"
    expect 0 "$cs" checklist show "$file" --json
    expect 0 "$cs" checklist print "$file"
    cmp -s out "$file" || fail "print changed $file"
    [[ $(sha256sum <"$file") == "$sum" ]] || fail "$file was changed"
    rules "$file" >/dev/null
done
# and so does Markdown at random, unless it is refused, with a word
python3 - <<'PY'
import random
parts = ["- [ ] a", "  - b: ____ ms", "\n", "\r\n", "\r", "## C (T+1 to T+2 min)", "| d | [ ] |", "|---|---|",
         "```", "    ", "**E: \u2713 F / \u2717 G**", "> ", "\t", "\u00a0", "\ufeff", "<!--", "-->", "---", "1. ", "`", "\\"]
random.seed(25)
for i in range(40):
    data = "".join(random.choice(parts) + random.choice(["", "\n"]) for _ in range(60)).encode()
    if i % 8 == 7:
        data += random.choice([b"\x00", b"\xff", b"\xc3"])
    open(f"random{i}.md", "wb").write(data)
PY
for i in {0..39}; do
    if ((i % 8 == 7)); then
        expect 3 "$cs" checklist print "random$i.md"
        has "not UTF-8" err
    else
        expect 0 "$cs" checklist print "random$i.md"
        cmp -s out "random$i.md" || fail "print changed random$i.md"
    fi
done

# the README's own checklist is read whole
sed -n '/^~~~markdown$/,/^~~~$/{//!p}' "$root/README.md" >readme.md
expect 0 "$cs" checklist lint readme.md --role 'Release Manager=bob'
expect 0 "$cs" checklist show readme.md --json
[[ $(jq -c '.counts | [.item, .approval, .decision, .status, .field, .command, .gate]' out) == '[3,2,1,2,2,1,1]' ]] ||
    fail "the README's checklist is read as $(jq -c .counts out)"

# what is read and what is not
expect 0 "$cs" checklist show "$corpus/tables.md"
has "item     1 | Drain node A | ops" out
has "field    Took (min)" out
expect 0 "$cs" checklist show "$corpus/chinese.md"
has "field    负责人" out
printf '# A\n\n- [ ]glued\n- ☐ sign\n-[ ] d\n## E (T-3 Tage)\n- [ ] < 5 ms\n```\nloose\n```\n' >odd.md
expect 1 "$cs" checklist lint odd.md
says '3 not-a-box,4 not-a-box,5 lone-box,6 heading-time,8 loose-fence,' odd.md
expect 0 "$cs" checklist show odd.md --json
[[ $(jq -c '[.warnings[].line]' out) == '[3,4,5,6,8]' ]] || fail "$(cat out)"

# what weakens a checklist, each with its line
cat >weak.md <<'MD'
# Weak

Text.

## Before (T-1 day to T-0)

- [ ] Looks good
- [ ] Built
  ```bash
  make || true
  make | tee log
  ```
- [ ] Lag < SLA
- [ ] Done
- [ ] Done

## Gate (T-1 hour)

**Decision: [ ] GO [ ] NO-GO**

## After (T-1 hour to T+5 min)

- [ ] All approvals:
  - [ ] QA: ____
  - [ ] DBA: ____

## Backward (T+9 to T+5 min)

## Rollback

- [ ] Undo (0 errors)

## Last (T-2 hours)

**Decision Authority:** Lead

**Decision: [ ] DONE [ ] NOT DONE**
MD
says '7 unjudged,8 hidden-exit,8 hidden-exit,8 hidden-exit,13 threshold-number,13 unjudged,14 unjudged,15 unjudged,15 same-label,19 gate-authority,21 overlap,24 late-approval,25 late-approval,27 heading-time,29 rollback-status,' weak.md
expect 1 "$cs" checklist lint weak.md --json
[[ $(jq -c 'map(select(.rule == "gate-authority"))[0] | [.line, .last, .severity]' out) == '[19,19,"warning"]' ]] || fail "$(cat out)"
[[ $(jq 'all(.text != "" and .advice != "")' out) == true ]] || fail "$(cat out)"

# notes alone are no reason to fail, unless they shall be
printf '# A\n\n- [ ] b\n' >notes.md
expect 0 "$cs" checklist lint notes.md
has 'notes.md:3: unjudged (note): 0.0.1 (b): it rests on the word' out
expect 1 "$cs" checklist lint notes.md --strict
expect 0 "$cs" checklist lint - <notes.md
expect 3 "$cs" checklist lint missing.md
expect 2 "$cs" checklist lint

# who holds the roles: by what is typed, by a ledger, by both
says '3 unjudged,' notes.md --role QA=ann
expect 1 "$cs" checklist lint weak.md --role QA=ann --role 'lead=bob'
has 'weak.md:24: role-held (note): the role QA is held by ann' out
has 'weak.md:25: role-unheld: nobody holds the role DBA' out
has 'role-held (note): the role Lead is held by bob' out
expect 2 "$cs" checklist lint weak.md --role QA
expect 3 "$cs" checklist lint weak.md --ledger nowhere
ssh-keygen -q -t ed25519 -N '' -C admin -f admin
"$cs" init ledger --simulated --origin lint --admin admin=admin.pub >/dev/null
"$cs" role grant ledger admin QA --key admin >/dev/null
expect 1 "$cs" checklist lint weak.md --ledger ledger
has 'the role QA is held by admin' out
has 'nobody holds the role DBA' out
expect 1 "$cs" checklist lint weak.md --ledger ledger --role QA=ann --role DBA=admin
has 'nobody holds the role QA' out
"$cs" role revoke ledger admin QA --key admin >/dev/null
expect 1 "$cs" checklist lint weak.md --ledger ledger
has 'nobody holds the role QA' out

# a table's steps are ticked as any others, and the filled copy shows it inside the table
"$cs" role grant ledger admin deployer --key admin >/dev/null
expect 0 "$cs" open ledger d1 --checklist "$corpus/tables.md" --release 1 --key admin --time 2026-01-02T00:00:00Z
expect 0 "$cs" record ledger d1 1.0.1.1 4 --unit min --key admin --time 2026-01-02T01:00:00Z
expect 0 "$cs" check ledger d1 1.0.1 pass --key admin --time 2026-01-02T02:00:00Z
expect 0 "$cs" checklist print ledger d1
grep -qE '^\| 1 \| Drain \*\*node A\*\* \| ops \| \[x\] \| 4 min \(admin, .*\) +— admin, .*\|$' out || fail "$(grep Drain out)"
