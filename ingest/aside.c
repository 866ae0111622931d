#include "ingest/aside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/lines.h"
#include "ingest/pile.h"

#define ASIDE_FILE "refused"

static bool is_any(uint32_t code)
{
    return code != 0;
}

/* The line as it is: as text where it is text. */
static void put_line(json_t *json, const struct piece *line)
{
    struct buf text = {0};
    buf_add(&text, line->data, line->bytes);
    buf_add(&text, "", 0);
    bool plain = utf8_all((const char *)text.data, text.bytes, is_any);
    if (!plain) {
        buf_clear(&text);
        buf_base64(&text, line->data, line->bytes);
    }
    ijson_put(json, plain ? "line" : "line_base64", ijson_text((const char *)text.data));
    buf_free(&text);
}

enum err aside_add(const char *dir, const struct spool_line *line,
                   const struct aside_reason *reason, struct err_text *ret_why)
{
    json_t *json = json_object(), *at = json_array();
    struct buf text = {0};
    ASSERT(json_array_append_new(at, json_integer((json_int_t)line->place.file)) == 0);
    ASSERT(json_array_append_new(at, json_integer((json_int_t)line->place.at)) == 0);
    ijson_put(json, "time", ijson_instant(reason->now_us));
    ijson_put(json, "taken", ijson_instant(line->taken_us));
    ijson_put(json, "at", at);
    ijson_put(json, "status", json_integer(err_http(reason->err)));
    ijson_put(json, "reason", ijson_text(reason->why->s));
    put_line(json, &line->line);
    ijson_print(json, &text);
    buf_text(&text, "\n");
    enum err err = pile_log(dir, ASIDE_FILE, &text, ret_why);
    buf_free(&text);
    json_decref(json);
    return err;
}

/* Where a line of the file says that it was; false for one that says nothing. */
static bool place_of(const struct piece *text, struct spool_place *ret)
{
    json_t *json = NULL;
    if (ijson_parse(text->data, text->bytes, &json, NULL) != ERR_OK)
        return false;
    const json_t *at = ijson_get(json, "at");
    ret->file = (uint64_t)json_integer_value(json_array_get(at, 0));
    ret->at = (uint64_t)json_integer_value(json_array_get(at, 1));
    bool said = json_array_size(at) == 2;
    json_decref(json);
    return said;
}

enum err aside_count(const char *dir, const struct spool_place *from, const struct spool_place *to,
                     uint64_t *ret_count, struct err_text *ret_why)
{
    char *path = files_path(dir, ASIDE_FILE);
    struct lines *lines = NULL;
    uint64_t count = 0;
    enum err err = lines_open(path, &lines, ret_why);
    for (enum lines_state state = LINES_ONE; err == ERR_OK && state != LINES_END;) {
        struct piece text = {0};
        struct spool_place place;
        err = lines_next(lines, &text, &state, ret_why);
        if (err == ERR_OK && state == LINES_ONE && place_of(&text, &place))
            count += !spool_before(&place, from) && spool_before(&place, to);
    }
    lines_close(lines);
    free(path);
    if (err == ERR_NOT_FOUND)
        err = ERR_OK;
    if (err == ERR_OK)
        *ret_count = count;
    return err;
}
