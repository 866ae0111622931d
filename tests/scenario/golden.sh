# Answers held against those that a person has read and found right (tests/golden), sourced.  What differs from ledger to
# ledger, keys and digests that rest on salts, is masked.  GOLDEN=write writes them anew: read every line of the diff then.
# $work is the folder to work in.
# shellcheck shell=bash
golden_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../golden" && pwd)

# golden NAME COMMAND...: its output, whatever its exit code
golden() {
    local name=$1
    shift
    { "$@" 2>&1 || true; } | sed -E 's/SHA256:[A-Za-z0-9+\/]{43}/SHA256:KEY/g; s/\b[0-9a-f]{64}\b/HASH/g' >"$work/golden.out"
    if [[ ${GOLDEN:-} == write ]]; then
        cp "$work/golden.out" "$golden_dir/$name"
    else
        diff -u "$golden_dir/$name" "$work/golden.out" >"$work/golden.diff" || {
            echo "another answer than tests/golden/$name: $*" >&2
            head -n 40 "$work/golden.diff" >&2
            exit 1
        }
    fi
}
# golden_digest NAME COMMAND...: the state's digest, which rests on no salt and on no key
golden_digest() {
    local name=$1
    shift
    "$@" >"$work/golden.out"
    [[ ${GOLDEN:-} != write ]] || cp "$work/golden.out" "$golden_dir/$name"
    cmp -s "$work/golden.out" "$golden_dir/$name" || {
        echo "the state of $name is not what it was: the meaning of events of version 1 has changed" >&2
        exit 1
    }
}
