#!/usr/bin/env bash
# Proofs, the history of checkpoints, and the export of tiles, from the command line, checked by the oracle too.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
oracle=$root/tests/oracle

# events FROM TO: each tenth comes ten seconds after the one before it, so that the commit that it is in keeps its
# checkpoint, in how many commits they ever come
events() {
    local at
    for ((i = $1; i <= $2; i++)); do
        at=$((i / 10 * 10))
        printf '{"specversion":"1.0","id":"e%d","source":"/x","type":"org.example.t","deployment":"d-%d",' $i $((i % 3))
        printf '"time":"1970-01-%02dT%02d:%02d:%02dZ",' $((1 + at / 86400)) $((at / 3600 % 24)) $((at / 60 % 60)) $((at % 60))
        printf '"data":{"n":%d}}\n' $i
    done
}
more() { events "$1" "$2" | COUNTERSIGN_TOKEN=$token "$cs" append S >/dev/null || fail "append"; }

ssh-keygen -q -t ed25519 -N '' -f root
expect 0 "$cs" init S --simulated --origin example.org/s --admin root=root.pub
vkey=$(cat out)
expect 0 "$cs" token issue S --principal pipe --scope write --key root
token=$(cat out)
for first in 1 11 21 31; do more $first $((first + 9)); done

# history: those kept and the last; one of them again
expect 0 "$cs" checkpoint S --history --json
[[ $(jq -c '[.size, (.keys | length), .time[17:19]]' out | tr -d '\n') == \
    '[1,1,"00"][12,1,"10"][22,1,"20"][32,1,"30"][42,1,"40"]' ]] || fail "$(cat out)"
expect 0 "$cs" checkpoint S --history
[[ $(wc -l <out) == 5 ]] || fail "$(cat out)"
for size in 1 12 22 32 42; do
    expect 0 "$cs" checkpoint S --size $size
    cp out c$size
    expect 0 "$cs" verify c$size --vkey "$vkey"
    has "good: a checkpoint of size $size" out
    expect 0 "$cs" verify S --against c$size
done
expect 0 "$cs" checkpoint S
cmp -s out c42 || fail "the last is not the kept one"
expect 1 "$cs" checkpoint S --size 13
has "12 and 22" err
expect 1 "$cs" checkpoint S --size 43
expect 2 "$cs" checkpoint S --size 0
expect 2 "$cs" checkpoint S --size 1 --history

# a proof of every entry, against the last checkpoint and older ones; the oracle says the same
for seq in 0 1 7 21 22 31 41; do
    expect 0 "$cs" prove S $seq
    cp out p
    expect 0 "$cs" verify p --vkey "$vkey" --json
    [[ $(jq -c '[.ok, .size, .entry.seq]' out) == "[true,42,$seq]" ]] || fail "$(cat out)"
    expect 0 python3 "$oracle/proofs.py" proof p --vkey "$vkey"
done
expect 0 "$cs" prove S 21 --size 22 --with-event
cp out p
head -n 1 p | grep -qx 'c2sp.org/tlog-proof@v1' || fail "$(cat p)"
expect 0 "$cs" verify p --vkey "$vkey"
has "good: entry 21 is in the ledger as of size 22" out
has "event id     e20" out
has "not checked: the signatures of the entry itself" out
lacks "digest only" out
expect 0 "$cs" verify - --vkey "$vkey" --json <p
[[ $(jq -r '.entry | "\(.stream) \(.principal) \(.event.id)"' out) == "d-2 pipe e20" ]] || fail "$(cat out)"
expect 0 python3 "$oracle/proofs.py" proof p --vkey "$vkey"
[[ $(jq -r '.event | fromjson | .id' out) == e20 ]] || fail "$(cat out)"
expect 0 "$cs" prove S 21 --size 22 --with-event --json
[[ $(jq -c '[.origin, .size, .seq]' out) == "[\"${vkey%%+*}\",22,21]" ]] || fail "$(cat out)"
jq -rj .proof out | cmp - p || fail "$(cat out)"
expect 0 "$cs" prove S 5 --checkpoint c12
grep -qx 12 out || fail "$(cat out)"
expect 1 "$cs" prove S 42
expect 1 "$cs" prove S 22 --size 22
expect 1 "$cs" prove S 2 --size 23
expect 2 "$cs" prove S 2 --size 22 --checkpoint c22
expect 2 "$cs" prove S two
expect 3 "$cs" prove S 2 --checkpoint nothing
expect 3 "$cs" prove nothing 2

