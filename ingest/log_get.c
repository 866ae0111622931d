#include "ingest/log_get.h"

#include "ingest/access.h"

void log_get_checkpoint(struct exchange *exchange)
{
    struct buf note = {0};
    struct err_text why = {""};
    enum err err = ledger_checkpoint(exchange->service->ledger, &note, &why);
    if (err != ERR_OK)
        exchange_problem(exchange, err, &why);
    else
        exchange_send(exchange, 200, "text/plain; charset=utf-8", &note);
    buf_free(&note);
}

void log_get_tile(struct exchange *exchange)
{
    struct buf body = {0};
    struct err_text why = {""};
    struct tile tile;
    enum err err = ERR_OK;
    bool hashes = false;
    if (!tile_parse(exchange->path + 1, &tile)) {
        err = err_say(&why, ERR_NOT_FOUND, "no path of a tile (C2SP tlog-tiles)");
        goto out;
    }
    hashes = tile.kind == TILE_HASHES;
    if (!hashes)
        err = access_read(exchange, &why);
    if (err == ERR_OK)
        err = ledger_tile(exchange->service->ledger, &tile, &body, &why);
out:
    if (err != ERR_OK) {
        exchange_problem(exchange, err, &why);
    } else {
        exchange_set(exchange, "Cache-Control",
                     hashes ? "public, max-age=604800, immutable"
                            : "private, max-age=604800, immutable");
        exchange_send(exchange, 200, "application/octet-stream", &body);
    }
    buf_free(&body);
}
