#include "ingest/route.h"

#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/account.h"
#include "ingest/deployments.h"
#include "ingest/events_get.h"
#include "ingest/events_post.h"
#include "ingest/guard.h"
#include "ingest/health.h"
#include "ingest/log_get.h"
#include "ingest/metrics.h"
#include "ingest/openapi.h"
#include "ingest/streams.h"

#define EVENTS_PATH "/v1/events"

/* A handler ends the exchange, now or later. */
typedef void handler_fn(struct exchange *exchange);

struct route {
    const char *path; /* may have one part in braces: not empty, without a '/' */
    bool rest;        /* that part is all that follows, with '/' */
    handler_fn *get;  /* HEAD too */
    handler_fn *post; /* NULL: there is none */
};

static const struct route routes[] = {
    {EVENTS_PATH, false, events_get_page, events_post_take},
    {"/v1/events/{seq}", false, events_get_one, NULL},
    {"/v1/events/{seq}/proof", false, events_get_proof, NULL},
    {"/v1/stream", false, streams_get, NULL},
    {"/v1/deployments", false, deployments_get_list, NULL},
    {"/v1/deployments/{id}", false, deployments_get_state, NULL},
    {"/v1/deployments/{id}/timeline", false, deployments_get_timeline, NULL},
    {"/checkpoint", false, log_get_checkpoint, NULL},
    {"/tile/{tile}", true, log_get_tile, NULL},
    {"/healthz", false, health_live, NULL},
    {"/readyz", false, health_ready, NULL},
    {"/metrics", false, metrics_get, NULL},
    {"/openapi.json", false, openapi_get, NULL},
};

bool route_face(size_t index, struct route_face *ret)
{
    if (index >= sizeof(routes) / sizeof(routes[0]))
        return false;
    *ret = (struct route_face){routes[index].path, routes[index].post != NULL};
    return true;
}

bool route_matches(const char *pattern, bool rest, const char *path, struct piece *ret_param)
{
    const char *open = strchr(pattern, '{');
    *ret_param = (struct piece){NULL, 0};
    if (open == NULL)
        return strcmp(pattern, path) == 0;
    size_t before = (size_t)(open - pattern);
    const char *behind = strchr(open, '}') + 1;
    if (strncmp(pattern, path, before) != 0)
        return false;
    const char *param = path + before;
    size_t bytes = rest ? strlen(param) : strcspn(param, "/");
    if (bytes == 0 || strcmp(param + bytes, behind) != 0)
        return false;
    *ret_param = (struct piece){param, bytes};
    return true;
}

static void refuse_method(struct exchange *exchange, const struct route *route)
{
    struct err_text why;
    const char *allow = route->post != NULL ? "GET, HEAD, POST" : "GET, HEAD";
    exchange_set(exchange, "Allow", allow);
    enum err err = err_say(&why, ERR_METHOD, "%.128s takes %s", exchange->path, allow);
    exchange_problem(exchange, err, &why);
}

enum err route_head(struct evhttp_request *request, struct service *service,
                    struct route_body *ret_body, struct err_text *ret_why)
{
    struct exchange *exchange = exchange_new(service, request);
    struct route_body body = {0};
    struct piece param;
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (routes[i].post != NULL &&
            route_matches(routes[i].path, routes[i].rest, exchange->path, &param))
            body.taken = true;
    }
    if (body.taken)
        err = events_post_head(exchange, &body.anonymous, &body.bytes_max, ret_why);
    exchange_drop(exchange);
    if (err == ERR_OK)
        *ret_body = body;
    return err;
}

void route_handle(struct evhttp_request *request, void *service)
{
    struct exchange *exchange = exchange_new(service, request);
    if (exchange->path[0] != '/') {
        evhttp_send_error(request, HTTP_BADREQUEST, "it names no path");
        free(exchange);
        return;
    }
    struct err_text why;
    enum err err = guard_done(exchange->service->guard, request, &why);
    enum evhttp_cmd_type method = evhttp_request_get_command(request);
    if (err != ERR_OK) {
        if (method == EVHTTP_REQ_POST && strcmp(exchange->path, EVENTS_PATH) == 0)
            account_head(exchange->service->ledger, err);
        exchange_problem(exchange, err, &why);
        return;
    }
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        const struct route *route = &routes[i];
        struct piece param;
        if (!route_matches(route->path, route->rest, exchange->path, &param))
            continue;
        if (param.data != NULL)
            exchange->param = mem_text_n(param.data, param.bytes);
        if (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD)
            route->get(exchange);
        else if (method == EVHTTP_REQ_POST && route->post != NULL)
            route->post(exchange);
        else
            refuse_method(exchange, route);
        return;
    }
    err = err_say(&why, ERR_NOT_FOUND, "there is no %.128s here", exchange->path);
    exchange_problem(exchange, err, &why);
}