# the same without the entry in the proof: by its bytes, or by its leaf hash
expect 0 "$cs" prove S 21
grep -v '^extra ' out >bare
expect 3 "$cs" verify bare --vkey "$vkey"
has "--entry FILE" err
sed -n 's/^extra //p' p | base64 -d >extra
tail -c +3 extra | head -c $((16#$(head -c 2 extra | od -An -tx1 | tr -d ' '))) >entry
expect 0 "$cs" verify bare --vkey "$vkey" --entry entry
has "stream       d-2" out
leaf=$("$cs" show S 21 --json | jq -r .leaf)
expect 0 "$cs" verify bare --vkey "$vkey" --leaf "$leaf"
has "only its leaf hash" out
expect 0 "$cs" verify p --vkey "$vkey" --leaf "$leaf"
expect 1 "$cs" verify p --vkey "$vkey" --leaf "$(printf '0%.0s' {1..64})"
head -c 50 entry >short
expect 1 "$cs" verify bare --vkey "$vkey" --entry short
expect 2 "$cs" verify p --vkey "$vkey" --leaf nohex

# what does not hold: another index, another key, another ledger's checkpoint, no key at all
sed 's/^index 21/index 20/' p >q
expect 1 "$cs" verify q --vkey "$vkey" --json
[[ $(jq -r '"\(.ok) \(.what)"' out) == "false the entry says that it is entry 21"* ]] || fail "$(cat out)"
expect 1 python3 "$oracle/proofs.py" proof q --vkey "$vkey"
expect 0 "$cs" init T --simulated --origin example.org/s --admin root=root.pub
other=$(cat out)
expect 1 "$cs" verify p --vkey "$other"
expect 1 "$cs" verify c22 --vkey "$other"
expect 1 "$cs" prove T 0 --checkpoint c1
expect 2 "$cs" verify p
has "--vkey" err
expect 2 "$cs" verify c22 --vkey nonsense
expect 2 "$cs" verify c22 --vkey "$vkey" --against c12
has "--against" err
expect 2 "$cs" verify c22 --vkey "$vkey" --leaf "$leaf"
expect 3 "$cs" verify root.pub --vkey "$vkey"
has "is no bundle, tlog-proof or checkpoint" err

# tiles: written once, brought up to date, checked by the oracle; the events only when asked for
expect 0 "$cs" export S --tiles bare.tiles
has "42 entries" out
expect 0 "$cs" export S --tiles tiles --events --json
[[ $(jq -c '[.size, .written, .left]' out) == '[42,3,0]' ]] || fail "$(cat out)"
[[ $(cd tiles && find . -type f | sort | tr '\n' ' ') == \
    './checkpoint ./tile/0/000.p/42 ./tile/entries/000.p/42 ./tile/events/000.p/42 ' ]] || fail "$(find tiles)"
[[ $(stat -c %a tiles/checkpoint) == 644 ]] || fail "the web server cannot read it"
expect 0 python3 "$oracle/oracle.py" tiles tiles
[[ $(jq '.entries' out) == 42 ]] || fail "$(cat out)"
expect 0 python3 "$oracle/oracle.py" tiles bare.tiles --vkey "$vkey"
[[ $(jq -c '[.entries, .signatures]' out) == '[42,1]' ]] || fail "$(cat out)"
expect 1 python3 "$oracle/oracle.py" tiles bare.tiles
expect 0 python3 "$oracle/proofs.py" checkpoint c1 c12 c22 c32 c42 --vkey "$vkey" --tiles bare.tiles
expect 1 python3 "$oracle/proofs.py" checkpoint c1 --vkey "$other" --tiles bare.tiles
more 41 300
expect 0 "$cs" export S --tiles bare.tiles --json
[[ $(jq -c '[.size, .written, .left]' out) == '[302,5,0]' ]] || fail "$(cat out)"
[[ ! -e bare.tiles/tile/0/000.p ]] || fail "a partial tile was left"
expect 0 "$cs" export S --tiles fresh.tiles
diff -r bare.tiles fresh.tiles || fail "another export by steps than at once"
expect 0 "$cs" export S --tiles tiles --events
for size in 1 12 22 32 42; do
    expect 0 python3 "$oracle/proofs.py" checkpoint c$size --vkey "$vkey" --tiles tiles
done
expect 1 "$cs" export S --tiles tiles
has "--events" err
expect 1 "$cs" export T --tiles bare.tiles
expect 1 "$cs" export S --tiles T
expect 2 "$cs" export S
expect 3 "$cs" export nothing --tiles other
expect 3 "$cs" export S --tiles no/such/place

# the ledger's keys change: with both signatures a proof holds by either vkey, later by the new one alone; the oracle
# follows from the events
expect 0 "$cs" init R --simulated --origin example.org/r --admin root=root.pub
vkey=$(cat out)
expect 0 "$cs" token issue R --principal pipe --scope write --key root
token=$(cat out)
send() { events "$1" "$2" | COUNTERSIGN_TOKEN=$token "$cs" append R >/dev/null || fail "append"; }
send 1 9
expect 0 "$cs" key rotate R --overlap 1 --key root
new=$(cat out)
send 10 12
holds() {
    expect 0 "$cs" prove R 5
    cp out p
    expect "$1" "$cs" verify p --vkey "$vkey"
    expect 0 "$cs" verify p --vkey "$new"
    expect "$1" python3 "$oracle/proofs.py" proof p --vkey "$vkey"
    expect 0 python3 "$oracle/proofs.py" proof p --vkey "$new"
    expect 0 "$cs" export R --tiles rekeyed.tiles --events
    expect 0 python3 "$oracle/oracle.py" tiles rekeyed.tiles
}
holds 0
expect 0 "$cs" verify p --vkey "$vkey"
has "whose key was not given" out
expect 0 "$cs" checkpoint R --history --json
[[ $(tail -n 1 out | jq '.keys | length') == 2 ]] || fail "$(cat out)"
send 90000 90002
holds 1
