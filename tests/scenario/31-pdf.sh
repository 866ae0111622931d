#!/usr/bin/env bash
# The report as PDF: well-formed, every font in it, every row of its tables in order under a head, outline and links that
# lead where they say, the same bytes anywhere; checked again, also by other libraries; hostile text; an empty period.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
. "$(dirname "$0")/kit.sh"

expect 0 "$cs" demo L --deployments 12 --seed 7
expect 0 "$cs" report L --year 2026 --format pdf,csv --out R
qpdf --check R/report.pdf >out 2>&1 || fail "$(cat out)"
python3 "$root/tests/scenario/pdf.py" R || fail "the PDF is not what the CSV files say"
pdfinfo R/report.pdf >info
for line in 'Tagged: *yes' 'JavaScript: *no' 'Encrypted: *no' 'Page size: .*(A4)'; do
    grep -q "^$line" info || fail "no '$line': $(cat info)"
done
pdffonts R/report.pdf | awk 'NR > 2 && $(NF - 4) != "yes"' >out
[[ ! -s out ]] || fail "not embedded: $(cat out)"
pdfinfo -struct R/report.pdf >out 2>&1
for tag in Document Sect H2 Table TR TH TD TOC Figure Link; do
    grep -qE "^ *$tag( |\$)" out || fail "no $tag in the structure"
done

# The same wherever it is made; what was made otherwise is not comparable, and what was changed differs
mkdir elsewhere
expect 0 env HOME=/nowhere XDG_CONFIG_HOME=/nowhere TZ=Asia/Tokyo LANG=fa_IR.UTF-8 LANGUAGE=fa LC_ALL=de_DE.UTF-8 \
    FONTCONFIG_FILE=/nowhere "$cs" report L --year 2026 --format pdf,json --out elsewhere
cmp R/report.pdf elsewhere/report.pdf || fail "another PDF in another place"
has "json=$(sha256sum elsewhere/report.json | cut -d ' ' -f 1);" info
expect 0 env LANGUAGE=ar "$cs" report L --check R/report.pdf
sed 's/ cairo=1\./ cairo=9./' R/report.pdf >other.pdf
expect 3 "$cs" report L --check other.pdf
has 'not comparable' out
sed 's/ 0 obj/ 1 obj/' R/report.pdf >other.pdf
expect 1 "$cs" report L --check other.pdf

expect 0 "$cs" report L --year 1999 --format pdf --out empty
qpdf --check empty/report.pdf >out 2>&1 || fail "$(cat out)"
pdftotext -layout empty/report.pdf out
has 'No deployment was open in this period.' out

# What people write is text, and 10,000 letters of it are all there
rm -rf L
for name in admin dora; do ssh-keygen -q -t ed25519 -N '' -f "$name"; done
expect 0 "$cs" init L --simulated --origin report --admin admin=admin.pub --time 2026-01-01T00:00:00Z
expect 0 "$cs" key enroll L dora dora.pub --key admin --time 2026-01-01T01:00:00Z
expect 0 "$cs" role grant L dora deployer --key admin --time 2026-01-01T01:00:00Z
printf '# T\n\n## Work\n\n- [ ] Errors < 1 %%\n' >list.md
expect 0 "$cs" checklist publish L list.md --key admin --time 2026-01-01T01:00:00Z
marks=$(printf 'z\u0301\u0327%.0s' {1..40})
hostile=$'<script>alert(1)</script> =cmd|x \u202e\u0001 \u05d0\u05d1 \u0645\u0631 \U0001f680 \U0001f468\u200d\U0001f469 '"$marks $(printf 'x%.0s' {1..10000})"
expect 0 "$cs" open L a --checklist list --release "$hostile" --key dora --time 2026-01-02T00:00:00Z
expect 0 "$cs" report L --year 2026 --format pdf --out hostile
qpdf --check hostile/report.pdf >out 2>&1 || fail "$(cat out)"
pdftotext -layout hostile/report.pdf out
for text in '<script>alert(1)</script>' '=cmd|x' '\u202e\x01' $'\U0001f680'; do has "$text" out; done
(($(grep -oE 'x{8,}' out | tr -d '\n' | wc -c) >= 10000)) || fail "letters are missing"
expect 0 "$cs" note L a "$(printf 'wor %.0s' {1..2500})" --key dora --time 2026-01-02T01:00:00Z
expect 0 "$cs" report L --deployment a --format pdf --out hostile
qpdf --check hostile/a.pdf >out 2>&1 || fail "$(cat out)"
pdffonts hostile/a.pdf | awk 'NR > 2 && $(NF - 4) != "yes"' >out
[[ ! -s out ]] || fail "not embedded: $(cat out)"
pdftotext hostile/a.pdf out
has '<script>alert(1)</script>' out
(($(grep -ow wor out | wc -l) >= 5000)) || fail "words of the note are missing" # among the notes, and in the timeline
