#!/usr/bin/env bash
# `run`: an item's command shown, agreed to, run, judged and recorded, with its secrets covered: a checklist made for this,
# the shipped one and the seed's, on a terminal and without, with a key, a token, and a daemon.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

# on_terminal CODE TEXT=ANSWER... -- ARGUMENTS OF run...
on_terminal() {
    local wanted=$1 steps=()
    shift
    while [[ $1 != -- ]]; do steps+=("$1"); shift; done
    expect "$wanted" python3 "$root/tests/scenario/terminal.py" "${steps[@]}" -- "$cs" run "${@:2}"
}
# last FILTER: of the data of the newest entry of the deployment
last() { "$cs" log L "${id:-d-1}" --json | tail -n 1 | jq -r ".event | $1"; }
is() { [[ $(last "$2") == "$1" ]] || fail "$2 is $(last "$2"), not $1"; }
entries() { "$cs" log L d-1 --json | wc -l; }

cat >small.md <<'END'
# Small deployment

## For a test

## BEFORE (T-24 hours to T-0)

### Readiness

- [ ] The cache answers
  ```sh
  redis-cli ping "$HOST"
  # Expected: PONG
  ```
- [ ] The key is in place
  ```bash
  set -o pipefail
  printf 'user %s\npin 12-34\npassword=%s\n' "$NAME" "$API_TOKEN" | cat
  # Mask: pin ([0-9-]+)
  ```
- [ ] The rule is changed
  ```sh
  echo --rule-arn ... --to "...green..." <version>
  ```
- [ ] It is fine
  ```sh
  echo "$0 says: all in all it is fine"; exit ${CODE:-0}
  # Expected: it is fine, all in all
  ```
- [ ] It takes long
  ```sh
  echo pid $$; sleep 600
  ```
- [ ] Code reviewed
- [ ] It says much
  ```sh
  i=0; while [ $i -lt 3000 ]; do echo "line $i of many"; i=$((i+1)); done
  # Expected: Empty output
  ```

## GATES

### Gate 1: go (T-1 hour)

**Decision Authority:** Release Manager

- [ ] No blockers

**Decision: [ ] GO [ ] NO-GO**
END
mkdir bin
cat >bin/redis-cli <<'END'
#!/bin/sh
[ ! -e "$HOME/down" ] || { echo "Could not connect"; exit 1; }
echo "${REPLY_IS:-PONG}"
END
chmod +x bin/redis-cli
export HOME=$work PATH=$work/bin:$PATH
ssh-keygen -q -t ed25519 -N '' -C root -f root
expect 0 "$cs" init L --admin root=root.pub
expect 0 "$cs" role grant L root deployer --key root
t0=$(date -u -d '+2 hours' +%FT%TZ)
open() { expect 0 "$cs" open L "$1" --checklist "$2" --release 2.1.0 --t0 "$t0" --key root; }
open d-1 small.md
before=$(entries)

# what is wrong is said before anything runs, and nothing is recorded
expect 2 "$cs" run L d-1 1.1.1 --yes
has "COUNTERSIGN_TOKEN" err
export COUNTERSIGN_KEY=$work/root
expect 0 "$cs" run --help
expect 1 "$cs" run L d-1 9.9.9 --yes
expect 1 "$cs" run L d-1 1.1.6 --yes
has "has no command" err
expect 1 "$cs" run L d-9 1.1.1 --yes
expect 3 "$cs" run nowhere d-1 1.1.1 --yes
expect 2 "$cs" run L d-1 1.1.1 --yes
has '$HOST is not set: --set HOST=VALUE' err
expect 2 "$cs" run L d-1 1.1.1 --yes --set HOST
expect 2 "$cs" run L d-1 1.1.1 --yes --env NOT_SET_HERE
expect 2 "$cs" run L d-1 1.1.1 --yes --set HOST=h --timeout 0
expect 2 "$cs" run L d-1 1.1.1 --yes --set HOST=h --set 1=x
has "has no blank 1" err
expect 2 "$cs" run L d-1 1.1.3 --yes --set 1=arn
has "blank green is not filled: --set green=VALUE" err
has "blank version is not filled" err
expect 2 setsid -w "$cs" run L d-1 1.1.1 --set HOST=h
has "no terminal to ask on" err
expect 2 "$cs" run L d-1 1.1.4 --yes
has "no program can judge" err
on_terminal 1 'Run it?=no' -- L d-1 1.1.1 --set HOST=h
on_terminal 1 'Run it?=' -- L d-1 1.1.1 --set HOST=h
has "nothing is recorded" out
[[ $(entries) == "$before" ]] || fail "something was recorded"

