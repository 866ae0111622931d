#!/usr/bin/env bash
# How long deployments are kept: due, held and kept as of any moment, longer by class, holds placed and released, and
# ledger.heads beside a daemon; nothing is disposed of.  COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

for name in root eve; do ssh-keygen -q -t ed25519 -N '' -f "$name"; done
cat >list.md <<'END'
# Small

## DURING (T+0 to T+30 min)

- [ ] Done
END
expect 0 "$cs" init L --simulated --origin kept --admin root=root.pub --time 2024-01-01T00:00:00Z
expect 0 "$cs" key enroll L eve eve.pub --key root
expect 0 "$cs" role grant L root deployer --key root
expect 0 "$cs" policy set L --retain "EU Production=730" --retain default=400 --key root

# open ID ENVIRONMENT DAY: with a note two days later
open() {
    expect 0 "$cs" open L "$1" --checklist list.md --release 1 --environment "$2" --key root --time "$3T00:00:00Z"
    expect 0 "$cs" note L "$1" "seen" --key root --time "$(date -u -d "$3 + 2 days" +%FT%TZ)"
}
open web-1 staging 2024-02-01
open web-2 "eu  production" 2024-03-01
expect 0 "$cs" policy set L --key root --time 2024-04-01T00:00:00Z
open web-3 "EU Production" 2024-04-02
expect 1 "$cs" open L web-4 --checklist list.md --release 1 --environment "EU Production" --key eve --time 2024-05-01T00:00:00Z
has not-authorized out

# row ID JQ: of the stream in what retention --json gave
row() { jq -c ".streams[] | select(.stream == \"$1\") | $2" out; }
# is WANTED GOT
is() { [[ $1 == "$2" ]] || fail "'$2', not '$1'"; }

# as of the last entry's time: nothing is due; a class of the policy at the opening stays with a deployment
expect 0 "$cs" retention L --json
is '"2024-05-01T00:00:00.000000Z"' "$(jq -c .at out)"
is '["kept",null,400,"default","staging"]' "$(row web-1 '[.state, .hold, .days, .class, .environment]')"
is '["kept",730,"EU Production","2026-03-03T00:00:00.000000Z"]' "$(row web-2 '[.state, .days, .class, .until]')"
is '[365,"default",true]' "$(row web-3 '[.days, .class, .policy > 0]')"
is '[365,"default",null]' "$(row web-4 '[.days, .class, .environment]')"
is '["kept","2026-03-03T00:00:00.000000Z","web-2",0,0]' "$(jq -c '[.ledger.state, .ledger.until, .ledger.longest, .ledger.held, .disposed]' out)"
expect 1 "$cs" retention L --due
has "Nothing is ever disposed of" out
lacks web- out

# --at: to the microsecond; before an entry that entry is not there
expect 0 "$cs" retention L --at 2025-03-09T00:00:00Z --due
has "due  until 2025-03-09  web-1" out
lacks web-2 out
expect 1 "$cs" retention L --at 2025-03-08T23:59:59.999999Z --due
expect 0 "$cs" retention L --at 2024-03-01T00:00:00Z --json
is '"2024-03-01T00:00:00.000000Z"' "$(row web-2 .last)"
is '' "$(row web-3 .)"
expect 0 "$cs" retention L --at 2024-02-01T00:00:00Z --json
is '["web-1"]' "$(jq -c '[.streams[].stream]' out)"
expect 2 "$cs" retention L --at yesterday
expect 1 "$cs" retention L --at 2023-12-31T00:00:00Z
has "no entry yet" err
expect 0 "$cs" retention L --at now --due --json
is '["web-1","web-2","web-3","web-4"]' "$(jq -c '[.streams[].stream]' out)"
is '"due"' "$(jq -c .ledger.state out)"

# a later event moves the end
expect 0 "$cs" note L web-1 "again" --key root --time 2024-06-01T00:00:00Z
expect 1 "$cs" retention L --at 2025-03-09T00:00:00Z --due
expect 0 "$cs" retention L --at 2025-07-06T00:00:00Z --due
has web-1 out

