#include "ledger/docket_readme.h"

#include <inttypes.h>

#include "ledger/howto.h"
#include "ledger/instant.h"

static const char contents[] =
    "What is in it:\n\n"
    "  bundle.json        what it is of\n"
    "  checkpoint         the ledger's size and root, signed by its key (C2SP tlog-checkpoint)\n"
    "  streams/ID/        each stream whole, from its first entry on: NNNNNN.records has its "
    "entries\n"
    "                     with their events (u16 length, entry, u32 length, salt, event; numbers "
    "are\n"
    "                     big-endian), NNNNNN.index a line for each: position in the ledger,\n"
    "                     position in the stream, leaf hash, offset and length of the entry in "
    "the\n"
    "                     records, offset and length of the event (its salt is the 16 bytes "
    "before),\n"
    "                     time, principal\n"
    "  streams/ledger/    keys, roles, tokens, policies and checklists: who enrolled, granted and\n"
    "                     revoked what\n"
    "  tail               the entries behind the last of that stream, without their events, where\n"
    "                     there are not too many: none of them is of it, so that nothing was "
    "revoked\n"
    "                     and held back here\n"
    "  heads              where these streams stood when the ledger last said it (ledger.heads),\n"
    "                     so that none is shorter here; others: of each stream left out the entry\n"
    "                     by which it has none in the period (both where there are such)\n"
    "  last               the last entry of the checkpoint\n"
    "  allowed_signers    all keys that were ever enrolled, as ssh-keygen reads them\n"
    "  tile/              the hashes that lead from these entries to the checkpoint's root "
    "(C2SP\n"
    "                     tlog-tiles, those of them that are needed)\n"
    "  report/            reports and the like, made from the same entries\n"
    "  SHA256SUMS         the digests of all these files\n\n"
    "An event is read with: dd if=streams/ID/NNNNNN.records iflag=skip_bytes,count_bytes \\\n"
    "    skip=OFFSET count=LENGTH status=none\n\n"
    "Check all of it:\n\n"
    "  countersign verify FILE.tar --vkey VKEY\n\n"
    "VKEY is the line that `countersign init` printed and the ledger's owner publishes.  Take it\n"
    "from them, not from here.  Without countersign: any client of C2SP tlog-tiles reads\n"
    "checkpoint and tile/; in Go golang.org/x/mod/sumdb/note opens the checkpoint, and\n"
    "sumdb/tlog.TileHashReader with height 8 over tile/ reads the leaf hashes of the index\n"
    "(tlog.StoredHashIndex(0, POSITION)).\n\n"
    "In this directory, unpacked, the lines below that begin with | are a bash script.  It checks\n"
    "the checkpoint, and of the entries at the positions that SEQ lists their events, signatures\n"
    "and places in the tree";

static const char usage[] = "\n\n  sed -n 's/^| //p' README.txt | VKEY=... SEQ='17 4711' bash\n\n";

