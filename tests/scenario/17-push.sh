#!/usr/bin/env bash
# `push`: lines delivered over HTTP, and by way of a spool while the ledger cannot be reached: late, in order, once;
# refused lines, signals, two pushers at once, a full spool, SIGKILL of both sides, and every system call gone wrong.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

start() {
    "$cs" serve L --listen "127.0.0.1:$port" --scrub-rate 0 2>>journal &
    daemon=$!
    for _ in {1..400}; do
        [[ ! -s L/serve.json ]] || return 0
        kill -0 "$daemon" 2>/dev/null || fail "the daemon ended: $(cat journal)"
        sleep 0.02
    done
    fail "the daemon does not start: $(cat journal)"
}
stop() {
    kill "$daemon"
    wait "$daemon" || fail "the daemon ended with $?: $(cat journal)"
    daemon=
}
event() { # ID [DATA]
    printf '{"specversion":"1.0","id":"%s","source":"/ci","type":"org.example.t","deployment":"web-1","data":%s}\n' \
        "$1" "${2:-1}"
}
events() { for id in "$@"; do event "$id"; done; }
# holds STREAM ID...: the ledger's entries of that stream, in order
holds() {
    local stream=$1 found
    shift
    found=$("$cs" log L "$stream" --json | jq -r .event.id | tr '\n' ' ')
    [[ $found == "$* " ]] || fail "$stream has $found, not $*"
}

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
ssh-keygen -q -t ed25519 -N '' -C root -f root
expect 0 "$cs" init L --admin root=root.pub
"$cs" token issue L --principal ci --scope write --key root >token
"$cs" token issue L --principal ci --scope read --key root >reads
COUNTERSIGN_TOKEN=$(cat token)
export COUNTERSIGN_TOKEN

# usage
expect 0 "$cs" push --help
has "--spool DIR" out
expect 2 "$cs" push
for bad in ftp://x http:// http://user@host/ "http://a b" L "$url?x=1"; do expect 2 "$cs" push "$bad" /dev/null; done
expect 2 "$cs" push "$url" --drain
expect 2 "$cs" push "$url" file --spool S --follow
expect 2 "$cs" push "$url" --spool S --spool-max 1
expect 2 "$cs" push "$url" --wait soon
COUNTERSIGN_TOKEN='no token' expect 2 "$cs" push "$url" /dev/null
expect 3 "$cs" push "$url" nowhere
expect 3 "$cs" push "$url" /dev/null --token-file nowhere
expect 3 "$cs" push "$url" /dev/null --spool nowhere/S

