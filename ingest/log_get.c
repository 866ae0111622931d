#include "ingest/log_get.h"

#include "ingest/access.h"
#include "ingest/answer.h"

/* In a reading thread, for it may wait for a commit to end. */
static enum err make_checkpoint(struct answer *answer, struct err_text *ret_why)
{
    answer->media = "text/plain; charset=utf-8";
    answer->cache = "no-cache";
    return ledger_checkpoint(answer->exchange->service->ledger, &answer->body, ret_why);
}

void log_get_checkpoint(struct exchange *exchange)
{
    answer_hand(answer_new(exchange, make_checkpoint), exchange->service->reads);
}

static enum err make_tile(struct answer *answer, struct err_text *ret_why)
{
    struct tile tile;
    ASSERT(tile_parse(answer->exchange->path + 1, &tile)); /* as it was before */
    answer->media = "application/octet-stream";
    answer->cache = tile.kind == TILE_HASHES ? "public, max-age=604800, immutable"
                                             : "private, max-age=604800, immutable";
    return ledger_tile(answer->exchange->service->ledger, &tile, &answer->body, ret_why);
}

void log_get_tile(struct exchange *exchange)
{
    struct answer *answer = answer_new(exchange, make_tile);
    struct err_text why = {""};
    struct tile tile;
    enum err err = ERR_OK;
    if (!tile_parse(exchange->path + 1, &tile))
        err = err_say(&why, ERR_NOT_FOUND, "no path of a tile (C2SP tlog-tiles)");
    else if (tile.kind != TILE_HASHES)
        err = access_read(exchange, &why);
    answer_settle(answer, exchange->service->reads, err, &why);
}
