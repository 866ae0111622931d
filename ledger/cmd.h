/* cmd - the commands of this folder: each takes its own name as argv[0] and returns the exit code
 * (err.h). */
#ifndef LEDGER_CMD_H
#define LEDGER_CMD_H

#include "ledger/verify.h"

/**
 * cmd_init, cmd_backup, cmd_log, cmd_show, cmd_checkpoint, cmd_prove, cmd_export, cmd_repair,
 * cmd_custody, cmd_heads, cmd_hold, cmd_key, cmd_role, cmd_policy, cmd_token, cmd_sign(argc, argv):
 * The commands of these names (README.md); `--help` prints how each is used.
 *
 * cmd_verify(argc, argv, closings): The command `verify`; ${closings} is what the reducer has to
 * say of a ledger that is good.
 */
int cmd_init(int argc, char *argv[]);
int cmd_log(int argc, char *argv[]);
int cmd_show(int argc, char *argv[]);
int cmd_checkpoint(int argc, char *argv[]);
int cmd_backup(int argc, char *argv[]);
int cmd_verify(int argc, char *argv[], verify_closings_fn *closings);
int cmd_repair(int argc, char *argv[]);
int cmd_custody(int argc, char *argv[]);
int cmd_heads(int argc, char *argv[]);
int cmd_hold(int argc, char *argv[]);
int cmd_prove(int argc, char *argv[]);
int cmd_export(int argc, char *argv[]);
int cmd_key(int argc, char *argv[]);
int cmd_role(int argc, char *argv[]);
int cmd_policy(int argc, char *argv[]);
int cmd_token(int argc, char *argv[]);
int cmd_sign(int argc, char *argv[]);

#endif
