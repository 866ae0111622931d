#!/usr/bin/env bash
# The dossier of one deployment: whole, the same bytes anywhere, as of a size; what does not go together is refused.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

expect 0 "$cs" demo L --deployments 6 --seed 3
id=$("$cs" log L --json | jq -rs '[.[].stream | select(. != "ledger" and . != "inbox")] | group_by(.) | max_by(length)[0]')
expect 0 "$cs" report L --deployment "$id" --out one --json
[[ $(jq -c '[.deployment, (.files | length)]' out) == "[\"$id\",2]" ]] || fail "$(cat out)"
[[ $(jq .entries out) == $("$cs" log L "$id" --json | wc -l) ]] || fail "not all entries: $(cat out)"
TZ=Asia/Tokyo LC_ALL=C.UTF-8 expect 0 "$cs" report L --deployment "$id" --out again
cmp "one/$id.html" "again/$id.html" || fail "another page"
cmp "one/$id.pdf" "again/$id.pdf" || fail "another PDF"
qpdf --check "one/$id.pdf" >check.out 2>&1 || fail "$(cat check.out)"

# Every act that a person signs for stands there as it was signed, and every entry in the timeline.
pdftotext -layout "one/$id.pdf" text
has "$id" text
while read -r seq; do
    grep -q "id=\"seq-$seq\"" "one/$id.html" || fail "event $seq is not shown"
done < <("$cs" log L "$id" --json | jq -r 'select(.event.type | test("approval.given|decision.made|deployment.opened")) | .seq')
last=$("$cs" log L "$id" --json | jq -s '.[-1].seq')
grep -q ">$last<" "one/$id.html" || fail "entry $last is not in the timeline"

# As of its tenth entry
seq=$("$cs" log L "$id" --json | jq -s '.[9].seq')
expect 0 "$cs" report L --deployment "$id" --out early --size $((seq + 1)) --format html --verify none
grep -q "<dd>10: " "early/$id.html" || fail "not ten entries"
grep -q "chains, tree and signatures were not" "early/$id.html" || fail "it does not say that nothing was verified"
! grep -q ">$last<" "early/$id.html" || fail "an entry above the size"
[[ ! -e early/$id.pdf ]] || fail "a PDF that nobody asked for"

expect 1 "$cs" report L --deployment nowhere --out one
has "no deployment 'nowhere'" err
expect 2 "$cs" report L --deployment "$id" --year 2026
expect 2 "$cs" report L --deployment "$id" --format csv