/* From the tiles: the root over some hashes of a tile, and from there the checkpoint's. */
static const char tree[] =
    "3. The tiles at the right edge make the root.\n\n"
    "| # tile LEVEL INDEX: the name of its file\n"
    "| tile() {\n"
    "|     local n=$2 path file\n"
    "|     path=$(printf %03d $((n % 1000)))\n"
    "|     while ((n >= 1000)); do n=$((n / 1000)) path=$(printf x%03d/ $((n % 1000)))$path; done\n"
    "|     for file in \"tile/$1/$path\" \"tile/$1/$path\".p/*; do\n"
    "|         [ ! -f \"$file\" ] || printf %s \"$file\"\n"
    "|     done\n"
    "| }\n"
    "| # part FILE OFFSET LENGTH\n"
    "| part() { dd if=\"$1\" iflag=skip_bytes,count_bytes skip=\"$2\" count=\"$3\" status=none; }\n"
    "| # fold LEVEL FIRST COUNT: the root over so many hashes of one tile, a power of two\n"
    "| fold() {\n"
    "|     local i nodes\n"
    "|     nodes=($(part \"$(tile $1 $(($2 / 256)))\" $(($2 % 256 * 32)) $(($3 * 32)) |\n"
    "|         od -An -v -tx1 -w32 | tr -d ' '))\n"
    "|     while ((${#nodes[@]} > 1)); do\n"
    "|         for ((i = 0; i < ${#nodes[@]} / 2; i++)); do\n"
    "|             nodes[i]=$(bytes \"01${nodes[2 * i]}${nodes[2 * i + 1]}\" | sha256sum)\n"
    "|             nodes[i]=${nodes[i]:0:64}\n"
    "|         done\n"
    "|         nodes=(\"${nodes[@]:0:i}\")\n"
    "|     done\n"
    "|     printf %s \"${nodes[0]}\"\n"
    "| }\n"
    "| size=$(sed -n 2p checkpoint) root=\n"
    "| for ((bit = 0; size >> bit > 0; bit++)); do\n"
    "|     ((size >> bit & 1)) || continue\n"
    "|     node=$(fold $((bit / 8)) $((((size >> bit) - 1) << bit % 8)) $((1 << bit % 8)))\n"
    "|     [ -z \"$root\" ] || node=$(bytes \"01$node$root\" | sum)\n"
    "|     root=$node\n"
    "| done\n"
    "| [ \"$root\" = \"$(sed -n 3p checkpoint | base64 -d | hex)\" ]\n\n";

static const char entry[] =
    "4. An entry: its leaf hash is in its tile, and full tiles lead to those above them.\n\n"
    "| declare -A known\n"
    "| placed() {\n"
    "|     local level=0 at=$1 file\n"
    "|     while :; do\n"
    "|         file=$(tile $level $((at / 256)))\n"
    "|         [ \"$(part \"$file\" $((at % 256 * 32)) 32 | hex)\" = \"$2\" ]\n"
    "|         [ -z \"${known[$file]:-}\" ] && [[ $file != *.p/* ]] || return 0\n"
    "|         at=$((at / 256)) known[$file]=1\n"
    "|         set -- \"$1\" \"$(fold $level $((at * 256)) 256)\"\n"
    "|         level=$((level + 1))\n"
    "|     done\n"
    "| }\n"
    "| # number OFFSET LENGTH: in the entry\n"
    "| number() {\n"
    "|     local n=0 byte\n"
    "|     for byte in $(od -An -v -tu1 -j \"$1\" -N \"$2\" \"$work/entry\"); do\n"
    "|         n=$((n * 256 + byte))\n"
    "|     done\n"
    "|     echo $n\n"
    "| }\n\n"
    "5. The signatures over its event: alg 2 is an SSH signature, alg 1 is Ed25519 over the\n"
    "   event's DSSE pre-authentication encoding.\n\n"
    "| declare -A wires owners # by key id\n"
    "| while read -r owner _ _ key; do\n"
    "|     id=$(printf %s \"$key\" | base64 -d | sum)\n"
    "|     wires[$id]=$key owners[$id]=$owner\n"
    "| done <allowed_signers\n"
    "| # signature ALG KEY: of the bytes in $work/sig; KEY is a key id in hex\n"
    "| signature() {\n"
    "|     [ -n \"${owners[$2]}\" ]\n"
    "|     if (($1 == 2)); then\n"
    "|         { echo -----BEGIN SSH SIGNATURE-----; base64 -w 70 \"$work/sig\"\n"
    "|           echo -----END SSH SIGNATURE-----; } >\"$work/event.sig\"\n"
    "|         ssh-keygen -Y verify -n event@countersign -f allowed_signers \\\n"
    "|             -I \"${owners[$2]}\" -s \"$work/event.sig\" <\"$work/event\" >\"$work/said\"\n"
    "|     else\n"
    "|         { printf 'DSSEv1 28 application/cloudevents+json %d ' \"$(wc -c "
    "<\"$work/event\")\"\n"
    "|           cat \"$work/event\"; } >\"$work/pae\"\n"
    "|         ed25519 \"$(printf %s \"${wires[$2]}\" | base64 -d | tail -c 32 | hex)\" \\\n"
    "|             \"$work/sig\" \"$work/pae\"\n"
    "|     fi\n"
    "| }\n"
    "| check() {\n"
    "|     local file at bytes event length leaf principal count alg\n"
    "|     file=$(grep -l \"^$1 \" streams/*/*.index)\n"
    "|     read -r _ _ leaf at bytes event length _ principal < <(grep \"^$1 \" \"$file\")\n"
    "|     file=${file%index}records\n"
    "|     part \"$file\" \"$at\" \"$bytes\" >\"$work/entry\"\n"
    "|     [ \"$({ printf '\\000'; cat \"$work/entry\"; } | sum)\" = \"$leaf\" ]\n"
    "|     placed \"$1\" \"$leaf\"\n"
    "|     if [ \"$event\" = - ]; then echo \"entry $1 is in the tree; its event is not shown\"; "
    "return; fi\n"
    "|     part \"$file\" \"$event\" \"$length\" >\"$work/event\"\n"
    "|     [ \"$({ printf '\\002'; part \"$file\" $((event - 16)) $((length + 16)); } | sum)\" = "
    "\\\n"
    "|         \"$(part \"$work/entry\" 132 32 | hex)\" ]\n"
    "|     at=$((172 + $(number 169 1) + $(number 170 1))) count=$(number 171 1)\n"
    "|     for ((; count > 0; count--)); do\n"
    "|         alg=$(number $at 1) length=$(number $((at + 33)) 2)\n"
    "|         part \"$work/entry\" $((at + 35)) \"$length\" >\"$work/sig\"\n"
    "|         if ((alg == 3)); then echo \"entry $1: a WebAuthn signature is not checked\"\n"
    "|         else signature $alg \"$(part \"$work/entry\" $((at + 1)) 32 | hex)\"; fi\n"
    "|         at=$((at + 35 + length))\n"
    "|     done\n"
    "|     echo \"entry $1 by $principal is in the tree, with its event\"\n"
    "| }\n";

