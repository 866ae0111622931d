#!/usr/bin/env bash
# Keys of people and of the ledger itself: allowed_signers files in and out, revocation, and the change of the ledger's
# own keys, by hand and by the daemon, to its end and cut short anywhere.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

make_key() { ssh-keygen -q -t ed25519 -N '' -C "${2:-}" -f "$1"; }
entries() { "$cs" checkpoint "$1" --json | jq .size; }
signatures() { "$cs" checkpoint "$1" | grep -c '^— '; }
# wait_for COMMAND...: until it is true
wait_for() {
    for ((i = 0; i < 200; i++)); do
        ! "$@" || return 0
        sleep 0.05
    done
    fail "waited in vain for $*: $(cat serve.log)"
}
start() {
    "$cs" serve "$1" --listen 127.0.0.1:0 >>serve.log 2>&1 &
    daemon=$!
    wait_for test -s "$1/serve.json"
}
stop() {
    kill "-${1:-TERM}" "$daemon"
    wait "$daemon" 2>/dev/null || true
    daemon=
}

make_key root
make_key one
make_key two
for name in ann bob cid dan eve; do make_key "$name" "$name at work"; done
pub() { cut -d' ' -f1,2 "$1.pub"; }
expect 0 "$cs" init L --admin root=root.pub
export COUNTERSIGN_KEY=$PWD/root

# import: what OpenSSH takes, and a ledger can hold
{
    printf '# who signs\n\n   \t\n'
    printf 'ann %s\n' "$(cat ann.pub)"
    printf '\t "bob"  namespaces="file,event@*" %s a comment\r\n' "$(pub bob)"
    printf 'cid@example.com NAMESPACES="git,event@countersign" %s' "$(pub cid)"
} >signers
expect 0 "$cs" key import L signers --dry-run
has "line 4: $(ssh-keygen -lf ann.pub | cut -d' ' -f2)  ann  would be enrolled" out
has "3 would be enrolled, 0 enrolled already" out
[[ $(entries L) == 1 ]] || fail "a dry run wrote"
expect 0 "$cs" key import L signers
has "line 6: $(ssh-keygen -lf cid.pub | cut -d' ' -f2)  cid@example.com  enrolled at 3" out
[[ $(entries L) == 4 ]] || fail "not three entries"
expect 0 "$cs" key import L signers --json
[[ $(jq -c '[(.enrolled | length), (.skipped | length), .dry_run]' out) == '[0,3,false]' ]] || fail "$(cat out)"
[[ $(entries L) == 4 ]] || fail "what is enrolled already was enrolled again"
expect 0 "$cs" key import L - --json < <(printf 'dan %s\ndan %s\nann %s\n' "$(pub dan)" "$(pub dan)" "$(pub ann)")
[[ $(jq -c '[[.enrolled[] | [.line, .principal, .seq]], (.skipped | length)]' out) == '[[[1,"dan",4]],2]' ]] || fail "$(cat out)"

# a further key: by the admin alone it is flagged, vouched for it is not
printf 'ann %s\n' "$(pub one)" >further
expect 0 "$cs" key import L further
printf 'ann %s\nbob %s\n' "$(pub two)" "$(pub eve)" >further
expect 0 "$cs" key import L further --vouch ann
expect 0 "$cs" key list L --json
[[ $(jq -c '[.[] | select(.by_admin) | .public_key]' out) == "$(jq -cn --arg one "$(pub one)" --arg eve "$(pub eve)" '[$one, $eve]')" ]] ||
    fail "by_admin: $(cat out)"
expect 3 "$cs" key import L further --vouch nobody
make_key stranger
expect 1 "$cs" key import L <(printf 'x %s\n' "$(pub stranger)") --vouch stranger

