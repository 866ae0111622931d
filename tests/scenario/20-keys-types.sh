#!/usr/bin/env bash
# Signers with keys of all five types: enrolled, approving, shown, checked by stock ssh-keygen and by the oracle, revoked;
# security keys with touch and PIN on and off, against what the policy asks for; and keys that are not taken.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
oracle=$root/tests/oracle

# The security keys are software, which stock ssh-keygen takes for a device.
cc -shared -fPIC -o sk_device.so "$root/tests/scenario/sk_device.c" -lcrypto -lsodium
export SSH_SK_PROVIDER=$work/sk_device.so SK_DEVICE_COUNTER=$work/counter SK_DEVICE_FLAGS=1

# is WANTED FILTER [FILE]: what jq makes of the file, out
is() {
    local found
    found=$(jq -r "$2" "${3:-out}") || fail "no JSON: $(head -c 300 "${3:-out}")"
    [[ $found == "$1" ]] || fail "$2 is $found, not $1"
}
# act CODE WHO VERB ARGUMENTS...: on the deployment $id, a minute on; the receipt is in out
minute=0
act() {
    local wanted=$1 who=$2 verb=$3
    shift 3
    minute=$((minute + 1))
    expect "$wanted" "$cs" "$verb" L "$id" "$@" --key "$who" --json \
        --time "$(date -u -d "2026-03-03T08:00:00Z + $minute minutes" +%FT%TZ)"
}
# checked SEQ WHO: stock ssh-keygen finds WHO's signature on that entry good
checked() {
    expect 0 "$cs" show L "$1" --sshsig "sig-$1"
    (cd "sig-$1" && ssh-keygen -Y verify -n event@countersign -f allowed_signers -I "$2" -s event.json.sig <event.json) >out 2>err ||
        fail "ssh-keygen refuses the approval of $2: $(cat err)"
    has "Good \"event@countersign\" signature for $2" out
}

people=(ann bea cyd dot eli)
roles=("Release Manager" "Security Lead" "Technical Lead" "Product Manager" "Operations Manager")
types=(ssh-ed25519 ecdsa-sha2-nistp256 ssh-rsa sk-ssh-ed25519@openssh.com sk-ecdsa-sha2-nistp256@openssh.com)
bits=(256 256 3072 256 256)
for name in root ann; do ssh-keygen -q -t ed25519 -N '' -f "$name"; done
ssh-keygen -q -t ecdsa -b 256 -N '' -f bea
ssh-keygen -q -t rsa -b 3072 -N '' -f cyd
ssh-keygen -q -t ed25519-sk -N '' -f dot
ssh-keygen -q -t ecdsa-sk -O application=ssh:work -N '' -f eli

cat >small.md <<'END'
# Small deployment

## For a test

## BEFORE (T-24 hours to T-0)

### Readiness

- [ ] All approvals obtained:
  - [ ] Release Manager: ______
  - [ ] Security Lead: ______
  - [ ] Technical Lead: ______
  - [ ] Product Manager: ______
  - [ ] Operations Manager: ______

## GATES

### Gate 1: go (T-1 hour)

**Decision Authority:** Release Manager

- [ ] No blockers

**Decision: [ ] GO [ ] NO-GO**
END

# each type can begin a ledger, and be enrolled
admins=()
for name in "${people[@]}"; do admins+=(--admin "$name=$name.pub"); done
expect 0 "$cs" init A --simulated "${admins[@]}" --json
is "ann bea cyd dot eli" '.admins | join(" ")'
for name in "${people[@]}"; do expect 0 "$cs" role grant A "$name" "made by $name" --key "$name"; done
expect 0 "$cs" verify A
expect 0 "$cs" init L --simulated --time 2026-03-01T00:00:00Z --admin root=root.pub
for i in "${!people[@]}"; do
    expect 0 "$cs" key enroll L "${people[i]}" "${people[i]}.pub" --key root
    expect 0 "$cs" role grant L "${people[i]}" "${roles[i]}" --key root
done
expect 0 "$cs" role grant L root deployer --key root
expect 0 "$cs" key list L
for i in "${!people[@]}"; do
    fingerprint=$(ssh-keygen -lf "${people[i]}.pub" | cut -d' ' -f2)
    grep -q "^$fingerprint  ${people[i]} *${types[i]} ${bits[i]} bits, enrolled at " out || fail "${people[i]}: $(cat out)"
done
expect 0 "$cs" key list L --json
is "$(printf '%s\n' ssh-ed25519 "${types[@]}" | paste -sd' ')" '[.[].type] | join(" ")'
is "256 ${bits[*]}" '[.[].bits] | join(" ")'
expect 0 "$cs" key export L
cp out allowed_signers
expect 0 "$cs" init I --admin root=root.pub
expect 0 "$cs" key import I allowed_signers --key root
has "5 enrolled, 1 enrolled already" out

