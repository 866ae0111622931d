#!/usr/bin/env bash
# Libraries that few commands call are loaded by these alone: all others start without them, and faster.  Where one is
# missing, who needs it says so, and which package has it.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

ssh-keygen -q -t ed25519 -N '' -f root
expect 0 "$cs" init L --admin root=root.pub
expect 0 "$cs" role grant L root deployer --key root
printf '# T\n\n## Work\n\n- [ ] Done\n' >list.md
expect 0 "$cs" open L web-1 --checklist list.md --release 1 --key root
expect 0 "$cs" heads L
expect 0 "$cs" bundle L web-1 --out web-1.tar
event='{"specversion":"1.0","id":"1","source":"/ci","type":"org.example.t","deployment":"web-1"}'
token=$("$cs" token issue L --principal ci --scope write --key root)

# In the place of each stands a file that no program can start with
mkdir broken
for name in libcurl.so.4 libarchive.so.13 libcairo.so.2 libpango-1.0.so.0; do echo broken >broken/$name; done
without=(env "LD_LIBRARY_PATH=$work/broken")
expect 0 "${without[@]}" "$cs" version
expect 0 "${without[@]}" "$cs" status L web-1
expect 0 "${without[@]}" "$cs" verify L
expect 0 "${without[@]}" "$cs" report L --from 2026-01-01 --to 2100-01-01 --format html,csv,json,oscal --out R
expect 0 "${without[@]}" "$cs" note L web-1 hello --key root

expect 3 "${without[@]}" "$cs" push http://127.0.0.1:1 /dev/null
has "$work/broken/libcurl.so.4: file too short; install Debian's package libcurl4" err
start
expect 3 "${without[@]}" "$cs" note L web-1 hello --key root
has "package libcurl4" err
COUNTERSIGN_TOKEN=$token expect 0 "$cs" push "$url" - <<<"$event"
stop
act="bundle L web-1 --approval $("$cs" log L web-1 --json | jq -s '.[0].seq') --out"
# shellcheck disable=SC2086
expect 0 "$cs" $act act.tar
for command in "verify web-1.tar" "verify act.tar" "bundle L web-1 --out again.tar" "$act again.tar"; do
    # shellcheck disable=SC2086
    expect 3 "${without[@]}" "$cs" $command
    has "$work/broken/libarchive.so.13: file too short; install Debian's package libarchive13" err
    [[ ! -e again.tar && ! -e again.tar.new ]] || fail "$command left something behind"
done