# one line that cannot be taken refuses the file, and names the line
size=$(entries L)
make_key fresh
ssh-keygen -q -t rsa -b 2048 -N '' -f rsa
ssh-keygen -q -t ecdsa -b 384 -N '' -f ecdsa
"$cs" token issue L --principal robot --scope write >/dev/null
size=$((size + 1))
while IFS='|' read -r code words line; do
    printf 'new %s\n%b\nother %s\n' "$(pub fresh)" "$line" "$(pub stranger)" >bad
    expect "$code" "$cs" key import L bad
    has "line 2: " err
    has "$words" err
    has "nothing is enrolled" err
done <<END
3|no key behind the principal|kim
3|no key behind the options|kim namespaces="event@countersign"
3|no SSH public key of a known type|kim ssh-foo AAAA
3|not in base64|kim ssh-ed25519 ????
3|cut short|kim ssh-ed25519 AAAA
3|no SSH public key of a known type|$(pub fresh)
3|the ssh-rsa key has 2048 bits|kim $(pub rsa)
3|keys of type ecdsa-sha2-nistp384 are not supported|kim $(pub ecdsa)
3|certificates are not supported|kim cert-authority $(pub fresh)
3|certificates are not supported|kim namespaces="event@countersign",cert-authority $(pub fresh)
3|several principals|kim,lee $(pub fresh)
3|is a pattern|*@example.com $(pub fresh)
3|cannot name a principal|"kim lee" $(pub fresh)
3|cannot name a principal|-kim $(pub fresh)
3|none who can have keys|ledger $(pub fresh)
3|none who can have keys|amqp:kim $(pub fresh)
3|do not match|"kim $(pub fresh)
3|namespaces\` is without event@countersign|kim namespaces="git,file" $(pub fresh)
3|namespaces\` is without event@countersign|kim namespaces="*,!event@countersign" $(pub fresh)
3|twice|kim namespaces="*",namespaces="*" $(pub fresh)
3|not closed|kim namespaces="* $(pub fresh)
3|no option|kim verify-required="x" $(pub fresh)
3|stands in quotes|kim namespaces=* $(pub fresh)
3|no times of validity|kim valid-after="20260101Z" $(pub fresh)
3|no times of validity|kim namespaces="*",VALID-BEFORE="20260101" $(pub fresh)
3|belongs to one principal|kim $(pub fresh)
3|control character|kim\\0001 $(pub fresh)
3|control character|kim $(pub fresh) com\\rment
3|more than 8192 bytes|kim $(printf '%08200d' 0)
1|the key is enrolled to ann|kim $(pub ann)
1|robot has a token|robot $(pub rsa >/dev/null; make_key more; pub more)
END
printf 'new %s\nkim\0 %s\n' "$(pub fresh)" "$(pub stranger)" >bad
expect 3 "$cs" key import L bad
has "line 2: it has a control character" err
expect 3 "$cs" key import L nothing
expect 2 "$cs" key import L
expect 2 env -u COUNTERSIGN_KEY "$cs" key import L signers
expect 1 "$cs" key import L <(printf 'new %s\n' "$(pub fresh)") --key ann
has "nothing is enrolled: ann is not an admin" err
[[ $(entries L) == "$size" ]] || fail "a refused file wrote: $(entries L), not $size"

# export: ssh-keygen takes it, for the keys that are valid
expect 0 "$cs" key export L
cp out allowed
[[ $(wc -l <allowed) == 8 ]] || fail "$(cat allowed)"
[[ $(head -n 1 allowed) == "root namespaces=\"event@countersign\" $(pub root)" ]] || fail "$(cat allowed)"
expect 0 "$cs" key export L --json
jq -r '.[] | "\(.principal) namespaces=\"event@countersign\" \(.public_key)"' out | cmp - allowed || fail "$(cat out)"
[[ $(jq -c '.[0] | [.key, .valid_after, .valid_before]' out) == "[\"$(ssh-keygen -lf root.pub | cut -d' ' -f2)\",null,null]" ]] ||
    fail "$(cat out)"
echo '{"an":"event"}' >event.json
verifies() { ssh-keygen -Y verify -n event@countersign -f "$1" -I "$2" -s event.json.sig "${@:3}" <event.json >said 2>&1; }
signed_by() { rm -f event.json.sig; ssh-keygen -q -Y sign -n event@countersign -f "$1" event.json 2>/dev/null; }
signed_by ann
verifies allowed ann || fail "ssh-keygen: $(cat said)"
! verifies allowed bob || fail "ssh-keygen takes another's key"
"$cs" init C --admin root=root.pub >/dev/null
expect 0 "$cs" key import C allowed
has "7 enrolled, 1 enrolled already" out
[[ $("$cs" key export C | sort) == "$(sort allowed)" ]] || fail "an export that was imported is another"

# revocation: what was signed before stays; what comes after is recorded and refused; nothing stops verifying
fingerprint() { ssh-keygen -lf "$1.pub" | cut -d' ' -f2; }
expect 0 "$cs" role grant L ann admin
expect 0 "$cs" role grant L bob lead --key ann
sleep 1
expect 0 "$cs" key revoke L "$(fingerprint ann)" --reason retired
expect 1 "$cs" role grant L bob lead --key ann
has "key-revoked" out
expect 0 "$cs" verify L
"$cs" role grant C ann admin >/dev/null
since=$(($(entries C) - 1))
expect 0 "$cs" role grant C bob lead --key ann
expect 0 "$cs" key revoke C "$(fingerprint ann)" --reason compromised --since "$since"
expect 1 "$cs" role grant C cid@example.com lead --key ann
expect 0 "$cs" verify C
has "good: $(entries C) entries" out
expect 0 "$cs" role revoke C bob lead
expect 0 "$cs" key export L
lacks "$(pub ann)" out
expect 1 "$cs" key import L <(printf 'ann %s\n' "$(pub ann)")
has "line 1: the key was revoked at entry" err
expect 0 "$cs" key export L --all
cp out all
[[ $(grep -c 'valid-before="[0-9]\{14\}Z"' all) == 1 && $(grep -c 'valid-after="[0-9]\{14\}Z"' all) == 8 ]] || fail "$(cat all)"
expect 0 "$cs" key export L --all --json
[[ $(jq -c '[map(select(.valid_before))[].principal, length, (map(select(.valid_after)) | length)]' out) == '["ann",8,8]' ]] ||
    fail "$(cat out)"
revoked=$(sed -n 's/.*valid-before="\([0-9]*\)Z".*/\1/p' all)
verifies all ann -Overify-time="${revoked}Z" || fail "ssh-keygen before the end: $(cat said)"
! verifies all ann -Overify-time="$((revoked + 1000000))Z" || fail "ssh-keygen takes a key after its end"
! verifies all ann -Overify-time=20200101Z || fail "ssh-keygen takes a key before it was enrolled"
signed_by bob
verifies all bob || fail "ssh-keygen: $(cat said)"
expect 3 "$cs" key import C all
has "no times of validity" err

# the daemon takes an import one by one; one that breaks off says so, and the next goes on
: >many
for i in $(seq 24); do
    make_key "many$i"
    printf 'm%d %s\n' "$i" "$(pub "many$i")" >>many
done
start C
before=$(entries C)
expect 0 "$cs" key import C further
"$cs" key import C many >out 2>err &
import=$!
wait_for eval '(($(entries C) >= before + 3))'
stop KILL
code=0
wait "$import" || code=$?
((code == 3)) || fail "an import without its daemon gave $code: $(cat out err)"
has "of 24 keys are enrolled; run it again to go on" err
expect 0 "$cs" key import C many --json
done_before=$(jq '.skipped | length' out)
((done_before >= 3 && done_before < 24)) || fail "$done_before were enrolled before"
[[ $("$cs" key list C --json | jq '[.[].principal | select(startswith("m"))] | length') == 24 ]] || fail "not each once"
expect 0 "$cs" verify C

# the ledger's own keys, in a simulated ledger, to the end of the overlap
expect 0 "$cs" init S --admin root=root.pub --simulated --time 2026-01-01T00:00:00Z
old=$(cat out)
grant() { expect 0 "$cs" role grant S root "$1" --time "$2"; }
grant a 2026-01-02T00:00:00Z
"$cs" checkpoint S >before.note
cp S/checkpoint.key S/admission.key .
expect 2 "$cs" key rotate S --overlap 1000
expect 2 env -u COUNTERSIGN_KEY "$cs" key rotate S
expect 1 "$cs" key rotate S --key ann
[[ $(entries S) == 2 ]] || fail "a stranger wrote"
expect 0 "$cs" key rotate S --time 2026-01-03T00:00:00Z
new=$(cat out)
[[ $new != "$old" && ${new%%+*} == "${old%%+*}" ]] || fail "$new after $old"
[[ $(signatures S) == 2 ]] || fail "$("$cs" checkpoint S)"
"$cs" checkpoint S >both.note
expect 1 "$cs" key rotate S --time 2026-01-04T00:00:00Z
has "hold until 2026-02-02T00:00:00" err
grant b 2026-02-02T00:00:00Z
[[ $(signatures S) == 2 && -e S/checkpoint-next.key ]] || fail "the overlap ended early"
expect 0 "$cs" verify S
grant c 2026-02-02T00:00:01Z
[[ $(signatures S) == 1 && ! -e S/checkpoint-next.key && ! -e S/admission-next.key ]] || fail "the overlap has not ended"
! cmp -s checkpoint.key S/checkpoint.key || fail "the old key is still there"
"$cs" checkpoint S >after.note
expect 0 "$cs" key ledger S --json
[[ $(jq -c '[.[] | [.vkey, .from, .until]]' out) == "[[\"$old\",0,null],[\"$new\",2,\"2026-02-02T00:00:00.000000Z\"]]" ]] ||
    fail "$(cat out)"
expect 0 "$cs" key ledger S
has "$new  from entry 2, beside the one before until 2026-02-02" out
for vkey in "$old" "$new"; do expect 0 "$cs" verify S --vkey "$vkey"; done
for note in before both after; do expect 0 "$cs" verify S --against $note.note; done
expect 0 "$cs" verify S --vkey "$old"
has "the key given signed from entry 0 on; another followed it at entry 2" out
expect 0 "$cs" verify S --vkey "$old" --json
[[ $(jq -c .vkey out) == '{"from":0,"to":2}' ]] || fail "$(cat out)"
expect 0 "$cs" report S --year 2026 --format json,html --out report
cp report/report.json out
has "Keys of the ledger" report/report.html
[[ $(jq -c '[.cover.key, .ledger_keys]' out) == \
    "[\"$new\",[{\"vkey\":\"$old\",\"from_seq\":0,\"until_seq\":2},{\"vkey\":\"$new\",\"from_seq\":2}]]" ]] || fail "$(jq .cover out)"
[[ $(jq -r '.changes[] | select(.act == "ledger.rekeyed") | .key' out) == "$new" ]] || fail "$(jq .changes out)"
expect 4 "$cs" verify S --vkey "$("$cs" init X --simulated --admin root=root.pub --origin "${old%%+*}")"
# each checkpoint by itself: by the keys that it has
expect 0 "$cs" verify before.note --vkey "$old"
expect 1 "$cs" verify before.note --vkey "$new"
for vkey in "$old" "$new"; do expect 0 "$cs" verify both.note --vkey "$vkey"; done
expect 1 "$cs" verify after.note --vkey "$old"
expect 0 "$cs" verify after.note --vkey "$new"

# the old secrets are of no use any more
cp -r S stale
cp checkpoint.key admission.key stale/
expect 4 "$cs" role grant stale root d
has "is not the key that the ledger names" err
# without an overlap: the checkpoint of the change has both, the next the new alone
expect 0 "$cs" key rotate S --overlap 0 --time 2026-02-03T00:00:00Z --json
[[ $(jq -c '[.verdict, .until]' out) == '["accepted",null]' && $(signatures S) == 2 ]] || fail "$(cat out)"
# of the two signatures none may be missing
expect 0 "$cs" export S --tiles half --events
expect 0 python3 "$root/tests/oracle/oracle.py" tiles half
cp half/checkpoint whole.note
for line in 5 6; do
    sed "${line}d" whole.note >half/checkpoint
    expect 1 python3 "$root/tests/oracle/oracle.py" tiles half
    has "no signature by a known key" err
done
grant d 2026-02-03T00:00:00Z
[[ $(signatures S) == 1 && ! -e S/checkpoint-next.key ]] || fail "the change has not ended"
expect 0 "$cs" verify S
# the second implementation follows the keys through both changes, and misses none
expect 0 "$cs" export S --tiles tiles --events
expect 0 python3 "$root/tests/oracle/oracle.py" tiles tiles
[[ $(jq .entries out) == $(entries S) ]] || fail "$(cat out)"

# through the daemon, which takes the keys over without a restart
start L
expect 0 "$cs" key rotate L
expect 0 "$cs" role grant L bob one
[[ $(signatures L) == 2 ]] || fail "the daemon signs by one key"
curl -fsS "$(jq -r .url L/serve.json)/checkpoint" | grep -c '^— ' | grep -qx 2 || fail "the daemon serves another checkpoint"
stop
[[ -e L/checkpoint-next.key ]] || fail "the overlap ended early"
start L
expect 0 "$cs" role grant L bob two
[[ $(signatures L) == 2 ]] || fail "after a restart the daemon signs by one key"
# keys that leak before the overlap is over: a change without one ends it, in the running daemon too
expect 1 "$cs" key rotate L --overlap 1
has "--overlap 0 ends them now" err
cp L/checkpoint.key first.key
cp L/checkpoint-next.key second.key
expect 0 "$cs" key rotate L --overlap 0
[[ $(signatures L) == 2 && -z $(find L -name '*-next.key' -o -name '*-after.key') ]] || fail "$("$cs" checkpoint L; ls L)"
! grep -qf first.key -f second.key L/*.key || fail "an old secret is still there"
expect 0 "$cs" role grant L bob three
[[ $(signatures L) == 1 ]] || fail "the daemon still signs by an old key"
stop
expect 0 "$cs" verify L
expect 0 "$cs" export L --tiles ended --events
expect 0 python3 "$root/tests/oracle/oracle.py" tiles ended
start C
vkeys=$("$cs" key ledger C --json | jq length)
for i in 1 2; do
    expect 0 "$cs" key rotate C --overlap 0
    [[ $(signatures C) == 2 && ! -e C/checkpoint-next.key ]] || fail "change $i of the daemon's keys"
    expect 0 "$cs" role grant C bob "r$i"
    [[ $(signatures C) == 1 ]] || fail "the daemon still signs by the old key"
done
[[ $("$cs" key ledger C --json | jq length) == $((vkeys + 2)) ]] || fail "two changes are not two"

# killed around a change: whatever came of it, the ledger opens, holds, and goes on
for i in $(seq 12); do
    "$cs" key rotate C --overlap 0 >/dev/null 2>&1 &
    rotate=$!
    sleep "0.0$((i * 7 % 10))$((i % 10))"
    if ((i % 3 == 0)); then kill -KILL "$rotate" 2>/dev/null || true; else stop KILL; fi
    wait "$rotate" 2>/dev/null || true
    [[ -n $daemon ]] || start C
    expect 0 "$cs" role grant C bob "k$i"
done
stop
expect 0 "$cs" key rotate C --overlap 0
[[ ! -e C/checkpoint-next.key && ! -e C/admission-next.key ]] || fail "new keys were left over"
for i in $(seq 12); do
    "$cs" key rotate C --overlap 0 >/dev/null 2>&1 &
    rotate=$!
    sleep "0.0$((i * 3 % 10))$((i % 10))"
    kill -KILL "$rotate" 2>/dev/null || true
    wait "$rotate" 2>/dev/null || true
    expect 0 "$cs" role grant C bob "c$i"
done
expect 0 "$cs" verify C
