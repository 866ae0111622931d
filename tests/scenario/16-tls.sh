#!/usr/bin/env bash
# The daemon over TLS: versions, protocols and resumption; commands that know it by its key; client certificates as
# principals, and those that are refused; SIGHUP under open connections; files that are not as they should be.
# COUNTERSIGN is the program; where the tests' build with sanitizers is there, that is used, since it sees more.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
[[ ! -x $root/build/fuzz/countersign ]] || cs=$root/build/fuzz/countersign
clients=$root/tests/scenario/tls_clients.py

# authority NAME: a CA.  certificate NAME CA SUBJECT [EXTENSION]: signed by it
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" -days 2 \
        -subj "/CN=$1" -addext basicConstraints=critical,CA:TRUE 2>/dev/null
}
certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "$3" 2>/dev/null
    printf '%s\n' "${4:-subjectAltName=DNS:$1}" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -out "$1.pem" -days "${5:-2}" \
        -extfile "$1.ext" 2>/dev/null
}
authority ca
authority clients
authority strangers
certificate server ca "/CN=ledger.example" "subjectAltName=IP:127.0.0.1"
certificate renewed ca "/CN=ledger.example" "subjectAltName=IP:127.0.0.1"
certificate ci clients "/CN=build-farm"
certificate nameless clients "/O=Example" "subjectAltName=DNS:runner-7.example"
certificate spaced clients "/CN=Build Farm"
certificate stranger strangers "/CN=build-farm"
cp server.pem now.pem
cp server.key now.key
cp clients.pem now-ca.pem

expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
serving=(--scrub-rate 0)
# ask STATUS ARGUMENT...: the body is in the file body
ask() {
    local wanted=$1 status
    shift
    status=$(curl -sS --max-time 30 --cacert ca.pem -o body -D head -w '%{http_code}' "$@" 2>err) || true
    [[ $status == "$wanted" ]] || fail "$* gave $status: $(cat err body)"
}
# as CERTIFICATE STATUS ARGUMENT...
as() { ask "$2" --cert "$1.pem" --key "$1.key" "${@:3}"; }
reload() { # WORDS: that the journal then has once more
    local before
    before=$(grep -c "$1" journal || true)
    kill -HUP "$daemon"
    for _ in {1..400}; do
        (($(grep -c "$1" journal || true) == before)) || return 0
        sleep 0.05
    done
    fail "no '$1' after SIGHUP: $(tail -n 3 journal)"
}
post=(-H 'Content-Type: application/cloudevents+json')
event() { printf '{"specversion":"1.0","id":"%s","source":"/t","type":"t","deployment":"d-1"}' "$1"; }

# what must go together, and files that must not be used
expect 2 "$cs" serve L --tls-cert now.pem
has "--tls-key" err
expect 2 "$cs" serve L --client-ca now-ca.pem
expect 2 "$cs" serve L --listen 0.0.0.0:0
has "--insecure" err
expect 3 "$cs" serve L --tls-cert nowhere.pem --tls-key now.key
has nowhere.pem err
expect 3 "$cs" serve L --tls-cert now.pem --tls-key ci.key
has "not the certificate's key" err
expect 3 "$cs" serve L --tls-cert now.pem --tls-key now.key --client-ca now.key
has "no certificates of CAs" err
chmod 644 now.key
expect 3 "$cs" serve L --tls-cert now.pem --tls-key now.key
has "chmod 600" err
chmod 600 now.key
openssl ec -in now.key -aes256 -passout pass:secret -out locked.key 2>/dev/null
chmod 600 locked.key
expect 3 "$cs" serve L --tls-cert now.pem --tls-key locked.key
has "without a passphrase" err

