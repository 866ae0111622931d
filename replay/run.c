#include "replay/run.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "replay/expectation.h"
#include "replay/operand.h"

#define HOST_BYTES 256
#define CUT_BYTES ((size_t)64) /* room for the word that something is left out */

static const char *shell_of(const struct run *run)
{
    const char *language = run->node->language;
    bool bash =
        language != NULL && strcasecmp(language, "bash") == 0 && access("/bin/bash", X_OK) == 0;
    return bash ? "/bin/bash" : "/bin/sh";
}

enum err run_prepare(struct run *run, const char *shell, bool as_is, struct buf *missing,
                     struct err_text *ret_why)
{
    struct buf text = {0};
    enum err err = mask_new(run->node->command, &run->mask, ret_why);
    if (err != ERR_OK)
        return err;
    run->shell = mem_text(shell != NULL ? shell : shell_of(run));
    slot_find(run->node->command, &run->slots);
    setting_environment(run->settings, run->shell);
    setting_mask(run->settings, run->mask);
    const char *unused = setting_unused(run->settings, &run->slots);
    if (unused != NULL)
        return err_say(ret_why, ERR_USAGE, "%s has no blank %s", run->node->id, unused);
    size_t open = as_is ? 0 : setting_missing(run->settings, &run->slots, missing);
    if (open > 0)
        return err_say(ret_why, ERR_USAGE, "the command of %s leaves %zu open", run->node->id,
                       open);
    slot_fill(run->node->command, &run->slots, setting_value, run->settings, &text);
    run->command = buf_take_text(&text);
    if (run->node->expected != NULL &&
        slot_expand(run->node->expected, setting_value, run->settings, &text))
        run->expected = buf_take_text(&text);
    buf_free(&text);
    return ERR_OK;
}

void run_free(struct run *run)
{
    slot_free(&run->slots);
    mask_free(run->mask);
    free(run->command);
    free(run->expected);
    free(run->shell);
}

/* Lines, each indented and harmless. */
static void add_lines(struct buf *buf, const char *indent, const char *text)
{
    while (*text != '\0') {
        size_t bytes = strcspn(text, "\n");
        char *line = mem_text_n(text, bytes);
        buf_text(buf, indent);
        printable_add(buf, line);
        buf_text(buf, "\n");
        free(line);
        text += bytes + (text[bytes] == '\n');
    }
}

/* The names of what the command gets, and the values of what it was handed. */
static void add_given(const struct run *run, struct buf *buf)
{
    json_t *set = setting_json(run->settings, run->mask);
    const char *name;
    json_t *value;
    json_object_foreach (set, name, value) {
        buf_text(buf, "  set       ");
        printable_add(buf, name);
        buf_text(buf, "=");
        printable_add(buf, json_string_value(value));
        buf_text(buf, "\n");
    }
    json_decref(set);
    buf_text(buf, "  gets      ");
    for (size_t i = 0; run->settings->environment[i] != NULL; i++) {
        const char *line = run->settings->environment[i];
        buf_printf(buf, "%s%.*s", i > 0 ? " " : "", (int)strcspn(line, "="), line);
    }
    buf_text(buf, ", and no other variables\n");
}

void run_show(const struct run *run, struct buf *buf)
{
    char *dir = get_current_dir_name();
    printable_add(buf, run->deployment->id);
    buf_printf(buf, " %s ", run->node->id);
    printable_add(buf, run->node->label);
    buf_text(buf, "\n\n");
    add_lines(buf, "    ", run->command); /* all of it: who agrees must see what they agree to */
    buf_text(buf, "\n");
    if (run->node->expected != NULL)
        add_lines(buf, "  expected  ", run->node->expected);
    buf_text(buf, "  by        ");
    printable_add(buf, run->shell);
    buf_text(buf, ", in ");
    printable_add(buf, dir != NULL ? dir : "?");
    buf_printf(buf, ", at most %" PRId64 " s\n", run->timeout_ms / 1000);
    add_given(run, buf);
    free(dir);
}

/* The bytes of ${buf} behind the first newline. */
static struct piece whole_lines(const struct buf *buf)
{
    const uint8_t *end = buf->bytes > 0 ? memchr(buf->data, '\n', buf->bytes) : NULL;
    size_t from = end != NULL ? (size_t)(end - buf->data) + 1 : buf->bytes;
    return (struct piece){buf->data + from, buf->bytes - from};
}

