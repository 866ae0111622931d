#!/usr/bin/env bash
# The report as a whole: each kind of exception, periods that cut, the platform's own list, hostile text in all formats,
# the same bytes on any number of cores, in any time zone and locale, and later; --check and --issue; ledgers with nothing.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
. "$(dirname "$0")/kit.sh"

# A ledger with one entry, and a year without deployments
ssh-keygen -q -t ed25519 -N '' -f admin
expect 0 "$cs" init E --simulated --origin empty --admin admin=admin.pub --time 2026-01-01T00:00:00Z
expect 0 "$cs" report E --year 2026 --out empty --format html,json
[[ $(jq -c '[.cover.entries, .cover.size, .cover.deployments, (.changes | length), (.trend | length)]' empty/report.json) == "[1,1,0,1,12]" ]] ||
    fail "$(jq -c .cover empty/report.json)"
has 'No deployment was open in this period.' empty/report.html
! sed -n '/id="cover"/,/<\/dl>/p' empty/report.html | grep -q '<details>' || fail "the cover folds its own words away"
expect 0 "$cs" report E --year 2030 --out empty --format html,json --json
[[ $(jq -c '[.deployments, .size]' out) == "[0,1]" ]] || fail "$(cat out)"

# A made-up year, and what it must have
expect 0 "$cs" demo Y --deployments 30 --seed 3
expect 0 "$cs" report Y --year 2026 --out year --verify all
# is TEXT FILTER: what a filter gives of year/report.json
is() {
    local found
    found=$(jq -c "$2" year/report.json)
    [[ $found == "$1" ]] || fail "$2 gave $found, not $1"
}
is true '.cover.entries == .cover.size and .cover.deployments == (.population | length) and .cover.exceptions == (.exceptions | length)'
is true '[.population[] | .last_pos == .entries - 1 and .first_pos == 0] | all'
is true '(.exceptions | group_by(.kind) | map({key: .[0].kind, value: length}) | from_entries)
    == (.exception_kinds | map({key: .kind, value: .count}) | from_entries)'
is true '(.exceptions | map([.gravity, .seq // -1])) | . == sort'
is true '[.thresholds[] | .measured == .within + .outside] | all'
is true '([.thresholds[].measured] | add) == (.metrics | length) and ([.thresholds[].outside] | add) == ([.metrics[] | select(.holds | not)] | length)'
is true '([.trend[].opened] | add) == .cover.counted and ([.lateness[].late] | add) == ([.trend[].late_acts] | add)'
is true '([.lateness[].late] | add) <= ([.exceptions[] | select(.kind == "flag:late")] | length)'
is true '([.sample[].digest] | . == sort) and (.sample | length) == 25'
is true '([.sample[].signed] | add) == (.signed_events | length)'
is true '[.signed_events[].event | fromjson | .type | startswith("dev.countersign.")] | all'
is true '[.waiting[] | select(.ready != null) | .ready <= .time] | all'
is true '[.delivery[] | select(.figure == "lead_time") | .computable <= .of and .value > 0] | all'
is 0 '[.exception_kinds[] | select(.means == "Tried, recorded, and without effect.")] | length'
seq=$(jq '.signed_events[0].seq' year/report.json)
has "<a href=\"#seq-$seq\">" year/report.html
has "id=\"seq-$seq\"" year/report.html

# CSV has the same rows
for name in population exceptions decisions metrics changes retention; do
    python3 - "$name" <<'END' || fail "csv/$name.csv is not what the JSON has"
import csv, json, sys
name = sys.argv[1]
wanted = json.load(open("year/report.json"))[name]
raw = open(f"year/csv/{name}.csv", newline="", encoding="utf-8").read()
assert raw.endswith("\r\n") and "\0" not in raw
rows = list(csv.DictReader(raw.splitlines(keepends=True), strict=True))
assert len(rows) == len(wanted), (len(rows), len(wanted))
for row, want in zip(rows, wanted):
    for column, cell in row.items():
        value = want.get(column)
        if isinstance(value, bool):
            value = str(value).lower()
        elif isinstance(value, (int, float)):
            cell, value = float(cell), float(value)
        elif value is None:
            value = ""
        assert cell == value or cell == "'" + str(value), (column, cell, value)
END
done

# The same bytes on one core, elsewhere on the globe, years later, in another directory, and made again from the file
mkdir other
cc -shared -fPIC -o future.so "$root/tests/scenario/future.c"
[[ $(LD_PRELOAD=$PWD/future.so date -u +%Y) -gt $(($(date -u +%Y) + 5)) ]] || fail "the clock is not ahead"
(umask 077 && expect 0 env -C / TZ=Pacific/Kiritimati LC_ALL=C LANG=C HOME=/nowhere LD_PRELOAD="$PWD/future.so" taskset -c 0 \
    "$cs" report "$PWD/Y" --year 2026 --out "$PWD/other" --verify all)
diff -r year other >out || fail "not the same: $(head -c 300 out)"
for file in report.html report.json csv/report.csv csv/trend.csv; do
    expect 0 "$cs" report Y --check "year/$file"
    has 'the same' out
