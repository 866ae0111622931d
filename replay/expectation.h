/* expectation - whether a command gave what its `# Expected:` lines say, as far as a program can
 * tell.  Pure.
 *
 * Each line is one of these, the first that fits:
 *   exit status N                    the command ended with N
 *   Empty output, No output          it wrote nothing but white space
 *   NAME = VALUE, ... (VALUE "…", a number, true or false)   members of the JSON that it wrote
 *   HTTP N, N REASON (N 100 to 599)  a status line, or a line that is N
 *   one word, or "…"                 a line of the output is this
 *   N WORDS                          "N WORDS" stands in the output; another number before WORDS:
 * no other words                      a line of the output is this; if none is, a person must tell
 * Letters count without regard to case but in words and quotes of their own.
 */
#ifndef REPLAY_EXPECTATION_H
#define REPLAY_EXPECTATION_H

#include "ledger/ledger.h"

enum held { HELD_YES, HELD_NO, HELD_UNKNOWN };

/**
 * expectation_judge(expected, exit_code, output): Whether all lines of ${expected} hold of a
 * command that ended with ${exit_code} and wrote ${output}: NO if one does not, else UNKNOWN if of
 * one it cannot be told.
 *
 * expectation_by_words(expected): Whether a line of it is words that a person may have to judge.
 */
enum held expectation_judge(const char *expected, int exit_code, const struct buf *output);
bool expectation_by_words(const char *expected);

#endif