bool run_output(const struct child_end *end, struct buf *buf)
{
    bool whole = end->bytes == end->head.bytes + end->tail.bytes;
    struct piece head = {end->head.data, end->head.bytes};
    if (whole) {
        buf_add(buf, end->head.data, end->head.bytes);
        buf_add(buf, end->tail.data, end->tail.bytes);
        return true;
    }
    /* Of lines that are cut nothing is kept: a secret that is cut is not known for one. */
    const uint8_t *last = memrchr(head.data, '\n', head.bytes);
    head.bytes = last != NULL ? (size_t)(last - end->head.data) + 1 : 0;
    struct piece tail = whole_lines(&end->tail);
    buf_add(buf, head.data, head.bytes);
    buf_text(buf, "\n");
    buf_add(buf, tail.data, tail.bytes);
    return false;
}

bool run_judge(const struct run *run, const struct child_end *end, bool *ret_known)
{
    struct buf output = {0};
    bool whole = run_output(end, &output);
    enum held held = HELD_UNKNOWN;
    *ret_known = true;
    if (end->timed_out || end->stopped)
        held = HELD_NO;
    else if (run->expected != NULL)
        held = expectation_judge(run->expected, end->exit, &output);
    buf_free(&output);
    if (held == HELD_UNKNOWN && end->exit != 0)
        return false;
    *ret_known = held == HELD_YES || (held == HELD_NO && whole);
    return held == HELD_YES;
}

/* Where a text may be cut at or before ${at}: between characters. */
static size_t cut_before(const struct buf *text, size_t at)
{
    while (at > 0 && (text->data[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* The output for the event: what is kept of it, covered, and its middle left out where it is long.
 */
static json_t *output_json(const struct run *run, const struct child_end *end, size_t *ret_masked)
{
    struct buf output = {0}, text = {0}, cut = {0};
    run_output(end, &output);
    *ret_masked = mask_add(run->mask, output.data, output.bytes, &text);
    if (text.bytes > RUN_OUTPUT_BYTES) {
        size_t half = (RUN_OUTPUT_BYTES - CUT_BYTES) / 2;
        size_t first = cut_before(&text, half), rest = cut_before(&text, text.bytes - half + 3);
        buf_add(&cut, text.data, first);
        buf_printf(&cut, "\n[%" PRIu64 " bytes in all]\n", end->bytes);
        buf_add(&cut, text.data + rest, text.bytes - rest);
        buf_free(&text);
        text = cut;
    }
    buf_add(&text, "", 0);
    json_t *json = ijson_text((const char *)text.data);
    buf_free(&output);
    buf_free(&text);
    return json;
}

static json_t *text_of(const struct run *run, const char *text, size_t *masked)
{
    struct buf covered = {0};
    *masked += mask_add(run->mask, text, strlen(text), &covered);
    buf_add(&covered, "", 0);
    json_t *json = ijson_text((const char *)covered.data);
    buf_free(&covered);
    return json;
}

static void put_who(const struct run *run, json_t *data)
{
    char host[HOST_BYTES] = "";
    const struct passwd *user = getpwuid(getuid());
    if (gethostname(host, sizeof(host) - 1) == 0)
        operand_put(data, "host", host);
    operand_put(data, "initiator",
                run->initiator != NULL ? run->initiator
                : user != NULL         ? user->pw_name
                                       : NULL);
}

json_t *run_data(const struct run *run, const struct child_end *end,
                 const struct run_verdict *verdict)
{
    static const char *const judges[] = {"nobody", "output", "exit", "person"};
    json_t *data = json_object();
    bool filled = strcmp(run->command, run->node->command) != 0;
    size_t masked = 0, more = 0;
    operand_put(data, "node", run->node->id);
    if (filled)
        ijson_put(data, "command", text_of(run, run->command, &more));
    else
        operand_put(data, "command", run->node->command);
    ijson_put(data, "started", ijson_instant(end->started_us));
    ijson_put(data, "ended", ijson_instant(end->ended_us));
    ijson_put(data, "exit", json_integer(end->exit));
    ijson_put(data, "output_sha256", ijson_hex(end->sha256, HASH_BYTES));
    ijson_put(data, "output", output_json(run, end, &masked));
    if (run->node->expected != NULL) {
        operand_put(data, "expected", run->node->expected);
        ijson_put(data, "matched", json_boolean(verdict->matched));
        operand_put(data, "judged", judges[verdict->by]);
    }
    put_who(run, data);
    operand_put(data, "shell", run->shell);
    json_t *set = setting_json(run->settings, run->mask);
    if (set != NULL)
        ijson_put(data, "set", set);
    masked += more;
    if (masked > 0)
        ijson_put(data, "masked", json_integer((json_int_t)masked));
    if (end->timed_out)
        ijson_put(data, "timed_out", json_true());
    if (end->stopped)
        ijson_put(data, "interrupted", json_true());
    return data;
}
