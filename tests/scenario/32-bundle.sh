#!/usr/bin/env bash
# A deployment and a period taken away from a served ledger: checked where there is nothing else, by the program, by
# public tools and by the oracle; refused in every way in which they can be no longer what they were.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
here=$root/tests/scenario oracle=$root/tests/oracle

# is WANTED FILTER: what jq makes of the file out
is() {
    local found
    found=$(jq -r "$2" out) || fail "no JSON: $(head -c 300 out)"
    [[ $found == "$1" ]] || fail "$2 is $found, not $1"
}
# events STREAM COUNT DAY: by a token, one a minute
events() {
    python3 - "$@" <<'END' | COUNTERSIGN_TOKEN=$token "$cs" append "$ledger" - >receipts
import json, sys
stream, count, day = sys.argv[1], int(sys.argv[2]), sys.argv[3]
for i in range(count):
    time = "%sT%02d:%02d:%02dZ" % (day, i // 3600, i // 60 % 60, i % 60)
    print(json.dumps({"specversion": "1.0", "id": f"{stream}-{i}", "source": "/x", "type": "org.example.t",
                      "deployment": stream, "time": time, "data": {"n": i, "text": "Grüße <b>"}}))
END
}
# make LEDGER: web-1 opened and worked at by people, others by a pipeline, on four days
make() {
    ledger=$1
    expect 0 "$cs" init "$ledger" --simulated --origin example.org/l --time 2026-03-01T00:00:00Z --admin root=root.pub
    cp out "$ledger.vkey"
    expect 0 "$cs" key enroll "$ledger" rosa rosa.pub --key root
    expect 0 "$cs" key enroll "$ledger" sam sam.pub --key root
    expect 0 "$cs" role grant "$ledger" rosa "Release Manager" --key root
    expect 0 "$cs" role grant "$ledger" root deployer --key root
    expect 0 "$cs" token issue "$ledger" --principal pipe --scope write --key root
    token=$(cat out)
    events api-1 40 2026-03-01
    expect 0 "$cs" open "$ledger" web-1 --checklist small.md --release 1 --t0 2026-03-03T00:00:00Z \
        --role "Release Manager=rosa" --key root --time 2026-03-02T11:00:00Z
    expect 0 "$cs" check "$ledger" web-1 1.0.1 pass --key sam --time 2026-03-02T12:00:00Z
    events api-2 280 2026-03-02
    expect 0 "$cs" check "$ledger" web-1 1.0.2 pass --key rosa --time 2026-03-02T13:00:00Z
    events api-3 30 2026-03-03
    events api-4 30 2026-03-04
}

cat >small.md <<'END'
# Small

## For a test

## BEFORE (T-24 hours to T-0)

- [ ] Code reviewed
- [ ] Tested
END
ssh-keygen -q -t ed25519 -N '' -f root
ssh-keygen -q -t ed25519 -N '' -f rosa
ssh-keygen -q -t ecdsa -b 256 -N '' -f sam
make L
vkey=$(cat L.vkey)
make T

# --- made beside a daemon that serves ---
printf 'a ticket\n' >ticket.txt
start
expect 0 "$cs" heads L
expect 0 "$cs" bundle L web-1 --out web-1.tar --json
is "deployment $(sha256sum <web-1.tar | cut -c 1-64) $(wc -c <web-1.tar) 2" '"\(.of) \(.sha256) \(.bytes) \(.streams)"'
# web-1 was never closed: it is open in any later period
expect 0 "$cs" bundle L --from 2026-03-02T00:00:00Z --to 2026-03-04T00:00:00Z --report json --with ticket.txt --out days.tar --json
is 'period 4' '"\(.of) \(.streams)"'
expect 0 "$cs" bundle L --from 2026-03-04T00:00:00Z --to 2026-03-05T00:00:00Z --out - >last.tar
cp out last.tar
expect 0 "$cs" bundle L --year 2026 --out year.tar
stop

# --- the same bytes anywhere, also of an older checkpoint once the ledger has grown ---
(umask 077 && TZ=Pacific/Auckland LC_ALL=C.UTF-8 "$cs" bundle L web-1 --out again.tar) || fail "again"
cmp again.tar web-1.tar || fail "not the same bytes"
size=$("$cs" verify web-1.tar --json | jq .size)
"$cs" checkpoint L >kept
cp -r L grown
ledger=grown token=$("$cs" token issue grown --principal later --scope write --key root --time 2026-03-05T00:00:00Z)
events api-5 31 2026-03-05
expect 0 "$cs" bundle grown --from 2026-03-02T00:00:00Z --to 2026-03-04T00:00:00Z --checkpoint kept --report json --with ticket.txt --out again.tar
cmp again.tar days.tar || fail "not the same bytes as of the same size"
[[ ! -e again.tar.new ]] || fail "left behind"

# --- checked where there is nothing else ---
mkdir away hidden
mv L T hidden
expect 0 "$cs" verify web-1.tar --vkey "$vkey" --json
is "true bundle deployment web-1 given $size ledger,web-1 $size $size" \
    '"\(.ok) \(.kind) \(.of) \(.deployment) \(.vkey_from) \(.size) \([.streams[].stream] | join(",")) \(.streams[0].whole_at) \(.streams[1].whole_at)"'
expect 0 "$cs" verify web-1.tar
has "none is held back" out
has "$vkey was taken from the bundle itself" out
lacks "stand behind" out
expect 0 "$cs" verify - --vkey "$vkey" <web-1.tar
lacks "from the bundle itself" out
{ cat web-1.tar && head -c 67108864 /dev/zero; } | expect 3 "$cs" verify -
has "give a larger bundle as a file" err
expect 0 "$cs" verify days.tar --vkey "$vkey" --json
is 'period ledger,api-2,api-3,web-1 2 true report/report.json,report/ticket.txt' \
    '"\(.of) \([.streams[].stream] | join(",")) \(.heads.left_out) \(.heads.complete) \(.files | join(","))"'
has "what the files in report/ say" out
expect 0 "$cs" verify last.tar --vkey "$vkey" --json
is 'ledger,api-4,web-1 3' '"\([.streams[].stream] | join(",")) \(.heads.left_out)"'
expect 0 "$cs" verify year.tar --vkey "$vkey" --json
is 'ledger,api-1,api-2,api-3,api-4,web-1 0 true' \
    '"\([.streams[].stream] | join(",")) \(.heads.left_out) \(.files | contains(["report/csv/population.csv", "report/report.html"]))"'
expect 1 "$cs" verify web-1.tar --vkey "$(cat T.vkey)"
has "has no good signature by" err
for file in web-1 days; do
    expect 0 python3 "$oracle/bundles.py" $file.tar --vkey "$vkey"
    is true .heads
done

# --- the bundle's own instructions, as it prints them, with public tools alone ---
spread() { rm -rf d && mkdir d && tar -xf "$1" -C d; }
# printed TEXT: the lines of README.txt from that text on, as long as they end in a backslash
printed() { awk -v text="$1" 'at = index($0, text) { sub(/.*/, substr($0, at)); on = 1 } on { print; on = /\\$/ }' d/README.txt; }
script() {
    local line
    line=$(printed "sed -n 's") && line=${line/VKEY=.../VKEY=$vkey}
    [[ $line == *"SEQ='17 4711' bash" ]] || fail "README.txt prints: $line"
    (cd d && env -i PATH=/usr/bin:/bin LC_ALL=C bash -c "${line/17 4711/${1:-}}") >out 2>err
}
for file in web-1 days; do
    spread $file.tar
    script || fail "README.txt: $(cat out err)"
    has "good: these entries are in the ledger example.org/l" out
    # of each stream its last entry, the people's among them
    script "$(tail -q -n 1 d/streams/*/*.index | cut -d ' ' -f 1)" || fail "README.txt: $(cat out err)"
    [[ $(grep -c 'is in the tree, with its event' out) == "$(find d/streams -name '*.index' | wc -l)" ]] || fail "$(cat out)"
    # an event, as dd is said to take it out
    read -r seq _ _ _ _ event length _ < <(tail -n 1 d/streams/web-1/000000.index)
    line=$(printed "dd if=streams") && line=${line/ID\/NNNNNN/web-1\/000000} && line=${line/OFFSET/$event}
    (cd d && bash -c "${line/LENGTH/$length}") >event || fail "README.txt prints: $line"
    COUNTERSIGN_TOKEN='' "$cs" show hidden/L "$seq" --json | jq -e --slurpfile event event '.event == $event[0]' >/dev/null ||
        fail "dd gives $(head -c 300 event)"
done
spread web-1.tar
script "$(cut -d ' ' -f 1 d/streams/web-1/000000.index)" || fail "README.txt: $(cat out err)"
[[ $(grep -c 'is in the tree, with its event' out) == 3 ]] || fail "$(cat out)"
# resum: the digests as they are now, for what nobody signed
resum() { (cd d && cut -c 67- SHA256SUMS | xargs sha256sum >sums && mv sums SHA256SUMS); }
read -r seq _ _ _ _ event _ < <(tail -n 1 d/streams/web-1/000000.index)
printf X | dd of=d/streams/web-1/000000.records bs=1 seek=$((event + 20)) conv=notrunc status=none
script "$seq" && fail "README.txt takes a file that was changed"
resum && script "$seq" && fail "README.txt takes any event"
spread web-1.tar
printf X | dd of="$(ls d/tile/0/*.p/*)" bs=1 seek=20 conv=notrunc status=none
resum && script && fail "README.txt takes any tree"
spread web-1.tar
sed -i '3s/^...../AAAAA/' d/checkpoint
resum && script && fail "README.txt takes any checkpoint"
spread web-1.tar
sed -i '/^rosa/d' d/allowed_signers
resum && script "$seq" && fail "README.txt takes the signature of anybody"

# --- in every way no longer what it was: refused, with the reason ---
(cd hidden && "$cs" bundle T web-1 --out ../other.tar && "$cs" heads T >/dev/null &&
    "$cs" bundle T --from 2026-03-02T00:00:00Z --to 2026-03-04T00:00:00Z --report json --with ../ticket.txt --out ../others.tar)
# BUNDLE_FLIPS=N changes as many bytes at random
python3 "$here/bundle_tamper.py" "$cs" "$vkey" web-1.tar other.tar "${BUNDLE_FLIPS:-60}" >out 2>&1 || fail "$(cat out)"
python3 "$here/bundle_tamper.py" "$cs" "$vkey" days.tar others.tar "${BUNDLE_FLIPS:-60}" >out 2>&1 || fail "$(cat out)"
# the same files by other hands
spread web-1.tar
tar -tf web-1.tar >names
for form in gnu pax oldgnu; do
    tar -c --format=$form --owner=0 --group=0 --mtime=@0 --mode=644 -f $form.tar -C d -T names
    expect 1 "$cs" verify $form.tar --vkey "$vkey"
    has "countersign verify: it is" err
done
tar -c --format=v7 -f v7.tar -C d -T names
expect 3 "$cs" verify v7.tar --vkey "$vkey"
has "v7.tar is no bundle, tlog-proof or checkpoint" err
dd if=/dev/zero of=d/report/hole bs=1 count=1 seek=10M status=none
tar -c --sparse --format=gnu -f sparse.tar -C d README.txt bundle.json report/hole
expect 1 "$cs" verify sparse.tar --vkey "$vkey"
printf x >d/evil && ln d/evil d/evil2 && mkfifo d/fifo
tar -c --format=ustar -f hard.tar -C d README.txt evil evil2
expect 1 "$cs" verify hard.tar --vkey "$vkey"
tar -c --format=ustar -f fifo.tar -C d README.txt fifo
expect 1 "$cs" verify fifo.tar --vkey "$vkey"
tar -c --format=ustar -P -f root.tar "$work/d/README.txt"
expect 1 "$cs" verify root.tar --vkey "$vkey"
[[ -z $(find . -newer root.tar -type f ! -name out ! -name err) ]] || fail "written: $(find . -newer root.tar)"

# --- the report in it is the ledger's own ---
mv hidden/L .
spread year.tar
expect 0 "$cs" report L --check d/report/report.json
expect 0 "$cs" report L --check d/report/csv/population.csv
expect 0 "$cs" report L --check d/report/report.html
expect 0 "$cs" report L --check d/report/oscal.json
spread web-1.tar
has "web-1" d/report/web-1.html
expect 0 "$cs" bundle L web-1 --report none --out bare.tar
# a PDF, where it is asked for
expect 0 "$cs" bundle L --year 2026 --report pdf,json --out pdf.tar
expect 0 "$cs" verify pdf.tar --vkey "$vkey"
spread pdf.tar
expect 0 "$cs" report L --check d/report/report.pdf
expect 0 "$cs" bundle L web-1 --report html,pdf --out pdf.tar
[[ $(tar -xOf pdf.tar report/web-1.pdf | head -c 5) == %PDF- ]] || fail "$(tar -tf pdf.tar)"
[[ $(tar -tf bare.tar | grep -c ^report/) == 0 ]] || fail "$(tar -tf bare.tar)"

# --- stopped: nothing is left ---
mkfifo slow.txt
"$cs" bundle L --year 2026 --with slow.txt --out stopped.tar 2>err &
stopped=$!
exec 3>slow.txt # which is opened once it waits for this
kill "$stopped"
exec 3>&-
code=0
wait "$stopped" || code=$?
((code == 3)) || fail "stopped: $code: $(cat err)"
has "nothing was written" err
[[ -z $(find . -maxdepth 1 -name 'stopped*' -o -maxdepth 1 -name '.countersign*') ]] || fail "left: $(ls -a)"

# --- what cannot be made, and wrong usage ---
expect 2 "$cs" bundle L --year 2026 --report papyrus --out none.tar
expect 2 "$cs" bundle L web-1 --report json --out none.tar
expect 2 "$cs" bundle L web-1 --approval 1 --report none --out none.tar
expect 1 "$cs" bundle L web-9 --out none.tar
expect 1 "$cs" bundle L ledger --out none.tar
expect 1 "$cs" bundle L web-1 --out none.tar --size 3
expect 3 "$cs" bundle L web-1 --out none.tar --with missing
expect 3 "$cs" bundle L web-1 --out nowhere/none.tar
expect 3 "$cs" bundle L web-1 --out none.tar --with ticket.txt --with hidden/../ticket.txt
expect 2 "$cs" bundle L --out none.tar
expect 2 "$cs" bundle L web-1 --year 2026 --out none.tar
expect 2 "$cs" bundle L --from 2026-01-02T00:00:00Z --to 2026-01-01T00:00:00Z --out none.tar
expect 2 "$cs" bundle L --year 2026 --from 2026-01-01T00:00:00Z --out none.tar
expect 2 "$cs" bundle L --year 2026 --approval 1 --out none.tar
[[ ! -e none.tar && ! -e none.tar.new ]] || fail "something was left"
# a period in which nothing happened has the stream `ledger` and what was open
expect 0 "$cs" bundle L --from 2025-01-01T00:00:00Z --to 2025-02-01T00:00:00Z --out early.tar
expect 0 "$cs" verify early.tar --vkey "$vkey" --json
is ledger '[.streams[].stream] | join(",")'