# nobody is there: without a spool it is the sender's, with one it waits
events one two >lines
expect 3 "$cs" push "$url" lines --wait 0
has "line 1 and what follows are not delivered" err
expect 0 "$cs" push "$url" lines --spool S --wait 0
has "delivered 0, refused 0, waiting 2" out
has "2 lines wait in S" err
[[ $(stat -c %a S) == 700 ]] || fail "others can look into the spool"
lacks "$COUNTERSIGN_TOKEN" <(cat S/*)
expect 3 "$cs" push "$url" --spool S --drain --wait 0
expect 2 "$cs" push http://127.0.0.1:1 lines --spool S
has "another ledger" err

# late, in order, once; signed lines too, as they are
event signed >signed.json
expect 0 "$cs" sign signed.json --key root
mv out envelope
jq -c . envelope >envelope.line
expect 0 "$cs" push "$url" envelope.line --spool S --wait 0
start
events three >more
expect 0 "$cs" push "$url" more --spool S --late 0
has "delivered 4 (4 late" out
has "late: seq 3, web-1 #0: one waited" out
holds web-1 one two signed three
"$cs" log L web-1 --json | jq -c '[.event.id, .event.spooled, .event.data]' >marks
[[ $(tr '\n' ' ' <marks) == '["one",true,1] ["two",true,1] ["signed",null,1] ["three",true,1] ' ]] || fail "$(cat marks)"
[[ -z $(compgen -G 'S/*.q') ]] || fail "something is left: $(ls S)"
# the same again: the ledger has them, also those that were marked
expect 0 "$cs" push "$url" lines --json
[[ $(jq -c .seq out | tr '\n' ' ') == "3 4 " ]] || fail "$(cat out)"
expect 0 "$cs" push "$url" lines --spool S
holds web-1 one two signed three
# what did not wait is not late, and with --unmarked nothing is marked
events four >more
expect 0 "$cs" push "$url" - --spool S <more
has "delivered 1, refused 0" out
events five >more
expect 0 "$cs" push "$url" more --spool S --late 0 --unmarked --json
[[ $(jq .waited_s out) == 0 ]] || fail "$(cat out)"
"$cs" log L web-1 --json | jq -c 'select(.event.spooled) | .event.id' | grep -q f && fail "marked"

# refused lines are put aside with the reason, and the rest goes on; --strict ends there
{ event six; echo "no event"; event one 2; printf '\377\n'; event seven; } >mixed
expect 1 "$cs" push "$url" mixed --spool S
has "delivered 2, refused 3, waiting 0" out
[[ $(jq -c .status S/refused | tr '\n' ' ') == "400 409 400 " ]] || fail "$(cat S/refused)"
[[ $(jq -r 'select(.status == 409).line' S/refused) == "$(event one 2)" ]] || fail "$(cat S/refused)"
expect 1 "$cs" push "$url" mixed --json
[[ $(jq -c 'select(.line).line' out | tr '\n' ' ') == "2 3 4 " ]] || fail "$(cat out)"
holds web-1 one two signed three four five six seven
{ echo "no event"; event eight; } >mixed
expect 1 "$cs" push "$url" mixed --strict
has "delivered 0, refused 1" out
expect 1 "$cs" push "$url" mixed --spool S --strict
has "delivered 0, refused 1, waiting 2" out
expect 1 "$cs" push "$url" --spool S --drain
has "delivered 1, refused 1, waiting 0" out
{ head -c 2000000 /dev/zero | tr '\0' x; echo; event nine; } >mixed
expect 1 "$cs" push "$url" mixed --spool S
has "(413)" err
holds web-1 one two signed three four five six seven eight nine

# a batch is all or nothing: refused for one of its lines, they go one by one
{ event nine-1; event one 2; event nine-2; } >mixed
: >S/refused
expect 1 "$cs" push "$url" mixed --spool S --json
[[ $(jq -c '.seq // .status' out | tr '\n' ' ') =~ ^[0-9]+\ 409\ [0-9]+\ $ ]] || fail "$(cat out)"
[[ $(wc -l <S/refused) == 1 ]] || fail "$(cat S/refused)"

# a token that the ledger does not take is no fault of the lines: they wait
events ten >more
for wrong in "$(cat reads)" AAAA; do
    COUNTERSIGN_TOKEN=$wrong expect 1 "$cs" push "$url" more
    has "delivered 0, refused 0" out
    COUNTERSIGN_TOKEN=$wrong expect 1 "$cs" push "$url" more --spool S2
    has "wait in S2" err
done
expect 0 "$cs" push "$url" /dev/null --spool S2 --token-file token
has "delivered 2" out
expect 1 "$cs" push "$url/v1" more --wait 0
rm -r S2

# who follows takes a new token from the file
printf 'AAAA\n' >token.now
events follow-1 | sed s/web-1/follow/ >more
expect 1 "$cs" push "$url" more --spool S2 --token-file token.now
"$cs" push "$url" --spool S2 --follow --token-file token.now >followed 2>&1 &
follower=$!
cp token token.now
for _ in {1..400}; do [[ -n $(compgen -G 'S2/*.q') ]] || break; sleep 0.05; done
kill -TERM "$follower"
wait "$follower" || true
holds follow follow-1
rm -r S2

# two at once, on one spool, and one that follows
"$cs" push "$url" --spool S --follow >followed 2>&1 &
follower=$!
for who in a b; do
    for ((i = 0; i < 300; i++)); do event "$who-$i"; done | sed "s/web-1/two-$who/" >"lines-$who"
    "$cs" push "$url" "lines-$who" --spool S --wait 60 >"out-$who" 2>&1 &
    pushers+=($!)
done
for pid in "${pushers[@]}"; do wait "$pid" || fail "a pusher ended with $?: $(cat out-a out-b)"; done
kill -TERM "$follower"
wait "$follower" || fail "the follower ended with $?: $(cat followed)"
for who in a b; do
    # shellcheck disable=SC2046
    holds "two-$who" $(seq -f "$who-%g" 0 299)
done

# Ctrl-C between lines: what was read is in the ledger
mkfifo pipe
"$cs" push "$url" pipe --spool S --json >receipts 2>err &
pusher=$!
exec 5>pipe
events eleven >&5
for _ in {1..400}; do [[ ! -s receipts ]] || break; sleep 0.02; done
kill -INT "$pusher"
code=0
wait "$pusher" || code=$?
exec 5>&-
((code == 3)) || fail "stopped with $code: $(cat err)"
has "stopped before the end of the input" err
holds web-1 one two signed three four five six seven eight nine nine-1 nine-2 ten eleven
# and with the ledger gone: what was read is in the spool
stop
"$cs" push "$url" pipe --spool S --wait 600 2>err >out &
pusher=$!
exec 5>pipe
events twelve >&5
for _ in {1..400}; do [[ -z $(compgen -G 'S/*.q') ]] || break; sleep 0.02; done
kill -TERM "$pusher"
wait "$pusher" || true
exec 5>&-
has "1 lines wait in S" err

# a full spool: what was taken in is safe, the rest is told by its line
for ((i = 0; i < 60; i++)); do event "big-$i" "\"$(head -c 100000 /dev/zero | tr '\0' y)\""; done >big
expect 3 "$cs" push "$url" big --spool S --spool-max 4194304 --wait 0
has "and what follows were not taken in: the spool S is full" err
start
expect 0 "$cs" push "$url" big --spool S --spool-max 4194304
# shellcheck disable=SC2046
holds web-1 one two signed three four five six seven eight nine nine-1 nine-2 ten eleven twelve $(seq -f "big-%g" 0 59)
stop

# what answers is no ledger, or not ready: 429 and 503 are waited for, nothing is lost by what is neither yes nor no
odd() { # CODE ANSWERS OPTIONS...: push the file more to a server that answers so
    local wanted=$1 answers=$2
    shift 2
    rm -f odd.port
    # shellcheck disable=SC2086
    python3 "$root/tests/scenario/odd_server.py" odd.port $answers &
    daemon=$!
    for _ in {1..400}; do [[ ! -e odd.port ]] || break; sleep 0.02; done
    expect "$wanted" "$cs" push "http://127.0.0.1:$(cat odd.port)" more "$@"
    kill "$daemon"
    wait "$daemon" || true
    daemon=
}
events a b >more
odd 0 "429:1 ok"
has "delivered 2" out
odd 0 "503 500 502 ok"
odd 0 "half ok"
odd 3 "503:3600"
odd 3 507 --wait 0
odd 1 302
has "no ledger: status 302" err
odd 1 html
has "status 200 and no receipt" err
odd 1 404
for answers in "429:1 ok" "cut ok" "half ok" "503 cut 504 ok" "413 ok"; do
    rm -rf S3
    odd 0 "$answers" --spool S3
    has "delivered 2, refused 0, waiting 0" out
done
for answers in 429:3600 cut 503; do
    rm -rf S3
    odd 0 "$answers" --spool S3 --wait 0
    has "waiting 2" out
    # what was surely not taken may still be marked as late; what may have been goes as it went
    [[ $answers == 429:3600 || $(jq .decided S3/state) != 0 ]] || fail "$answers: $(cat S3/state)"
    [[ $answers != 429:3600 || $(jq .decided S3/state) == 0 ]] || fail "$answers: $(cat S3/state)"
done
for answers in 302 html 404; do
    rm -rf S3
    odd 1 "$answers" --spool S3
    has "waiting 2" out
done

# TLS: by the authorities that are named, and with a certificate instead of a token
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.pem -days 2 -subj "/CN=farm" \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null
chmod 600 tls.key
"$cs" serve L --listen "127.0.0.1:$port" --tls-cert tls.pem --tls-key tls.key --client-ca tls.pem --scrub-rate 0 2>>journal &
daemon=$!
for _ in {1..400}; do [[ ! -s L/serve.json ]] || break; sleep 0.02; done
events tls-1 tls-2 | sed s/web-1/tls-1/ >more
expect 3 "$cs" push "https://127.0.0.1:$port" more --wait 0
expect 0 "$cs" push "https://127.0.0.1:$port" more --cacert tls.pem
events tls-3 | sed s/web-1/tls-1/ >more
COUNTERSIGN_TOKEN='' expect 1 "$cs" push "https://127.0.0.1:$port" more --cacert tls.pem
COUNTERSIGN_TOKEN='' expect 0 "$cs" push "https://127.0.0.1:$port" more --cacert tls.pem --cert tls.pem --cert-key tls.key
holds tls-1 tls-1 tls-2 tls-3
[[ $("$cs" log L tls-1 --json | tail -n 1 | jq -r .principal) == tls:farm ]] || fail "not by its certificate"
expect 3 "$cs" push "https://127.0.0.1:$port" more --cacert nowhere.pem --wait 0
stop

# both sides killed at random; every call on the spool gone wrong
unset COUNTERSIGN_KEY
expect 0 "$cs" init K --admin root=root.pub
COUNTERSIGN_TOKEN=$("$cs" token issue K --principal ci --scope write --key root)
rm -rf S
python3 "$root/tests/scenario/push.py" kill "$cs" K "$url" $((${COUNTERSIGN_LONG:-0} ? 300 : 12)) || fail "killed"
rm -rf S
"${CC:-cc}" -std=c17 -D_GNU_SOURCE -O1 -shared -fPIC -o fault.so "$root/tests/crash/fault.c"
python3 "$root/tests/scenario/push.py" fault "$cs" "$PWD/fault.so" K "$url" || fail "faults"
expect 0 "$cs" verify K
