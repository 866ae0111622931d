/* cmd_key - the verbs of the command `key` that have files of their own. */
#ifndef LEDGER_CMD_KEY_H
#define LEDGER_CMD_KEY_H

/**
 * cmd_key_rotate(argc, argv), cmd_key_ledger(argc, argv), cmd_key_import(argc, argv):
 * The commands `key rotate`, `key ledger` and `key import`; the exit code.
 */
int cmd_key_rotate(int argc, char *argv[]);
int cmd_key_ledger(int argc, char *argv[]);
int cmd_key_import(int argc, char *argv[]);

#endif
