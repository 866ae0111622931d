#!/usr/bin/env bash
# A made-up year to measure with, made once and kept: prints its ledger's directory.
# Usage: tests/bench/year.sh PROGRAM DIR [DEPLOYMENTS]
# 2,500 deployments (the default) are a million entries, 1.2 GB, and take a minute or two.  It is made anew where the
# program would make another: that is seen by a year of three deployments.
set -euo pipefail
(($# == 2 || $# == 3)) || {
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
}
program=$(realpath "$1") dir=$2 deployments=${3:-2500}
year=$dir/year-$deployments
mkdir -p "$dir"
sample=$(mktemp -d "$dir/sample-XXXXXX")
trap 'rm -rf "$sample"' EXIT
"$program" demo "$sample/L" --deployments 3 --seed 7 --json >"$sample/made"
if [[ ! -d $year ]] || ! cmp -s "$sample/made" "$year.made"; then
    rm -rf "$year" "$year.making"
    "$program" demo "$year" --deployments "$deployments" --seed 7 >&2
    cp "$sample/made" "$year.made"
fi
echo "$year"
