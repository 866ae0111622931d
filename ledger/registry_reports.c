#include "ledger/registry_reports.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/bytes.h"
#include "ledger/ijson.h"
#include "ledger/mem.h"

static bool file_ok(const json_t *file)
{
    uint8_t sha256[HASH_BYTES];
    const char *name = ijson_string(file, "name"), *digest = ijson_string(file, "sha256");
    return name != NULL && name[0] != '\0' && digest != NULL &&
           bytes_from_hex(digest, sha256, sizeof(sha256));
}

void registry_reports_issued(const struct registry_act *act)
{
    struct registry *registry = act->registry;
    const json_t *files = ijson_get(act->data, "files");
    bool good = json_is_object(ijson_get(act->data, "parameters")) && json_is_array(files);
    for (size_t i = 0; good && i < json_array_size(files); i++)
        good = file_ok(json_array_get(files, i));
    if (!good) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE,
                       "`parameters` must be an object, and `files` a list, each with its `name` "
                       "and its `sha256` in lower-case hex");
        return;
    }
    if (!registry_act_by_admin(act))
        return;
    struct registry_report *report = mem_zero(1, sizeof(*report));
    memcpy(report->principal, act->entry->part.principal, sizeof(report->principal));
    report->seq = act->entry->seq;
    report->time_us = act->entry->time_us;
    report->data = json_deep_copy(act->data);
    *(struct registry_report **)MEM_PUSH(registry->reports, registry->report_count,
                                         registry->report_cap) = report;
}

void registry_reports_free(struct registry *registry)
{
    for (size_t i = 0; i < registry->report_count; i++) {
        json_decref(registry->reports[i]->data);
        free(registry->reports[i]);
    }
    free(registry->reports);
}

const struct registry_report *const *registry_report_list(const struct registry *registry,
                                                          size_t *ret_count)
{
    *ret_count = registry->report_count;
    return (const struct registry_report *const *)registry->reports;
}
