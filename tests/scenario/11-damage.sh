#!/usr/bin/env bash
# A ledger that was damaged: indexes are repaired, entries are not; and one that was put back or written anew by somebody
# who has its keys, which a checkpoint kept elsewhere shows.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

expect 0 "$cs" init L
cp out vkey
export COUNTERSIGN_KEY=countersign-admin
"$cs" token issue L --principal ci --scope write >token
COUNTERSIGN_TOKEN=$(cat token)
export COUNTERSIGN_TOKEN

# events FROM TO: JSON lines
events() {
    local i
    for ((i = $1; i <= $2; i++)); do
        printf '{"specversion":"1.0","id":"e-%d","source":"/x","type":"org.example.noted","deployment":"d-%d","data":{}}\n' \
            "$i" $((i % 3))
    done
}
# flip FILE PATTERN BEHIND: one bit behind each place where the pattern stands
flip() {
    local offset at byte offsets
    offsets=$(LC_ALL=C grep -abo -P "$2" "$1" | cut -d: -f1)
    [[ -n $offsets ]] || fail "nothing to flip in $1"
    for offset in $offsets; do
        at=$((offset + $3))
        byte=$(od -An -tu1 -j "$at" -N 1 "$1")
        printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
    done
}

events 1 40 | "$cs" append L - >/dev/null
"$cs" checkpoint L >early
cp -r L old
events 41 60 | "$cs" append L - >/dev/null
"$cs" checkpoint L >late

# repair: nothing to do, and how it is used
expect 2 "$cs" repair L
has "--index" err
expect 3 "$cs" repair nothing --index
expect 0 "$cs" repair L --index
has "nothing to repair: 62 entries" out
expect 0 "$cs" repair L --index --json
[[ $(jq -c '[.changed, .size, .nodes.wrong, .kept]' out) == '[false,62,0,null]' ]] || fail "$(cat out)"

# a node of the tree (the leaf hash of entry 7, node 11) and the index of streams (d-1, position 3)
cp -r L L2
leaf=$("$cs" show L 7 --json | jq -r .leaf | sed 's/../\\x&/g')
flip L/data.mdb '\x00\x00\x00\x00\x00\x00\x00\x0b'"$leaf" 12
flip L/data.mdb 'd-1\x00\x00\x00\x00\x00\x00\x00\x00\x03' 19
expect 4 "$cs" verify L
start
expect 3 "$cs" repair L --index
has "open" err
stop
expect 0 "$cs" repair L --index
has "repaired: 62 entries" out
has "kept as L/data.mdb.before-repair" out
expect 0 "$cs" verify L --vkey "$(cat vkey)" --against early
expect 0 "$cs" verify L --vkey "$(cat vkey)" --against late
"$cs" checkpoint L | cmp - late || fail "the repair made another checkpoint"
events 61 70 | "$cs" append L - >/dev/null
expect 0 "$cs" verify L

# an entry and an event: no repair hides that
for pattern in 'CSL1\x00\x00\x00\x00\x00\x00\x00\x05' '"id":"e-9"'; do
    rm -rf D
    cp -r L2 D
    flip D/data.mdb "$pattern" 8
    cp D/data.mdb before
    expect 4 "$cs" repair D --index
    has "entry " err
    has "restore" err
    cmp before D/data.mdb || fail "a refused repair changed something"
    [[ ! -e D/recovery ]] || fail "the repair left something behind"
done

# An older copy put back is good in itself; since signatures come out the same each time, it is also what somebody with
# the keys gets who cuts the tail off and signs the checkpoint of the smaller size.
expect 0 "$cs" verify old --vkey "$(cat vkey)"
expect 0 "$cs" verify old --vkey "$(cat vkey)" --against early
expect 4 "$cs" verify old --vkey "$(cat vkey)" --against late
has "62 entries" out
# written anew from there on, by the same keys, to the same size and beyond
events 141 160 | "$cs" append old - >/dev/null
expect 0 "$cs" verify old --vkey "$(cat vkey)"
expect 4 "$cs" verify old --vkey "$(cat vkey)" --against late
has "another root" out
events 161 170 | "$cs" append old - >/dev/null
expect 4 "$cs" verify old --vkey "$(cat vkey)" --against late --json
[[ $(jq -c '[.ok, .first_bad.seq]' out) == '[false,61]' ]] || fail "$(cat out)"
