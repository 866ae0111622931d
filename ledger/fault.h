/* fault - the last word of a process that meets a page of data.mdb which cannot be read, or that
 * LMDB trips over: files are checked when they are opened, and may be damaged later.
 */
#ifndef LEDGER_FAULT_H
#define LEDGER_FAULT_H

/**
 * fault_watch(dir):
 * From now on SIGBUS and SIGSEGV, where the machine gives them, end the process with a word of what
 * happened to the ledger in ${dir} and what to do, and with the exit code of damage.  One thread at
 * a time.
 */
void fault_watch(const char *dir);

#endif
