#include "reports/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLES 9
#define TABLES_BY_SEQ 7

/* The arrays, those that are ordered by seq first. */
static void tables_all(struct tables *tables, json_t **ret_all[TABLES])
{
    json_t **all[TABLES] = {&tables->exceptions, &tables->decisions,  &tables->metrics,
                            &tables->rollbacks,  &tables->changes,    &tables->evidence,
                            &tables->platform,   &tables->population, &tables->retention};
    for (size_t i = 0; i < TABLES; i++)
        ret_all[i] = all[i];
}

void tables_new(const struct period *period, struct tables *ret)
{
    json_t **all[TABLES];
    *ret = (struct tables){.period = *period};
    tables_all(ret, all);
    for (size_t i = 0; i < TABLES; i++)
        *all[i] = json_array();
}

void tables_free(struct tables *tables)
{
    json_t **all[TABLES];
    tables_all(tables, all);
    for (size_t i = 0; i < TABLES; i++)
        json_decref(*all[i]);
    *tables = (struct tables){0};
}

void tables_move(struct tables *from, struct tables *to)
{
    json_t **source[TABLES], **target[TABLES];
    tables_all(from, source);
    tables_all(to, target);
    for (size_t i = 0; i < TABLES; i++) {
        json_array_extend(*target[i], *source[i]);
        json_array_clear(*source[i]);
    }
}

/* A row and where it stood, so that sorting is stable. */
struct ranked {
    json_int_t seq;
    size_t index;
    json_t *row;
};

static int ranked_order(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

static void sort_by_seq(json_t *array)
{
    size_t count = json_array_size(array);
    struct ranked *rows = mem_zero(count, sizeof(*rows));
    for (size_t i = 0; i < count; i++) {
        json_t *row = json_array_get(array, i);
        rows[i] = (struct ranked){json_integer_value(ijson_get(row, "seq")), i, json_incref(row)};
    }
    qsort(rows, count, sizeof(*rows), ranked_order);
    for (size_t i = 0; i < count; i++)
        json_array_set_new(array, i, rows[i].row);
    free(rows);
}

void tables_sort(struct tables *tables)
{
    json_t **all[TABLES];
    tables_all(tables, all);
    for (size_t i = 0; i < TABLES_BY_SEQ; i++)
        sort_by_seq(*all[i]);
}

bool tables_in(const struct tables *tables, int64_t time_us)
{
    return time_us >= tables->period.from_us && time_us < tables->period.to_us;
}

void tables_count(struct tables *tables, const struct record *record)
{
    const struct entry *entry = &record->entry;
    int64_t step_us = entry->time_us - entry->part.admitted_us;
    tables->entries++;
    tables->signatures += 1u + entry->part.sig_count;
    if (step_us > tables->clock_step_us) {
        tables->clock_step_us = step_us;
        tables->clock_step_seq = entry->seq;
    }
}

json_t *tables_place(const struct record *record)
{
    const struct entry *entry = &record->entry;
    json_t *row = json_object();
    json_object_set_new(row, "deployment", ijson_text(entry->part.stream));
    json_object_set_new(row, "seq", json_integer((json_int_t)entry->seq));
    json_object_set_new(row, "pos", json_integer((json_int_t)entry->stream_pos));
    json_object_set_new(row, "time", ijson_instant(entry->time_us));
    json_object_set_new(row, "principal", ijson_text(entry->part.principal));
    json_object_set_new(row, "leaf", ijson_hex(record->leaf, HASH_BYTES));
    return row;
}

void tables_exception(struct tables *tables, const struct record *record, const char *kind,
                      const char *node, const char *text)
{
    json_t *row = tables_place(record);
    json_object_set_new(row, "kind", ijson_text(kind));
    json_object_set_new(row, "node", ijson_text(node));
    json_object_set_new(row, "text", ijson_text(text));
    json_array_append_new(tables->exceptions, row);
}

void tables_verdict(struct tables *tables, const struct record *record,
                    const struct verdict *verdict, const char *node)
{
    char kind[64];
    if (verdict->rule != RULE_NONE) {
        snprintf(kind, sizeof(kind), "refusal:%s", rule_name(verdict->rule));
        tables_exception(tables, record, kind, node, verdict->reason);
    }
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
        if (!verdict_has(verdict, flag))
            continue;
        snprintf(kind, sizeof(kind), "flag:%s", flag_name(flag));
        tables_exception(tables, record, kind, node, verdict->reason);
    }
}

void tables_suspect(struct tables *tables, const struct record *record,
                    const struct registry *registry, uint64_t size)
{
    const struct entry *entry = &record->entry;
    char fingerprint[SSHKEY_FINGERPRINT_BYTES], text[128];
    for (size_t i = 0; i < entry->part.sig_count; i++) {
        const struct registry_key *key = registry_key(registry, entry->part.sigs[i].key_id);
        if (key == NULL || !registry_key_suspect(key, entry->seq, size))
            continue;
        sshkey_fingerprint(entry->part.sigs[i].key_id, fingerprint);
        snprintf(text, sizeof(text), "signed by %s, revoked at seq %llu", fingerprint,
                 (unsigned long long)key->suspected_seq);
        tables_exception(tables, record, "suspect", NULL, text);
    }
}

bool tables_platform(struct tables *tables, const struct record *record, const struct event *event)
{
    const char *type = event->type;
    if (strncmp(type, "dev.cdevents.service.", 21) != 0)
        return false;
    const char *verb = type + 21;
    if (strncmp(verb, "deployed.", 9) != 0 && strncmp(verb, "upgraded.", 9) != 0 &&
        strncmp(verb, "rolledback.", 11) != 0)
        return false;
    if (tables_in(tables, record->entry.time_us)) {
        json_t *row = tables_place(record);
        json_object_set_new(row, "type", ijson_text(type));
        json_array_append_new(tables->platform, row);
    }
    return true;
}
