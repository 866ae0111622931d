#!/usr/bin/env bash
# The signer's way: what is shown before anything is signed, the question, keys from files and from an agent, requests that are
# signed elsewhere, every error, and that no secret is where it should not be.  Real ssh-keygen and ssh-agent.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
agent=
trap '[[ -z $agent ]] || kill "$agent"; cleanup' EXIT

# on_terminal CODE TEXT=ANSWER... -- ARGUMENTS OF THE PROGRAM...
on_terminal() {
    local wanted=$1 steps=()
    shift
    while [[ $1 != -- ]]; do steps+=("$1"); shift; done
    expect "$wanted" python3 "$root/tests/scenario/terminal.py" "${steps[@]}" -- "$cs" "${@:2}"
}
entries() { "$cs" log L d-1 --json | wc -l; }
# last FILTER: of the newest entry of the deployment
last() { "$cs" log L d-1 --json | tail -n 1 | jq -r "$1"; }
is() { [[ $(last "$2") == "$1" ]] || fail "$2 is $(last "$2"), not $1"; }
# silent COUNT: that many entries are there, as before
unchanged() { [[ $(entries) == "$before" ]] || fail "something was recorded: $(last .event)"; }

cat >small.md <<'END'
# Small deployment

## For a test

## BEFORE (T-24 hours to T-0)

### Readiness

- [ ] Code reviewed
- [ ] Error rate (must remain < 0.1%)
  - Error Rate: ______ %
- [ ] All approvals obtained:
  - [ ] Release Manager: ______
  - [ ] Security Lead: ______
  - [ ] Deployment Lead: ______

## DURING

### Deploy (T+0 to T+20 min)

- [ ] New version runs

## AFTER (T+30 min to T+60 min)

### Signatures

- [ ] Release Manager: ______ (Signature)
- [ ] Security Lead: ______ (Signature)

## ROLLBACK

- [ ] NO - go on
- [ ] YES - go back

## GATES

### Gate 1: go (T-1 hour)

**Decision Authority:** Release Manager

- [ ] No blockers

**Decision: [ ] GO [ ] NO-GO**
END

for name in root rosa sam lee; do ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$name"; done
ssh-keygen -q -t ed25519 -N '' -C stranger -f stranger
ssh-keygen -q -t ed25519 -N 'correct horse' -C lock -f lock
expect 0 "$cs" init L --admin root=root.pub
expect 0 "$cs" key enroll L rosa rosa.pub --key root
expect 0 "$cs" key enroll L rosa lock.pub --key root --vouch rosa
for name in sam lee; do expect 0 "$cs" key enroll L "$name" "$name.pub" --key root; done
expect 0 "$cs" role grant L rosa "Release Manager" --key root
expect 0 "$cs" role grant L rosa "Security Lead" --key root
expect 0 "$cs" role grant L sam "Security Lead" --key root
expect 0 "$cs" role grant L lee "Deployment Lead" --key root
expect 0 "$cs" role grant L root deployer --key root
t0=$(date -u -d '+2 hours' +%FT%TZ)
expect 0 "$cs" open L d-1 --checklist small.md --release 2.1.0 --title "$(printf 'Payments \e[2J')" --t0 "$t0" \
    --role "Release Manager=rosa" --role "Security Lead=sam" --role "Deployment Lead=lee" --key root
before=$(entries)

# who signs: what is wrong is said, with what to do; nothing is recorded
expect 2 "$cs" approve L d-1 1.1.3.1
has "--key FILE (or COUNTERSIGN_KEY), --agent, or elsewhere with --offline FILE" err
expect 2 "$cs" approve L d-1 1.1.3.1 --key rosa --agent
has "one key signs" err
expect 3 "$cs" approve L d-1 1.1.3.1 --key nobody
has "the key file nobody cannot be read: No such file" err
expect 3 "$cs" approve L d-1 1.1.3.1 --key small.md
has "is not known (is it a key?)" err
expect 1 "$cs" approve L d-1 1.1.3.1 --key stranger
has "is not enrolled here; an admin enrolls it: countersign key enroll L PRINCIPAL stranger.pub" err
expect 3 "$cs" approve L d-1 1.1.3.1 --agent
has "no agent runs here" err
expect 3 env SSH_AUTH_SOCK="$work/none" "$cs" approve L d-1 1.1.3.1 --agent
has "cannot be asked: ssh-add" err
mkdir empty bin
expect 3 env PATH="$work/empty" "$cs" approve L d-1 1.1.3.1 --key rosa
has "there is no ssh-keygen; install openssh-client" err
expect 3 setsid -w "$cs" approve L d-1 1.1.3.1 --key lock
has "incorrect passphrase" err
has "run it again: with its passphrase on a terminal, by SSH_ASKPASS, or with an agent" err
expect 1 "$cs" approve L d-1 9.9.9 --key rosa
has "would be refused: unknown-node" err
expect 1 "$cs" approve L d-9 1.1.3.1 --key rosa
expect 3 "$cs" approve nowhere d-1 1.1.3.1 --key rosa
unchanged

