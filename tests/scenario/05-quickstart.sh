#!/usr/bin/env bash
# The main job as a newcomer runs it, with the checklist that ships and with the seed; what it leaves is checked.
set -euo pipefail
cd "$(dirname "$0")/../.."
COUNTERSIGN=${COUNTERSIGN:-build/release/countersign}
work=$(mktemp -d)

stop() {
    local pid
    [[ ! -e $1/ledger/serve.json ]] || {
        pid=$(jq -r .pid "$1/ledger/serve.json")
        kill "$pid"
        while [[ -e $1/ledger/serve.json ]]; do sleep 0.05; done
    }
}
finish() {
    stop "$work/shipped" || true
    stop "$work/seed" || true
    stop "$work/live" || true
    stop "$work/own" || true
    rm -rf "$work"
}
trap finish EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# expect WHAT ACTUAL EXPECTED
expect() { [[ $2 == "$3" ]] || fail "$1: $2, not $3"; }

check_result() {
    local dir=$1 ledger=$1/ledger report=$1/report.json id
    expect outcomes "$(jq -c '[.population[] | [.deployment, .state]]' "$report")" \
        '[["web-41","successful"],["web-42","rolled-back"],["web-43","open"]]'
    expect refusals "$(jq -c '[.exceptions[] | select(.kind | startswith("refusal:")) | [.deployment, .kind]]' "$report")" \
        '[["web-41","refusal:not-authorized"],["web-42","refusal:criterion-open"]]'
    expect flags "$(jq -c '[.exceptions[] | select(.kind | startswith("flag:")) | [.deployment, .kind]]' "$report")" \
        '[["web-41","flag:late"]]'
    expect simulated "$(jq .cover.simulated "$report")" true
    expect gates "$(jq '[.decisions[] | select(.deployment == "web-41" and .act == "decision.made" and .verdict == "accepted")] | length' "$report")" 3
    for id in web-41 web-42 web-43; do
        expect "entries of $id" "$(jq ".population[] | select(.deployment == \"$id\").entries" "$report")" \
            "$("$COUNTERSIGN" log "$ledger" "$id" --json --limit 1000000 | wc -l)"
    done
    expect hours "$(jq -r '.population[0] | ((.closed[:19] + "Z" | fromdate) - (.t0[:19] + "Z" | fromdate)) / 3600' "$report")" 26
    expect verify "$("$COUNTERSIGN" verify "$ledger" --vkey "$(<"$dir/vkey")" --json | jq -c '[.ok, .size, .first_bad]')" \
        "[true,$(jq .cover.size "$report"),null]"
    "$COUNTERSIGN" report "$ledger" --year 2026 --verify all --out "$dir/again" >/dev/null
    cmp "$report" "$dir/again/report.json"
    cmp "$dir/report.html" "$dir/again/report.html"
    ! grep -qE 'https?://|<(link|img|script) ?src' "$dir/report.html" || fail "the page asks for something"
}

./quickstart.sh --dir "$work/shipped" >"$work/shipped.out"
check_result "$work/shipped"
tail -n 4 "$work/shipped.out" | grep -c "$work/shipped/ledger" | grep -qx 3 || fail "the next three commands are not on the screen"
curl -fsS "$(jq -r .url "$work/shipped/ledger/serve.json")/healthz" >/dev/null

# The answers of both deployments that are over are those that a person has read and found right.
# shellcheck source=tests/scenario/golden.sh
source tests/scenario/golden.sh
told() { "$COUNTERSIGN" "$@" >"$work/told" && sed -n 1,4p "$work/told" && grep -B3 -A3 'REFUSED\|flags:' "$work/told" &&
    sed -n '/^Sections$/,$p' "$work/told"; }
stands() { "$COUNTERSIGN" "$@" >"$work/told" && sed '/^$/q' "$work/told" && sed -n '/^Gates$/,$p' "$work/told"; }
shipped=$work/shipped/ledger
for id in web-41 web-42; do
    golden "$id-state" stands status "$shipped" "$id"
    golden "$id-timeline" told timeline "$shipped" "$id"
    golden_digest "$id-digest" "$COUNTERSIGN" replay "$shipped" "$id" --digest
    for gate in gate-1 gate-2 gate-3; do golden "$id-why-$gate" "$COUNTERSIGN" why "$shipped" "$id" "$gate"; done
    seq=$("$COUNTERSIGN" search "$shipped" refused --json | jq -r "select(.stream == \"$id\").seq")
    golden "$id-why-refused" "$COUNTERSIGN" why "$shipped" "$id" "$seq"
done
golden web-42-why-threshold "$COUNTERSIGN" why "$shipped" web-42 3.3.5
golden web-42-why-rollback "$COUNTERSIGN" why "$shipped" web-42 6.0.1

