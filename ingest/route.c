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

/* A handler ends the exchange, now or later. */
typedef void handler_fn(struct exchange *exchange);

/* What the head of a POST tells of its body: see route_head. */
typedef enum err head_fn(struct exchange *exchange, bool *ret_anonymous, size_t *ret_bytes_max,
                         struct err_text *ret_why);

struct route {
    const char *path; /* may have one part in braces: not empty, without a '/' */
    bool rest;        /* that part is all that follows, with '/' */
    handler_fn *get;  /* HEAD too */
    handler_fn *post; /* NULL: there is none */
    head_fn *head;    /* where there is: what becomes of its body */
};

static const struct route routes[] = {
    {"/v1/events", false, events_get_page, events_post_take, events_post_head},
    {"/v1/events/{seq}", false, events_get_one, NULL, NULL},
    {"/v1/events/{seq}/proof", false, events_get_proof, NULL, NULL},
    {"/v1/stream", false, streams_get, NULL, NULL},
    {"/v1/deployments", false, deployments_get_list, NULL, NULL},
    {"/v1/deployments/{id}", false, deployments_get_state, NULL, NULL},
    {"/v1/deployments/{id}/timeline", false, deployments_get_timeline, NULL, NULL},
    {"/v1/deployments/{id}/diff", false, deployments_get_diff, NULL, NULL},
    {"/v1/deployments/{id}/why", false, deployments_get_why, NULL, NULL},
    {"/checkpoint", false, log_get_checkpoint, NULL, NULL},
    {"/tile/{tile}", true, log_get_tile, NULL, NULL},
    {"/healthz", false, health_live, NULL, NULL},
    {"/readyz", false, health_ready, NULL, NULL},
    {"/metrics", false, metrics_get, NULL, NULL},
    {"/openapi.json", false, openapi_get, NULL, NULL},
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

/* The route of a path, and the part of it that was left open; NULL if there is none. */
static const struct route *find(const char *path, struct piece *ret_param)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (route_matches(routes[i].path, routes[i].rest, path, ret_param))
            return &routes[i];
    }
    return NULL;
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
    const struct route *route = find(exchange->path, &param);
    body.taken = route != NULL && route->post != NULL;
    if (body.taken)
        err = route->head(exchange, &body.anonymous, &body.bytes_max, ret_why);
    exchange_drop(exchange);
    if (err == ERR_OK)
        *ret_body = body;
    return err;
}

bool route_brings(const struct evhttp_request *request)
{
    struct piece param;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
    if (evhttp_request_get_command(request) != EVHTTP_REQ_POST)
        return false;
    if (uri == NULL)
        return true;
    const struct route *route = path != NULL ? find(path, &param) : NULL;
    return route != NULL && route->post != NULL;
}

void route_handle(struct evhttp_request *request, void *service)
{
    struct exchange *exchange = exchange_new(service, request);
    if (exchange->path[0] != '/') {
        evhttp_send_error(request, HTTP_BADREQUEST, "it names no path");
        exchange_drop(exchange);
        return;
    }
    struct err_text why;
    struct piece param;
    const struct route *route = find(exchange->path, &param);
    enum err err = guard_done(exchange->service->guard, request, &why);
    enum evhttp_cmd_type method = evhttp_request_get_command(request);
    if (err != ERR_OK) {
        if (route_brings(request))
            account_head(exchange->service->ledger, err);
        exchange_problem(exchange, err, &why);
        return;
    }
    if (route == NULL) {
        err = err_say(&why, ERR_NOT_FOUND, "there is no %.128s here", exchange->path);
        exchange_problem(exchange, err, &why);
        return;
    }
    if (param.data != NULL)
        exchange->param = mem_text_n(param.data, param.bytes);
    if (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD)
        route->get(exchange);
    else if (method == EVHTTP_REQ_POST && route->post != NULL)
        route->post(exchange);
    else
        refuse_method(exchange, route);
}