done
expect 2 "$cs" report Y --check year/report.json --year 2026
expect 3 "$cs" report Y --check Y/data.mdb
expect 3 "$cs" report Y --check nowhere.json
sed '0,/successful/s//Successful/' year/report.json >changed.json
expect 1 "$cs" report Y --check changed.json
has 'it differs from byte' out
head -c -2 year/report.json >cut.json
expect 1 "$cs" report Y --check cut.json --json
[[ $(jq -c '[.same, .comparable]' out) == "[false,true]" ]] || fail "$(cat out)"
size=$(jq .cover.size year/report.json)
sed "s/\"size\":$size/\"size\":7/" year/report.json >lied.json
expect 1 "$cs" report Y --check lied.json
expect 1 "$cs" report E --check year/report.json

# Pages show so many rows and say where the rest is; the draw is by its seed
expect 0 "$cs" report Y --year 2026 --out other --format html,json --rows 3 --sample 4 --seed other
has 'the first 3 of' other/report.html
has 'csv/decisions.csv' other/report.html
[[ $(jq -c '[.sample[].deployment] | length' other/report.json) == 4 ]] || fail "not four drawn"
[[ $(grep -c '<strong id="d-' other/report.html) == $(jq .cover.deployments other/report.json) ]] || fail "the population is cut"

# Periods that cut: each deployment is counted once in all the parts of the year together, and listed where it was open
counted=0
for month in 01 03 06 09; do
    next=$(jq -rn --arg month $month '{"01": "2026-03", "03": "2026-06", "06": "2026-09", "09": "2027-01"}[$month]')
    expect 0 "$cs" report Y --from "2026-$month-01T00:00:00Z" --to "$next-01T00:00:00Z" --format json --verify none --out other
    counted=$((counted + $(jq .cover.counted other/report.json)))
    [[ $(jq '[.population[] | select(.counted == .carried_in)] | length' other/report.json) == 0 ]] || fail "$month: counted and carried"
    [[ $(jq '[.exceptions[] | select(.kind == "verification-gap")] | length' other/report.json) == 1 ]] || fail "no gap told"
done
((counted == $(jq .cover.counted year/report.json))) || fail "$counted counted in the months"

# In OSCAL an entry's things have one name in all reports, and what is of one report alone has its own
expect 0 "$cs" report Y --from 2026-03-01T00:00:00Z --to 2026-07-01T00:00:00Z --format oscal --verify none --out other
names() { jq -r ".\"assessment-results\" | $1" "$2/oscal.json" | sort; }
own='.uuid, .results[0].uuid, (.results[0] | .risks[]?, .findings[]).uuid'
[[ -z $(comm -12 <(names "$own" year) <(names "$own" other)) ]] || fail "two reports, or what they find, have one UUID"
items='.results[0]."local-definitions"."inventory-items"[].uuid'
[[ -z $(comm -13 <(names "$items" year) <(names "$items" other)) && -n $(names "$items" other) ]] || fail "a deployment has two UUIDs"
jq -e '."assessment-results".results[0].observations | map(select(."relevant-evidence" == null)) | length <= 1' year/oscal.json >out ||
    fail "observations without an entry: $(cat out)"

# The platform's own list: one is not in the ledger, one is told by its release, the others are missing in it
jq -r '.population[3] | "time,deployment,release\r\n\(.closed // .opened),,\(.release)\r\n2026-05-01T00:00:00Z,=nowhere,\r"' \
    year/report.json >list.csv
expect 0 "$cs" report Y --year 2026 --out other --format json,html --platform list.csv
[[ $(jq -c '[.parameters.platform_sha256, ([.reconciliation[] | select(.line == 3)] | map([.result, .deployment]))]' other/report.json) == \
    "[\"$(sha256sum list.csv | cut -d ' ' -f 1)\",[[\"no-deployment\",\"=nowhere\"]]]" ]] || fail "$(jq -c .reconciliation other/report.json | head -c 500)"
[[ $(jq '[.reconciliation[] | select(.line == 2 and .result == "matched")] | length' other/report.json) == 1 ]] || fail "not matched"
[[ $(jq '[.reconciliation[] | select(.result == "no-event")] | length' other/report.json) == $(($(jq .cover.deployments other/report.json) - 1)) ]] || fail "others are not missed"
expect 2 "$cs" report Y --check other/report.json
expect 0 "$cs" report Y --check other/report.json --platform list.csv
printf 'when\n' >bad.csv
expect 3 "$cs" report Y --year 2026 --out other --platform bad.csv

# Hostile text is text in every format
expect 0 "$cs" init L --simulated --origin hostile --admin admin=admin.pub --time 2026-03-01T00:00:00Z
as() { expect 0 "$cs" "$@" --key admin --time 2026-03-01T01:00:00Z; }
as role grant L admin deployer
printf '# T\n\nText.\n\n## Work\n\n- [ ] Errors < 1 %%\n- [ ] Approvals:\n  - [ ] Lead: ____\n' >list.md
as checklist publish L list.md
hostile=$'=cmd|x!A1 <script>alert(1)</script> \u202e\u0001 \u05e9\u05dc\u05d5\u05dd \U1f680 "quoted", \r\n=2+5'"$(printf 'x%.0s' {1..10000})"
as open L a --checklist list --release "$hostile" --title "$hostile" --reason "$hostile"
as note L a "$hostile"
n=0
for text in '=1+1' '+1' '-1+1' '@SUM(A1)' $'\tx' $'\rx' $'\u00a0=1'; do
    as open L "begins-$((n += 1))" --checklist list --release "$text" --title "$text"
