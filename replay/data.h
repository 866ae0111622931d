/* data - taking members of an event's data, each refused as bad-value where it is malformed.
 * Private to the files of the reducer.
 */
#ifndef REPLAY_DATA_H
#define REPLAY_DATA_H

#include "replay/act.h"

/* The act whose data are taken, and where a refusal goes. */
struct data {
    const struct act *act;
    struct verdict *verdict;
};

/**
 * data_text(data, name, needed, ret): A string; if ${needed}, with more than white space in it.
 * data_principal(data, name, needed, ret): A string that can be a principal's name.
 * data_time(data, name, ret_given, ret_us): An RFC 3339 time, or nothing.
 * data_flag(data, name, ret): true or false; *${ret} stays where it is absent.
 * data_integer(data, name, ret): A whole number; it must be there.
 * data_hash(data, name): 64 lower-case hex digits; they must be there.
 * All: false, and refused as bad-value, where the member is anything else; *${ret} is NULL, or
 * stays, where an optional one is absent.
 */
MUST_CHECK bool data_text(struct data data, const char *name, bool needed, const char **ret);
MUST_CHECK bool data_principal(struct data data, const char *name, bool needed, const char **ret);
MUST_CHECK bool data_time(struct data data, const char *name, bool *ret_given, int64_t *ret_us);
MUST_CHECK bool data_flag(struct data data, const char *name, bool *ret);
MUST_CHECK bool data_integer(struct data data, const char *name, int64_t *ret);
MUST_CHECK bool data_hash(struct data data, const char *name);

/**
 * data_window(data, ret_given, ret_from_us, ret_to_us): `window` as {from, to}, from before to, or
 * nothing.
 * data_value(data, act): `value` as a number or a string: sets act->value to its source text, and
 * act->numeric and act->number if it is or looks like a number.
 * Both: false, and refused as bad-value, where it is anything else.
 */
MUST_CHECK bool data_window(struct data data, bool *ret_given, int64_t *ret_from_us,
                            int64_t *ret_to_us);
MUST_CHECK bool data_value(struct data data, struct act *act);

/**
 * data_number(text, ret): Whether all of ${text}, but for white space around it, is a finite
 * decimal number.
 */
MUST_CHECK bool data_number(const char *text, double *ret);

/**
 * data_blank(text): Whether ${text} is NULL or white space.
 * data_unit_same(a, b): Whether two units are the same text, ignoring ASCII case and white space
 * around them.
 */
bool data_blank(const char *text);
bool data_unit_same(const char *a, const char *b);

#endif
