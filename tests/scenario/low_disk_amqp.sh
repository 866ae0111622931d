#!/usr/bin/env bash
# A disk that runs low, for 18-amqp.sh: messages stay in the broker, and come once there is room.  Runs in a mount
# namespace of its own (unshare -rm), with a small file system for the ledger.
# Usage: low_disk_amqp.sh PROGRAM PORT     (of a broker where guest may log in)
set -euo pipefail
cs=$1 port=$2
rabbit=$(cd "$(dirname "$0")" && pwd)/rabbit.py
work=$(mktemp -d)
daemon=
mount -t tmpfs -o size=90m tmpfs "$work"
trap '[[ -z $daemon ]] || kill -KILL "$daemon" 2>/dev/null; umount -l "$work"; rmdir "$work"' EXIT
cd "$work"

die() { printf '%s\n' "low_disk_amqp: $*: $(tail -n 5 journal)" >&2; exit 1; }
soon() {
    local _
    for _ in {1..400}; do
        ! "$@" || return 0
        sleep 0.05
    done
    die "never: $*"
}
tells() { grep -q -- "$1" journal; }
waiting() { [[ $(/usr/bin/python3 "$rabbit" "$port" depth countersign.ingest) == "$1" ]]; }
publish() { # ID
    jq -cn --arg id "$1" '{body: ({specversion: "1.0", id: $id, source: "/t", type: "t"} | tojson), claim: "guest"}' |
        /usr/bin/python3 "$rabbit" "$port" publish
}
size_is() { (($("$cs" checkpoint ledger | sed -n 2p) == $1)); }

"$cs" init ledger --admin-out "$work/admin" >/dev/null 2>&1
"$cs" serve ledger --listen 127.0.0.1:0 --scrub-rate 0 --amqp "amqp://127.0.0.1:$port" 2>journal &
daemon=$!
soon tells 'amqp-connected role=consume'
publish a
soon size_is 2
head -c 30000000 /dev/zero >fill
publish b
soon tells 'amqp-lost role=consume.*nothing can be taken in now'
soon waiting 1
rm fill
soon size_is 3
soon waiting 0
kill "$daemon"
wait "$daemon" || die "exit $?"
daemon=
