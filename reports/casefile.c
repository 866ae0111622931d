#include "reports/casefile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/carried.h"
#include "reports/casefile_rows.h"
#include "reports/control.h"

#define REPORT "countersign/deployment/1" /* what is made, and by which rules */

struct casefile {
    struct document *document;
    struct sheet **sheets; /* [sheet_count] owned; borrowed by the document */
    size_t sheet_count, sheet_cap;
    char id[STREAM_BYTES_MAX + 1];
    uint8_t root[HASH_BYTES];
    char *carried;
    int64_t time_us;  /* of its last entry */
    uint64_t entries; /* of the deployment */

    /* While it is made. */
    const struct casefile_want *want; /* borrowed, as the next */
    const struct ledger_info *info;
    struct timeline *timeline;
    struct sheet *acts;
    struct record **records; /* [record_count] those of the acts */
    size_t record_count, record_cap;
};

static const struct sheet *keep(struct casefile *casefile, struct sheet *sheet)
{
    *(struct sheet **)MEM_PUSH(casefile->sheets, casefile->sheet_count, casefile->sheet_cap) =
        sheet;
    return sheet;
}

/* A section that is one table, whole. */
static void add_table(struct casefile *casefile, const char *id, struct sheet *sheet)
{
    document_section(casefile->document, id, sheet_form(keep(casefile, sheet))->title);
    document_table(casefile->document, sheet, SIZE_MAX, NULL);
}

static void add_mark(struct document *document, const char *term, const struct mark *mark)
{
    struct buf text = {0};
    char time[INSTANT_TEXT_BYTES];
    if (mark->set) {
        instant_short(mark->time_us, time);
        buf_printf(&text, "%s UTC, by %s, seq %" PRIu64, time, mark->principal, mark->seq);
    } else {
        buf_text(&text, "no");
    }
    document_fact(document, term, (const char *)text.data, false);
    buf_free(&text);
}

static void add_text(struct document *document, const char *term, const char *text)
{
    if (text != NULL)
        document_fact(document, term, text, false);
}

static void add_hash(struct document *document, const char *term, const uint8_t hash[HASH_BYTES])
{
    struct buf hex = {0};
    buf_hex(&hex, hash, HASH_BYTES);
    document_fact(document, term, (const char *)hex.data, true);
    buf_free(&hex);
}

static void add_state(struct document *document, const struct deployment *d)
{
    struct buf text = {0};
    buf_text(&text, deployment_phase_name(d->phase));
    if (d->outcome != NULL)
        buf_printf(&text, " as %s", d->outcome);
    document_fact(document, "State", (const char *)text.data, false);
    buf_clear(&text);
    buf_printf(&text, "%" PRIu64 ": %zu accepted, %zu of them flagged; %zu refused", d->entries,
               d->accepted, d->flagged, d->refused);
    document_fact(document, "Entries", (const char *)text.data, false);
    if (d->checklist != NULL) {
        struct standing_counts counts = standing_count(d, NULL);
        buf_clear(&text);
        buf_printf(&text, "%zu of %zu, %zu of them waived or not applicable", counts.met,
                   counts.steps, counts.waived);
        document_fact(document, "Steps met", (const char *)text.data, false);
    }
    buf_free(&text);
}

/* The texts of a list in the opening, or of that member of each. */
static void add_list(struct document *document, const char *term, const json_t *list,
                     const char *member)
{
    struct buf text = {0};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *said = member == NULL ? json_string_value(one) : ijson_string(one, member);
        if (said != NULL)
            buf_printf(&text, "%s%s", text.bytes > 0 ? ", " : "", said);
    }
    if (text.bytes > 0)
        document_fact(document, term, (const char *)text.data, false);
    buf_free(&text);
}

/* What the deployment is of, as its opening says. */
static void add_opening(struct document *document, const struct deployment *d)
{
    char t0[INSTANT_TEXT_BYTES];
    add_text(document, "Title", d->title);
    add_text(document, "Release", d->release);
    add_text(document, "Environment", d->environment);
    add_list(document, "Services", ijson_get(d->opening, "services"), NULL);
    add_text(document, "Lead", d->lead);
    add_text(document, "Reason", d->reason);
    add_text(document, "Impact", ijson_string(d->opening, "impact"));
    add_list(document, "Changes", ijson_get(d->opening, "changes"), "ref");
    add_list(document, "Authors", ijson_get(d->opening, "authors"), NULL);
    add_list(document, "Artifacts, SHA-256", ijson_get(d->opening, "artifacts"), "sha256");
    add_list(document, "Repairs", ijson_get(d->opening, "repairs"), NULL);
    if (d->has_t0) {
        instant_format(d->t0_us, t0);
        document_fact(document, "T0", t0, false);
    }
}

