#include "reports/oscal_people.h"

#include <stdlib.h>
#include <string.h>

static int word_order(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;
    return strcmp(*a, *b);
}

/* The different texts of two columns (the second may be that of no sheet), in order. */
static size_t different(const struct sheet *sheets[2], const size_t columns[2],
                        const char ***ret_words)
{
    const char **words = NULL;
    size_t count = 0, cap = 0, kept = 0;
    for (size_t i = 0; i < 2 && sheets[i] != NULL; i++) {
        for (size_t row = 0; row < sheet_rows(sheets[i]); row++) {
            const char *word = sheet_text(sheets[i], row, columns[i]);
            if (word != NULL)
                *(const char **)MEM_PUSH(words, count, cap) = word;
        }
    }
    if (count > 0)
        qsort(words, count, sizeof(*words), word_order);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(words[kept - 1], words[i]) != 0)
            words[kept++] = words[i];
    }
    *ret_words = words;
    return kept;
}

static json_t *role_token(const char *role)
{
    return oscal_words_token("role-", role);
}

/* Roles that make one token are one. */
static void add_roles(struct oscal_stream *stream)
{
    const struct sheet *sheets[2] = {oscal_stream_sheet(stream, FORM_DECISIONS), NULL};
    const size_t columns[2] = {DEC_ROLE, 0};
    const char **roles = NULL;
    size_t count = different(sheets, columns, &roles);
    json_t *seen = json_object();
    oscal_stream_begin(stream, ",\n\"roles\":[");
    for (size_t i = 0; i < count; i++) {
        json_t *token = role_token(roles[i]);
        if (ijson_get(seen, json_string_value(token)) == NULL) {
            ijson_put(seen, json_string_value(token), json_true());
            oscal_stream_item(
                stream, json_pack("{s:O, s:o}", "id", token, "title", oscal_words_line(roles[i])));
        }
        json_decref(token);
    }
    oscal_stream_end(stream, "]");
    json_decref(seen);
    free(roles);
}

static void add_parties(struct oscal_stream *stream)
{
    const struct sheet *sheets[2] = {oscal_stream_sheet(stream, FORM_DECISIONS),
                                     oscal_stream_sheet(stream, FORM_CHANGES)};
    const size_t columns[2] = {PLACE_PRINCIPAL, PLACE_PRINCIPAL};
    const char **people = NULL;
    size_t count = different(sheets, columns, &people);
    oscal_stream_begin(stream, ",\n\"parties\":[");
    for (size_t i = 0; i < count; i++) {
        const char *type = strcmp(people[i], "ledger") == 0 ? "organization" : "person";
        oscal_stream_item(stream, json_pack("{s:o, s:s, s:o}", "uuid",
                                            oscal_stream_uuid(stream, "party", people[i]), "type",
                                            type, "name", oscal_words_line(people[i])));
    }
    oscal_stream_end(stream, "]");
    free(people);
}

void oscal_people_add(struct oscal_stream *stream)
{
    add_roles(stream);
    add_parties(stream);
}

json_t *oscal_people_act(const struct oscal_stream *stream, const struct sheet *sheet, size_t row,
                         const char *role)
{
    return json_pack("[{s:o, s:[o]}]", "role-id", role_token(role), "party-uuids",
                     oscal_stream_uuid(stream, "party", sheet_text(sheet, row, PLACE_PRINCIPAL)));
}
