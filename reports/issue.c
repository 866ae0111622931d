#include "reports/issue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum err issue_heads(const char *dir, struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    struct registry_heads heads;
    bool new = false;
    enum err err = ledger_open(dir, true, &ledger, ret_why);
    if (err == ERR_OK)
        err = heads_make_append(ledger, &heads, &new, ret_why);
    ledger_close(ledger);
    return err;
}

/* A file, and the directory's entry for it. */
static enum err keep(const char *path, struct err_text *ret_why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool kept = fd >= 0 && fsync(fd) == 0;
    enum err err = ERR_OK;
    if (!kept)
        err = err_say(ret_why, ERR_IO, "%s cannot be synced: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    char *dir = mem_text_n(path, (size_t)(strrchr(path, '/') - path));
    if (err == ERR_OK)
        err = files_sync_dir(dir, ret_why);
    free(dir);
    return err;
}

enum err issue_keep(const char *out, const json_t *files, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < json_array_size(files); i++) {
        char *path = files_path(out, ijson_string(json_array_get(files, i), "name"));
        err = keep(path, ret_why);
        free(path);
    }
    return err == ERR_OK ? files_sync_dir(out, ret_why) : err;
}

const struct registry_report *issue_find(const struct registry *registry,
                                         const uint8_t sha256[HASH_BYTES])
{
    const struct registry_report *found = NULL;
    struct buf hex = {0};
    size_t count = 0;
    const struct registry_report *const *reports = registry_report_list(registry, &count);
    buf_hex(&hex, sha256, HASH_BYTES);
    for (size_t i = 0; found == NULL && i < count; i++) {
        const json_t *files = ijson_get(reports[i]->data, "files");
        for (size_t j = 0; found == NULL && j < json_array_size(files); j++) {
            const char *digest = ijson_string(json_array_get(files, j), "sha256");
            if (strcmp(digest, (const char *)hex.data) == 0)
                found = reports[i];
        }
    }
    buf_free(&hex);
    return found;
}

enum err issue_deliver(const char *dir, const struct submit_options *options,
                       const struct params *params, json_t *files, json_t **ret_receipt,
                       struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    enum err err = ledger_open(dir, false, &ledger, ret_why);
    if (err != ERR_OK) {
        json_decref(files);
        return err;
    }
    const struct submitter submitter = {.ledger = ledger, .options = options};
    json_t *data = json_object();
    ijson_put(data, "parameters", params_made_with(params));
    ijson_put(data, "files", files);
    err = submit_act(&submitter, "report.issued", NULL, data, ret_receipt, ret_why);
    ledger_close(ledger);
    return err;
}
