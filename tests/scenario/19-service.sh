#!/usr/bin/env bash
# The daemon as a service: the unit that is installed, by systemd's own judgement where systemd is there, and what the
# daemon tells the service manager.  COUNTERSIGN is the program.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/kit.sh"

# the unit is installed and names the program that is installed with it
expect 0 cmake --install "$(dirname "$cs")" --prefix "$work/usr"
unit=$work/usr/lib/systemd/system/countersign@.service
has "ExecStart=$work/usr/bin/countersign serve /var/lib/countersign/%i" "$unit"
lacks @bindir@ "$unit"
expect 0 "$work/usr/bin/countersign" version
[[ -s $work/usr/lib/sysusers.d/countersign.conf ]] || fail "no sysusers.d"
if command -v systemd-analyze >/dev/null; then
    cp "$unit" "countersign@try.service"
    systemd-analyze verify --man=no --recursive-errors=no "./countersign@try.service" >said 2>&1 || fail "$(cat said)"
    ! grep -q "countersign@try" said || fail "$(cat said)"
    systemd-analyze security --offline=true --threshold=20 --no-pager "./countersign@try.service" >said 2>&1 ||
        fail "$(tail -n 60 said)"
else
    echo "SKIPPED: systemd-analyze is not there"
fi

# what is said to NOTIFY_SOCKET, and when
expect 0 "$cs" init L
python3 "$root/tests/scenario/notified.py" "$cs" L || fail "$(cat journal)"
