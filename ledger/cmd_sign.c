/* cmd_sign - put an event into a signed envelope. */
#include "ledger/args.h"
#include "ledger/ledger.h"
#include "ledger/request.h"
#include "ledger/signer.h"

static const struct option options[] = {
    {"key", required_argument, NULL, 'k'},
    {"agent", no_argument, NULL, 'a'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "sign",
    .operands = "EVENT.json --key FILE",
    .about = "Signs one CloudEvent as ssh-keygen does and prints the DSSE envelope, ready for\n"
             "POST /v1/events or `countersign append`.  - reads standard input.\n\n"
             "  --key FILE  the SSH key, or with the agent's a .pub (COUNTERSIGN_KEY); repeated,\n"
             "              each signs: the actor's first\n"
             "  --agent     the agent's key, if it has one alone\n"
             "  --json      changes nothing: an envelope is JSON\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

int cmd_sign(int argc, char *argv[])
{
    struct args args;
    struct submit_options submit;
    const char *keys[ENTRY_SIGS_MAX], *key;
    size_t count = 0, at = 0;
    struct err_text why = {""};
    struct buf event = {0}, envelope = {0};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    submit_defaults(&submit);
    while ((key = args_next(&args, 'k', &at)) != NULL && count < ENTRY_SIGS_MAX)
        keys[count++] = key;
    if (count == 0 && args_value(&args, 'a') != NULL)
        keys[count++] = SIGNER_AGENT;
    if (count == 0 && submit.key != NULL)
        keys[count++] = submit.key;
    if (count == 0 || key != NULL) {
        code =
            args_wrong(spec.name, "it takes 1 to %d keys: --key FILE, or --agent", ENTRY_SIGS_MAX);
        goto out;
    }
    enum err err = request_event(args.operand[0], &event, &why);
    if (err == ERR_OK)
        err = submit_sign_all(keys, count, &event, &envelope, &why);
    buf_text(&envelope, "\n");
    code =
        err == ERR_OK ? args_print(spec.name, &envelope, 0) : args_unopened(spec.name, err, &why);
out:
    args_free(&args);
    buf_free(&event);
    buf_free(&envelope);
    return code;
}
