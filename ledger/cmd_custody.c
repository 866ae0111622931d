/* cmd_custody - what became of every message that was brought, and whether that agrees with the
 * entries.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/args.h"
#include "ledger/ledger.h"

#define TRIES 100 /* to read counters and entries with no commit between */
#define QUARANTINED EVENT_OWN_PREFIX "ingest.quarantined.v1"

static const struct option options[] = {
    {"since", required_argument, NULL, 's'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "custody",
    .operands = "LEDGER",
    .about =
        "Accounts for every message that was brought to the ledger: how many, by day (UTC), way "
        "and\n"
        "principal, were appended, or had been before (duplicate), had another event's name\n"
        "(conflicted), were no event (quarantined), were brought by nobody who may "
        "(refused-auth),\n"
        "were malformed or of another ledger (refused), were to come again (deferred), or were "
        "left\n"
        "with the broker (dead-lettered).  Then counts the entries, which must be as many as were\n"
        "appended and quarantined.\n\n"
        "  --since DAY   only from this day on, as 2026-03-01\n"
        "  --json        {since, counts, totals, entries, agrees, differences}\n\n"
        "Exit code: 0, or 1 if the entries are not those that were counted.\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

struct account {
    struct ledger *ledger;
    int64_t since;                 /* a day since 1970 */
    struct custody_counts counted; /* as the table has them */
    struct custody_counts found;   /* entries, counted the same way */
    uint64_t entries;              /* that were brought, or tell of a quarantine */
};

static void take_count(void *ctx, const struct custody_count *count)
{
    struct account *account = ctx;
    custody_add(&account->counted, &count->key, count->count);
}

static bool is_quarantine(const struct record *record)
{
    struct event *event = NULL;
    bool is = strcmp(record->entry.part.stream, "inbox") == 0 &&
              event_read(record->event.data, record->event.bytes, &event, NULL) == ERR_OK &&
              strcmp(event->type, QUARANTINED) == 0;
    event_free(event);
    return is;
}

/* Count one entry as its message was.  Who brought what is quarantined stands in its event alone.
 */
static enum err take_entry(void *ctx, const struct record *record, bool *ret_more)
{
    struct account *account = ctx;
    const struct admitted_part *part = &record->entry.part;
    struct custody_key key = {.day = custody_day(part->admitted_us),
                              .way = (enum origin)part->origin,
                              .outcome = CUSTODY_APPENDED};
    (void)ret_more;
    if (part->origin == ORIGIN_LEDGER && is_quarantine(record)) {
        key.way = ORIGIN_AMQP;
        key.outcome = CUSTODY_QUARANTINED;
    } else {
        memcpy(key.principal, part->principal, sizeof(key.principal));
    }
    if (key.day < account->since || key.way == ORIGIN_LEDGER)
        return ERR_OK;
    custody_add(&account->found, &key, 1);
    account->entries++;
    return ERR_OK;
}

/* Counters and the number of entries, of one commit. */
static enum err read_counters(struct account *account, uint64_t *ret_size, struct err_text *ret_why)
{
    for (int i = 0; i < TRIES; i++) {
        uint64_t size = 0, after = 0;
        custody_clear(&account->counted);
        enum err err = ledger_size(account->ledger, &size, ret_why);
        if (err == ERR_OK)
            err = ledger_custody(account->ledger, account->since, take_count, account, ret_why);
        if (err == ERR_OK)
            err = ledger_size(account->ledger, &after, ret_why);
        if (err != ERR_OK)
            return err;
        *ret_size = size;
        if (size == after)
            return ERR_OK;
    }
    return err_say(ret_why, ERR_BUSY, "others write too fast; try again");
}

static enum err read_all(struct account *account, struct err_text *ret_why)
{
    struct ledger_walk walk = {.stream = NULL};
    enum err err = read_counters(account, &walk.to_seq, ret_why);
    if (err == ERR_OK)
        err = ledger_seq_at(account->ledger, account->since * INSTANT_DAY_US, &walk.from, ret_why);
    if (err == ERR_OK)
        err = ledger_each(account->ledger, &walk, take_entry, account, ret_why);
    custody_sort(&account->counted);
    custody_sort(&account->found);
    return err;
}

/* What of the counters has entries: by whom of what is quarantined is left out. */
static void sum_entries(const struct account *account, struct custody_counts *sums)
{
    for (size_t i = 0; i < account->counted.count; i++) {
        struct custody_key key = account->counted.counts[i].key;
        if (key.outcome != CUSTODY_APPENDED && key.outcome != CUSTODY_QUARANTINED)
            continue;
        if (key.outcome == CUSTODY_QUARANTINED)
            key.principal[0] = '\0';
        custody_add(sums, &key, account->counted.counts[i].count);
    }
    custody_sort(sums);
}

static json_t *key_json(const struct custody_key *key)
{
    char day[INSTANT_TEXT_BYTES];
    json_t *json = json_object();
    ASSERT(json != NULL);
    instant_day(key->day * INSTANT_DAY_US, day);
    ijson_put(json, "day", json_string(day));
    ijson_put(json, "way", json_string(entry_origin_name((uint8_t)key->way)));
    ijson_put(json, "principal",
              key->principal[0] != '\0' ? ijson_text(key->principal) : json_null());
    return json;
}

static void note_difference(json_t *list, const struct custody_key *key, uint64_t counted,
                            uint64_t entries)
{
    json_t *json = key_json(key);
    ijson_put(json, "outcome", json_string(custody_outcome_name(key->outcome)));
    ijson_put(json, "counted", json_integer((json_int_t)counted));
    ijson_put(json, "entries", json_integer((json_int_t)entries));
    ASSERT(json_array_append_new(list, json) == 0);
}

/* Where the counters and the entries do not agree. */
static json_t *compare(const struct account *account)
{
    struct custody_counts sums = {0};
    json_t *list = json_array();
    ASSERT(list != NULL);
    sum_entries(account, &sums);
    for (size_t i = 0, j = 0; i < sums.count || j < account->found.count;) {
        const struct custody_count *sum = i < sums.count ? &sums.counts[i] : NULL;
        const struct custody_count *found =
            j < account->found.count ? &account->found.counts[j] : NULL;
        int order = sum == NULL || found == NULL ? 0 : custody_compare(&sum->key, &found->key);
        uint64_t counted = sum != NULL && order <= 0 ? sum->count : 0;
        uint64_t entries = found != NULL && order >= 0 ? found->count : 0;
        if (counted != entries)
            note_difference(list, counted > 0 ? &sum->key : &found->key, counted, entries);
        i += sum != NULL && order <= 0;
        j += found != NULL && order >= 0;
    }
    custody_clear(&sums);
    return list;
}

static bool same_row(const struct custody_key *a, const struct custody_key *b)
{
    return a->day == b->day && a->way == b->way && strcmp(a->principal, b->principal) == 0;
}

/* The counters of one day, way and principal from ${at} on; gives the first behind them. */
static size_t gather(const struct custody_counts *counts, size_t at,
                     uint64_t ret_row[CUSTODY_OUTCOMES])
{
    const struct custody_key *key = &counts->counts[at].key;
    memset(ret_row, 0, CUSTODY_OUTCOMES * sizeof(*ret_row));
    for (; at < counts->count && same_row(&counts->counts[at].key, key); at++)
        ret_row[counts->counts[at].key.outcome] += counts->counts[at].count;
    return at;
}

static void put_row(json_t *json, const uint64_t row[CUSTODY_OUTCOMES])
{
    for (int i = 0; i < CUSTODY_OUTCOMES; i++)
        ijson_put(json, custody_outcome_name((enum custody_outcome)i),
                  json_integer((json_int_t)row[i]));
}

static json_t *account_json(const struct account *account, json_t *differences)
{
    const struct custody_counts *counts = &account->counted;
    uint64_t row[CUSTODY_OUTCOMES], totals[CUSTODY_OUTCOMES] = {0};
    char day[INSTANT_TEXT_BYTES];
    json_t *json = json_object(), *list = json_array(), *sums = json_object();
    ASSERT(json != NULL && list != NULL && sums != NULL);
    for (size_t at = 0; at < counts->count;) {
        json_t *line = key_json(&counts->counts[at].key);
        at = gather(counts, at, row);
        put_row(line, row);
        ASSERT(json_array_append_new(list, line) == 0);
        for (int i = 0; i < CUSTODY_OUTCOMES; i++)
            totals[i] += row[i];
    }
    put_row(sums, totals);
    instant_day(account->since * INSTANT_DAY_US, day);
    ijson_put(json, "since", json_string(day));
    ijson_put(json, "counts", list);
    ijson_put(json, "totals", sums);
    ijson_put(json, "entries", json_integer((json_int_t)account->entries));
    ijson_put(json, "agrees", json_boolean(json_array_size(differences) == 0));
    ASSERT(json_object_set(json, "differences", differences) == 0);
    return json;
}

static void print_row(struct buf *text, const char *place, const char *principal,
                      const uint64_t row[CUSTODY_OUTCOMES])
{
    buf_printf(text, "%-16s  %-24s", place, principal);
    for (int i = 0; i < CUSTODY_OUTCOMES; i++) {
        int width = (int)strlen(custody_outcome_name((enum custody_outcome)i));
        buf_printf(text, " %*" PRIu64, width > 8 ? width : 8, row[i]);
    }
    buf_text(text, "\n");
}

static void print_head(struct buf *text)
{
    buf_printf(text, "%-16s  %-24s", "day, way", "principal");
    for (int i = 0; i < CUSTODY_OUTCOMES; i++)
        buf_printf(text, " %8s", custody_outcome_name((enum custody_outcome)i));
    buf_text(text, "\n");
}

static void print_differences(struct buf *text, const json_t *differences)
{
    for (size_t i = 0; i < json_array_size(differences); i++) {
        const json_t *line = json_array_get(differences, i);
        const char *principal = ijson_string(line, "principal");
        buf_printf(text, "differs: %s %s %s %s: %lld counted, %lld entries\n",
                   ijson_string(line, "day"), ijson_string(line, "way"),
                   principal != NULL ? principal : "-", ijson_string(line, "outcome"),
                   (long long)json_integer_value(ijson_get(line, "counted")),
                   (long long)json_integer_value(ijson_get(line, "entries")));
    }
}

static void account_text(const struct account *account, const json_t *differences, struct buf *text)
{
    const struct custody_counts *counts = &account->counted;
    uint64_t row[CUSTODY_OUTCOMES], totals[CUSTODY_OUTCOMES] = {0};
    print_head(text);
    for (size_t at = 0; at < counts->count;) {
        const struct custody_key *key = &counts->counts[at].key;
        char place[INSTANT_TEXT_BYTES + 8], day[INSTANT_TEXT_BYTES];
        instant_day(key->day * INSTANT_DAY_US, day);
        snprintf(place, sizeof(place), "%s %s", day, entry_origin_name((uint8_t)key->way));
        at = gather(counts, at, row);
        print_row(text, place, key->principal[0] != '\0' ? key->principal : "-", row);
        for (int i = 0; i < CUSTODY_OUTCOMES; i++)
            totals[i] += row[i];
    }
    print_row(text, "all", "", totals);
    print_differences(text, differences);
    buf_printf(text, "%s: %" PRIu64 " entries were brought\n",
               json_array_size(differences) == 0 ? "agrees" : "does not agree", account->entries);
}

/* A day, or a moment in it. */
static bool take_since(const struct args *args, int64_t *ret_day)
{
    const char *text = args_value(args, 's');
    int64_t us = 0;
    if (text == NULL)
        return true;
    if (!args_moment(text, &us))
        return false;
    *ret_day = custody_day(us);
    return true;
}

static int print(const struct account *account, bool as_json)
{
    struct buf text = {0};
    json_t *differences = compare(account);
    int code = json_array_size(differences) == 0 ? 0 : 1;
    if (as_json) {
        json_t *json = account_json(account, differences);
        ijson_print(json, &text);
        buf_text(&text, "\n");
        json_decref(json);
    } else {
        account_text(account, differences, &text);
    }
    code = args_print(spec.name, &text, code);
    json_decref(differences);
    buf_free(&text);
    return code;
}

int cmd_custody(int argc, char *argv[])
{
    struct args args;
    struct account account = {0};
    struct err_text why = {""};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    if (!take_since(&args, &account.since)) {
        code = args_wrong(spec.name, "--since takes a day like 2026-03-01");
        goto out;
    }
    enum err err = ledger_open(args.operand[0], false, &account.ledger, &why);
    if (err != ERR_OK) {
        code = args_unopened(spec.name, err, &why);
        goto out;
    }
    err = read_all(&account, &why);
    code = err == ERR_OK ? print(&account, args_value(&args, 'j') != NULL)
                         : args_failed(spec.name, err, &why);
out:
    ledger_close(account.ledger);
    custody_clear(&account.counted);
    custody_clear(&account.found);
    args_free(&args);
    return code;
}
