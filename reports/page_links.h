/* page_links - where links of a page lead: rows of the population, and blocks with an anchor.
 * Private to page*.c.  Pure.
 */
#ifndef REPORTS_PAGE_LINKS_H
#define REPORTS_PAGE_LINKS_H

#include "reports/document.h"

struct page_links {
    const char **deployments; /* [deployment_count] sorted; borrowed from the document */
    size_t deployment_count, deployment_cap;
    const char **anchors; /* [anchor_count] sorted; borrowed */
    size_t anchor_count, anchor_cap;
};

/**
 * page_links_gather(document, ret_links): Find what may be linked to; the document must stay.
 * page_links_free(links): Free what it owns.
 */
void page_links_gather(const struct document *document, struct page_links *ret_links);
void page_links_free(struct page_links *links);

/**
 * page_links_deployment(links, sheet, id, buf): Append a deployment's id as it stands in ${sheet}:
 * in the population as what links lead to, elsewhere as a link if it is there.
 * page_links_event(links, seq, buf): Append a seq, as a link where the document shows that event.
 */
void page_links_deployment(const struct page_links *links, const struct sheet *sheet,
                           const char *id, struct buf *buf);
void page_links_event(const struct page_links *links, uint64_t seq, struct buf *buf);

#endif
