/* deployments - GET /v1/deployments, /v1/deployments/ID and its timeline, diff and why: views that
 * main hands in, made in a thread of their own, for they may take long.
 */
#ifndef INGEST_DEPLOYMENTS_H
#define INGEST_DEPLOYMENTS_H

#include "ingest/exchange.h"
#include "ingest/ingest.h"

struct event_base;
struct deployments;

/**
 * deployments_start(base, parts, dir, ret_deployments, ret_why): Start the thread; what is given is
 * borrowed.  The ledger in ${dir} is opened when the first view is asked for.  Errors: IO.
 * deployments_waiting(deployments): How many views are not answered yet.
 * deployments_free(deployments): Answer what still waits, were it to nobody.  NULL is fine.
 *
 * deployments_get_list(exchange): Answer {deployments: [...], next}.  Parameters: after (an id),
 * limit (1..PAGE_EVENTS_MAX).
 *
 * deployments_get_state(exchange): Answer with the state of one; parameter at: a time, a seq,
 * #POSITION, open, gate-N, rollback or close.
 *
 * deployments_get_timeline(exchange): Answer with its timeline; parameter format: json (without
 * it), text, csv, html, md or grafana.
 *
 * deployments_get_diff(exchange): Answer with what changed; parameters from and to (moments;
 * without them open and now), or with (another deployment).
 *
 * deployments_get_why(exchange): Answer with what lies behind the parameter of: a node, gate-N, a
 * seq, #POSITION, criteria; parameter at, a moment.
 */
MUST_CHECK enum err deployments_start(struct event_base *base, const struct ingest_parts *parts,
                                      const char *dir, struct deployments **ret_deployments,
                                      struct err_text *ret_why);
size_t deployments_waiting(const struct deployments *deployments);
void deployments_free(struct deployments *deployments);
void deployments_get_list(struct exchange *exchange);
void deployments_get_state(struct exchange *exchange);
void deployments_get_timeline(struct exchange *exchange);
void deployments_get_diff(struct exchange *exchange);
void deployments_get_why(struct exchange *exchange);

#endif
