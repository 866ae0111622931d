#!/usr/bin/env bash
# Reports and timelines as others read them: pages in Chromium, by axe-core and the keyboard (npm `puppeteer-core`, `axe-core`); OSCAL
# and the report's JSON by their schemas (npm `ajv`).  COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/../scenario/kit.sh"
modules=$root/build/report-modules
packages=(puppeteer-core@22.15.0 axe-core@4.10.3 ajv@8.17.1 ajv-formats@3.0.1)
if [[ $(cat "$modules/installed" 2>/dev/null) != "${packages[*]}" ]]; then
    npm install --prefix "$modules" --cache "$root/build/npm-cache" --ignore-scripts --no-audit --no-fund --no-save \
        --loglevel=error "${packages[@]}" >npm.log 2>&1 || fail "npm: $(tail -n 20 npm.log)"
    echo "${packages[*]}" >"$modules/installed"
fi

expect 0 "$cs" demo L --deployments 12 --seed 7
for year in 2026 2031; do # the year, and one without a deployment
    expect 0 "$cs" report L --year "$year" --out "$year" --format html,oscal
done
id=$("$cs" report L --year 2026 --format json --out 2026 >/dev/null && jq -r '.population[3].deployment' 2026/report.json)
expect 0 "$cs" report L --deployment "$id" --out one
expect 0 "$cs" timeline L "$id" --format html --out timeline.html
expect 0 "$cs" report L --year 2031 --format json --out 2031
node "$root/tests/interop/schema.cjs" "$modules/node_modules" "$root/reports/report.schema.json" 2026/report.json 2031/report.json ||
    fail "see above"

# Whatever people write, in every place that they can
ssh-keygen -q -t ed25519 -N '' -f admin
expect 0 "$cs" init H --simulated --origin hostile --admin admin=admin.pub --time 2026-03-01T00:00:00Z
as() { expect 0 "$cs" "$@" --key admin --time 2026-03-01T01:00:00Z; }
marks=$(printf 'z\u0301\u0327%.0s' {1..40})
hostile=$'=cmd|x <script>alert(1)</script><img src=//x onerror=alert(1)> \u202e\u0001 \u05e9\u05dc \u0645\u0631 \U0001f468\u200d\U0001f469 '"$marks $(printf 'x%.0s' {1..5000})"
printf '# T\n\n## <b>Work</b> \u05e9\u05dc %s\n\n- [ ] Errors < 1 %%\n- [ ] %s\n' "$(printf 'w%.0s' {1..200})" "$(printf 'v%.0s' {1..900})" >list.md
as checklist publish H list.md
as role grant H admin $'\u05e9\u05dc\u05d5\u05dd'
as role grant H admin deployer
as open H a --checklist list --release "$hostile" --title "$hostile" --reason "$hostile"
as note H a "$hostile"
expect 0 "$cs" report H --year 2026 --out hostile --format html,oscal,json
expect 0 "$cs" report H --deployment a --out hostile --format html

HOME=$PWD node "$root/tests/interop/page.mjs" "$modules/node_modules" "$(command -v chromium)" \
    "$PWD/2026/report.html" "$PWD/2031/report.html" "$PWD/one/$id.html" "$PWD/timeline.html" \
    "$PWD/hostile/report.html" "$PWD/hostile/a.html" || fail "see above"

schema=$COUNTERSIGN_SHARED/vectors/oscal/oscal_assessment-results_schema.json
if [[ ! -e $schema ]]; then
    echo "SKIPPED: OSCAL's schema: ../shared is not there"
    exit 0
fi
for year in 2026 2031 hostile; do
    node "$root/tests/interop/oscal.cjs" "$modules/node_modules" "$schema" "$year/oscal.json" || fail "see above"
done
