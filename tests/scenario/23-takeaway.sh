#!/usr/bin/env bash
# What is taken away: signatures for ssh-keygen, evidence bundles checked without the ledger, and foreign
# envelopes held against the enrolled keys.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
oracle=$root/tests/oracle
keygen=$(command -v ssh-keygen)

# A stand-in on the PATH that signs for security keys made in software, as ssh-keygen would with the device at hand.
mkdir bin
cat >bin/ssh-keygen <<END
#!/usr/bin/env bash
key=
for ((i = 1; i < \$#; i++)); do [[ \${!i} != -f ]] || { i=\$((i + 1)) key=\${!i}; }; done
if [[ " \$* " == *" -Y sign "* && -f \$key && \$(head -c 1 "\$key") == "{" ]]; then
    exec python3 "$oracle/softkey.py" sign "\$key"
fi
exec "$keygen" "\$@"
END
chmod +x bin/ssh-keygen
PATH=$work/bin:$PATH

# is WANTED FILTER: what jq makes of the file out
is() {
    local found
    found=$(jq -r "$2" out) || fail "no JSON: $(head -c 300 out)"
    [[ $found == "$1" ]] || fail "$2 is $found, not $1"
}
# act CODE WHO VERB ARGUMENTS...: on the deployment web-1
act() {
    local wanted=$1 who=$2 verb=$3
    shift 3
    expect "$wanted" "$cs" "$verb" L web-1 "$@" --key "$who" --time 2026-03-01T12:00:00Z
}
# holds FILE, breaks WHAT FILE...: a bundle in the ledger's eyes; WHAT is said of one that does not hold
holds() { expect 0 "$cs" verify "$1" --vkey "$vkey"; }
breaks() {
    local what=$1
    shift
    expect 1 "$cs" verify "$@" --json
    is false .ok
    has "$what" out
}

cat >small.md <<'END'
# Small

## For a test

## BEFORE (T-24 hours to T-0)

- [ ] Code reviewed
- [ ] All approvals obtained:
  - [ ] Release Manager: ______
  - [ ] Security Lead: ______
  - [ ] DBA: ______
  - [ ] QA Lead: ______
  - [ ] Product Manager: ______

## GATES

### Gate 1: go (T-1 hour)

**Decision Authority:** Release Manager

- [ ] No blockers

**Decision: [ ] GO [ ] NO-GO**
END

ssh-keygen -q -t ed25519 -N '' -f root
ssh-keygen -q -t ed25519 -N '' -f rosa
ssh-keygen -q -t ecdsa -b 256 -N '' -f sam
ssh-keygen -q -t rsa -b 3072 -N '' -f dan
python3 "$oracle/softkey.py" make ed25519-sk dot
python3 "$oracle/softkey.py" make ecdsa-sk eli
ssh-keygen -q -t ed25519 -N '' -f eve
expect 0 "$cs" init L --simulated --origin example.org/l --time 2026-03-01T00:00:00Z --admin root=root.pub
vkey=$(cat out)
for name in rosa sam dan dot eli eve; do expect 0 "$cs" key enroll L $name $name.pub --key root; done
expect 0 "$cs" role grant L rosa "Release Manager" --key root
expect 0 "$cs" role grant L sam "Security Lead" --key root
expect 0 "$cs" role grant L dan DBA --key root
expect 0 "$cs" role grant L dot "QA Lead" --key root
expect 0 "$cs" role grant L eli "Product Manager" --key root
expect 0 "$cs" role grant L root deployer --key root
printf 'release' >app.tar
artifact=$(sha256sum app.tar | cut -c 1-64)
expect 0 "$cs" open L web-1 --checklist small.md --release 1 --t0 2026-03-02T00:00:00Z --artifact "oci://app=$artifact" \
    --role "Release Manager=rosa" --role "Security Lead=sam" --role "DBA=dan" \
    --role "QA Lead=dot" --role "Product Manager=eli" --key root --time 2026-03-01T11:00:00Z
act 0 rosa check 1.0.1 pass
act 0 rosa approve 1.0.2.1 --comment "as reviewed"
act 0 sam approve 1.0.2.2
act 0 dan approve 1.0.2.3
SOFTKEY_FLAGS=5 act 0 dot approve 1.0.2.4
SOFTKEY_FLAGS=0 act 0 eli approve 1.0.2.5

# --- bundles: one of each type of key, checked in a directory where there is nothing else ---
mkdir away
for node in 1.0.2.{1..5}; do
    expect 0 "$cs" bundle L web-1 --approval $node --out away/$node.tar --json
    is "$(sha256sum <away/$node.tar | cut -c 1-64)" .sha256
    expect 0 "$cs" bundle L web-1 --approval "$(jq .seq out)" --out again.tar
    cmp again.tar away/$node.tar || fail "one act, two bundles"
done
mv L hidden
for node in 1.0.2.{1..5}; do
    holds away/$node.tar
    has "good: entry" out
    has "none is held back" out
    lacks "was taken from the bundle itself" out
    expect 0 "$cs" verify away/$node.tar
    has "$vkey was taken from the bundle itself" out
    # the bundle's own instructions, with public tools alone; the file that they are in is not asked for the key
    mkdir away/$node
    tar -xf away/$node.tar -C away/$node
    (cd away/$node && sed -n 's/^| //p' README.txt | VKEY=$vkey bash) >out 2>err || fail "README.txt: $(cat out err)"
    has "good: signed, and in the ledger example.org/l" out
    (cd away/$node && "$keygen" -Y verify -n event@countersign -f allowed_signers \
        -I "$(cut -d ' ' -f 1 allowed_signers)" -s event.json.sig <event.json >/dev/null) || fail "ssh-keygen"
    expect 0 "$cs" verify away/$node/entry.tlog-proof --vkey "$vkey"
    expect 0 "$cs" verify away/$node/checkpoint --vkey "$vkey"
    expect 0 python3 "$oracle/bundles.py" away/$node.tar --vkey "$vkey"
    is true .whole
done
bundle=away/1.0.2.1.tar
expect 0 "$cs" verify "$bundle" --vkey "$vkey" --json
is 'true bundle rosa given Release Manager as reviewed true true' \
    '[.ok, .kind, .act.principal, .vkey_from, .roles[0].role, .act.data.comment, .keys.whole_to_act, .keys.whole_to_size] | map(tostring) | join(" ")'
expect 0 "$cs" verify - --vkey "$vkey" <"$bundle"
mv hidden L

# --- what does not hold, with its reason ---
expect 0 "$cs" init T --simulated --origin example.org/l --time 2026-03-01T00:00:00Z --admin root=root.pub
other=$(cat out)
breaks "has no good signature by $(cut -d + -f 1,2 <<<"$other")" "$bundle" --vkey "$other"
expect 2 "$cs" verify "$bundle" --vkey nonsense
expect 2 "$cs" verify "$bundle" --leaf 00
head -c 3000 "$bundle" >cut.tar
breaks "is cut short" cut.tar
{ cat "$bundle"; printf x; } >padded.tar
breaks "not in the form in which bundles are written" padded.tar
{ cat "$bundle" "$bundle"; } >twice.tar
breaks "not in the form in which bundles are written" twice.tar
# pack FILE: the directory d as a bundle, in the form and the order of a real one, with sums that are right
order=$(tar -tf "$bundle")
pack() {
    (cd d && grep -v '^SHA256SUMS$' <<<"$order" | while read -r name; do
        [[ ! -e $name ]] || sha256sum "$name"
    done >SHA256SUMS)
    python3 - "$1" $order <<'END'
import os, sys
out = b""
for name in sys.argv[2:]:
    if not os.path.exists("d/" + name):
        continue
    data = open("d/" + name, "rb").read()
    head = bytearray(b"%-100s000644 \x00000000 \x00000000 \x00%011o 00000000000         0" % (b"", len(data)))
    head[:100] = name.encode().ljust(100, b"\x00")
    head += bytes(100) + b"ustar\x0000" + bytes(64) + b"000000 \x00000000 \x00" + bytes(167)
    head[148:156] = b"%06o\x00 " % sum(head)
    out += head + data + bytes(-len(data) % 512)
open(sys.argv[1], "wb").write(out + bytes(1024))
END
}
spread() { rm -rf d && mkdir d && tar -xf "$1" -C d; }
spread "$bundle" && pack same.tar
cmp same.tar "$bundle" || fail "the tests pack bundles otherwise"
spread "$bundle" && sed -i 's/"role":"Release Manager"/"role":"Security Lead"/' d/event.json && pack role.tar
breaks "event.json with salt does not have the event digest" role.tar
spread "$bundle" && sed -i 's/^rosa/eve/' d/allowed_signers && pack signers.tar
breaks "allowed_signers is not what follows" signers.tar
spread "$bundle" && cp away/1.0.2.2/event.json.sig d/ && pack signature.tar
breaks "event.json.sig is not what follows" signature.tar
spread "$bundle" && rm d/keys/000003.tlog-proof && pack gap.tar
breaks "in the place of keys/000003.tlog-proof: there is a gap" gap.tar
spread "$bundle" && rm "d/keys/$(ls d/keys | tail -n 1)" && pack short.tar
breaks "tail: what stands for entry" short.tar
spread "$bundle" && rm d/tail && pack tail.tar
breaks "tail is missing" tail.tar
expect 0 "$cs" prove T 0 --with-event
spread "$bundle" && cp out d/keys/000000.tlog-proof && pack mixed.tar
breaks "is of another checkpoint than the act: the bundle is mixed" mixed.tar
spread "$bundle" && rm d/README.txt && pack bare.tar
breaks "it has no README.txt" bare.tar
# a hostile tar is looked at in memory alone
rm -rf d && mkdir d && printf x >d/README.txt && ln -s /etc/passwd d/event.json
tar -c --format=ustar -f link.tar -C d README.txt event.json
breaks "event.json is no plain file" link.tar
tar -c --format=ustar -P --transform 's,^,../../,' -f path.tar -C d README.txt
breaks "a name that is not plain" path.tar
tar -c --format=ustar --hard-dereference -f double.tar -C d README.txt README.txt
breaks "it has README.txt twice" double.tar
gzip -k "$bundle"
expect 3 "$cs" verify "$bundle.gz" --vkey "$vkey"

# --- what the ledger's history says against an act ---
act 0 rosa reject 1.0.2.1 --reason "found something"
expect 1 "$cs" bundle L web-1 --approval 1.0.2.1 --out none.tar
has "was taken back" err
[[ ! -e none.tar ]] || fail "a bundle of nothing"
expect 1 "$cs" bundle L web-1 --approval 1.0.1 --out - --size 7
expect 1 "$cs" bundle L nowhere --approval 1.0.1 --out -
expect 2 "$cs" bundle L --out -
expect 2 "$cs" bundle L web-1
expect 1 "$cs" bundle L web-1 --approval 0 --out -
seq=$("$cs" log L web-1 --type dev.countersign.approval.given.v1 --json | jq -s '.[1].seq')
expect 0 "$cs" key revoke L "$(ssh-keygen -lf sam.pub | cut -d ' ' -f 2)" --reason retired --key root
expect 0 "$cs" bundle L web-1 --approval "$seq" --out retired.tar
holds retired.tar # what was signed before stays
has "revoked at" out
act 1 sam approve 1.0.2.2 --anyway
late=$("$cs" log L web-1 --json | jq -s '.[-1].seq')
expect 0 "$cs" bundle L web-1 --approval "$late" --out late.tar
has "the act does not count: the key that signed it was revoked" err
breaks "the key that signed it was revoked at position" late.tar --vkey "$vkey"
act 1 eve approve 1.0.2.1 --role "Release Manager" --anyway
late=$("$cs" log L web-1 --json | jq -s '.[-1].seq')
expect 0 "$cs" bundle L web-1 --approval "$late" --out eve.tar
breaks "eve did not hold the role Release Manager at that position" eve.tar --vkey "$vkey"
expect 0 "$cs" key revoke L "$(ssh-keygen -lf dan.pub | cut -d ' ' -f 2)" --reason compromised --since 1 --key root
expect 0 "$cs" bundle L web-1 --approval 1.0.2.3 --out suspect.tar
breaks "is suspect" suspect.tar --vkey "$vkey"

# --- signatures that ssh-keygen does not know, and more than one of those that it knows ---
# raw WHO FILE TYPE: a DSSE signature over FILE by the key of WHO, whose secret is SHA-256(WHO); public WHO: its line
raw() {
    python3 - "$oracle" "$@" <<'END'
import base64, hashlib, sys
sys.path.insert(0, sys.argv[1])
import ed25519
who, file, kind = sys.argv[2:]
data = open(file, "rb").read()
seed = hashlib.sha256(who.encode()).digest()
wire = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + ed25519.public_key(seed)
if kind == "public":
    print("ssh-ed25519", base64.b64encode(wire).decode())
else:
    pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(data), data)
    keyid = base64.b64encode(hashlib.sha256(wire).digest()).decode().rstrip("=")
    sig = base64.b64encode(ed25519.sign(seed, pae)).decode()
    print('{"keyid":"SHA256:%s","sig":"%s"}' % (keyid, sig), end="")
END
}
# envelope TYPE FILE SIGNATURE...
envelope() {
    local IFS=,
    printf '{"payloadType":"%s","payload":"%s","signatures":[%s]}\n' "$1" "$(base64 -w 0 <"$2")" "${*:3}"
}
for who in ann ben; do raw $who /dev/null public >$who.pub; done
expect 0 "$cs" key enroll L ann ann.pub --key root
ledger=$("$cs" show L 0 --json | jq -r .event.data.ledger)
printf '{"specversion":"1.0","id":"n1","source":"/x","type":"dev.countersign.note.added.v1","time":"%s","ledger":"%s","deployment":"web-1","data":{"text":"seen"}}' \
    2026-03-01T12:00:00Z "$ledger" >note.json
cloudevent=application/cloudevents+json
envelope $cloudevent note.json "$(raw ann note.json $cloudevent)" >line
expect 0 "$cs" append L line
seq=$(jq .seq out)
expect 1 "$cs" show L "$seq" --sshsig none
has "which ssh-keygen does not know" err
expect 0 "$cs" bundle L web-1 --approval "$seq" --out dsse.tar
holds dsse.tar
has "(DSSE, Ed25519)" out
spread dsse.tar
(cd d && sed -n 's/^| //p' README.txt | VKEY=$vkey bash) >out 2>err || fail "README.txt: $(cat out err)"
has "good: signed" out
sed -i 's/"sig":"...../"sig":"AAAAA/' d/event.json.dsse
(cd d && grep -v SHA256SUMS README.txt | sed -n 's/^| //p' | VKEY=$vkey bash) >out 2>err && fail "README.txt takes any DSSE signature"
ssh-keygen -q -t ed25519 -N '' -f rosa2
expect 0 "$cs" key enroll L rosa rosa2.pub --key root --vouch rosa
seq=$("$cs" log L ledger --json | jq -s '.[-1].seq')
expect 0 "$cs" show L "$seq" --sshsig two
bash -e <out >said 2>&1 || fail "$(cat out said)"
[[ $(grep -c Good said) == 2 && -e two/event.json.2.sig ]] || fail "two signatures: $(cat out said)"

# --- foreign evidence: whose key signed it, as of its position, told everywhere ---
intoto=application/vnd.in-toto+json
printf '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"app","digest":{"sha256":"%s"}},{"name":"x","digest":{"sha256":"00"}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{}}' \
    "$artifact" >statement
ssh-keygen -q -Y sign -n event@countersign -f eve statement 2>err
ssh=$(printf '{"sig":"%s"}' "$(grep -v -- ---- statement.sig | tr -d '\n')")
envelope $intoto statement "$(raw ann statement $intoto)" "$ssh" "$(raw ben statement $intoto)" >provenance.json
act 0 rosa attest 1.0.1 provenance.json --json
is accepted .verdict
is true '.reason | test("^signed by ann .SHA256:.*. and by eve .SHA256:.*., as of position [0-9]+; 1 further signature by no key that is enrolled; about 2 subjects, 1 of them among the deployment.s artifacts$")'
seq=$(jq .seq out)
expect 0 "$cs" show L "$seq"
has "evidence     signed by ann (SHA256:" out
"$cs" show L "$seq" --json | jq -r .event.data.data_base64 | base64 -d | cmp - provenance.json || fail "not kept as it came"
expect 0 "$cs" replay L web-1 --json
is "ann,eve 3 $seq true,false application/vnd.dsse.envelope.v1+json" \
    '.evidence[0] | "\([.signed_by[].principal] | join(",")) \(.signatures) \(.as_of) \([.statement.subjects[].artifact | tostring] | join(",")) \(.media)"'
expect 0 "$cs" timeline L web-1
tr -s ' \n' ' ' <out >flat
has "signed by ann (SHA256:" flat
expect 0 "$cs" report L --from 2026-03-01T00:00:00Z --to 2026-03-02T00:00:00Z --out . --unverified
[[ $(jq -r '.evidence[0].found' report.json) == "signed by ann (SHA256:"* ]] || fail "$(jq .evidence report.json)"
# ben is enrolled later: what was said of the first stays, the second is told anew; a revoked key is said to be
expect 0 "$cs" key enroll L ben ben.pub --key root
act 0 rosa attest 1.0.1 provenance.json --json
has " and by ben (SHA256:" out
expect 0 "$cs" replay L web-1 --json
is "ann,eve ann,eve,ben" '[.evidence[] | [.signed_by[].principal] | join(",")] | join(" ")'
expect 0 "$cs" key revoke L "$(ssh-keygen -lf eve.pub | cut -d ' ' -f 2)" --reason retired --key root
act 0 rosa attest 1.0.1 provenance.json --json
has ", a key revoked before that) and by ben" out
# changed, malformed, and kept elsewhere
sed 's/"payload":"...../"payload":"AAAAA/' provenance.json >changed.json
act 0 rosa attest 1.0.1 changed.json --json
has "signed by no key that is enrolled" out
has "malformed: no in-toto statement" out
act 0 rosa attest 1.0.1 statement --media application/vnd.slsa+dsse --json
has "malformed: no DSSE envelope" out
head -c 600000 /dev/zero >large
act 3 rosa attest 1.0.1 large
has "keep it elsewhere and give --uri" err
act 0 rosa attest 1.0.1 large --uri s3://evidence/large --json
is null .reason

# --- more entries behind the last of the stream `ledger` than a bundle holds: it says what it does not show ---
expect 0 "$cs" token issue L --principal pipe --scope write --key root
token=$(cat out)
act 0 rosa note "before many"
seq=$("$cs" log L web-1 --json | jq -s '.[-1].seq')
python3 -c 'for i in range(16400):
    print("{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"/x\",\"type\":\"org.example.t\",\"deployment\":\"d\"}" % i)' |
    COUNTERSIGN_TOKEN=$token "$cs" append L - >receipts
expect 0 "$cs" bundle L web-1 --approval "$seq" --out many.tar
holds many.tar
has "not checked: whether a key was revoked, or called suspect, behind the last entry" out
lacks "none is held back" out
expect 0 python3 "$oracle/bundles.py" many.tar --vkey "$vkey"
is false .whole
[[ $(tar -xOf many.tar tail | wc -c) -lt 2000 ]] || fail "a long tail"
act 0 rosa note "after many"
seq=$("$cs" log L web-1 --json | jq -s '.[-1].seq')
expect 0 "$cs" bundle L web-1 --approval "$seq" --out later.tar --json
expect 0 "$cs" verify later.tar --vkey "$vkey" --json
is 'false false' '"\(.keys.whole_to_act) \(.keys.whole_to_size)"'
expect 0 "$cs" role grant L eve x --key root
expect 0 "$cs" bundle L web-1 --approval "$seq" --out closed.tar
expect 0 "$cs" verify closed.tar --vkey "$vkey" --json
is 'true true' '"\(.keys.whole_to_act) \(.keys.whole_to_size)"'