# shown, agreed to, run, judged, recorded
on_terminal 0 'Run it?=yes' -- L d-1 1.1.1 --set HOST=h
has 'redis-cli ping "$HOST"' out
has "expected  PONG" out
has "set       HOST=h" out
has "it ended: exit 0" out
has "as expected" out
has "accepted: seq" out
is dev.countersign.command.finished.v1 .type
is '1.1.1 0 PONG true output h' '.data | [.node, .exit, .expected, .matched, .judged, .set.HOST] | map(tostring) | join(" ")'
is "$(printf 'PONG\n' | sha256sum | cut -d' ' -f1)" .data.output_sha256
is "PONG" '.data.output | rtrimstr("\n")'
is "$(hostname)" .data.host
[[ $(last .data.started) < $(last .data.ended) ]] || fail "times"
lacks other-command <("$cs" timeline L d-1)

# what fails, or is not as expected, stands against the item until it is run again
touch down
expect 1 "$cs" run L d-1 1.1.1 --set HOST=h --yes --initiator "job 7"
has "Could not connect" out
is '1 false exit job 7' '.data | [.exit, .matched, .judged, .initiator] | map(tostring) | join(" ")'
expect 1 "$cs" check L d-1 1.1.1
has "contradicted" out
rm down
expect 1 "$cs" run L d-1 1.1.1 --set HOST=h --set REPLY_IS=PANG --yes --json
jq -e '.verdict == "accepted"' out >/dev/null || fail "$(cat out)"
has PANG err
expect 1 "$cs" check L d-1 1.1.1
expect 0 "$cs" run L d-1 1.1.1 --set HOST=h --yes
expect 0 "$cs" check L d-1 1.1.1

# secrets are covered in what is recorded, and the digest is that of the whole
API_TOKEN=s3cretvalue expect 0 "$cs" run L d-1 1.1.2 --yes --set NAME=ann --env API_TOKEN
has s3cretvalue out
has "set       API_TOKEN=[masked]" err
is 'user ann pin [masked] password=[masked]' '.data.output | rtrimstr("\n") | gsub("\n"; " ")'
is '[masked] 2 /bin/bash' '.data | [.set.API_TOKEN, .masked, .shell] | map(tostring) | join(" ")'
is "$(printf 'user ann\npin 12-34\npassword=s3cretvalue\n' | sha256sum | cut -d' ' -f1)" .data.output_sha256
LC_ALL=C grep -q s3cretvalue L/data.mdb && fail "the secret is in the ledger"
# blanks in the text are filled, and the command is another one then
expect 0 "$cs" run L d-1 1.1.3 --yes --set 1=arn:x --set green=tg-g --set version=7
is 'echo --rule-arn arn:x --to "tg-g" 7' '.data.command | rtrimstr("\n")'
has other-command out
has '--rule-arn arn:x --to tg-g 7' out

# words are judged by a person, or by the exit status where that is asked for
on_terminal 0 'Run it?=y' 'Did it hold?=yes' -- L d-1 1.1.4
is 'true person' '.data | [.matched, .judged] | map(tostring) | join(" ")'
on_terminal 1 'Run it?=y' 'Did it hold?=no' -- L d-1 1.1.4
is 'false person' '.data | [.matched, .judged] | map(tostring) | join(" ")'
expect 0 "$cs" run L d-1 1.1.4 --yes --by-exit
is 'true exit' '.data | [.matched, .judged] | map(tostring) | join(" ")'
expect 1 "$cs" run L d-1 1.1.4 --yes --by-exit --set CODE=3
is '3 false exit' '.data | [.exit, .matched, .judged] | map(tostring) | join(" ")'
# much output is cut in the record
expect 1 "$cs" run L d-1 1.1.7 --yes
[[ $(wc -l <out) -gt 3000 ]] || fail "not all was shown"
(($(last '.data.output | utf8bytelength') <= 8192)) || fail "the record is too long"
last .data.output >output
has "line 0 of many" output
has "line 2999 of many" output
has "bytes in all]" output