/* The key of the ledger at that size. */
static void add_key(struct document *document, const struct registry *registry, uint64_t size)
{
    size_t count = 0;
    const struct registry_pair *const *pairs = registry_pairs(registry, &count);
    struct buf vkey = {0};
    while (count > 1 && pairs[count - 1]->seq >= size)
        count--;
    note_key_format(&pairs[count - 1]->checkpoint, &vkey);
    document_fact(document, "Key", (const char *)vkey.data, true);
    buf_free(&vkey);
}

static void add_proof(struct casefile *casefile)
{
    struct document *document = casefile->document;
    const struct deployment *d = casefile->timeline->deployment;
    char size[32];
    snprintf(size, sizeof(size), "%" PRIu64, casefile->want->size);
    document_fact(document, "Origin", casefile->info->origin, false);
    document_fact(document, "Ledger", casefile->info->id_hex, true);
    document_fact(document, "Entries of the ledger", size, false);
    add_hash(document, "Root", casefile->root);
    add_key(document, d->registry, casefile->want->size);
    add_text(document, "Verification", control_verified(casefile->want->verify));
    add_hash(document, "First leaf", d->leaves[0]);
    add_hash(document, "Last leaf", d->leaves[d->entries - 1]);
    if (d->checklist != NULL)
        add_hash(document, "Checklist", d->checklist->sha256);
}

static void add_cover(struct casefile *casefile)
{
    struct document *document = casefile->document;
    const struct deployment *d = casefile->timeline->deployment;
    document_section(document, "cover", "Deployment");
    add_opening(document, d);
    add_state(document, d);
    add_mark(document, "Opened", &d->opened);
    add_mark(document, "T+0 confirmed", &d->clock_started);
    if (d->emergency.set)
        add_mark(document, "Emergency", &d->emergency);
    add_text(document, "Emergency because", d->emergency_reason);
    if (d->rollback_started.set) {
        add_mark(document, "Rollback started", &d->rollback_started);
        add_mark(document, "Rollback finished", &d->rollback_finished);
    }
    add_mark(document, "Closed", &d->closed);
    add_proof(casefile);
    document_block(
        document, BLOCK_TEXT,
        "Every position of this deployment, from 0 to its last, is an entry of the ledger "
        "and stands in the timeline: positions are gapless, and each is chained to the "
        "one before.");
}

static size_t nodes_of(const struct checklist *checklist, size_t section)
{
    size_t count = 0;
    for (size_t i = 0; i < checklist->node_count; i++)
        count += checklist->nodes[i].section == section;
    return count;
}

/* Whether a section is for nothing but to be read, with all below it. */
static bool only_read(const struct checklist *checklist, size_t section)
{
    bool read = nodes_of(checklist, section) == 0;
    for (size_t i = 0; read && i < checklist->section_count; i++)
        read = checklist->sections[i].parent != section || nodes_of(checklist, i) == 0;
    return read;
}

static void add_checklist(struct casefile *casefile)
{
    const struct checklist *checklist = casefile->timeline->deployment->checklist;
    size_t first = 0, rows;
    if (checklist == NULL)
        return;
    const struct sheet *sheet = keep(casefile, casefile_rows_nodes(casefile->timeline));
    document_section(casefile->document, "checklist", sheet_form(sheet)->title);
    for (size_t i = 0; i < checklist->section_count; i++, first += rows) {
        const struct section *section = &checklist->sections[i];
        struct buf title = {0};
        rows = nodes_of(checklist, i);
        buf_printf(&title, "%s %s", section->id,
                   section->title[0] != '\0' ? section->title : "The document's own");
        const char *part =
            document_block(casefile->document, BLOCK_HEADING, (const char *)title.data)->text;
        if (rows > 0)
            document_part(casefile->document, sheet, first, rows, part);
        else if (only_read(checklist, i))
            document_block(casefile->document, BLOCK_TEXT, "Only to be read.");
        buf_free(&title);
    }
}