# what is shown: the release, the gate, what is missing, the bytes, and what the ledger would answer
expect 1 "$cs" approve L d-1 1.1.3.1 --key lee
has "answer     would be refused: not-authorized: " err
has "nothing is sent (--anyway" err
lacks $'\e' err
has 'Payments \x1b[2J' err
expect 1 "$cs" approve L d-1 1.1.3.1 --key lee --json
[[ $(jq -c '[.signed, .summary.expected.rule, .summary.counts.missing]' out) == '[false,"not-authorized",7]' ]] || fail "$(cat out)"
unchanged
expect 0 "$cs" approve L d-1 1.1.3.3 --key lee --comment "all good" --show-event
has "To be signed for d-1, release 2.1.0" err
has "approve    1.1.3.3 Deployment Lead, as Deployment Lead: all good" err
has "signer     lee, $(ssh-keygen -lf lee | cut -d' ' -f2)" err
has "for        gate 1, 5.1.2 Gate 1: go (T-1 hour), by Release Manager, due T-1 h, " err
has "missing    1.1.1 Code reviewed: not checked" err
has "thresholds not measured: 1.1.2" err
has "answer     would be accepted (new-key): blind: 2 not met: 1.1.1 1.1.2" err
# the bytes that were shown are those that are recorded
seen=$(sed -n 's/^  event .* SHA-256 //p' err)
[[ $(grep '^{' err | head -c -1 | sha256sum | cut -d' ' -f1) == "$seen" ]] || fail "not the bytes that were shown: $(cat err)"
"$cs" show L "$(last .seq)" --sshsig shown >/dev/null
[[ $(sha256sum <shown/event.json | cut -d' ' -f1) == "$seen" ]] || fail "not the bytes that were signed"
is '"all good"' '.event.data.comment | tojson'
# a threshold's value is the one that the rules judged by: a word is none
expect 0 "$cs" record L d-1 1.1.2.1 unknown --unit % --key lee
expect 1 "$cs" approve L d-1 1.1.3.1 --key lee
has "thresholds not measured: 1.1.2" err
before=$(entries)

# which node: a role, the only one that waits, or what is to be chosen from
expect 0 "$cs" approve L d-1 --key sam
is 1.1.3.2 .event.data.node
expect 0 "$cs" withdraw L d-1 --key sam
is approval.withdrawn '.event.type | ltrimstr("dev.countersign.") | rtrimstr(".v1")'
expect 0 "$cs" approve L d-1 "security lead" --key sam
is "Security Lead" .event.data.role
expect 0 "$cs" approve L d-1 --role "Release Manager" --key rosa
is 1.1.3.1 .event.data.node
expect 1 "$cs" approve L d-1 --key sam
has "nothing of sam is there to be approved" err
expect 1 "$cs" reject L d-1 "Security Lead" --key sam --reason "which"
has "which one? name the node: 1.1.3.2 Security Lead, 3.1.2 Security Lead" err
expect 2 "$cs" reject L d-1 1.1.3.2 --key sam
has "say why: --reason TEXT" err
expect 0 "$cs" reject L d-1 1.1.3.2 --key sam --reason "the scan is old"
expect 0 "$cs" sign-off L d-1 --key rosa
has "sign-off   3.1.1 Release Manager" err
is true '.event.data.basis.pos == .stream_pos - 1'
expect 2 "$cs" decide L d-1 gate-1 --key rosa
has "5.1.2 is decided by one of: GO, NO-GO" err
expect 2 "$cs" decide L d-1 gate-1 perhaps --key rosa
expect 2 "$cs" decide L d-1 1.1.1 --key rosa
expect 1 "$cs" decide L d-1 gate-1 go --key rosa
has "decide     5.1.2 Gate 1: go (T-1 hour): GO" err
has "against    1.1.3.2 Security Lead: sam: the scan is old" err
has "would be refused: gate-not-ready: " err
expect 0 "$cs" decide L d-1 gate-1 no-go --comment "not yet" --key rosa
is NO-GO .event.data.value
expect 0 "$cs" decide L d-1 rollback no --key rosa
is "NO 4.0.1" '.event.data | "\(.value) \(.node)"'
expect 1 "$cs" decide L d-1 gate-1 GO --key rosa --anyway
has "refused: seq" out
before=$(entries)

