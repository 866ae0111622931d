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