# Ctrl-C and the timeout end it and what it started, and that is recorded
on_terminal 1 'Run it?=yes' 'pid =^C' -- L d-1 1.1.5
is 'true true' '.data | [.interrupted, .exit > 128] | map(tostring) | join(" ")'
pid=$(last .data.output | sed -n 's/^pid //p')
! kill -0 "$pid" 2>/dev/null || fail "$pid still runs"
expect 1 "$cs" run L d-1 1.1.5 --yes --timeout 1
is 'true true' '.data | [.timed_out, .exit > 128] | map(tostring) | join(" ")'

# a token will do; a daemon is used; what cannot be recorded is printed
unset COUNTERSIGN_KEY
COUNTERSIGN_TOKEN=$("$cs" token issue L --principal ci --scope write --key root)
export COUNTERSIGN_TOKEN
start
expect 0 "$cs" run L d-1 1.1.1 --set HOST=h --yes
stop
has 'principal":"ci' <("$cs" log L d-1 --json | tail -n 1)
before=$(entries)
COUNTERSIGN_TOKEN=$(tr A-Za-z N-ZA-Mn-za-m <<<"$COUNTERSIGN_TOKEN") expect 1 "$cs" run L d-1 1.1.1 --set HOST=h --yes
has "it ran, and is not recorded" err
[[ $(entries) == "$before" ]] || fail "recorded with a wrong token"
sed -n '/^{/p' out >lost
expect 0 "$cs" append L lost
[[ $(entries) == $((before + 1)) ]] || fail "the printed event was not taken"

# the checklist that ships with the program: nothing runs before its variables are set
export COUNTERSIGN_KEY=$work/root
unset COUNTERSIGN_TOKEN
printf '#!/bin/sh\necho %s\n' "'{\"status\":\"ok\",\"version\":\"2.1.0\"}'" >bin/curl
chmod +x bin/curl
id=bg-1
open bg-1 "$root/replay/checklists/blue-green.md"
"$cs" checklist show "$root/replay/checklists/blue-green.md" --json >nodes
while read -r node; do
    code=0
    "$cs" run L bg-1 "$node" --yes >out 2>err </dev/null || code=$?
    if ((code == 2)); then
        grep -q -e 'is not set: --set' -e 'no program can judge' err || fail "$node: $(cat err)"
        continue
    fi
    fail "$node ran with nothing set ($code): $(cat out err)"
done < <(jq -r '.nodes[] | select(.command | . != null and test("\\$[A-Z]")) | .id' nodes)
node=$(jq -r '.nodes[] | select(.command // "" | startswith("redis-cli")).id' nodes | head -n 1)
expect 0 "$cs" run L bg-1 "$node" --yes --set CACHE_HOST=blue
node=$(jq -r '.nodes[] | select(.command // "" | test("arg version")).id' nodes | head -n 1)
expect 0 "$cs" run L bg-1 "$node" --yes --set BLUE_URL=http://blue --set VERSION=2.1.0
is 'true output /bin/bash' '.data | [.matched, .judged, .shell] | map(tostring) | join(" ")'
expect 1 "$cs" run L bg-1 "$node" --yes --set BLUE_URL=http://blue --set VERSION=2.2.0

# the seed's, where it is
if [[ -r $seed ]]; then
    id=seed-1
    open seed-1 "$seed"
    "$cs" checklist show "$seed" --json >nodes
    node_of() { jq -r --arg part "$1" '.nodes[] | select(.command // "" | contains($part)).id' nodes | head -n 1; }
    expect 0 "$cs" run L seed-1 "$(node_of 'redis-cli')" --yes
    expect 0 "$cs" run L seed-1 "$(node_of '/health')" --yes
    is 'true output' '.data | [.matched, .judged] | map(tostring) | join(" ")'
    expect 2 "$cs" run L seed-1 "$(node_of 'TOKEN')" --yes
    has '--env TOKEN where it is a secret' err
    expect 2 "$cs" run L seed-1 "$(node_of 'routing_key')" --yes
    has 'blank 1 is not filled' err
    expect 2 "$cs" run L seed-1 "$(node_of 'modify-rule')" --yes --set 1=arn
    has 'blank green is not filled' err
    printf '#!/bin/sh\necho " ?column? "; echo ---; echo " 1"\n' >bin/psql
    chmod +x bin/psql
    expect 0 "$cs" run L seed-1 "$(node_of 'SELECT 1;')" --yes
else
    echo "SKIPPED: the seed's commands (no $seed)"
fi
expect 0 "$cs" verify L
