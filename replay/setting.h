/* setting - what a command of the checklist is handed: values for its blanks and variables, and the
 * whole of its environment.
 */
#ifndef REPLAY_SETTING_H
#define REPLAY_SETTING_H

#include "replay/mask.h"
#include "replay/slot.h"

struct setting {
    char *name;
    char *value;
    bool secret; /* by its name, or because it came from the environment of this process */
};

struct settings {
    struct setting *all; /* owned; of two by one name the later counts */
    size_t count, cap;
    char **environment; /* owned; ends in NULL */
};

/**
 * setting_take(settings, text, ret_why): Take `NAME=VALUE`.  Errors: USAGE.
 * setting_inherit(settings, name, ret_why): Take the variable of that name of this process; its
 * value is a secret.  Errors: USAGE (malformed, or not set).
 * setting_free(settings): Free them; values are wiped.
 */
MUST_CHECK enum err setting_take(struct settings *settings, const char *text,
                                 struct err_text *ret_why);
MUST_CHECK enum err setting_inherit(struct settings *settings, const char *name,
                                    struct err_text *ret_why);
void setting_free(struct settings *settings);

/**
 * setting_value(settings, name): A slot_value_fn over settings and environment; NULL without one.
 * setting_environment(settings, shell): Make the environment: PATH, HOME, USER, LOGNAME as they are
 * here, SHELL=${shell}, LANG=C.UTF-8, and the settings that can name a variable.
 * setting_missing(settings, slots, buf): Append a line for each name of ${slots} that has no value:
 * what it is, and what to pass; how many there are.
 * setting_unused(settings, slots): The first setting that is for no blank and names no variable, or
 * NULL.
 * setting_mask(settings, mask): Have the values of secrets covered.
 * setting_json(settings, mask): {NAME: value} of what was handed over, secrets as MASK_TEXT; NULL
 * if there is nothing; a new reference.
 */
const char *setting_value(void *settings, const char *name);
void setting_environment(struct settings *settings, const char *shell);
size_t setting_missing(struct settings *settings, const struct slots *slots, struct buf *buf);
const char *setting_unused(const struct settings *settings, const struct slots *slots);
void setting_mask(const struct settings *settings, struct mask *mask);
json_t *setting_json(const struct settings *settings, const struct mask *mask);

#endif