# An approval taken away, and checked by OpenSSH alone.
seq=$(jq '[.decisions[] | select(.act == "approval.given")][0].seq' "$work/shipped/report.json")
"$COUNTERSIGN" show "$work/shipped/ledger" "$seq" --sshsig "$work/sshsig" >/dev/null
who=$(jq -r '[.decisions[] | select(.act == "approval.given")][0].principal' "$work/shipped/report.json")
ssh-keygen -Y verify -f "$work/sshsig/allowed_signers" -I "$who" -n event@countersign \
    -s "$work/sshsig/event.json.sig" <"$work/sshsig/event.json" >/dev/null

# The second implementation reads the same ledger from the daemon.
url=$(jq -r .url "$work/shipped/ledger/serve.json")
python3 tests/oracle/oracle.py url "$url" --token "$(<"$work/shipped/token")" >"$work/oracle.json"
expect "the oracle's root" "$(jq -r .root "$work/oracle.json")" "$(jq -r .cover.root "$work/shipped/report.json")"

./quickstart.sh --live --dir "$work/live" >/dev/null
expect "the live deployment" "$("$COUNTERSIGN" replay "$work/live/ledger" web-1 --json | jq -r .phase)" open
expect "the live ledger" "$("$COUNTERSIGN" show "$work/live/ledger" 0 --json | jq '.event.data.simulated // false')" false
vkey=$(<"$work/live/vkey")
! ./quickstart.sh --dir "$work/live" >/dev/null 2>&1 || fail "a real ledger was made anew"
expect "the real ledger's key" "$(<"$work/live/vkey")" "$vkey"
! ./quickstart.sh --dir "$work/shipped" --checklist nowhere.md >/dev/null 2>&1 || fail "a checklist that is not there"
[[ -e $work/shipped/report.json ]] || fail "an earlier run was removed for a checklist that is not there"

# A checklist of one's own, in other words and nested deep, tells the same stories; of one that cannot, it says why.
cat >"$work/own.md" <<'MD'
# R

x

## Vormittag (T-2h to T-0)

- [ ] a < 5 ms 
  ```sh
  curl -f x
  # Expected: ok
  ```
1. step one
   - [ ] nested in unboxed
     1. [ ] deeper
        - [ ] deep3
          - [ ] deep4: ____ ms
2. - [ ] bullet in bullet

## Gate eins (T-30 min)

**Decision Authority:** Chef

**Decision: [ ] LOS [ ] HALT**

Decided By: ____  Date/Time: ____

## Zwischen (T-30 min to T+0)

- [ ] z

## Gate zwei (T+30 min)

**Decision Authority:** Chef

- [ ] own item

**Decision: [ ] WEITER [ ] HALT [ ] ZURÜCK**

## Nachher (T+40 to T+60 min)

- [X] y
- [ ] Error rate < 0.1%
  - Error rate: ____ %

**Verkehr: ✓ GUT ✗ SCHLECHT**


## Rückfall / Rollback

### Entscheid

- [ ] NEIN - bleiben
- [ ] JA - zurück

### Tun

- [ ] zurück

**Stand: ✓ OK ⚠ TEILS ✗ NICHT**

## Danach (T+70 to T+80 min)

- [ ] danach

## Gate drei (T+2 hours)

**Decision Authority:** Chef

**Decision: [ ] LOS [ ] HALT**

## Abschluss

- [ ] Chef: ____ (Signature)
MD
./quickstart.sh --dir "$work/own" --checklist "$work/own.md" >/dev/null
check_result "$work/own"
stop "$work/own"
sed -i '/Error rate:/d' "$work/own.md"
code=0
./quickstart.sh --dir "$work/own" --checklist "$work/own.md" >/dev/null 2>"$work/own.err" || code=$?
expect "the exit of a checklist without the stories" "$code" 2
grep -q 'the stories need' "$work/own.err" || fail "no word of what the stories need"

# An earlier run's daemon is stopped also where the program was built anew since.
pid=$(jq -r .pid "$work/shipped/ledger/serve.json")
cp -p build/release/countersign build/release/countersign.again
mv build/release/countersign.again build/release/countersign
./quickstart.sh --live --dir "$work/shipped" >/dev/null
! readlink "/proc/$pid/exe" >/dev/null || fail "the earlier daemon still runs"

seed=${COUNTERSIGN_SHARED:-../shared}/seed/PRODUCTION_DEPLOYMENT_CHECKLIST.md
if [[ -e $seed ]]; then
    ./quickstart.sh --dir "$work/seed" --checklist "$seed" >/dev/null
    check_result "$work/seed"
else
    echo "SKIPPED: $seed is not there"
fi
