#!/usr/bin/env bash
# A disk that runs low, for 02-http.sh: 507, nothing written, and good again once there is room.  Runs in a mount
# namespace of its own (unshare -rm), with a small file system for the ledger.
# Usage: low_disk.sh PROGRAM
set -euo pipefail
cs=$1
work=$(mktemp -d)
daemon=
mount -t tmpfs -o size=90m tmpfs "$work"
trap '[[ -z $daemon ]] || kill -KILL "$daemon" 2>/dev/null; umount -l "$work"; rmdir "$work"' EXIT

die() { printf '%s\n' "low_disk: $*" >&2; exit 1; }
same() { [[ $2 == "$3" ]] || die "$1: expected '$2', got '$3'"; }

ssh-keygen -q -t ed25519 -N '' -f "$work/admin"
"$cs" init "$work/ledger" --admin "root=$work/admin.pub" >/dev/null
token=$("$cs" token issue "$work/ledger" --principal ci --scope write --key "$work/admin")
"$cs" serve "$work/ledger" --listen 127.0.0.1:0 2>"$work/log" &
daemon=$!
for ((i = 0; i < 200; i++)); do
    [[ ! -s $work/ledger/serve.json ]] || break
    sleep 0.05
done
url=$(jq -r .url "$work/ledger/serve.json")

post() { # ID: the status
    curl -sS -o "$work/body" -D "$work/head" -w '%{http_code}' -H "Authorization: Bearer $token" \
        -H 'Content-Type: application/cloudevents+json' "$url/v1/events" \
        -d '{"specversion":"1.0","id":"'"$1"'","source":"/t","type":"t"}'
}
size() { curl -sS "$url/checkpoint" | sed -n 2p; }

same "with room" 201 "$(post a)"
before=$(size)
head -c 30000000 /dev/zero >"$work/fill"
same "without room" 507 "$(post b)"
same "not ready without room" 503 "$(curl -sS -o "$work/body2" -w '%{http_code}' "$url/readyz")"
grep -q 'MiB are free' "$work/body2" || die "/readyz does not say why: $(cat "$work/body2")"
same "problem type" urn:countersign:problem:disk-low "$(jq -r .type "$work/body")"
grep -qi '^Retry-After: ' "$work/head" || die "507 without Retry-After"
same "size after a 507" "$before" "$(size)"
same "reading goes on" 200 "$(curl -sS -o "$work/body" -w '%{http_code}' "$url/healthz")"
status=0
printf '{"specversion":"1.0","id":"c","source":"/t","type":"t"}' |
    COUNTERSIGN_TOKEN=$token "$cs" append "$work/ledger" >"$work/receipts" || status=$?
same "exit of append" 3 "$status"
same "status by append" 507 "$(jq .status "$work/receipts")"
status=0
"$cs" backup "$work/ledger" "$work/copy" 2>"$work/err" || status=$?
same "exit of backup" 3 "$status"
grep -q 'MiB are free' "$work/err" || die "backup does not say why: $(cat "$work/err")"
[[ -z $(compgen -G "$work/copy*") ]] || die "backup left something behind"
rm "$work/fill"
same "with room again" 201 "$(post b)"
same "ready again" 200 "$(curl -sS -o "$work/body" -w '%{http_code}' "$url/readyz")"
kill -TERM "$daemon"
wait "$daemon" || die "the daemon's exit is $?"
daemon=
# A commit failed, and there is no room for the copy that recovers from it: nothing is lost.
touch "$work/ledger/commit-failed"
head -c 30000000 /dev/zero >"$work/fill"
status=0
"$cs" serve "$work/ledger" --listen 127.0.0.1:0 2>"$work/err" || status=$?
same "exit without room to recover" 3 "$status"
grep -q 'a commit failed, and the recovery needs a copy: .*MiB are free' "$work/err" || die "$(cat "$work/err")"
[[ -e $work/ledger/commit-failed && ! -e $work/ledger/recovery ]] || die "$(ls "$work/ledger")"
same "exit of a reader meanwhile" 0 "$("$cs" log "$work/ledger" >/dev/null && echo 0)"
rm "$work/fill"
printf '{"specversion":"1.0","id":"d","source":"/t","type":"t"}' |
    COUNTERSIGN_TOKEN=$token "$cs" append "$work/ledger" >"$work/receipts" || die "append after the recovery"
[[ ! -e $work/ledger/commit-failed ]] || die "the marker is still there"
same "verify" true "$("$cs" verify "$work/ledger" --json | jq .ok)"
