#!/usr/bin/env bash
# The README's commands, from setting a ledger up to the pipelines, as they stand and in order: each ends well, or is
# refused (exit 1) where its comment says so.  Only the port and the folder of the quickstart are others.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
. "$(dirname "$0")/kit.sh"

"$root/quickstart.sh" --dir "$work/quickstart" >quickstart.log 2>&1 || fail "quickstart: $(tail -n 5 quickstart.log)"
kill "$(jq -r .pid quickstart/ledger/serve.json)"
mkdir -p home/.ssh build/release
ln -s "$root/replay" replay
ln -s "$cs" build/release/countersign
ssh-keygen -q -t ed25519 -N '' -f home/.ssh/id_ed25519
export HOME=$work/home
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# What is indented is a command, or goes one on; what is played again, and a broker, have scenarios of their own.
sed -n '/^## Set one up/,/^### A deployment played again/s/^    //p' "$root/README.md" | sed "s/:8480/:$port/" >commands
trap '[[ -z ${SSH_AGENT_PID:-} ]] || kill "$SSH_AGENT_PID"; cleanup' EXIT
command=
while IFS= read -r line; do
    command+=$line$'\n'
    if [[ $line == *\\ ]] || ! bash -n <<<"$command" 2>/dev/null; then continue; fi
    wanted=0 code=0
    [[ $line != *'# '*refused* ]] || wanted=1
    eval "$command" >said 2>complained || code=$?
    ((code == wanted)) || fail "the README's '$command' gave $code, not $wanted: $(cat said complained)"
    if [[ $command == *' &'$'\n' ]]; then
        daemon=$!
        for _ in {1..100}; do [[ ! -e LEDGER/serve.json ]] || break; sleep 0.05; done
    fi
    last=$command command=
done <commands
[[ -z $command && $last == *--drain* ]] || fail "not all of the README's commands ran"
has 'refused 0, waiting 0' said
"$cs" log LEDGER web-42 >said
has service.deployed said
has org.example.build said
has web-42 web-42.html