static void add_notes(struct casefile *casefile)
{
    const struct deployment *d = casefile->timeline->deployment;
    struct document *document = casefile->document;
    document_section(document, "notes", "Notes");
    if (d->note_count == 0)
        document_block(document, BLOCK_TEXT, "None.");
    for (size_t i = 0; i < d->note_count; i++) {
        char time[INSTANT_TEXT_BYTES];
        struct buf term = {0};
        instant_short(d->notes[i].mark.time_us, time);
        buf_printf(&term, "%s, %s, seq %" PRIu64, time, d->notes[i].mark.principal,
                   d->notes[i].mark.seq);
        document_fact(document, (const char *)term.data, d->notes[i].text, false);
        buf_free(&term);
    }
}

static void add_signed(struct document *document, const struct record *record)
{
    struct buf text = {0};
    char key[SSHKEY_FINGERPRINT_BYTES];
    buf_printf(&text, "seq-%" PRIu64, record->entry.seq);
    char *anchor = buf_take_text(&text);
    buf_printf(&text, "seq %" PRIu64 ", leaf ", record->entry.seq);
    buf_hex(&text, record->leaf, HASH_BYTES);
    for (size_t i = 0; i < record->entry.part.sig_count; i++) {
        sshkey_fingerprint(record->entry.part.sigs[i].key_id, key);
        buf_printf(&text, "\nsigned with %s", key);
    }
    buf_text(&text, "\n");
    buf_add(&text, record->event.data, record->event.bytes);
    document_block(document, BLOCK_CODE, (const char *)text.data)->anchor = anchor;
    buf_free(&text);
}

/* The entries of acts that persons sign for. */
static enum err read_acts(struct casefile *casefile, struct ledger *ledger,
                          struct err_text *ret_why)
{
    const struct timeline *timeline = casefile->timeline;
    enum err err = ERR_OK;
    casefile->acts = casefile_rows_acts();
    keep(casefile, casefile->acts);
    for (size_t i = 0; err == ERR_OK && i < timeline->row_count; i++) {
        struct record *record = NULL;
        if (!casefile_rows_signs(&timeline->rows[i]))
            continue;
        err = ledger_read(ledger, timeline->rows[i].seq, &record, ret_why);
        if (err != ERR_OK)
            break;
        casefile_rows_act(casefile->acts, timeline, &timeline->rows[i], record);
        *(struct record **)MEM_PUSH(casefile->records, casefile->record_count,
                                    casefile->record_cap) = record;
    }
    return err;
}

static void add_events(struct casefile *casefile)
{
    struct document *document = casefile->document;
    document_section(document, "events", "Signed events");
    document_block(document, BLOCK_TEXT,
                   "The bytes that were signed. Each with its signatures, for ssh-keygen to check: "
                   "countersign show LEDGER SEQ --sshsig DIR");
    if (casefile->record_count == 0)
        document_block(document, BLOCK_TEXT, "None.");
    for (size_t i = 0; i < casefile->record_count; i++)
        add_signed(document, casefile->records[i]);
}

static void make_document(struct casefile *casefile)
{
    const struct timeline *timeline = casefile->timeline;
    const struct sheet_form *acts = sheet_form(casefile->acts);
    struct document *document = casefile->document;
    document->simulated = casefile->info->simulated;
    add_cover(casefile);
    add_table(casefile, "findings", casefile_rows_timeline(timeline, true));
    document_section(document, "acts", acts->title);
    document_table(document, casefile->acts, SIZE_MAX, NULL);
    add_checklist(casefile);
    add_table(casefile, "issues", casefile_rows_issues(timeline));
    add_table(casefile, "thresholds", casefile_rows_thresholds(timeline));
    add_table(casefile, "windows", casefile_rows_windows(timeline));
    add_table(casefile, "people", casefile_rows_people(timeline));
    add_table(casefile, "evidence", casefile_rows_evidence(timeline));
    add_notes(casefile);
    add_table(casefile, "timeline", casefile_rows_timeline(timeline, false));
    add_events(casefile);
}

static void end_reading(struct casefile *casefile)
{
    timeline_free(casefile->timeline);
    for (size_t i = 0; i < casefile->record_count; i++)
        ledger_record_free(casefile->records[i]);
    free(casefile->records);
    casefile->timeline = NULL;
    casefile->records = NULL;
    casefile->record_count = 0;
}