static const char last_lines[] = "| for seq in $SEQ; do check \"$seq\"; done\n"
                                 "| echo \"good: these entries are in the ledger $name\"\n";

static void add_subject(const struct docket_plan *plan, struct buf *buf)
{
    char from[INSTANT_TEXT_BYTES], to[INSTANT_TEXT_BYTES];
    if (plan->kind == DOCKET_DEPLOYMENT) {
        buf_printf(buf, "The deployment %s, whole,\n", plan->deployment);
        return;
    }
    instant_format(plan->from_us, from);
    instant_format(plan->to_us, to);
    buf_printf(buf,
               "The deployments that were open, or had an entry, from %s to %s\n"
               "(that moment not included), each whole, and the streams `ledger` and `inbox`,\n",
               from, to);
}

void docket_readme_add(const struct docket_plan *plan, const struct registry *registry,
                       const struct entry *last, struct buf *buf)
{
    struct note_key keys[REGISTRY_PAIRS_MAX];
    const size_t count = registry_checkpoint_keys(registry, last->seq + 1, last->time_us, keys);
    ASSERT(count > 0);
    buf_text(buf, "Countersign evidence bundle, version 1\n\n");
    add_subject(plan, buf);
    buf_printf(buf, "in the ledger %s as of %" PRIu64 " entries.\n\n", keys[0].name, last->seq + 1);
    buf_text(buf, contents);
    buf_text(buf, plan->kind == DOCKET_DEPLOYMENT
                      ? " (else of the first and the last of each stream)."
                      : " (else of the first and the last of the stream `ledger`).");
    buf_text(buf, usage);
    howto_begin(buf);
    buf_text(buf, "2. The ledger's key has signed size and root.\n\n");
    howto_note(&keys[count - 1], buf);
    buf_text(buf, "\n");
    buf_text(buf, tree);
    buf_text(buf, entry);
    buf_printf(buf,
               "| : \"${SEQ:=$(for stream in streams/%s; do\n"
               "|     cat \"$stream\"/*.index | sed -n '1s/ .*//p; $s/ .*//p'\n"
               "| done)}\"\n",
               plan->kind == DOCKET_DEPLOYMENT ? "*" : "ledger");
    buf_text(buf, last_lines);
}
