/* submit - how a command line delivers an event: built here, signed by ssh-keygen, sent to the
 * running daemon, or appended to the ledger's directory where none runs. Secrets: a private key is
 * only ever opened by ssh-keygen or the agent; a token comes from the environment.
 */
#ifndef LEDGER_SUBMIT_H
#define LEDGER_SUBMIT_H

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"

struct judge;
struct ledger;
struct signer_key;

/* Options that all commands which write have in common. */
struct submit_options {
    const char
        *key; /* --key FILE, else COUNTERSIGN_KEY (signer.h): a .pub file signs with the agent;
                 --agent: "key::"; NULL: none */
    const char *token; /* COUNTERSIGN_TOKEN; NULL: none */
    int64_t time_us;   /* --time: the event's claimed time; -1: now, in a simulated ledger the last
                          entry's */
    const char *id;    /* --event-id; NULL: a new UUIDv7 */
    const char *offline; /* --offline: the file of a request to be signed elsewhere; NULL: now */
    const char *summary; /* what goes with the request; NULL */
    bool key_given;      /* the key is from --key or --agent */
    bool spooled;        /* --spooled: the event was kept back and is delivered late */
    bool json;           /* --json: print the receipt as JSON */
};

/* For getopt_long: put SUBMIT_LONG_OPTIONS into the command's table, and hand every option to
 * submit_option first. */
enum {
    SUBMIT_KEY = 0x1000,
    SUBMIT_AGENT,
    SUBMIT_OFFLINE,
    SUBMIT_TIME,
    SUBMIT_EVENT_ID,
    SUBMIT_SPOOLED,
    SUBMIT_JSON
};
#define SUBMIT_LONG_OPTIONS                                                                        \
    {"key", required_argument, NULL, SUBMIT_KEY}, {"agent", no_argument, NULL, SUBMIT_AGENT},      \
        {"offline", required_argument, NULL, SUBMIT_OFFLINE},                                      \
        {"time", required_argument, NULL, SUBMIT_TIME},                                            \
        {"event-id", required_argument, NULL, SUBMIT_EVENT_ID},                                    \
        {"spooled", no_argument, NULL, SUBMIT_SPOOLED},                                            \
    {                                                                                              \
        "json", no_argument, NULL, SUBMIT_JSON                                                     \
    }
#define SUBMIT_USAGE                                                                               \
    "  --key FILE        sign with this SSH key, or the agent's for a .pub (COUNTERSIGN_KEY)\n"    \
    "  --agent           sign with the agent's key that is enrolled\n"                             \
    "  --offline FILE    sign nothing: write the event to FILE, to be signed elsewhere\n"          \
    "  --time TIME       when it happened, RFC 3339 (default: now)\n"                              \
    "  --event-id ID     the event's id; with --time, a call can safely be repeated\n"             \
    "  --spooled         it was kept back and is delivered late\n"                                 \
    "  --json            print the receipt as JSON\n"

/**
 * submit_defaults(ret): Fill from the environment (an empty variable counts as none).
 * submit_option(options, option, value, ret_why): Take one option; false if it is none of these or
 * malformed (then ${ret_why} is not empty).
 */
void submit_defaults(struct submit_options *ret);
bool submit_option(struct submit_options *options, int option, const char *value,
                   struct err_text *ret_why);

/**
 * submit_key(ledger, options, ret_key, ret_why):
 * Find the key to sign with (signer_find; of the agent's the one enrolled in ${ledger}), which must
 * be there.  Errors: those of signer_find.
 *
 * submit_build(ledger, options, type, deployment, data, buf):
 * Append the structured event: specversion, id, source "/cli", type (of "<subject>.<verb>"), time,
 * ledger, deployment (NULL: none), spooled (if it is), data (a reference is stolen).
 * submit_sign(key, event, buf, ret_why), submit_sign_all(keys, count, event, buf, ret_why):
 * Append a DSSE envelope around the event, signed by `ssh-keygen -Y sign` with one key, or with
 * each of 1..ENTRY_SIGS_MAX, the actor's first.  Errors: those of signer_sign.
 */
MUST_CHECK enum err submit_key(const struct ledger *ledger, const struct submit_options *options,
                               struct signer_key *ret_key, struct err_text *ret_why);
void submit_build(struct ledger *ledger, const struct submit_options *options, const char *type,
                  const char *deployment, json_t *data, struct buf *buf);
MUST_CHECK enum err submit_sign(const char *key, const struct buf *event, struct buf *buf,
                                struct err_text *ret_why);
MUST_CHECK enum err submit_sign_all(const char *const *keys, size_t count, const struct buf *event,
                                    struct buf *buf, struct err_text *ret_why);

/* Where to, as whom, and who judges where no daemon does (judge may be NULL: only the stream
 * `ledger` is judged). */
struct submitter {
    struct ledger *ledger; /* opened for reading or writing */
    const struct submit_options *options;
    const struct judge *judge;
};

/**
 * submit_message(submitter, media, message, ret_receipt, ret_why):
 * Deliver one structured event or envelope and give its receipt, as HTTP returns it (new
 * reference).  Uses the daemon of LEDGER/serve.json if its process lives, else appends (a ledger
 * opened for reading is opened once more, for writing); then submitter->ledger is refreshed.  An
 * event without a signature is brought with options->token.  Errors: those of admit_event and
 * ledger_append; IO (daemon not reached), BUSY (daemon neither up nor down), CONFLICT (the event's
 * name is taken by another).
 */
MUST_CHECK enum err submit_message(const struct submitter *submitter, const char *media,
                                   const struct buf *message, json_t **ret_receipt,
                                   struct err_text *ret_why);

/**
 * submit_act(submitter, type, deployment, data, ret_receipt, ret_why):
 * Build (submit_build), sign if there is a key, and deliver.  A reference to ${data} is stolen.
 * With options->offline nothing is signed: what is written is the receipt (request_write).
 * Errors: as above; USAGE (neither key nor token).
 *
 * submit_built(submitter, event, ret_receipt, ret_why), submit_signed(submitter, key, event,
 * ret_receipt, ret_why):
 * The same with an event that was built before, and where the key is found already, NULL: by token.
 * UNAUTHENTICATED also says how a key is enrolled that is not.
 */
MUST_CHECK enum err submit_act(const struct submitter *submitter, const char *type,
                               const char *deployment, json_t *data, json_t **ret_receipt,
                               struct err_text *ret_why);

MUST_CHECK enum err submit_built(const struct submitter *submitter, const struct buf *event,
                                 json_t **ret_receipt, struct err_text *ret_why);
MUST_CHECK enum err submit_signed(const struct submitter *submitter, const char *key,
                                  const struct buf *event, json_t **ret_receipt,
                                  struct err_text *ret_why);

/**
 * submit_print(options, receipt): Print a receipt for a person or as JSON; the exit code: 0
 * accepted, or a request written, 1 refused.
 */
int submit_print(const struct submit_options *options, const json_t *receipt);

#endif