# the question; Ctrl-C there, or at the passphrase, leaves nothing
on_terminal 1 'Sign? [y/N]=n' -- approve L d-1 1.1.3.2 --key sam
has "it was not signed, and nothing is recorded" out
on_terminal 1 'Sign? [y/N]=' -- approve L d-1 1.1.3.2 --key sam
on_terminal 254 'Sign? [y/N]=^C' -- approve L d-1 1.1.3.2 --key sam
on_terminal 254 'Sign? [y/N]=y' 'Enter passphrase=^C' -- approve L d-1 1.1.3.1 --key lock
on_terminal 3 'Enter passphrase=wrong' -- approve L d-1 1.1.3.1 --key lock --yes
has "incorrect passphrase supplied" out
unchanged
on_terminal 0 'Sign? [y/N]=y' -- approve L d-1 1.1.3.2 --key sam
on_terminal 0 'Sign? [y/N]=yes' 'Enter passphrase=correct horse' -- withdraw L d-1 1.1.3.1 --key lock
lacks "correct horse" out
is rosa .principal
before=$(entries)

# what comes in between is seen: it is shown, and where it changes the answer nothing is signed
note="'$cs' note L d-1 'a note \$(tput clear)' --key '$work/lee'"
on_terminal 0 "Sign?=!$note!y" -- approve L d-1 1.1.3.1 --key rosa
has "1 event came since position #" out
has "note.added, lee, " out
expect 0 "$cs" withdraw L d-1 1.1.3.1 --key rosa
before=$(($(entries) + 1))
on_terminal 1 "Sign?=!'$cs' withdraw L d-1 1.1.3.2 --key '$work/sam'!y" -- approve L d-1 1.1.3.1 --key rosa
has "approval.withdrawn 1.1.3.2, sam, " out
has "nothing is signed: it would now be refused as stale-basis: " out
has "run it again" out
unchanged

# the agent: no key, none that is enrolled, one, several
eval "$(ssh-agent -s)" >/dev/null
agent=$SSH_AGENT_PID
expect 1 "$cs" approve L d-1 1.1.3.2 --agent
has "the agent has no keys: \`ssh-add KEY\` gives it one" err
ssh-add -q stranger
expect 1 "$cs" approve L d-1 1.1.3.2 --agent
has "none of the agent's 1 keys (\`ssh-add -l\`) is enrolled in this ledger" err
unchanged
ssh-add -q sam
expect 0 "$cs" approve L d-1 1.1.3.2 --agent --json
[[ $(jq -c '[.verdict, .summary.principal, .summary.expected.verdict]' out) == '["accepted","sam","accepted"]' ]] || fail "$(cat out)"
[[ $(jq -r .summary.event.sha256 out) == "$("$cs" show L "$(jq .seq out)" --sshsig agent >/dev/null && sha256sum <agent/event.json | cut -d' ' -f1)" ]] ||
    fail "other bytes than those that were shown"
expect 0 "$cs" check L d-1 1.1.1 --agent
ssh-add -q lee
expect 1 "$cs" approve L d-1 1.1.3.3 --agent
has "which of the agent's keys? --key FILE.pub: $(ssh-keygen -lf sam | cut -d' ' -f2) of sam, $(ssh-keygen -lf lee | cut -d' ' -f2) of lee" err
expect 3 "$cs" sign shown/event.json --agent
has "which of the agent's keys?" err
expect 0 "$cs" withdraw L d-1 --key lee.pub
mkdir public && cp lee.pub public
expect 0 "$cs" approve L d-1 --key public/lee.pub
is lee .principal
expect 0 "$cs" withdraw L d-1 --key "key::$(cat lee.pub)"
ssh-add -q -d lee
expect 3 "$cs" approve L d-1 --key public/lee.pub
has "the agent must have the private key: ssh-add KEY" err
printf '#!/bin/sh\necho "correct horse"\n' >askpass
chmod +x askpass
SSH_ASKPASS=$work/askpass SSH_ASKPASS_REQUIRE=force ssh-add -q lock 2>/dev/null
ssh-add -q -d sam
expect 0 "$cs" approve L d-1 --agent
is rosa .principal
ssh-add -q -D
expect 0 env SSH_ASKPASS="$work/askpass" SSH_ASKPASS_REQUIRE=force "$cs" withdraw L d-1 1.1.3.1 --key lock
before=$(entries)