# keys that are not taken say which are
taken="sk-ssh-ed25519@openssh.com and sk-ecdsa-sha2-nistp256@openssh.com are"
ssh-keygen -q -t ecdsa -b 384 -N '' -f long
ssh-keygen -q -t rsa -b 2048 -N '' -f short
ssh-keygen -q -s root -I cert -n zoe ann.pub
while IFS='|' read -r file words; do
    expect 3 "$cs" key enroll L zoe "$file" --key root
    has "$words" err
done <<END
long.pub|keys of type ecdsa-sha2-nistp384 are not supported: ssh-ed25519, ecdsa-sha2-nistp256, ssh-rsa (3072 bits or more), $taken
short.pub|the ssh-rsa key has 2048 bits, fewer than the 3072
ann-cert.pub|certificates are not supported
END
expect 3 "$cs" init N --admin zoe=long.pub
expect 3 "$cs" key import L <(printf 'zoe cert-authority %s\n' "$(cat root.pub)") --key root
has "certificates" err

# five approvals, each with a key of another type; the policy asks some for more than they give
ledger=$("$cs" show L 0 --json | jq -r .event.data.ledger)
jq -cn --arg ledger "$ledger" '{specversion: "1.0", id: "p", source: "/test", type: "dev.countersign.policy.set.v1", ledger: $ledger,
    data: {touch: ["Product Manager", "Operations Manager", "Security Lead"], pin: ["Operations Manager"]}}' >policy.json
expect 0 "$cs" sign policy.json --key root
cp out policy.envelope
expect 0 "$cs" append L policy.envelope
is accepted .verdict
id=web-1
act 0 root open --checklist small.md --release 1 --lead ann --t0 2026-03-03T12:00:00Z \
    --role "Release Manager=ann" --role "Security Lead=bea" --role "Technical Lead=cyd" --role "Product Manager=dot" \
    --role "Operations Manager=eli"
seqs=()
for i in "${!people[@]}"; do
    act 0 "${people[i]}" approve "1.1.1.$((i + 1))"
    is accepted .verdict
    seqs+=("$(jq .seq out)")
    flags=null
    case ${people[i]} in
    bea) flags='no touch is attested: it is no security key' ;;
    eli) flags='no PIN is attested' ;;
    esac
    if [[ $flags == null ]]; then
        is false '.flags | any(. == "no-touch")'
    else
        is true '.flags | any(. == "no-touch")'
        is true ".reason | contains(\"$flags\")"
    fi
    checked "${seqs[i]}" "${people[i]}"
    expect 0 "$cs" show L "${seqs[i]}"
    has "(SSHSIG, ${types[i]}" out
done
expect 0 "$cs" show L "${seqs[3]}"
has "sk-ssh-ed25519@openssh.com: touched, no PIN, counter 3)" out
expect 0 "$cs" log L web-1 --json
jq -s . out >log
is '[null,null,null,{"touched":true,"pin":false,"counter":3},{"touched":true,"pin":false,"counter":4}]' \
    '[.[1:6][].signatures[0].touch] | tojson' log
is "$(printf '%s\n' "${types[@]}" | paste -sd' ')" '[.[1:6][].signatures[0].type] | join(" ")' log
is true 'all(.[]; .keys == [.signatures[].key])' log
expect 0 "$cs" replay L web-1 --json
is true '[.. | objects | select(.id? == "1.1.1.4" and .touch?) | .touch] | unique == [{"touched": true, "pin": false, "counter": 3}]'

# touch and PIN on and off: what each approval attests, and what the policy makes of it; stock ssh-keygen takes all
for who in dot:4: eli:5:no-touch; do
    IFS=: read -r name node _ <<<"$who"
    for flags in 0 1 4 5; do
        SK_DEVICE_FLAGS=$flags
        wanted=$((flags & 1 && (flags & 4 || node == 4) ? 0 : 1))
        act 0 "$name" approve "1.1.1.$node"
        is "$((wanted)) false" '"\(if .flags | any(. == "no-touch") then 1 else 0 end) \(.flags | any(. == "counter"))"'
        checked "$(jq .seq out 2>/dev/null || "$cs" log L web-1 --json | tail -n 1 | jq .seq)" "$name"
    done
done
SK_DEVICE_FLAGS=1
# a counter that does not grow: that of a copy of the key, perhaps
echo 5 >counter
act 0 dot approve 1.1.1.4
is true '.flags | any(. == "counter")'
is true '.reason | contains("counts 6 after 8")'
echo 20 >counter
act 0 dot approve 1.1.1.4
is false '.flags | any(. == "counter")'

