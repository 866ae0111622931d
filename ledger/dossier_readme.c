#include "ledger/dossier_readme.h"

#include <inttypes.h>

#include "ledger/howto.h"
#include "ledger/sshsig.h"

static const char contents[] =
    "What is in it:\n\n"
    "  event.json         the act, as it was signed\n"
    "  event.json.sig     the signature (event.json.2.sig and so on: further ones)\n"
    "  event.json.dsse    where there is one: signatures in a DSSE envelope, which ssh-keygen "
    "does\n"
    "                     not know (Ed25519 over the envelope's pre-authentication encoding)\n"
    "  allowed_signers    whose keys they are, as ssh-keygen reads it\n"
    "  entry, salt        the event's place in the ledger; it holds the event's salted digest\n"
    "  entry.tlog-proof   the proof that the entry is in the ledger (C2SP tlog-proof)\n"
    "  checkpoint         the ledger's size and root, signed by its key (C2SP tlog-checkpoint)\n"
    "  keys/              every entry of the stream `ledger` up to that size, with its event and\n"
    "                     proof: who enrolled, granted and revoked what\n"
    "  tail               the entries behind the last of them, without their events: none of them\n"
    "                     is of that stream, so that nothing was revoked and held back here\n"
    "  last.tlog-proof    the proof of the last entry\n"
    "  SHA256SUMS         the digests of all these files\n\n"
    "Check all of it, keys and roles included:\n\n"
    "  countersign verify FILE.tar --vkey VKEY\n\n"
    "VKEY is the line that `countersign init` printed and the ledger's owner publishes.  Take it\n"
    "from them, not from here.  Without countersign, in this directory, unpacked: the lines below\n"
    "that begin with | are a bash script.  It checks the signature, and that the act is\n"
    "in the ledger; it does not check keys/ and tail.\n\n"
    "  sed -n 's/^| //p' README.txt | VKEY=... bash\n\n";

static const char envelope[] =
    "| while IFS='\"' read -r _ _ _ id _ _ _ sig _; do\n"
    "|     printf %s \"$sig\" | base64 -d >\"$work/sig\"\n"
    "|     { printf 'DSSEv1 28 application/cloudevents+json %d ' \"$(wc -c <event.json)\"\n"
    "|       cat event.json; } >\"$work/pae\"\n"
    "|     while read -r _ _ _ key; do\n"
    "|         printf %s \"$key\" | base64 -d >\"$work/wire\"\n"
    "|         [ \"SHA256:$(bytes \"$(sum <\"$work/wire\")\" | base64 | tr -d =)\" != \"$id\" ] "
    "||\n"
    "|             ed25519 \"$(tail -c 32 \"$work/wire\" | hex)\" \"$work/sig\" \"$work/pae\"\n"
    "|     done <allowed_signers\n"
    "|     [ -e \"$work/said\" ]\n"
    "|     rm \"$work/said\"\n"
    "| done < <(grep -o '\"keyid\":\"[^\"]*\",\"sig\":\"[^\"]*\"' event.json.dsse)\n";

static const char place[] =
    "\n3. The event is the entry's: its salted digest stands there.\n\n"
    "| [ \"$({ printf '\\002'; cat salt event.json; } | sum)\" = "
    "\"$(tail -c +133 entry | head -c 32 | hex)\" ]\n\n"
    "4. The entry is in the tree (RFC 9162 2.1.3.2).\n\n"
    "| node=$({ printf '\\000'; cat entry; } | sum)\n"
    "| at=$(sed -n 's/^index //p' entry.tlog-proof) last=$(($(sed -n 2p checkpoint) - 1))\n"
    "| while read -r line; do\n"
    "|     step=$(printf %s \"$line\" | base64 -d | hex)\n"
    "|     if ((at % 2 == 1 || at == last)); then\n"
    "|         node=$(bytes \"01$step$node\" | sum)\n"
    "|         while ((at % 2 == 0 && at > 0)); do at=$((at / 2)) last=$((last / 2)); done\n"
    "|     else\n"
    "|         node=$(bytes \"01$node$step\" | sum)\n"
    "|     fi\n"
    "|     at=$((at / 2)) last=$((last / 2))\n"
    "| done < <(sed '1,/^index /d; /^$/,$d' entry.tlog-proof)\n"
    "| [ \"$node\" = \"$(sed -n 3p checkpoint | base64 -d | hex)\" ]\n\n"
    "5. The ledger's key has signed size and root.\n\n";

static void add_signatures(const struct dossier *dossier, const struct registry *registry,
                           struct buf *buf)
{
    const struct admitted_part *part = &dossier->act.entry.part;
    size_t count = 0;
    bool enveloped = false;
    buf_text(buf, "2. The signatures over the event.\n\n");
    for (size_t i = 0; i < part->sig_count; i++) {
        const struct registry_key *key = registry_key(registry, part->sigs[i].key_id);
        ASSERT(key != NULL);
        if (part->sigs[i].alg != SIG_SSHSIG) {
            enveloped = true;
            continue;
        }
        buf_printf(buf,
                   "| ssh-keygen -Y verify -n %s -f allowed_signers -I %s \\\n"
                   "|     -s event.json",
                   SSHSIG_NAMESPACE, key->principal);
        if (++count > 1)
            buf_printf(buf, ".%zu", count);
        buf_text(buf, ".sig <event.json\n");
    }
    if (enveloped)
        buf_text(buf, envelope);
}

void dossier_readme_add(const struct dossier *dossier, const struct registry *registry,
                        struct buf *buf)
{
    const struct entry *entry = &dossier->act.entry;
    struct note_key keys[REGISTRY_PAIRS_MAX];
    size_t count = registry_checkpoint_keys(registry, dossier->last.entry.seq + 1,
                                            dossier->last.entry.time_us, keys);
    ASSERT(count > 0);
    buf_printf(buf,
               "Countersign evidence bundle, version 1\n\n"
               "The act at position %" PRIu64 " (stream %s, position %" PRIu64 " there) by %s,\n"
               "in the ledger %s as of %" PRIu64 " entries.\n\n",
               entry->seq, entry->part.stream, entry->stream_pos, entry->part.principal,
               keys[0].name, dossier->last.entry.seq + 1);
    buf_text(buf, contents);
    howto_begin(buf);
    add_signatures(dossier, registry, buf);
    buf_text(buf, place);
    howto_note(&keys[count - 1], buf);
    buf_text(buf, "| echo \"good: signed, and in the ledger $name\"\n");
}
