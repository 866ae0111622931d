#!/usr/bin/env bash
# /openapi.json is OpenAPI 3.1 by a validator of others (npm `@seriousme/openapi-schema-validator`), and real replies, of
# every path and of many errors, are as it describes them.  COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/../scenario/kit.sh"
validator=@seriousme/openapi-schema-validator
version=2.11.0
modules=$root/build/openapi
if [[ $(jq -r .version "$modules/node_modules/$validator/package.json" 2>/dev/null) != "$version" ]]; then
    npm install --prefix "$modules" --cache "$root/build/npm-cache" --ignore-scripts --no-audit --no-fund --no-save \
        --loglevel=error "$validator@$version" >npm.log 2>&1 || fail "npm: $(tail -n 20 npm.log)"
fi

expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
reads=$("$cs" token issue L --principal auditor --scope read)
writes=$("$cs" token issue L --principal ci --scope write)
expect 0 "$cs" role grant L admin deployer
expect 0 "$cs" open L web-1 --checklist "$root/replay/checklists/blue-green.md" --release v9 --role "Release Manager=admin"
expect 0 "$cs" note L web-1 "a note"
"$cs" serve L --listen 127.0.0.1:0 --scrub-rate 0 2>log &
daemon=$!
for _ in {1..400}; do
    [[ ! -e L/serve.json ]] && kill -0 "$daemon" 2>/dev/null || break
    sleep 0.05
done
node "$root/tests/interop/openapi.mjs" "$modules/node_modules" "$(jq -r .url L/serve.json)" "$reads" "$writes" \
    "$root/ingest/openapi.json" || fail "see above; $(tail -n 5 log)"
kill -TERM "$daemon"
code=0
wait "$daemon" || code=$?
daemon=
((code == 0)) || fail "serve gave $code: $(tail -n 40 log)"
