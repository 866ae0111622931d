/* dossier_readme - what an evidence bundle says for people: what it holds, and how it is checked
 * with tools that everybody has.  Pure.
 */
#ifndef LEDGER_DOSSIER_README_H
#define LEDGER_DOSSIER_README_H

#include "ledger/dossier.h"

/**
 * dossier_readme_add(dossier, registry, buf): Append README.txt of a bundle that is whole but for
 * it. Its lines that begin with | are one bash script, which needs coreutils, ssh-keygen and
 * openssl, and ends well if all it checks holds.
 */
void dossier_readme_add(const struct dossier *dossier, const struct registry *registry,
                        struct buf *buf);

#endif
