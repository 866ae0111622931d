#!/usr/bin/env bash
# Fuzzes one target for some seconds from its seed corpus. Usage: tests/fuzz/run.sh TARGET SECONDS
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1 seconds=$2
work=build/fuzz/corpus/$target
mkdir -p "$work" "build/fuzz/findings"
seeds=tests/fuzz/corpus/${target#fuzz_}
[[ -d $seeds ]] || seeds=
exec "build/fuzz/tests/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/findings/${target}-" "$work" ${seeds:+"$seeds"}
