#!/usr/bin/env bash
# One ledger from the command line: made, administered, listed, exported, verified, tampered with.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

# init: a real ledger whose admin's key it makes itself
expect 0 "$cs" init L
vkey=$(cat out)
[[ $vkey == countersign/????????+????????+* ]] || fail "no vkey: $vkey"
[[ $(stat -c %a countersign-admin L/admission.key L/checkpoint.key | sort -u) == 600 ]] ||
    fail "a secret key is open to others"
expect 1 "$cs" init L
expect 1 "$cs" init L2
[[ ! -e L2 ]] || fail "a second key pair was made over the first"
mkdir empty
expect 2 "$cs" init empty --admin-out empty/key
expect 2 "$cs" init L3 --origin 'no space'
expect 2 "$cs" init L3 --time 2026-03-01T10:00:00Z
expect 3 "$cs" init L3 --admin root=nothing.pub
expect 2 "$cs" init
expect 2 "$cs" init L3 --frobnicate
expect 0 "$cs" init --help
has "usage: countersign init LEDGER" out

# init by many at once: one makes the ledger, and no other takes its files away
ssh-keygen -q -t ed25519 -N '' -f many
for ((round = 0; round < 20; round++)); do
    for i in 1 2 3 4 5 6; do "$cs" init M --admin root=many.pub >"made.$i" 2>/dev/null & done
    wait
    [[ $(cat made.*) == countersign/* && $(cat made.* | wc -l) == 1 ]] || fail "not one ledger: $(cat made.*)"
    expect 0 "$cs" verify M --vkey "$(cat made.*)"
    [[ -e M/checkpoint.key && -e M/admission.key ]] || fail "a key is gone: $(ls M)"
    rm -r M
done

# init with brought keys, simulated
for name in root alice alice2 mallory; do ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$name"; done
expect 0 "$cs" init S --simulated --origin example.org/s --admin root=root.pub --json
[[ $(jq -r '"\(.origin) \(.simulated) \(.admins[0]) \(.admin_key)"' out) == \
    "example.org/s/simulated true root null" ]] || fail "$(cat out)"
expect 0 "$cs" log S --json
[[ $(jq -r .time out) == 1970-01-01T00:00:00.000000Z ]] || fail "$(cat out)"

# keys
export COUNTERSIGN_KEY=countersign-admin
expect 0 "$cs" key enroll L alice alice.pub
has "accepted: seq 1, ledger #1" out
expect 1 "$cs" key enroll L bob alice.pub
has "refused: seq 2, ledger #2: bad-value" out
expect 0 "$cs" key enroll L alice alice2.pub --vouch alice
expect 0 "$cs" key enroll L mallory mallory.pub --json
[[ $(jq -r .verdict out) == accepted ]] || fail "$(cat out)"
expect 1 "$cs" key enroll L eve mallory.pub --key mallory
has "refused" out
expect 1 env -u COUNTERSIGN_KEY "$cs" role grant L mallory admin --key mallory
has "not-authorized" out
expect 2 env -u COUNTERSIGN_KEY "$cs" role grant L mallory admin
expect 3 "$cs" role grant L mallory admin --key nothing
has "ssh-keygen" err
expect 0 "$cs" key list L --json
[[ $(jq -c '[.[] | [.principal, .by_admin]]' out) == \
    '[["admin",false],["alice",false],["alice",false],["mallory",false]]' ]] || fail "$(cat out)"
fingerprint=$(ssh-keygen -lf mallory.pub | cut -d' ' -f2)
expect 0 "$cs" key revoke L "$fingerprint" --reason compromised --since 4
expect 0 "$cs" key list L
has "$fingerprint  mallory" out
has "suspect since 4" out
expect 2 "$cs" key revoke L "$fingerprint"
expect 2 "$cs" key frobnicate L

# roles
expect 0 "$cs" role grant L alice "Release Manager"
expect 0 "$cs" role list L
has "alice             Release Manager  granted at" out
expect 1 "$cs" role revoke L alice "QA Lead"
expect 0 "$cs" role revoke L alice "release   manager"

# tokens: printed once, kept as a hash, good for what their scope says
expect 0 "$cs" token issue L --principal pipeline --scope write --expires 2099-01-01T00:00:00Z
token=$(cat out)
[[ $token =~ ^[A-Za-z0-9_-]{43}$ ]] || fail "no token: $token"
expect 0 "$cs" token issue L --principal monitor --scope read
reader=$(cat out)
expect 1 "$cs" token issue L --principal alice --scope write
has "has keys" out
expect 2 "$cs" token issue L --principal pipeline --scope everything
expect 0 "$cs" token list L --json
[[ $(jq -r '.[0].sha256' out) == \
    $(printf '%s=' "$token" | tr _- /+ | base64 -d | sha256sum | cut -d' ' -f1) ]] ||
    fail "the hash is not that of the token's bytes"
hash=$(jq -r '.[1].sha256' out)
grep -qraF -- "$token" L && fail "the ledger holds the token"
note='{"specversion":"1.0","id":"n-1","source":"/x","type":"org.example.noted","deployment":"d-1","data":{"text":"hi \u001b[31m"}}'
echo "$note" >note.json
expect 0 env COUNTERSIGN_TOKEN="$token" "$cs" append L note.json
[[ $(jq -r .stream out) == d-1 ]] || fail "$(cat out)"
expect 1 env COUNTERSIGN_TOKEN="$reader" "$cs" append L note.json
expect 0 "$cs" token revoke L "${hash:0:12}"
expect 1 "$cs" token revoke L "$hash"

# log and show
expect 0 "$cs" log L
size=$(wc -l <out)
expect 0 "$cs" log L --json
[[ $(jq -s '[.[].seq] == [range(length)]' out) == true ]] || fail "the log has gaps"
expect 0 "$cs" log L --type key.enrolled --principal admin --json
[[ $(jq -s length out) == 4 ]] || fail "$(cat out)"
expect 0 "$cs" log L --until 2020-01-01T00:00:00Z
[[ ! -s out ]] || fail "$(cat out)"
expect 0 "$cs" log L --since 2020-01-01T00:00:00Z --limit 3
[[ $(wc -l <out) == 3 ]] || fail "$(cat out)"
expect 0 "$cs" log L d-1
has "pipeline" out
expect 1 "$cs" log L d-2
expect 2 "$cs" log L --since yesterday
expect 0 "$cs" show L 1
has "of admin" out
has "verdict      accepted" out
expect 0 "$cs" log L d-1 --json
seq=$(jq -r .seq out)
expect 0 "$cs" show L "$seq" --json
[[ $(jq -r .event.id out) == n-1 ]] || fail "$(cat out)"
expect 1 "$cs" show L "$seq" --sshsig none
expect 1 "$cs" show L 999
expect 2 "$cs" show L x
grep -q $'\x1b' out && fail "a control character reached the screen"

# the signature of an entry holds without us, and not for another event
expect 0 "$cs" show L 1 --sshsig sig
check() {
    ssh-keygen -Y verify -n event@countersign -f sig/allowed_signers -I admin \
        -s sig/event.json.sig <"$1" >out 2>&1
}
check sig/event.json || fail "ssh-keygen says: $(cat out)"
has "Good" out
echo >>sig/event.json
check sig/event.json && fail "ssh-keygen takes another event"

# an event signed apart, with this ledger's id
id=$("$cs" log L --json --limit 1 | jq -r .event.data.ledger)
jq -c --arg id "$id" '.id = "n-2" | .ledger = $id' note.json >note2.json
expect 0 "$cs" sign note2.json --key alice --json
[[ $(jq -r .payload out | base64 -d) == "$(cat note2.json)" ]] || fail "another payload"
cp out envelope.json
expect 0 "$cs" append L envelope.json
expect 1 "$cs" append S envelope.json
expect 3 "$cs" sign nothing.json --key alice
expect 2 env -u COUNTERSIGN_KEY "$cs" sign note2.json

# verify
expect 0 "$cs" checkpoint L
cp out early
expect 0 "$cs" role grant L alice CTO
expect 0 "$cs" verify L --vkey "$vkey" --against early --json
[[ $(jq -r '"\(.ok) \(.entries == .size) \(.first_bad)"' out) == "true true null" ]] ||
    fail "$(cat out)"
(($(jq .size out) > size)) || fail "$(cat out)"
expect 0 "$cs" verify L --only hashes
has "not checked" out
expect 0 "$cs" checkpoint S
cp out foreign
expect 4 "$cs" verify L --against foreign
expect 2 "$cs" verify L --only everything
for command in verify log checkpoint; do expect 3 "$cs" "$command" nothing; done

# one flipped bit in the entry at position 5, wherever LMDB has a copy of it
offsets=$(LC_ALL=C grep -abo -P 'CSL1\x00\x00\x00\x00\x00\x00\x00\x05' L/data.mdb | cut -d: -f1)
[[ -n $offsets ]] || fail "no entry 5 in data.mdb"
for offset in $offsets; do
    at=$((offset + 92 + 40))
    byte=$(od -An -tu1 -j "$at" -N 1 L/data.mdb)
    printf "\\x$(printf %02x $((byte ^ 1)))" |
        dd of=L/data.mdb bs=1 seek="$at" conv=notrunc status=none
done
expect 4 "$cs" verify L
has "entry 5" out
expect 4 "$cs" verify L --json
[[ $(jq -r '"\(.ok) \(.first_bad.seq)"' out) == "false 5" ]] || fail "$(cat out)"
