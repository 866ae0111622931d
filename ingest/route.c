#include "ingest/route.h"

#include <event2/http.h>
#include <string.h>

#include "ingest/events_get.h"
#include "ingest/events_post.h"
#include "ingest/health.h"
#include "ingest/log_get.h"
#include "ingest/metrics.h"

/* A handler ends the exchange, now or later. */
typedef void handler_fn(struct exchange *exchange);

struct route {
    const char *path; /* one that ends in '/' stands for all below it */
    handler_fn *get;  /* HEAD too */
    handler_fn *post; /* NULL: there is none */
};

static const struct route routes[] = {
    {"/v1/events", events_get_page, events_post_take},
    {"/v1/events/", events_get_one, NULL},
    {"/checkpoint", log_get_checkpoint, NULL},
    {"/tile/", log_get_tile, NULL},
    {"/healthz", health_live, NULL},
    {"/readyz", health_ready, NULL},
    {"/metrics", metrics_get, NULL},
};

static bool matches(const struct route *route, const char *path)
{
    size_t bytes = strlen(route->path);
    if (route->path[bytes - 1] == '/')
        return strncmp(path, route->path, bytes) == 0;
    return strcmp(path, route->path) == 0;
}

static void refuse_method(struct exchange *exchange, const struct route *route)
{
    struct err_text why;
    const char *allow = route->post != NULL ? "GET, HEAD, POST" : "GET, HEAD";
    exchange_set(exchange, "Allow", allow);
    enum err err = err_say(&why, ERR_METHOD, "%.128s takes %s", exchange->path, allow);
    exchange_problem(exchange, err, &why);
}

void route_handle(struct evhttp_request *request, void *service)
{
    struct exchange *exchange = exchange_new(service, request);
    if (exchange->path[0] != '/') {
        evhttp_send_error(request, HTTP_BADREQUEST, "it names no path");
        free(exchange);
        return;
    }
    enum evhttp_cmd_type method = evhttp_request_get_command(request);
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        const struct route *route = &routes[i];
        if (!matches(route, exchange->path))
            continue;
        if (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD)
            route->get(exchange);
        else if (method == EVHTTP_REQ_POST && route->post != NULL)
            route->post(exchange);
        else
            refuse_method(exchange, route);
        return;
    }
    struct err_text why;
    enum err err = err_say(&why, ERR_NOT_FOUND, "there is no %.128s here", exchange->path);
    exchange_problem(exchange, err, &why);
}
