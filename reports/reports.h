/* reports - the folder's public face: reports as pure functions of the entries below a tree size.
 */
#ifndef REPORTS_REPORTS_H
#define REPORTS_REPORTS_H

#include "replay/replay.h"

/**
 * cmd_report(argc, argv), cmd_bundle(argc, argv), cmd_retention(argc, argv), cmd_demo(argc, argv):
 * The commands `report`, `bundle`, `retention` and `demo`.
 */
int cmd_report(int argc, char *argv[]);
int cmd_bundle(int argc, char *argv[]);
int cmd_retention(int argc, char *argv[]);
int cmd_demo(int argc, char *argv[]);

#endif
