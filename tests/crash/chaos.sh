#!/usr/bin/env bash
# Events over HTTP and RabbitMQ at once, each sent twice or more, while the ledger and the broker are killed and connections
# cut: every confirmed event is in the ledger exactly once, and custody adds up.
# Usage: tests/crash/chaos.sh [--long] [--rounds N] [--events N] [--seed S] [--state DIR]
#   5,000 events in one round with 2 kills of the ledger, one of the broker and 5 cuts; --long: 10 rounds of 10,000.
#   --rounds N    so many of them; --events N: so many events in each
#   --seed S      as a run that failed said
#   --state DIR   keep the ledger there, and go on from what an earlier call has left: the long form in pieces
# COUNTERSIGN names the program.
set -euo pipefail
: "${COUNTERSIGN:=$(dirname "$0")/../../build/release/countersign}"
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/../scenario/kit.sh"
cd "$OLDPWD"
# shellcheck source=tests/scenario/rabbit.sh
source "$root/tests/scenario/rabbit.sh"
trap '[[ ! -s $rabbit/pid ]] || kill -KILL "$(<"$rabbit/pid")" || true; rabbit_stop KILL; cleanup' EXIT

rabbit_prepare
printf '%s\n' "${rabbit_env[@]}" >"$rabbit/environment"
printf '%s %s %s\n' "$amqp_port" "$node" "$cookie" >"$rabbit/node"
/usr/bin/python3 "$root/tests/crash/chaos.py" "$cs" "$rabbit" "$@"