start --tls-cert now.pem --tls-key now.key --client-ca now-ca.pem
[[ $url == https://127.0.0.1:* ]] || fail "$url"
port=${url##*:}
ask 200 "$url/healthz"
python3 "$clients" protocol "$port" ca.pem || fail "$(tail -n 3 journal)"

# commands know the daemon by its key, whatever its certificate's name and CA, and no other
token=$("$cs" token issue L --principal ci --scope write,read)
ask 200 -H "Authorization: Bearer $token" "$url/metrics"
cp L/serve.json kept
jq -c ".pin = \"sha256//$(head -c 32 /dev/zero | base64)\"" kept >L/serve.json
expect 3 "$cs" token issue L --principal ci --scope write
has "was not reached" err
cp kept L/serve.json

# a client's certificate names a principal; a token comes first
ask 401 "${post[@]}" -d "$(event a)" "$url/v1/events"
as ci 201 "${post[@]}" -d "$(event a)" "$url/v1/events"
as ci 200 "$url/v1/events?deployment=d-1"
[[ $(jq -r '.events[0].principal' body) == tls:build-farm ]] || fail "$(cat body)"
seq=$(jq -r '.events[0].seq' body)
as ci 200 -H 'Accept: application/octet-stream' "$url/v1/events/$seq"
[[ $(head -c 132 body | tail -c 32 | od -An -tx1 | tr -d ' \n') == $(openssl x509 -in ci.pem -noout -pubkey |
    openssl pkey -pubin -outform DER | sha256sum | cut -d ' ' -f 1) ]] || fail "the credential is another"
as nameless 201 "${post[@]}" -d "$(event b)" "$url/v1/events"
as ci 200 "$url/v1/events?deployment=d-1"
[[ $(jq -r '.events[1].principal' body) == tls:runner-7.example ]] || fail "$(cat body)"
as spaced 401 "${post[@]}" -d "$(event c)" "$url/v1/events"
has "can name a principal" body
as ci 201 -H "Authorization: Bearer $token" "${post[@]}" -d "$(event c)" "$url/v1/events"
as ci 200 "$url/v1/events?deployment=d-1"
[[ $(jq -r '.events[2].principal' body) == ci ]] || fail "$(cat body)"
as ci 401 -H "Authorization: Bearer ${token//[a-f]/A}" "$url/v1/events"
as stranger 000 "$url/healthz"
has "what=refused error=CERTIFICATE" journal
as ci 200 "$url/metrics"
has "countersign_tls_certificates_refused_total 1" body
has "countersign_tls_handshakes_resumed_total" body

# SIGHUP: new files for new connections, the old ones go on; a bad file changes nothing
mkfifo go
python3 "$clients" hold "$port" ca.pem >held &
holder=$!
for _ in {1..400}; do [[ ! -s held ]] || break; sleep 0.05; done
cp renewed.pem now.pem
reload what=not-reloaded # the certificate alone does not fit the key
ask 200 "$url/healthz"
cp renewed.key now.key
reload what=reloaded
[[ $(jq -r .pin L/serve.json) != $(jq -r .pin kept) ]] || fail "serve.json has the old key"
expect 0 "$cs" token issue L --principal ci --scope write
echo >go
wait "$holder" || fail "a connection did not outlive SIGHUP"
openssl s_client -connect "127.0.0.1:$port" </dev/null 2>/dev/null | openssl x509 -noout -pubkey >served
openssl x509 -in renewed.pem -noout -pubkey | cmp - served || fail "the old certificate is still served"

# a CA that is taken away holds for open connections, too
: >held
python3 "$clients" lose "$port" ca.pem ci >held &
holder=$!
for _ in {1..400}; do [[ ! -s held ]] || break; sleep 0.05; done
cp strangers.pem now-ca.pem
reload what=reloaded
echo >go
wait "$holder" || fail "a certificate outlived its CA"
as ci 000 "$url/healthz"
as stranger 200 "$url/v1/events"

# a revocation list beside the CA
cp clients.pem now-ca.pem
mkdir -p demo && : >demo/index.txt && echo 01 >demo/crlnumber
printf '%s\n' '[ca]' 'default_ca=x' '[x]' 'database=demo/index.txt' 'crlnumber=demo/crlnumber' 'default_md=sha256' \
    'default_crl_days=2' >ca.cnf
openssl ca -config ca.cnf -keyfile clients.key -cert clients.pem -revoke ci.pem 2>/dev/null
openssl ca -config ca.cnf -keyfile clients.key -cert clients.pem -gencrl 2>/dev/null >>now-ca.pem
reload what=reloaded
as ci 000 "$url/healthz"
as nameless 200 "$url/v1/events"
stop
expect 0 "$cs" verify L

# without TLS SIGHUP ends nothing
start
reload what=reloaded
ask 200 "$url/healthz"
stop