# an event signed elsewhere and handed in; negated on its way it is the same, and gets the first receipt
jq -cn --arg ledger "$ledger" '{specversion: "1.0", id: "note", source: "/dot", type: "dev.countersign.note.added.v1", ledger: $ledger,
    time: "2026-03-03T09:00:00Z", deployment: "web-1", data: {text: "signed by a security key"}}' >note.json
for name in dot eli; do
    jq -c --arg id "$name" '.id = $id' note.json | tr -d '\n' >"$name.json"
    "$cs" sign "$name.json" --key "$name" >"$name.envelope" 2>err
    expect 0 "$cs" append L "$name.envelope"
    is accepted .verdict
done
cp out first
python3 - "$oracle" eli.envelope >negated <<'END'
import base64, json, sys
sys.path.insert(0, sys.argv[1])
import p256
from wire import Reader, ssh_mpint, ssh_string
envelope = json.load(open(sys.argv[2]))
blob = base64.b64decode(envelope["signatures"][0]["sig"])
reader = Reader(blob)
reader.take(10)
for _ in range(4):
    reader.string()
head, inner = blob[:reader.at], Reader(reader.string())
name, numbers = inner.string(), Reader(inner.string())
r, s = numbers.mpint(), numbers.mpint()
raw = ssh_string(name) + ssh_string(ssh_mpint(r) + ssh_mpint(p256.ORDER - s)) + inner.take(5)
envelope["signatures"][0]["sig"] = base64.b64encode(head + ssh_string(raw)).decode()
print(json.dumps(envelope))
END
size=$("$cs" checkpoint L --json | jq .size)
expect 0 "$cs" append L negated
[[ $(jq -cS . out) == "$(jq -cS . first)" ]] || fail "another receipt: $(cat out first)"
[[ $("$cs" checkpoint L --json | jq .size) == "$size" ]] || fail "the same was appended twice"
# what nothing signs is not there to be filled
python3 - dot.envelope >filled <<'END'
import base64, json, sys
envelope = json.load(open(sys.argv[1]))
blob = base64.b64decode(envelope["signatures"][0]["sig"])
at = blob.index(b"event@countersign") + 17
assert blob[at:at + 4] == bytes(4)
blob = blob[:at] + b"\0\0\0\1x" + blob[at + 4:]
envelope["signatures"][0]["sig"] = base64.b64encode(blob).decode()
print(json.dumps(envelope))
END
expect 1 "$cs" append L filled
has "\`reserved\` is not empty" out

# over HTTP, by a security key that shares nothing with ssh-keygen or with us
python3 "$oracle/softkey.py" make ecdsa-sk fay
expect 0 "$cs" key enroll L fay fay.pub --key root
start
jq -c '.id = "fay"' note.json | tr -d '\n' | python3 "$oracle/softkey.py" envelope fay --flags 5 --counter 9 >fay.envelope
expect 0 curl -sSf -H 'Content-Type: application/vnd.dsse.envelope.v1+json' -H 'Prefer: return=representation' \
    --data-binary @fay.envelope "$url/v1/events"
is accepted .verdict
seq=$(jq .seq out)
checked "$seq" fay
token=$("$cs" token issue L --principal reader --scope read --key root)
expect 0 curl -sSf -H "Authorization: Bearer $token" "$url/v1/events/$seq"
is '{"touched":true,"pin":true,"counter":9}' '.signatures[0].touch | tojson'
stop

# a revoked key: what it approved before stays, what it signs after is refused
for i in 1 2 4; do
    expect 0 "$cs" key revoke L "$(ssh-keygen -lf "${people[i]}.pub" | cut -d' ' -f2)" --reason retired --key root
    act 1 "${people[i]}" approve "1.1.1.$((i + 1))" --anyway
    is key-revoked .rule
    checked "${seqs[i]}" "${people[i]}"
done
expect 0 "$cs" status L web-1 --json
is true '[.. | objects | select(.kind? == "approval") | .met] | length == 5 and all'
expect 0 "$cs" report L --year 2026 --format json --out report
is "ann bea cyd dot eli" '[.decisions[] | select(.verdict == "accepted") | .principal] | unique | join(" ")' report/report.json
is "null touched, no PIN" '[.decisions[] | select(.act == "approval.given") | .touch] | "\(.[0]) \(.[3])"' report/report.json

# the ledger, and the oracle, which knows nothing of us, agree on all of it
expect 0 "$cs" verify L
expect 0 "$cs" export L --tiles tiles --events
expect 0 python3 "$oracle/oracle.py" tiles tiles
is '[]' '.skipped | tojson'
cp out oracle
expect 0 "$cs" verify L --json
is "$(jq -r '"\(.size) \(.root)"' oracle)" '"\(.size) \(.root)"'