/* Its timeline, with the state at the end. */
static enum err read_timeline(struct casefile *casefile, struct ledger *ledger,
                              struct err_text *ret_why)
{
    const char *id = casefile->id;
    struct replay *replay = NULL;
    struct deployment *deployment = NULL;
    struct replay_view view = {.fn = timeline_add, .ctx = casefile->timeline};
    enum err err = replay_open(ledger, &replay);
    if (err == ERR_OK)
        err = replay_fold(replay, id, casefile->want->size, &view, &deployment, ret_why);
    if (err == ERR_OK && deployment->entries == 0)
        err = err_say(ret_why, ERR_NOT_FOUND,
                      "no deployment '%s' below %" PRIu64 " entries: `countersign status LEDGER` "
                      "lists them",
                      id, casefile->want->size);
    if (err == ERR_OK) {
        casefile->time_us = deployment->last.time_us;
        casefile->entries = deployment->entries;
        timeline_end(casefile->timeline, deployment);
        deployment = NULL;
        err = read_acts(casefile, ledger, ret_why);
    }
    if (err == ERR_OK)
        make_document(casefile); /* while the checklists are there */
    deployment_free(deployment);
    end_reading(casefile); /* it borrows from the replay */
    replay_close(replay);
    return err;
}

/* What it is made with, and what stands on every page of a PDF. */
static void add_parameters(struct casefile *casefile)
{
    struct document *document = casefile->document;
    const struct casefile_want *want = casefile->want;
    struct buf text = {0};
    json_t *json =
        json_pack("{s:s, s:s, s:I, s:s}", "report", REPORT, "deployment", want->id, "size",
                  (json_int_t)want->size, "verify", params_verify_name(want->verify));
    carried_add(json_incref(json), &text);
    casefile->carried = buf_take_text(&text);
    carried_head(json, &text);
    document->parameters = buf_take_text(&text);
    buf_printf(&text, "%s, size %" PRIu64 ", root ", casefile->info->origin, want->size);
    buf_hex(&text, casefile->root, HASH_BYTES);
    document->footer = buf_take_text(&text);
}

enum err casefile_make(struct ledger *ledger, const struct casefile_want *want,
                       struct casefile **ret_casefile, struct err_text *ret_why)
{
    struct buf title = {0};
    if (!replay_is_deployment(want->id) || strlen(want->id) > STREAM_BYTES_MAX)
        return err_say(ret_why, ERR_NOT_FOUND, "'%s' is no deployment", want->id);
    struct casefile *casefile = mem_zero(1, sizeof(*casefile));
    memcpy(casefile->id, want->id, strlen(want->id) + 1);
    casefile->want = want;
    casefile->info = ledger_info(ledger);
    buf_printf(&title, "Deployment %s", want->id);
    casefile->document = document_new((const char *)title.data, casefile->info->origin);
    casefile->timeline = timeline_new(casefile->info);
    buf_free(&title);
    enum err err = ledger_root(ledger, want->size, casefile->root, ret_why);
    if (err == ERR_OK)
        err = read_timeline(casefile, ledger, ret_why);
    if (err == ERR_OK) {
        add_parameters(casefile);
        *ret_casefile = casefile;
        casefile = NULL;
    }
    casefile_free(casefile);
    return err;
}

const char *casefile_id(const struct casefile *casefile)
{
    return casefile->id;
}

int64_t casefile_time_us(const struct casefile *casefile)
{
    return casefile->time_us;
}

uint64_t casefile_entries(const struct casefile *casefile)
{
    return casefile->entries;
}

struct document *casefile_document(struct casefile *casefile)
{
    return casefile->document;
}

const char *casefile_carried(const struct casefile *casefile)
{
    return casefile->carried;
}

bool casefile_read(const json_t *json, struct casefile_want *ret_want)
{
    const char *verify = ijson_string(json, "verify");
    struct casefile_want want = {.id = ijson_string(json, "deployment")};
    if (!carried_is(json, REPORT) || want.id == NULL || verify == NULL ||
        !params_verify_of(verify, &want.verify) || !carried_number(json, "size", 1, &want.size))
        return false;
    *ret_want = want;
    return true;
}

void casefile_free(struct casefile *casefile)
{
    if (casefile == NULL)
        return;
    end_reading(casefile);
    document_free(casefile->document);
    for (size_t i = 0; i < casefile->sheet_count; i++)
        sheet_free(casefile->sheets[i]);
    free(casefile->sheets);
    free(casefile->carried);
    free(casefile);
}