# signed elsewhere, where there is nothing but ssh-keygen
expect 0 "$cs" approve L d-1 --role "Deployment Lead" --offline request.json --comment "from afar"
has "nothing is signed yet." out
has "hand it back:  countersign submit L request.json" out
[[ $(sed -n 's/^  SHA-256: *//p' out) == "$(sha256sum <request.json | cut -d' ' -f1)" ]] || fail "another SHA-256"
has "approve    1.1.3.3 Deployment Lead, as Deployment Lead: from afar" request.json.txt
has "$(cat request.json)" request.json.txt
has "ssh-keygen -Y sign -n event@countersign -f KEY request.json" request.json.txt
expect 1 "$cs" approve L d-1 1.1.3.3 --offline request.json
has "is there already" err
expect 3 "$cs" submit L request.json
has "request.json.sig" err
mkdir afar
cp request.json lee afar
(cd afar && ssh-keygen -q -Y sign -n event@countersign -f lee request.json)
(cd afar && cp request.json other.json && ssh-keygen -q -Y sign -n file -f lee other.json)
expect 3 "$cs" submit L request.json afar/other.json.sig
sed 's/from afar/from where/' request.json >changed.json
expect 1 "$cs" submit L changed.json afar/request.json.sig
has "does not sign the bytes of this event" err
ssh-keygen -q -Y sign -n event@countersign -f stranger <request.json >stranger.sig 2>/dev/null
expect 1 "$cs" submit L request.json stranger.sig
has "is not enrolled here" err
ssh-keygen -q -Y sign -n event@countersign -f sam <request.json >sam.sig 2>/dev/null
expect 1 "$cs" submit L request.json sam.sig
has "would be refused: not-authorized" err
expect 3 "$cs" submit L small.md lee.pub
unchanged
expect 0 "$cs" submit L request.json afar/request.json.sig
is "lee from afar" '"\(.principal) \(.event.data.comment)"'
[[ $(last .event | jq -c .) == "$(jq -c . request.json)" ]] || fail "another event"
seq=$(last .seq)
mv afar/request.json.sig .
expect 0 "$cs" submit L request.json --json
[[ $(jq .seq out) == "$seq" ]] || fail "twice: $(cat out)"
[[ $(entries) == $((before + 1)) ]] || fail "recorded twice"

# over 24 hours old; on a basis behind which something was undone
before=$(entries)
expect 0 "$cs" approve L d-1 1.1.3.1 --offline old.json --time "$(date -u -d '-25 hours' +%FT%TZ)" --key rosa --anyway
ssh-keygen -q -Y sign -n event@countersign -f rosa old.json
expect 1 "$cs" submit L old.json
has "would be refused: bad-basis: it was admitted over 24 hours after its time" err
unchanged
expect 1 "$cs" submit L old.json --anyway
has "refused: seq" out
expect 0 "$cs" approve L d-1 1.1.3.1 --offline stale.json
ssh-keygen -q -Y sign -n event@countersign -f rosa stale.json
expect 0 "$cs" withdraw L d-1 1.1.3.3 --key lee
expect 1 "$cs" submit L stale.json
has "would be refused: stale-basis: " err

# any other act too, an admin's among them; but not what cannot wait
expect 0 "$cs" note L d-1 "by hand" --offline note.json
ssh-keygen -q -Y sign -n event@countersign -f lee note.json
expect 0 "$cs" submit L note.json
is "lee by hand" '"\(.principal) \(.event.data.text)"'
expect 0 "$cs" role grant L lee "Security Lead" --offline grant.json --json
[[ $(jq -r .submit out) == "countersign submit L grant.json" ]] || fail "$(cat out)"
ssh-keygen -q -Y sign -n event@countersign -f root grant.json
expect 0 "$cs" submit L grant.json
expect 2 "$cs" token issue L --principal ci --scope write --offline token.json
has "it cannot wait to be signed elsewhere" err

# a security key: ssh-keygen's own, with a device in software; that it is to be touched is seen in time
cc -shared -fPIC -o device.so "$root/tests/scenario/sk_device.c" -lcrypto -lsodium
export SSH_SK_PROVIDER=$work/device.so
ssh-keygen -q -t ed25519-sk -w "$SSH_SK_PROVIDER" -N '' -C tim -f tim
expect 0 "$cs" key enroll L tim tim.pub --key root
expect 0 "$cs" role grant L tim "Deployment Lead" --key root
expect 0 "$cs" assign L d-1 "Deployment Lead" tim --key root
on_terminal 0 'Sign?=y' -- approve L d-1 1.1.3.3 --key tim
has "signer     tim, $(ssh-keygen -lf tim | cut -d' ' -f2), a security key, to be touched" out
has "Confirm user presence for key ED25519-SK" out
lacks "no-touch" out
is tim .principal
expect 0 "$cs" withdraw L d-1 --key tim
SSH_SK_PROVIDER=$work/none expect 3 "$cs" approve L d-1 --key tim
has "countersign approve: ssh-keygen: " err

