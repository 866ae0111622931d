#!/usr/bin/env bash
# verify from the command line: marks and what follows them, checkpoints against each other, threads, Ctrl-C, usage.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

# more LEDGER FROM TO
more() {
    local i
    for ((i = $2; i <= $3; i++)); do
        printf '{"specversion":"1.0","id":"e-%d","source":"/x","type":"org.example.noted","deployment":"d-%d","data":{}}\n' \
            "$i" $((i % 3))
    done | COUNTERSIGN_TOKEN=$token "$cs" append "$1" >/dev/null || fail "append to $1"
}
expect 0 "$cs" init L --origin l.example/log
cp out vkey
export COUNTERSIGN_KEY=countersign-admin
token=$("$cs" token issue L --principal ci --scope write)
more L 1 300
"$cs" checkpoint L >early

# a mark, by a key that is made for it; what follows is checked from there on
expect 0 "$cs" verify L --mark mark
has "good: 302 entries" out
[[ $(stat -c %a state/countersign/verifier.key) == 600 ]] || fail "the key's mode"
[[ $(head -n 5 mark) == "$(cat early)" && $(wc -l <mark) == 6 ]] || fail "$(cat mark)"
# the second implementation reads it, and takes no other verifier's, and none that was changed
oracle() { python3 "$root/tests/oracle/proofs.py" mark "$1" --vkey "$(<vkey)" --key "${2-state/countersign/verifier.key}"; }
expect 0 oracle mark
[[ $(jq .size out) == 302 ]] || fail "$(cat out)"
(($(date +%s) - $(jq .time out) < 600)) || fail "$(cat out)"
expect 1 oracle early
expect 1 oracle <(sed '2s/302/301/' mark)
for letter in A B; do
    sed -E "6s/.(.{20})\$/$letter\1/" mark >changed
    cmp -s changed mark || expect 1 oracle changed
done
tr 0-9a-f 1-9a-f0 <state/countersign/verifier.key >strange.key
expect 1 oracle mark strange.key
more L 301 700
expect 0 "$cs" verify L --since mark --mark later --json
[[ $(jq -c '[.ok, .size, .entries, .since, .stopped]' out) == '[true,702,400,302,false]' ]] || fail "$(cat out)"
has "entries below 302" out
expect 0 "$cs" verify L --since later --threads 3
has "good: 0 entries" out

# a mark that is none of ours, of another ledger, of a ledger that has another history, or none at all
expect 1 "$cs" verify L --since mark --mark-key other.key
expect 0 "$cs" verify L --mark foreign --mark-key other.key
expect 1 "$cs" verify L --since foreign
has "no mark by this verifier's key" err
expect 1 "$cs" verify L --since early
expect 3 "$cs" verify L --since nothing
expect 3 "$cs" verify L --since vkey
expect 0 "$cs" init M --admin root=countersign-admin.pub --origin m.example/log
expect 1 "$cs" verify M --since mark
has "l.example/log" err
mkdir N
cp -r L/. N
rm N/lock.mdb
more N 701 720
expect 0 "$cs" verify N --mark ahead
expect 4 "$cs" verify L --since ahead
has "the rest is gone" out

# no mark where anything is bad, or not everything was looked at
expect 2 "$cs" verify L --only hashes --mark none
head -c -1 N/checkpoint >cut && mv cut N/checkpoint
expect 4 "$cs" verify N --mark none
[[ ! -e none ]] || fail "a mark of a damaged ledger"

# checkpoints against each other
"$cs" checkpoint L >late
expect 0 "$cs" verify L --only checkpoints --against late --against early --json
[[ $(jq -c '[.ok, .entries, (.skipped | length)]' out) == '[true,0,2]' ]] || fail "$(cat out)"
expect 4 "$cs" verify M --only checkpoints --against early
"$cs" checkpoint N >newer
expect 4 "$cs" verify L --only checkpoints --against newer
expect 0 "$cs" verify L --only hashes --against early --against late
has "not checked: the signatures of admission and of events, and the indexes" out

# a static copy is checked as the ledger is, but for what only the ledger has
expect 0 "$cs" export L --tiles tiles --events
expect 0 "$cs" verify tiles --against early --vkey "$(cat vkey)"
has "good: 702 entries, 705 signatures" out
expect 2 "$cs" verify tiles --since mark
rm tiles/tile/entries/001
expect 4 "$cs" verify tiles
has "tile/entries/001 is missing" out
expect 0 "$cs" export M --tiles bare
expect 2 "$cs" verify bare
has "--vkey" err

# usage
expect 2 "$cs" verify L --only nothing
expect 2 "$cs" verify L --threads 0
expect 2 "$cs" verify L --mark-key k
expect 2 "$cs" verify L --only checkpoints --since mark
expect 2 "$cs" verify early --since mark
expect 3 "$cs" verify nowhere

# Ctrl-C ends it, and it says how far it came
"$cs" verify L --threads 1 >out 2>err &
pid=$!
kill -INT $pid 2>/dev/null || true
code=0
wait $pid || code=$?
((code == 0 || code == 3 || code == 130)) || fail "interrupted: $code"
((code != 3)) || has "stopped" out
