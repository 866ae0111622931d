/* verify_file - `verify` of one file: a tlog-proof, a checkpoint or an evidence bundle.
 * Everything it says follows from the file and the key; no ledger is opened.
 */
#ifndef LEDGER_VERIFY_FILE_H
#define LEDGER_VERIFY_FILE_H

#include <stdbool.h>

#include "ledger/err.h"

/* What is to be checked, and by what. */
struct verify_file {
    const char *name;  /* the command's, for complaints */
    const char *path;  /* "-": standard input */
    const char *vkey;  /* NULL: not given */
    const char *entry; /* path of an entry's bytes; NULL: the one that the proof carries */
    const char *leaf;  /* a leaf hash in hex; NULL: that of the entry */
    bool json;
};

/**
 * verify_file_is(path): Whether ${path} is to be read as a file: "-", or there and no directory.
 * verify_file_run(file): Check and print; gives the exit code (1: it does not hold).
 */
bool verify_file_is(const char *path);
int verify_file_run(const struct verify_file *file);

#endif