done
expect 1 "$cs" reject L a 1.0.2.1 --reason "$hostile" --key admin --time 2026-03-01T02:00:00Z
expect 0 "$cs" report L --year 2026 --seed $'<b>\u202e=1' --out hostile
! grep -q '<script>alert' hostile/report.html || fail "a script in the page"
! grep -q $'\u202e' hostile/report.html || fail "an override in the page"
jq -e --arg text "$hostile" '.population[0].title == $text' hostile/report.json >out || fail "the title is another"
python3 - <<'END' || fail "a spreadsheet would compute it"
import csv, pathlib, re
number = re.compile(r"-?[0-9.]+")
for path in pathlib.Path("hostile/csv").iterdir():
    for row in csv.reader(path.open(newline="", encoding="utf-8"), strict=True):
        for cell in row:
            assert cell[:1] not in set("=+-@\t\r") or number.fullmatch(cell), (path, cell[:80])
END
for text in $'\u202e' $'\u0001'; do
    ! grep -qF "$text" hostile/oscal.json || fail "a character that is not shown, in oscal.json"
done
jq -e '[.. | strings | select(test("[\n\r]"))] | length == 0' hostile/oscal.json >out || fail "a property of two lines"
grep -q "\"'=cmd|x" hostile/csv/population.csv || fail "a formula in population.csv"
expect 0 "$cs" report L --check hostile/report.html

# An issued report is in the ledger with the digests of its files, signed by an admin alone
expect 2 "$cs" report L --year 2026 --issue --out issued
as report L --year 2026 --issue --out issued --format html,json,csv --json
[[ $(jq -r .issued.verdict out) == accepted ]] || fail "$(cat out)"
jq '{seq: .issued.seq}' out >issued.seq
"$cs" show L "$(jq .issued.seq out)" --json | jq -c .event.data >data
while IFS=$'\t' read -r name digest bytes; do
    [[ $(sha256sum <"issued/$name") == "$digest  -" && $(stat -c %s "issued/$name") == "$bytes" ]] || fail "$name is not what was issued"
done < <(jq -r '.files[] | [.name, .sha256, .bytes] | @tsv' data)
[[ $(jq -c '[.parameters.report, .parameters.sample]' data) == '["countersign/annual/2",25]' ]] || fail "$(cat data)"
[[ $(jq -c '[.changes[].act] | contains(["ledger.heads"])' issued/report.json) == true ]] || fail "no heads before the report"
expect 0 "$cs" report L --check issued/report.json
has "issued in entry $(jq .seq issued.seq) by admin" out
expect 0 "$cs" report L --check issued/csv/report.csv --json
[[ $(jq .issued out) == "$(jq .seq issued.seq)" ]] || fail "$(cat out)"
expect 0 "$cs" report L --check hostile/report.html
has 'no entry issues this file' out
mkdir lone && cp issued/csv/population.csv lone
expect 3 "$cs" report L --check lone/population.csv
has 'report.csv, which is not beside it' err
# How it was issued stands in the next report, short
expect 0 "$cs" report L --from 2026-03-01 --to 2026-04-01 --format json --out next
[[ $(jq -r '.changes[] | select(.act == "report.issued") | .detail' next/report.json) == \
    "from: 2026-01-01T00:00:00.000000Z; to: 2027-01-01T00:00:00.000000Z; size: $(jq .parameters.size data); report.html: $(sha256sum <issued/report.html | cut -c 1-64); report.json: "*"; files in directories: 25" ]] ||
    fail "$(jq '.changes[] | select(.act == "report.issued")' next/report.json)"
[[ $(jq -c '[.parameters.from, .parameters.to]' next/report.json) == '["2026-03-01T00:00:00.000000Z","2026-04-01T00:00:00.000000Z"]' ]] ||
    fail "a day is not its midnight"
ssh-keygen -q -t ed25519 -N '' -f nobody
expect 1 "$cs" report L --year 2026 --issue --key nobody --format json --out issued

# What it refuses
expect 2 "$cs" report L --year 2026 --format xml
expect 2 "$cs" report L --year 2026 --verify some
expect 2 "$cs" report L --from 2026-03-01T00:00:00Z
expect 2 "$cs" report L --from 2026-03-02T00:00:00Z --to 2026-03-02T00:00:00Z
expect 1 "$cs" report L --year 2026 --size 1000 --out other
expect 3 "$cs" report nowhere --year 2026 --out other
expect 3 "$cs" report L --year 2026 --out /proc/nowhere
cp -r L D
LC_ALL=C sed -i 's/alert(1)/alert(2)/g' D/data.mdb
expect 4 "$cs" report D --year 2026 --format json --out other
[[ -z $(find . -name '*.new') ]] || fail "half a file is left"
