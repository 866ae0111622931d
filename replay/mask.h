/* mask - secrets in what a command wrote, covered before it is recorded.
 * A node says what its output may show, in comments of its command, `# Mask: REGEX` (POSIX
 * extended, line by line; the text of its first group if it has one, else all of it); beside these
 * are covered: values that were handed to the command as secrets, passwords and tokens that stand
 * in the command itself, and what is a secret by its shape (PASSWORD=…, Bearer …, a private key).
 */
#ifndef REPLAY_MASK_H
#define REPLAY_MASK_H

#include "ledger/ledger.h"

#define MASK_TEXT "[masked]"

struct mask;

/**
 * mask_new(command, ret_mask, ret_why): The masks that the text of a node's command asks for, and
 * those of shapes.  Errors: INVALID (a pattern of the node's is malformed, refers back, or
 * repeats too often).
 * mask_free(mask): NULL is fine; values are wiped.
 * mask_value(mask, value): Cover ${value} wherever it stands, if it has 4 bytes or more.
 * mask_is_secret(name): Whether a variable of this name holds a secret: one of its words, between
 * underscores, is TOKEN, PASSWORD, KEY and the like.
 */
MUST_CHECK enum err mask_new(const char *command, struct mask **ret_mask, struct err_text *ret_why);
void mask_free(struct mask *mask);
void mask_value(struct mask *mask, const char *value);
bool mask_is_secret(const char *name);

/**
 * mask_add(mask, text, bytes, buf): Append ${text}, as UTF-8 (what is not, and U+0000, as U+FFFD),
 * with all that is to be covered as MASK_TEXT; how many times it was.
 */
size_t mask_add(const struct mask *mask, const void *text, size_t bytes, struct buf *buf);

#endif
