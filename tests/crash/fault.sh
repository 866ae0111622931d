#!/usr/bin/env bash
# One system call after the other goes wrong, in every way: nothing acknowledged is lost, no false root is signed.
# Usage: tests/crash/fault.sh [--long] [--only WORK] [--kind KIND]   (COUNTERSIGN names the program)
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p build
"${CC:-cc}" -std=c17 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -shared -fPIC -o build/fault.so tests/crash/fault.c
exec python3 tests/crash/fault.py "${COUNTERSIGN:-build/release/countersign}" build/fault.so "$@"
