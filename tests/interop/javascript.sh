#!/usr/bin/env bash
# The CloudEvents SDK for JavaScript (npm `cloudevents`) sends structured, binary and batch to a real daemon, and reads back
# what it sent.  COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/../scenario/kit.sh"
sdk=cloudevents@9.0.0 # the last one that takes Debian 12's node 18
modules=$root/build/javascript
if [[ $(jq -r '"\(.name)@\(.version)"' "$modules/node_modules/cloudevents/package.json" 2>/dev/null) != "$sdk" ]]; then
    npm install --prefix "$modules" --cache "$root/build/npm-cache" --ignore-scripts --no-audit --no-fund --no-save \
        --loglevel=error "$sdk" >npm.log 2>&1 || fail "npm: $(tail -n 20 npm.log)"
fi

expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
COUNTERSIGN_TOKEN=$("$cs" token issue L --principal sdk --scope write,read)
"$cs" serve L --listen 127.0.0.1:0 --scrub-every 0 2>log &
daemon=$!
for _ in {1..400}; do
    [[ ! -e L/serve.json ]] && kill -0 "$daemon" 2>/dev/null || break
    sleep 0.05
done
NODE_PATH=$modules/node_modules node "$root/tests/interop/javascript.cjs" "$(jq -r .url L/serve.json)" "$COUNTERSIGN_TOKEN" ||
    fail "see above; $(tail -n 5 log)"
kill -TERM "$daemon"
code=0
wait "$daemon" || code=$?
daemon=
((code == 0)) || fail "serve gave $code: $(tail -n 40 log)"
expect 0 "$cs" verify L
