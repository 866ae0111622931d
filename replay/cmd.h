/* cmd - the commands of this folder: each takes its own name as argv[0] and returns the exit code
 * (err.h). */
#ifndef REPLAY_CMD_H
#define REPLAY_CMD_H

/**
 * cmd_checklist, cmd_open, cmd_status, cmd_replay, cmd_diff, cmd_why, cmd_search,
 * cmd_timeline(argc, argv): The commands of these names (README.md); `--help` prints how each is
 * used.
 *
 * cmd_act(argc, argv): All commands that record one act on a deployment and differ only in its
 * event: check, waive, reopen, record, sample, attest, note, issue, clock, reschedule, assign,
 * emergency, rollback, close; argv[0] says which.
 *
 * cmd_decide(argc, argv): The acts that rest on a basis and show it first: approve, sign-off,
 * reject, withdraw, decide; argv[0] says which.
 *
 * cmd_submit(argc, argv): `submit`: an event that was signed elsewhere.
 *
 * cmd_run(argc, argv): `run`: an item's command, run here and recorded.
 */
int cmd_checklist(int argc, char *argv[]);
int cmd_open(int argc, char *argv[]);
int cmd_status(int argc, char *argv[]);
int cmd_replay(int argc, char *argv[]);
int cmd_diff(int argc, char *argv[]);
int cmd_why(int argc, char *argv[]);
int cmd_search(int argc, char *argv[]);
int cmd_timeline(int argc, char *argv[]);
int cmd_act(int argc, char *argv[]);
int cmd_decide(int argc, char *argv[]);
int cmd_submit(int argc, char *argv[]);
int cmd_run(int argc, char *argv[]);

#endif
