#!/usr/bin/env bash
# SIGKILL of the daemon at random moments under load, N times: nothing acknowledged is lost.
# Usage: tests/crash/kill.sh [N [SEED]]   (N 20; COUNTERSIGN names the program)
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/crash/kill.py "${COUNTERSIGN:-build/release/countersign}" "${1:-20}" ${2:+"$2"}
