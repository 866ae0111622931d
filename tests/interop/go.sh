#!/usr/bin/env bash
# Go's golang.org/x/mod/sumdb (tlog, note) checks what we write, and we check what it writes: checkpoints, tiles,
# bundles, proofs.  COUNTERSIGN is the program.  Quiet when it passes.
# shellcheck source=tests/scenario/kit.sh
source "$(dirname "$0")/../scenario/kit.sh"
go=$root/build/interop
GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' GOCACHE=$root/build/go-cache go build -o "$go" \
    "$root/tests/interop/interop.go"

# more FROM TO: events of one second each, some signed by nobody but the courier, so that checkpoints are kept
more() {
    for ((i = $1; i <= $2; i++)); do
        printf '{"specversion":"1.0","id":"e%d","source":"/x","type":"org.example.t","deployment":"d-%d",' $i $((i % 3))
        printf '"time":"2026-01-01T%02d:%02d:%02dZ","data":{"n":%d}}\n' $((i / 3600)) $((i / 60 % 60)) $((i % 60)) $i
    done | COUNTERSIGN_TOKEN=$token "$cs" append S >/dev/null || fail "append"
}
# flip FILE OFFSET: one bit of a copy of a file, in its place
flip() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# refused ARGUMENT...: by verify, because it does not hold or is malformed
refused() {
    local code=0
    "$cs" verify "$@" >out 2>err || code=$?
    ((code == 1 || code == 3)) || fail "verify $* gave $code: $(cat out err)"
}

ssh-keygen -q -t ed25519 -N '' -f root
expect 0 "$cs" init S --simulated --origin example.org/interop --admin root=root.pub
vkey=$(cat out)
expect 0 "$cs" token issue S --principal pipe --scope write --key root
token=$(cat out)

# a directory that grows, at sizes around those of full tiles, and every checkpoint that was kept
last=0
for size in 9 254 255 256 257 300 511 512 600; do
    more $((last + 1)) $((size - 2))
    last=$((size - 2))
    expect 0 "$cs" export S --tiles tiles
    expect 0 "$cs" checkpoint S
    cp out c$size
    expect 0 "$go" log "$vkey" tiles c*
    has "$size entries" out
done
expect 0 "$cs" checkpoint S --history --json
for size in $(jq .size out); do
    expect 0 "$cs" checkpoint S --size "$size"
    cp out "k$size"
done
expect 0 "$go" log "$vkey" tiles c* k*
kept=(k*)
((${#kept[@]} >= 6)) || fail "few checkpoints are kept: ${kept[*]}"

# proofs, against the last checkpoint and older ones
mkdir proofs
for seq in 0 1 2 7 63 64 127 128 253 254 255 256 257 511 512 598 599; do
    expect 0 "$cs" prove S $seq --with-event
    cp out proofs/$seq.tlog-proof
    for size in 257 512; do
        ((seq < size)) || continue
        expect 0 "$cs" prove S $seq --checkpoint c$size
        cp out proofs/$seq-$size.tlog-proof
    done
done
expect 0 "$go" proof "$vkey" proofs/*

# what was changed is refused by both
for change in checkpoint:0 checkpoint:30 checkpoint:100 tile/0/000:0 tile/0/001:8191 tile/0/002.p/88:5 \
    tile/1/000.p/2:33 tile/entries/000:700 tile/entries/001:2 tile/entries/002.p/88:20; do
    rm -rf changed
    cp -r tiles changed
    flip "changed/${change%:*}" "${change#*:}"
    expect 1 "$go" log "$vkey" changed
    code=0
    "$cs" verify changed --vkey "$vkey" >out 2>err || code=$?
    ((code != 0)) || fail "$change in a directory of tiles: verify gave 0: $(cat out)"
done
rm -rf changed
cp -r tiles changed
flip c300 60
expect 1 "$go" log "$vkey" changed c300
refused c300 --vkey "$vkey"
other=$("$cs" init O --simulated --origin example.org/interop --admin root=root.pub)
expect 1 "$go" log "$other" tiles
expect 1 "$go" proof "$other" proofs/7.tlog-proof
expect 1 "$cs" verify proofs/7.tlog-proof --vkey "$other"
expect 0 "$cs" verify proofs/7.tlog-proof --vkey "$vkey"
bytes=$(grep -v '^extra ' proofs/7.tlog-proof | wc -c)
whole=$(stat -c %s proofs/7.tlog-proof)
for ((at = whole - bytes + 23; at < whole; at += 29)); do
    cp proofs/7.tlog-proof changed.tlog-proof
    flip changed.tlog-proof $at
    refused changed.tlog-proof --vkey "$vkey"
    # Go takes the last digit of a signature's base64 with any loose bits.
    ((at >= whole - 3)) || expect 1 "$go" proof "$vkey" changed.tlog-proof
done

# what Go wrote is taken: a note, a proof, a whole directory of tiles, as the same bytes
head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >seed
"$go" sign seed example.net/log $'example.net/log\n3\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n' >note 2>note.vkey
expect 0 "$cs" verify note --vkey "$(cat note.vkey)"
has "size         3" out
flip note 20
refused note --vkey "$(cat note.vkey)"
expect 0 "$go" make S/checkpoint.key example.org/interop/simulated tiles made
rm -rf fresh
expect 0 "$cs" export S --tiles fresh
diff -r made fresh || fail "Go makes other files"
expect 0 "$cs" verify made --vkey "$vkey" --against c9 --against c257 --against c512
has "600 entries" out
expect 0 "$cs" export S --tiles shown --events
cp -r shown/tile/events made/tile/events
expect 0 "$cs" verify made --vkey "$vkey" --json
[[ $(jq -c '[.ok, .size, .entries]' out) == '[true,600,600]' ]] || fail "$(cat out)"
expect 0 "$go" prove made 123
cp out go.tlog-proof
expect 0 "$cs" verify go.tlog-proof --vkey "$vkey" --leaf "$("$cs" show S 123 --json | jq -r .leaf)"
expect 1 "$cs" verify go.tlog-proof --vkey "$vkey" --leaf "$("$cs" show S 124 --json | jq -r .leaf)"
expect 0 "$cs" prove S 123
grep -v '^extra ' out | cmp -s - go.tlog-proof || fail "Go makes another proof"

# a bundle has all tiles that Go asks for, and no leaf that is not in them
for id in d-0 d-2; do
    expect 0 "$cs" bundle S $id --out bundle.tar --no-verify
    rm -rf bundle && mkdir bundle && tar -xf bundle.tar -C bundle
    expect 0 "$go" bundle "$vkey" bundle
    has "$(cat bundle/streams/*/*.index | wc -l) leaves" out
done
flip bundle/tile/0/000 100
expect 1 "$go" bundle "$vkey" bundle