# a daemon that cannot be reached; then one that can, and no secret where it should not be
printf '{"pid": %d, "url": "http://127.0.0.1:1"}' $$ >L/serve.json
before=$(entries)
expect 3 "$cs" approve L d-1 1.1.3.1 --key rosa
has "127.0.0.1:1" err
rm L/serve.json
unchanged
start
cp lock open
cp lock.pub open.pub
ssh-keygen -q -p -P 'correct horse' -N '' -f open >/dev/null
mkdir tmp
ulimit -c unlimited
TMPDIR=$work/tmp COUNTERSIGN_TOKEN='' expect 0 python3 "$root/tests/scenario/secrets.py" lock 'correct horse' open "$daemon" \
    "$cs" approve L d-1 1.1.3.1 --yes
is rosa .principal
lacks "correct horse" journal
[[ -z $(find tmp -mindepth 1; find . -name 'core*') ]] || fail "left behind: $(find tmp . -name 'core*')"

# what a signer sees of a deployment from the shipped checklist, nearly ready for its first gate: read, and kept
for name in bob carol; do ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$name"; done
expect 0 "$cs" init G --simulated --origin golden/simulated --time 2026-03-01T00:00:00Z --admin root=root.pub
at=2026-03-01T06:00:00Z
g() { expect 0 "$cs" "$1" G "${@:2}" --time "$at"; }
for name in bob carol; do expect 0 "$cs" key enroll G "$name" "$name.pub" --key root --time "$at"; done
for role in "Release Manager" "Product Manager"; do expect 0 "$cs" role grant G bob "$role" --key root --time "$at"; done
expect 0 "$cs" role grant G carol "Technical Lead" --key root --time "$at"
expect 0 "$cs" role grant G root deployer --key root --time "$at"
expect 0 "$cs" token issue G --principal ci --scope write --key root --time "$at"
cp out token
at=2026-03-02T12:00:00Z
g open web-42 --checklist "$root/replay/checklists/blue-green.md" --release 2.1.0 --title "Payments 2.1" --environment production \
    --t0 2026-03-03T10:00:00Z --role "Release Manager=bob" --role "Technical Lead=carol" --key root
"$cs" checklist show "$root/replay/checklists/blue-green.md" --json |
    jq -c --arg ledger "$("$cs" show G 0 --json | jq -r .event.data.ledger)" '
    def event(i; type; data): {specversion: "1.0", id: "e\(i)", source: "/ci", type: "dev.countersign.\(type).v1",
        time: "2026-03-02T13:00:00Z", $ledger, deployment: "web-42", data: data};
    [.nodes[] | select(.kind == "item" and (.id | startswith("1.")) and (.id | test("^1[.](11[.]|2[.]6$|3[.]9$|4[.]1$|4[.]3$)") | not))]
    | to_entries[] | event(.key; "item.checked"; {node: .value.id, result: "pass", note: "by the pipeline"}),
      if .value.threshold then event("m\(.key)"; "metric.sampled"; {metric: .value.threshold.metric, node: .value.id, source: "ci",
          value: (.value.threshold | (.value | tonumber) + {"<": -1, ">": 1, "<=": 0, ">=": 0, "=": 0}[.op]), unit: .value.threshold.unit})
      else empty end' >lines
COUNTERSIGN_TOKEN=$(<token) expect 1 "$cs" append G lines # fields are still to be filled in
at=2026-03-02T14:00:00Z
g waive web-42 1.4.3 --reason "no such component in this release" --key bob
COUNTERSIGN_TOKEN=$(<token) g sample web-42 "replication lag" 180 --unit ms --node 1.3.9 --source prometheus
g approve web-42 1.11.3.2 --comment "as reviewed" --key carol
g issue web-42 open I-1 --title "the status page is slow" --severity 3 --key carol
at=2026-03-02T20:00:00Z
g approve web-42 "Release Manager" --key bob
sed -E 's/SHA256:[A-Za-z0-9+\/]{43}/SHA256:KEY/; s/[0-9a-f]{64}/HASH/; s/[0-9]+ bytes/N bytes/' err >seen
diff "$root/tests/vectors/summary.txt" seen >&2 || fail "another summary than tests/vectors/summary.txt"
