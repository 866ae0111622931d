# What the scenarios share, sourced by each: the program $cs, a folder of its own to work in, and what it expects.
# A daemon whose pid is in $daemon is stopped at the end.
set -euo pipefail
: "${COUNTERSIGN:?the path of the program}"
unset SSH_AUTH_SOCK COUNTERSIGN_KEY COUNTERSIGN_TOKEN
scenario=$(basename "$0" .sh)
root=$(cd "$(dirname "$0")/../.." && pwd)
cs=$(realpath "$COUNTERSIGN")
seed=${COUNTERSIGN_SHARED:-$root/../shared}/seed/PRODUCTION_DEPLOYMENT_CHECKLIST.md
work=$(mktemp -d)
export XDG_STATE_HOME=$work/state
daemon=
cleanup() {
    [[ -z $daemon ]] || kill "$daemon" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
cd "$work"

# fail TEXT...: names the line of the scenario
fail() {
    local frame=0
    while ((frame < ${#BASH_SOURCE[@]} - 1)) && [[ ${BASH_SOURCE[frame + 1]} != "$0" ]]; do frame=$((frame + 1)); done
    echo "$scenario: line ${BASH_LINENO[frame]}: $*" >&2
    exit 1
}
# expect CODE COMMAND...: its exit code; its output is in the files out and err
expect() {
    local wanted=$1 code=0
    shift
    "$@" >out 2>err || code=$?
    ((code == wanted)) || fail "$* gave $code, not $wanted: $(cat out err)"
}
# has TEXT FILE, lacks TEXT FILE
has() { grep -qF -- "$1" "$2" || fail "no '$1' in $2: $(cat "$2")"; }
lacks() { ! grep -qF -- "$1" "$2" || fail "'$1' in $2: $(cat "$2")"; }
# start OPTION...: the daemon of the ledger L, with ${serving[@]} too, its log in journal, and its $url
serving=()
start() {
    "$cs" serve L --listen 127.0.0.1:0 "${serving[@]}" "$@" 2>>journal &
    daemon=$!
    until [[ $(jq -r .pid L/serve.json 2>/dev/null) == "$daemon" ]]; do
        kill -0 "$daemon" 2>/dev/null || fail "the daemon ended: $(tail -n 5 journal)"
        sleep 0.02
    done
    url=$(jq -r .url L/serve.json)
}
# stop: the daemon, which must end well
stop() {
    kill "$daemon"
    wait "$daemon" || fail "the daemon gave $?: $(tail -n 5 journal)"
    daemon=
}