# holds: slips are no record, others than admins are refused
expect 0 "$cs" log L ledger --json
before=$(wc -l <out)
expect 2 "$cs" hold place L web-1 --key root
expect 2 "$cs" hold place L ledger --reason x --key root
expect 1 "$cs" hold place L web-9 --reason x --key root
has "no deployment 'web-9'" err
expect 1 "$cs" hold release L web-1 --reason x --key root
has "no hold on 'web-1'" err
expect 3 "$cs" hold list nowhere
expect 0 "$cs" log L ledger --json
is "$before" "$(wc -l <out)"
expect 1 "$cs" hold place L web-1 --reason x --key eve
has not-authorized out
expect 0 "$cs" hold place L web-1 --reason "case $(printf '\033')[31m 7" --key root --json --time 2024-06-02T00:00:00Z
first=$(jq .seq out)
expect 0 "$cs" hold place L web-1 --reason audit --key root
expect 0 "$cs" hold place L web-2 --reason audit --key root
expect 0 "$cs" retention L --at 2025-07-06T00:00:00Z --held
has "held  until 2025-07-06  web-1" out
has "by root: case" out
lacks "$(printf '\033')" out
has "and by 1 more" out
has "until the holds on 2 are released" out
lacks web-3 out
expect 0 "$cs" retention L --at 2024-06-01T00:00:00Z --json # before the hold
is '"kept"' "$(row web-1 .state)"
expect 1 "$cs" hold release L web-1 --reason over --key root
has "2 holds are on web-1" out
expect 2 "$cs" hold release L web-1 --reason over --hold x --key root
expect 0 "$cs" hold release L web-1 --reason over --hold "$first" --key root
expect 0 "$cs" retention L --at 2025-07-06T00:00:00Z --json
is '["held",1,"audit"]' "$(row web-1 '[.state, .holds, .hold.reason]')"
expect 0 "$cs" hold release L web-1 --reason over --key root
expect 0 "$cs" hold release L web-2 --reason over --key root
expect 0 "$cs" hold list L --json
is '[true,true,true]' "$(jq -c 'map(.released.reason == "over")' out)"
is "$first" "$(jq '.[0].placed.seq' out)"
expect 0 "$cs" retention L --at 2025-07-06T00:00:00Z --due --json
is '["web-1","web-3","web-4"]' "$(jq -c '[.streams[].stream]' out)"

# a longer class now is for those opened before, too; a class below 365 days is refused
expect 1 "$cs" policy set L --retain staging=364 --key root
has "365 to 36600" out
expect 2 "$cs" policy set L --retain staging --key root
expect 0 "$cs" policy set L --retain staging=36600 --key root
expect 0 "$cs" retention L --json
is '[36600,"staging"]' "$(row web-1 '[.days, .class]')"
is '["web-1",730]' "$(jq -c '[.ledger.longest, (.streams[] | select(.stream == "web-2") | .days)]' out)"

# ledger.heads: not by a daemon in a simulated ledger, but asked for beside one; verify makes them again
start
expect 0 "$cs" heads L --json
cp out heads
is "$(jq .size heads)" "$(jq .seq heads)"
expect 0 "$cs" heads L --json
is "$(cat heads)" "$(cat out)"
expect 0 "$cs" note L web-1 "after" --key root
expect 0 "$cs" heads L
stop
expect 0 "$cs" heads L --list --json
is 2 "$(jq length out)"
is "$(jq -c . heads)" "$(jq -c '.[0]' out)"
expect 0 "$cs" log L ledger --json --type dev.countersign.ledger.heads.v1
is '{"origin":"ledger","streams":5}' "$(head -1 out | jq -c '{origin, streams: .event.data.streams}')"
expect 0 "$cs" verify L
expect 0 "$cs" custody L
expect 0 "$cs" verify L --only hashes
has "the roots of 2 ledger.heads" out
expect 0 "$cs" export L --tiles tiles --events
expect 0 python3 "$root/tests/oracle/oracle.py" tiles tiles
expect 0 "$cs" verify tiles
lacks ledger.heads out
expect 0 "$cs" retention L --json
is 0 "$(jq .disposed out)"
