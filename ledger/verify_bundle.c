#include "ledger/verify_bundle.h"

#include <inttypes.h>

#include "ledger/args.h"
#include "ledger/ijson.h"
#include "ledger/progress.h"
#include "ledger/verify_docket.h"
#include "ledger/verify_dossier.h"

static bool show_progress(void *ctx, uint64_t done, uint64_t total)
{
    progress_draw(ctx, "%" PRIu64 " of %" PRIu64 " MiB", done >> 20, total >> 20);
    return false;
}

/* One act, in memory. */
static enum err tell_dossier(const struct tar_source *source, const struct note_key *key, bool json,
                             struct buf *text, struct err_text *ret_why)
{
    struct buf bundle = {0};
    enum err err = tar_index_read(source, 0, (size_t)source->bytes, &bundle, ret_why);
    if (err == ERR_OK)
        err = verify_dossier_tell(&bundle, key, json, text, ret_why);
    buf_free(&bundle);
    return err;
}

static enum err tell_docket(const struct tar_source *source, struct tar_index *index,
                            const struct note_key *key, bool json, struct buf *text,
                            struct err_text *ret_why)
{
    struct progress progress = progress_begin();
    const struct docket_options options = {.key = key, .progress = show_progress, .ctx = &progress};
    enum err err = verify_docket_tell(source, index, &options, json, text, ret_why);
    progress_end(&progress);
    return err;
}

/* What cannot even be taken apart, as one object. */
static void tell_broken(bool json, const struct err_text *why, struct buf *text)
{
    if (!json)
        return;
    json_t *object =
        json_pack("{s:b, s:s, s:o}", "ok", 0, "kind", "bundle", "what", ijson_text(why->s));
    ijson_print(object, text);
    buf_text(text, "\n");
    json_decref(object);
}

int verify_bundle_run(const char *name, const struct tar_source *source, const struct note_key *key,
                      bool json)
{
    struct tar_index index = {0};
    struct buf text = {0};
    struct err_text why = {""};
    enum err err = tar_index_find(source, DOCKET_MEMBERS_MAX, &index, &why);
    if (err == ERR_OK && docket_parts_is(&index))
        err = tell_docket(source, &index, key, json, &text, &why);
    else if (err == ERR_OK && source->bytes > TAR_BYTES_MAX)
        err = err_say(&why, ERR_PROOF, "it is no bundle: it has no " DOCKET_PLAN);
    else if (err == ERR_OK)
        err = tell_dossier(source, key, json, &text, &why);
    else if (err != ERR_IO)
        err = ERR_PROOF;
    if (err == ERR_PROOF && text.bytes == 0)
        tell_broken(json, &why, &text);
    tar_index_free(&index);
    int code =
        text.bytes > 0 ? args_print(name, &text, err_exit(err)) : args_failed(name, err, &why);
    buf_free(&text);
    return code;
}
