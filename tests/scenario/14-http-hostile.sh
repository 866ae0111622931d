#!/usr/bin/env bash
# Requests over HTTP that should not be: bad UTF-8, depth bombs, names twice, injected headers, bodies that end in two
# ways, abused chunks, wrong methods.  Each gets its status and a problem that says why, at once, and leaves nothing behind.
# Where the tests' build with sanitizers is there, that is used, since it sees more.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
[[ ! -x $root/build/fuzz/countersign ]] || cs=$root/build/fuzz/countersign
export ASAN_OPTIONS=exitcode=99:detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:exitcode=99

expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
COUNTERSIGN_TOKEN=$("$cs" token issue L --principal ci --scope write,read)
"$cs" serve L --listen 127.0.0.1:0 --scrub-every 0 2>log &
daemon=$!
for _ in {1..400}; do
    [[ ! -e L/serve.json ]] && kill -0 "$daemon" 2>/dev/null || break
    sleep 0.05
done
url=$(jq -r .url L/serve.json)
python3 "$root/tests/scenario/http_hostile.py" "$url" "$COUNTERSIGN_TOKEN" || fail "see above; $(tail -n 30 log)"
kill -TERM "$daemon"
code=0
wait "$daemon" || code=$?
daemon=
((code == 0)) || fail "serve gave $code: $(tail -n 40 log)"
expect 0 "$cs" verify L
