#include "ledger/howto.h"

static const char head[] =
    "| set -euo pipefail\n"
    "| work=$(mktemp -d)\n"
    "| trap 'rm -rf \"$work\"' EXIT\n"
    "| hex() { od -An -v -tx1 | tr -d ' \\n'; }\n"
    "| bytes() { printf \"$(printf %s \"$1\" | sed 's/../\\\\x&/g')\"; }\n"
    "| sum() { sha256sum | cut -c 1-64; }\n"
    "| # ed25519 KEY SIGNATURE MESSAGE: the first in hex, then files\n"
    "| ed25519() {\n"
    "|     bytes \"302a300506032b6570032100$1\" >\"$work/key\"\n"
    "|     openssl pkeyutl -verify -pubin -keyform DER -inkey \"$work/key\" -rawin -in \"$3\" "
    "-sigfile \"$2\" >\"$work/said\"\n"
    "| }\n\n"
    "1. The files are as they were written.\n\n"
    "| sha256sum --quiet -c SHA256SUMS\n\n";

static const char note[] =
    "| name=${VKEY%%+*} rest=${VKEY#*+}\n"
    "| id=${rest%%+*} key=$(printf %s \"${rest#*+}\" | base64 -d | tail -c 32 | hex)\n"
    "| [ \"$(head -n 1 checkpoint)\" = \"$name\" ]\n"
    "| sed '/^$/,$d' checkpoint >\"$work/body\"\n"
    "| rm -f \"$work/said\"\n"
    "| while read -r _ _ line; do\n"
    "|     [ \"$(printf %s \"$line\" | base64 -d | head -c 4 | hex)\" != \"$id\" ] || {\n"
    "|         printf %s \"$line\" | base64 -d | tail -c +5 >\"$work/sig\"\n"
    "|         ed25519 \"$key\" \"$work/sig\" \"$work/body\"\n"
    "|     }\n"
    "| done < <(sed '1,/^$/d' checkpoint)\n"
    "| [ -e \"$work/said\" ]\n";

void howto_begin(struct buf *buf)
{
    buf_text(buf, head);
}

void howto_note(const struct note_key *key, struct buf *buf)
{
    buf_text(buf, "| # the bundle's own word, where you have no better:\n| : \"${VKEY:=");
    note_key_format(key, buf);
    buf_text(buf, "}\"\n");
    buf_text(buf, note);
}
