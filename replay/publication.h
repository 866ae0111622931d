/* publication - publishing a checklist's file on a ledger. */
#ifndef REPLAY_PUBLICATION_H
#define REPLAY_PUBLICATION_H

#include "replay/errand.h"

/**
 * publication_name(path): The name that a file is published under: its own, without folders and
 * `.md`; owned by the caller.
 * publication_deliver(errand, options, path, checklist, ret_receipt, ret_why): Publish the
 * checklist's Markdown under that name.  Errors: those of errand_deliver.
 */
char *publication_name(const char *path);
MUST_CHECK enum err publication_deliver(struct errand *errand, const struct submit_options *options,
                                        const char *path, const struct checklist *checklist,
                                        json_t **ret_receipt, struct err_text *ret_why);

/**
 * publication_command(argc, argv): `checklist publish LEDGER FILE`; the exit code.
 */
int publication_command(int argc, char *argv[]);

#endif
