/* cmd_sign - put an event into a signed envelope. */
#include <string.h>

#include "ledger/args.h"
#include "ledger/files.h"
#include "ledger/ledger.h"

static const struct option options[] = {
    {"key", required_argument, NULL, 'k'},
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
             "  --json      changes nothing: an envelope is JSON\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

static bool is_white(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Read the event, without the white space around it. */
static enum err read_event(const char *path, struct buf *event, struct err_text *ret_why)
{
    struct buf text = {0};
    struct event *parsed = NULL;
    size_t from = 0;
    enum err err = files_input(path, EVENT_BYTES_MAX + 4096, &text, ret_why);
    if (err == ERR_OK) {
        size_t to = text.bytes;
        while (to > 0 && is_white(text.data[to - 1]))
            to--;
        while (from < to && is_white(text.data[from]))
            from++;
        buf_add(event, to == 0 ? (const uint8_t *)"" : text.data + from, to - from);
        err = event_parse(event->data, event->bytes, &parsed, ret_why);
    }
    event_free(parsed);
    buf_free(&text);
    return err;
}

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
    if (count == 0 && submit.key != NULL)
        keys[count++] = submit.key;
    if (count == 0 || key != NULL) {
        code = args_wrong(spec.name, "it takes 1 to %d keys: --key FILE", ENTRY_SIGS_MAX);
        goto out;
    }
    enum err err = read_event(args.operand[0], &event, &why);
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
