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
# It names the ledger's key, and what the deployment is of as its opening has it
"$cs" report L --year 2026 --format csv --out year >/dev/null
key=$(sed -n 's/^key,\([^\r]*\).*/\1/p' year/csv/report.csv)
grep -qF "<dd class=\"c\">$key</dd>" "one/$id.html" || fail "the dossier does not name the key $key"
opening=$("$cs" log L "$id" --json | jq -s 'map(select(.event.type == "dev.countersign.deployment.opened.v1"))[0].event.data')
for text in .impact '.authors | join(", ")' '.changes | map(.ref) | join(", ")' '.services | join(", ")' '.artifacts | map(.sha256) | join(", ")'; do
    grep -qF "<dd>$(jq -r "$text" <<<"$opening")</dd>" "one/$id.html" || fail "the dossier lacks $text of its opening"
done
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

# Each file says what it was made with, and is made again from that, wherever it stands and whatever it is called
for file in "one/$id.html" "one/$id.pdf" "early/$id.html"; do
    cp "$file" copy
    expect 0 "$cs" report L --check copy
    has "the same $(stat -c %s copy) bytes" out
done
expect 0 "$cs" report L --check "early/$id.html" --json
[[ $(cat out) == "{\"same\":true,\"comparable\":true,\"size\":$((seq + 1)),\"issued\":null}" ]] || fail "$(cat out)"
expect 0 "$cs" bundle L "$id" --out bundle.tar
tar xf bundle.tar "report/$id.html"
expect 0 "$cs" report L --check "report/$id.html"

# What was changed differs, whatever it was; also what it says of itself, and a deployment or size that is not there
sed 's/approval/Approval/' "one/$id.html" >changed
expect 1 "$cs" report L --check changed
has "differs from byte" out
head -c -1 "one/$id.html" >cut
expect 1 "$cs" report L --check cut
word() { jq -c "$1" <made | base64 -w0; }
carried=$(grep -o 'countersign-report:[A-Za-z0-9+/=]*' "one/$id.html" | head -1 | cut -d: -f2)
base64 -d <<<"$carried" >made
[[ $(jq -c '[.report, .deployment, .verify]' made) == "[\"countersign/deployment/1\",\"$id\",\"hashes\"]" ]] || fail "$(cat made)"
[[ $(jq .size made) == $("$cs" log L --json | wc -l) ]] || fail "$(cat made)"
for lie in '.verify = "none"' '.deployment = "nowhere"' '.size += 1' '.deployment = "ledger"'; do
    sed "s|$carried|$(word "$lie")|" "one/$id.html" >lied
    expect 1 "$cs" report L --check lied
done
# What no program, or another, has made cannot be compared
for lie in 'del(.size)' '.report = "countersign/deployment/9"' '.verify = "some"'; do
    sed "s|$carried|$(word "$lie")|" "one/$id.html" >lied
    expect 3 "$cs" report L --check lied
done
sed "s|countersign-report:$carried||" "one/$id.html" >silent
expect 3 "$cs" report L --check silent
sed 's/ cairo=1\./ cairo=9./' "one/$id.pdf" >other
! cmp -s other "one/$id.pdf" || fail "no version of cairo to be changed"
expect 3 "$cs" report L --check other
has "not comparable" out
sed 's/ 0 obj/ 1 obj/' "one/$id.pdf" >other
expect 1 "$cs" report L --check other
touch list.csv
expect 2 "$cs" report L --check "one/$id.html" --platform list.csv

expect 1 "$cs" report L --deployment nowhere --out one
has "no deployment 'nowhere'" err
# What would have no effect is refused
expect 2 "$cs" report L --deployment "$id" --year 2026
expect 2 "$cs" report L --deployment "$id" --sample 3
expect 2 "$cs" report L --deployment "$id" --check "one/$id.html"
expect 2 "$cs" report L --check "one/$id.html" --size 5
expect 2 "$cs" report L --year 2026 --from 2026-01-01T00:00:00Z
expect 2 "$cs" report L --deployment "$id" --format csv
