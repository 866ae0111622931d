/* lint - all that is to be said of a checklist: what could not be read, what weakens it, which of
 * its roles nobody holds.
 */
#ifndef REPLAY_LINT_H
#define REPLAY_LINT_H

#include "replay/checklist.h"

/**
 * lint_find(checklist, list): Add all remarks but those on holders of roles, by line.  Pure.
 * lint_command(argc, argv): `checklist lint FILE`; the exit code.
 */
void lint_find(const struct checklist *checklist, struct remark_list *list);
int lint_command(int argc, char *argv[]);

#endif
