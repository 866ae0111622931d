#!/usr/bin/env bash
# Fuzzes one target from its seed corpus, for some seconds or for a number of runs.
# Usage: tests/fuzz/run.sh TARGET SECONDS | TARGET --runs N
set -euo pipefail
cd "$(dirname "$0")/../.."
case $# in
2) target=$1 bound=-max_total_time=$2 ;;
3) target=$1 bound=-runs=$3 ;;
esac
if [[ -z ${target:-} || ! ${bound#*=} =~ ^[1-9][0-9]*$ || ($# == 3 && $2 != --runs) ]]; then
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
fi
target=fuzz_${target#fuzz_}
work=build/fuzz/corpus/$target
mkdir -p "$work" "build/fuzz/findings"
seeds=tests/fuzz/corpus/${target#fuzz_}
[[ -d $seeds ]] || seeds=
exec "build/fuzz/tests/$target" "$bound" -timeout=10 -error_exitcode=1 -rss_limit_mb=2048 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/findings/${target}-" "$work" ${seeds:+"$seeds"}
