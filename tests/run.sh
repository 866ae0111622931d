#!/usr/bin/env bash
# Runs every test: installs what they need, builds, and ends in `N passed, N failed`.
# Usage: tests/run.sh [--long] [--list] [--times] [PATTERN]
#   --long     the long forms: 10 minutes a fuzz target, 2,000 kills, 100,000 events in chaos, every fault, every byte of a
#              ledger damaged, every bit of every proof flipped
#   --list     name the tests and run none
#   --times    at the end, what each took: seconds by the clock, of the processors, and its name; the slowest first
#   PATTERN    run only tests whose name contains it
set -uo pipefail
shopt -s nullglob
cd "$(dirname "$0")/.." || exit 3
root=$PWD
long=0 list=0 times=0 pattern=
for argument in "$@"; do
    case $argument in
    --long) long=1 ;;
    --list) list=1 ;;
    --times) times=1 ;;
    --help | -h) sed -n '2,8s/^# //p' "$0"; exit 0 ;;
    -*) echo "tests/run.sh: no option $argument; --help lists them" >&2; exit 2 ;;
    *) pattern=$argument ;;
    esac
done

logs=build/test-logs
lanes=$(($(nproc) + 1))
passed=0 failed=0 skipped=0

say() { printf '%s\n' "$*"; }

# measure NAME COMMAND...: its output and its times to the test's files; gives its status
measure() {
    local log=$logs/${1//\//_}.log TIMEFORMAT='%R %U %S'
    shift
    { time "$@" >"$log" 2>&1 </dev/null; } 2>"${log%.log}.time"
}

# run_test NAME COMMAND...: quiet when it passes, the end of its output when it fails; exit 77 is a skip.
run_test() {
    local name=$1
    [[ $name == *"$pattern"* ]] || return 0
    if ((list)); then say "$name"; return 0; fi
    measure "$@"
    report "$name" $?
}

report() {
    local name=$1 status=$2 log=$logs/${1//\//_}.log seconds processor
    read -r seconds processor < <(tail -n 1 "${log%.log}.time" | awk '{ printf "%.0f %.0f\n", $1, $2 + $3 }')
    printf '%6d %6d  %s\n' "$seconds" "$processor" "$name" >>"$logs/times"
    if ((status == 77)); then
        skipped=$((skipped + 1))
        say "skipped: $name: $(tail -n 1 "$log")"
    elif ((status != 0)); then
        failed=$((failed + 1))
        say "FAILED: $name (exit $status, $seconds s); its output ends:"
        tail -n 40 "$log" | sed 's/^/    /'
    else
        passed=$((passed + 1))
        ((seconds < 20)) || say "passed: $name ($seconds s)"
        sed -n 's/^.*\(SKIP\(PED\)\?:.*\)$/    in '"${name//\//\\/}"': \1/p' "$log" | sort -u
    fi
}

# start NAME COMMAND...: as run_test, but with others beside it, one more than there are cores, as many of them wait for
# a disk or a process; await_all: until all have ended.
declare -A started=()
await_one() {
    local pid status
    wait -n -p pid "${!started[@]}"
    status=$?
    report "${started[$pid]}" "$status"
    unset "started[$pid]"
}
start() {
    local name=$1
    [[ $name == *"$pattern"* ]] || return 0
    if ((list)); then say "$name"; return 0; fi
    while ((${#started[@]} >= lanes)); do await_one; done
    measure "$@" &
    started[$!]=$name
}
await_all() {
    while ((${#started[@]} > 0)); do await_one; done
}

build() {
    cmake --preset "$1" && cmake --build --preset "$1"
}

# build_for PRESET TEST...: also where only some of the tests that run in it are asked for.
build_for() {
    local preset=$1 name
    shift
    for name in "$@"; do
        if ((!list)) && [[ $name == *"$pattern"* ]]; then
            local pattern=
            break
        fi
    done
    run_test "build/$preset" build "$preset"
}

mkdir -p "$logs"
: >"$logs/times"
if ! ((list)); then
    npm=() # some packages of nodejs bring it along, and bar Debian's
    command -v npm >/dev/null || npm=(npm)
    ./quickstart.sh --prepare clang libclang-rt-14-dev clang-format clang-tidy cppcheck libcmocka-dev python3 curl jq \
        openssl procps git libsqlite3-dev libpq-dev lmdb-utils golang-go golang-golang-x-mod-dev nodejs \
        rabbitmq-server python3-pika poppler-utils qpdf \
        "${npm[@]}" >"$logs/prepare.log" 2>&1 || {
        tail -n 40 "$logs/prepare.log"
        say "FAILED: installing packages and building (build/test-logs/prepare.log)"
        say "0 passed, 1 failed"
        exit 1
    }
fi
export COUNTERSIGN=$root/build/release/countersign COUNTERSIGN_JUDGE=$root/build/fuzz/tests/oracle_judge
export COUNTERSIGN_SHARED=${COUNTERSIGN_SHARED:-$root/../shared}
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export PYTHONDONTWRITEBYTECODE=1
unset COUNTERSIGN_KEY COUNTERSIGN_TOKEN COUNTERSIGN_LONG
((!long)) || export COUNTERSIGN_LONG=1

run_test style/house python3 tests/style/style.py
run_test style/cppcheck bash tests/style/lint.sh cppcheck
run_test style/tidy bash tests/style/lint.sh tidy
units=(tests/unit/test_*.c) fuzzers=(tests/fuzz/fuzz_*.c)
units=("${units[@]##*/test_}") fuzzers=("${fuzzers[@]##*/fuzz_}")
units=("${units[@]%.c}") fuzzers=("${fuzzers[@]%.c}")
# One build for both: clang's, so that the fuzzers' counters are there too.
build_for fuzz "${units[@]/#/unit/}" "${fuzzers[@]/#/fuzz/}" oracle/test_rules_{table,random}
for program in tests/unit/test_*.c; do
    name=$(basename "$program" .c)
    start "unit/${name#test_}" "build/fuzz/tests/$name"
done
((!long)) || start damage/every-byte build/fuzz/tests/test_damage --long
for suite in tests/oracle/test_*.py; do
    start "oracle/$(basename "$suite" .py)" python3 "$suite"
done
start crash/chaos bash tests/crash/chaos.sh $( ((!long)) || echo --long)
start crash/fault bash tests/crash/fault.sh $( ((!long)) || echo --long)
start bench/smoke bash tests/bench/run.sh --smoke
for scenario in tests/scenario/[0-9]*.sh; do
    start "scenario/$(basename "$scenario" .sh)" bash "$scenario"
done
start interop/go bash tests/interop/go.sh
start interop/javascript bash tests/interop/javascript.sh
start interop/openapi bash tests/interop/openapi.sh
start interop/report bash tests/interop/report.sh
start crash/kill bash tests/crash/kill.sh $((long ? 2000 : 200))
for target in tests/fuzz/fuzz_*.c; do
    name=$(basename "$target" .c)
    start "fuzz/${name#fuzz_}" bash tests/fuzz/run.sh "$name" $((long ? 600 : 4))
done
await_all

((list)) && exit 0
((!times)) || sort -rn "$logs/times"
if ((skipped > 0)); then
    say "$passed passed, $failed failed, $skipped skipped"
else
    say "$passed passed, $failed failed"
fi
((failed == 0 && passed > 0))
