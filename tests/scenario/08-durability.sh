#!/usr/bin/env bash
# A ledger's copies and its losses: backups while it is served, older copies that are put in its place, the checkpoint
# outside it, files that were cut off, an address space that is narrow.
# COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"
export PYTHONPATH=$root/tests/crash

expect 0 "$cs" init L
export COUNTERSIGN_KEY=countersign-admin
token=$("$cs" token issue L --principal ci --scope write,read)
export COUNTERSIGN_TOKEN=$token

# post ID...: one event each, all acknowledged
post() {
    local id
    for id in "$@"; do
        curl -sS -o body -w '%{http_code}\n' -H "Authorization: Bearer $token" -H 'Content-Type: application/cloudevents+json' \
            "$url/v1/events" -d '{"specversion":"1.0","id":"'"$id"'","source":"/t","type":"t","deployment":"d"}' >status
        [[ $(<status) == 201 ]] || fail "$id: $(cat status body)"
    done
}
# line ID: an event for append
line() { printf '{"specversion":"1.0","id":"%s","source":"/t","type":"t","deployment":"d"}\n' "$1"; }
size_of() { sed -n 2p "$1"; }

# --- backups while events come in
start
post a b c
python3 -c 'import load, sys, time
clients = load.Load(sys.argv[1], sys.argv[2], "load", 3)
clients.first.wait(20)
open("loaded", "w").close()
time.sleep(1.5)
clients.stop()
assert not clients.other, clients.other' "$url" "$token" &
loader=$!
for _ in {1..400}; do [[ ! -e loaded ]] || break; sleep 0.02; done
expect 0 "$cs" backup L B1 --json
jq -e '.verified and (.keys | not) and .size > 3' out >/dev/null || fail "$(cat out)"
[[ $(jq .size out) == "$(size_of B1/checkpoint)" ]] || fail "$(cat out B1/checkpoint)"
expect 0 "$cs" backup L B2/ --with-keys
has "with the ledger's secret keys" out
wait "$loader" || fail "the load failed while the copies were made"
[[ $(ls B1) == $'checkpoint\ndata.mdb' ]] || fail "$(ls B1)"
[[ $(ls B2) == $'admission.key\ncheckpoint\ncheckpoint.key\ndata.mdb' ]] || fail "$(ls B2)"
[[ $(stat -c %a B2 B2/*.key B2/data.mdb | sort -u) == $'600\n700' ]] || fail "$(ls -la B2)"
for copy in B1 B2; do
    expect 0 "$cs" verify "$copy"
    expect 0 "$cs" verify L --against "$copy/checkpoint"
done
(($(size_of B2/checkpoint) >= $(size_of B1/checkpoint))) || fail "the second copy is older"
expect 3 "$cs" backup L B1
has "not empty" err
mkdir empty
expect 0 "$cs" backup L empty --no-verify
has "not verified" out
expect 3 "$cs" backup nowhere B3
expect 3 "$cs" backup L nowhere/B3
expect 2 "$cs" backup L
expect 0 "$cs" backup --help
[[ -z $(find . -name '*.partial-*') ]] || fail "left behind: $(find . -name '*.partial-*')"

# --- one that is interrupted leaves nothing; the shim of the crash tests holds it up in its first sync
mkdir slow
mkfifo slow/gate
"${CC:-cc}" -shared -fPIC -o slow/hold.so -x c - <<'C'
#include <fcntl.h>
int fsync(int fd) { (void)fd; return open("slow/gate", O_RDONLY) < 0 ? -1 : 0; }
C
LD_PRELOAD=$PWD/slow/hold.so "$cs" backup L B4 2>err &
held=$!
for _ in {1..200}; do [[ -z $(compgen -G 'B4.partial-*/data.mdb') ]] || break; sleep 0.02; done
[[ -n $(compgen -G 'B4.partial-*/data.mdb') ]] || fail "the copy was not begun"
kill -INT "$held"
code=0
wait "$held" || code=$?
((code == 3)) || fail "interrupted: exit $code"
has "interrupted" err
[[ ! -e B4 && -z $(compgen -G 'B4*') ]] || fail "left behind: $(ls -d B4*)"

# --- a copy with keys is a ledger: used as one, it goes on
cp -r B2 used
line used | expect 0 "$cs" append used
expect 0 "$cs" verify used

# --- a commit that fails: whoever waits to write meanwhile writes nothing before it is marked
mkfifo slow/marker
"${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -o slow/fail.so -x c - <<'C'
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
int fdatasync(int fd)
{
    static int calls; /* the first is of the opening */
    if (++calls == 1) return (int)syscall(SYS_fdatasync, fd);
    errno = EIO;
    return -1;
}
int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = (flags & O_CREAT) != 0 ? va_arg(args, int) : 0;
    va_end(args);
    if ((flags & O_CREAT) != 0 && strstr(path, "commit-failed") != NULL) {
        syscall(SYS_openat, AT_FDCWD, "slow/there", O_WRONLY | O_CREAT, 0600);
        syscall(SYS_openat, AT_FDCWD, "slow/marker", O_RDONLY);
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
C
cp -r B2 M
line m1 >m1
line m2 >m2
LD_PRELOAD=$PWD/slow/fail.so "$cs" append M m1 >out1 2>err1 &
failing=$!
for _ in {1..400}; do [[ ! -e slow/there ]] || break; sleep 0.02; done
[[ -e slow/there ]] || fail "the commit did not fail: $(cat out1 err1)"
"$cs" append M m2 >out2 2>err2 &
waiting=$!
for _ in {1..50}; do
    ! kill -0 "$waiting" 2>/dev/null || grep -q -- "-> FLOCK .* $waiting " /proc/locks || { sleep 0.02; continue; }
    break
done
true >slow/marker
code=0
wait "$failing" || code=$?
((code == 3)) || fail "a commit that cannot be synced: exit $code: $(cat out1 err1)"
code=0
wait "$waiting" || code=$?
((code == 3)) || fail "written behind a commit that failed: exit $code: $(cat out2 err2)"
grep -q "a commit to M failed" out2 err2 || fail "$(cat out2 err2)"
expect 0 "$cs" append M m2
expect 0 "$cs" verify M
[[ $("$cs" log M --json | jq -r .event.id | grep -c '^m[12]$') == 1 ]] || fail "$("$cs" log M)"

# --- an older copy in the ledger's place
post late1 late2
stop
cp L/checkpoint lost
cp L/data.mdb newer.mdb
cp B1/data.mdb L/data.mdb
for writes in "serve L --listen 127.0.0.1:0" "append L" "token issue L --principal x --scope read"; do
    # shellcheck disable=SC2086
    expect 4 timeout 20 "$cs" $writes </dev/null
    has "accept-rollback" err
done
cmp -s lost L/checkpoint || fail "the newer checkpoint is gone"
expect 0 "$cs" log L
expect 4 "$cs" verify L
start --accept-rollback
has "what=rollback" journal
post after
[[ $("$cs" log L --type dev.countersign.ledger.restored.v1 --json | jq -r .event.data.note) == "$(<lost)" ]] ||
    fail "$("$cs" log L --type dev.countersign.ledger.restored.v1 --json)"
"$cs" log L --type dev.countersign.ledger.restored.v1 --json | jq -e '.origin == "ledger" and .stream == "ledger"' >out
stop
start
post later
stop
expect 0 "$cs" verify L
expect 0 "$cs" verify L --against B1/checkpoint
expect 4 "$cs" verify L --against lost
has "an older copy was put in the ledger's place" out
expect 0 "$cs" report L --from 2020-01-01T00:00:00Z --to 2100-01-01T00:00:00Z --format json --out R
grep -rq '"restored"' R || fail "the report does not tell of the older copy"
[[ $("$cs" log L --type dev.countersign.ledger.restored.v1 --json | wc -l) == 1 ]] || fail "recorded twice"

# --- killed between the record and the checkpoint outside: the next start needs no flag
cp lost L/checkpoint
line again | expect 0 "$cs" append L
[[ $(size_of L/checkpoint) != "$(size_of lost)" || $(sed -n 3p L/checkpoint) != "$(sed -n 3p lost)" ]] ||
    fail "the checkpoint that was given up is still outside"

# --- the checkpoint outside: missing, cut off, another ledger's
rm L/checkpoint
line b1 | expect 0 "$cs" append L
[[ -s L/checkpoint ]] || fail "it was not written again"
head -c 30 B1/checkpoint >L/checkpoint
line b2 | expect 4 "$cs" append L
has "not signed by this ledger's key" err
expect 4 timeout 20 "$cs" serve L --accept-rollback
expect 0 env -u COUNTERSIGN_KEY "$cs" init other --admin-out other-admin
cp other/checkpoint L/checkpoint
line b2 | expect 4 "$cs" append L
rm L/checkpoint
line b2 | expect 0 "$cs" append L

# --- an older copy from before a change of keys: with the keys of its time it goes on, on the record
expect 0 "$cs" backup L B5 --with-keys
expect 0 "$cs" key rotate L --overlap 0
line r1 | expect 0 "$cs" append L
cp L/checkpoint lost
cp B5/data.mdb L/data.mdb
line r2 | expect 4 "$cs" append L
has "accept-rollback" err
expect 4 timeout 20 "$cs" serve L --listen 127.0.0.1:0 --accept-rollback
has "is not the key" err
cp B5/*.key L/
sed 's/^— [^ ]*/— elsewhere/' lost >L/checkpoint
expect 4 timeout 20 "$cs" serve L --listen 127.0.0.1:0 --accept-rollback
has "not signed by this ledger's key" err
cp lost L/checkpoint
start --accept-rollback
post r3
stop
expect 0 "$cs" verify L
[[ $("$cs" log L --type dev.countersign.ledger.restored.v1 --json | tail -n 1 | jq -r .event.data.note) == "$(<lost)" ]] ||
    fail "the copy from before the change of keys is not on the record"

# --- data.mdb torn or short: refused with what to do
cp L/data.mdb whole.mdb
pages=$(($(stat -c %s whole.mdb) / 4096))
for bytes in 0 1 100 4095 4096 8192 12288 $((pages * 2048)) $((pages * 4096 - 4096)) $((pages * 4096 - 1)); do
    head -c "$bytes" whole.mdb >L/data.mdb
    expect 4 "$cs" checkpoint L
    has "backup" err
    expect 4 timeout 20 "$cs" serve L
done
cp whole.mdb L/data.mdb

# --- cut short while it is served: a last word, and no bare signal
start --scrub-rate 0
truncate -s 20480 L/data.mdb
curl -sS -o body -H "Authorization: Bearer $token" "$url/v1/events" 2>err || true
code=0
wait "$daemon" || code=$?
daemon=
((code == 4)) || fail "cut short while it was served: exit $code: $(tail -n 1 journal)"
tail -n 1 journal >err
has "L/data.mdb cannot be read" err
has "restore a backup" err
rm -f L/serve.json
cp whole.mdb L/data.mdb

# --- a narrow address space takes a smaller map
(ulimit -v 3000000 && line narrow | expect 0 "$cs" append L)
expect 0 "$cs" verify L
