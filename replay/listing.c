#include "replay/listing.h"

static void listing_time(struct buf *buf, int minutes)
{
    unsigned size = (unsigned)(minutes < 0 ? -minutes : minutes);
    const char *sign = minutes < 0 ? "-" : "+";
    if (size >= 60 && size % 60 == 0)
        buf_printf(buf, "T%s%uh", sign, size / 60);
    else
        buf_printf(buf, "T%s%umin", sign, size);
}

static void listing_section(const struct checklist *checklist, size_t index, struct buf *buf)
{
    const struct section *section = &checklist->sections[index];
    buf_printf(buf, "\n%s%s  ", section->level == 3 ? "  " : "", section->id);
    printable_add(buf, section->level == 0 ? "(the document)" : section->title);
    if (section->window.set) {
        buf_text(buf, "  [");
        listing_time(buf, section->window.from_min);
        if (section->window.to_min != section->window.from_min) {
            buf_text(buf, " to ");
            listing_time(buf, section->window.to_min);
        }
        buf_text(buf, "]");
    }
    if (section->guarded_by != CHECKLIST_NONE)
        buf_printf(buf, "  behind gate %s", checklist->nodes[section->guarded_by].id);
    buf_text(buf, "\n");
}

static void listing_word(struct buf *buf, const char *before, const char *text)
{
    if (text == NULL)
        return;
    buf_text(buf, before);
    printable_add(buf, text);
}

static void listing_options(const struct node *node, struct buf *buf)
{
    for (size_t i = 0; i < node->option_count; i++) {
        buf_text(buf, i > 0 ? " / " : ": ");
        buf_text(buf, option_mark_text(node->options[i].mark));
        buf_text(buf, node->options[i].mark == MARK_NONE ? "" : " ");
        printable_add(buf, node->options[i].label);
    }
}

static void listing_marks(const struct checklist *checklist, const struct node *node,
                          struct buf *buf)
{
    if (node->kind == NODE_ITEM)
        listing_word(buf, "; role ", node->role);
    listing_word(buf, "; authority ", node->authority);
    if (node->threshold != NULL) {
        listing_word(buf, "; threshold ", threshold_op_text(node->threshold->op));
        listing_word(buf, " ", node->threshold->value_text);
        listing_word(buf, " ", node->threshold->unit);
    }
    listing_word(buf, "; expected ", node->expectation);
    if (node->twin_of != CHECKLIST_NONE)
        buf_printf(buf, "; twin of %s", checklist->nodes[node->twin_of].id);
    buf_text(buf, node->signature ? "; signature" : "");
    buf_text(buf, node->optional ? "; optional" : "");
    buf_text(buf, node->rollback ? "; rollback" : "");
    buf_text(buf, node->rollback_decision ? "; rollback decision" : "");
    buf_text(buf, node->command != NULL ? "; command" : "");
    buf_text(buf, node->expected != NULL ? " with expectation" : "");
}

static void listing_node(const struct checklist *checklist, const struct node *node,
                         struct buf *buf)
{
    buf_text(buf, "    ");
    for (size_t at = node->parent; at != CHECKLIST_NONE; at = checklist->nodes[at].parent)
        buf_text(buf, "  ");
    buf_printf(buf, "%-8s %-8s ", node->id, node_kind_name(node->kind));
    printable_add(buf, node->label);
    listing_options(node, buf);
    if (node->unit != NULL) {
        listing_word(buf, " (", node->unit);
        buf_text(buf, ")");
    }
    listing_marks(checklist, node, buf);
    buf_text(buf, "\n");
}

/* The nodes from *${node} on that are in the section. */
static void listing_nodes(const struct checklist *checklist, size_t section, size_t *node,
                          struct buf *buf)
{
    for (; *node < checklist->node_count && checklist->nodes[*node].section == section; (*node)++)
        listing_node(checklist, &checklist->nodes[*node], buf);
}

static void listing_counts(const struct checklist *checklist, struct buf *buf)
{
    size_t kinds[NODE_NOTES + 1] = {0};
    for (size_t i = 0; i < checklist->node_count; i++)
        kinds[checklist->nodes[i].kind]++;
    buf_printf(buf, "\n%zu nodes:", checklist->node_count);
    for (enum node_kind kind = NODE_ITEM; kind <= NODE_NOTES; kind++)
        buf_printf(buf, " %zu %s%s", kinds[kind], node_kind_name(kind),
                   kind == NODE_NOTES ? "" : ",");
    buf_printf(buf, "; %zu gate\n", checklist->gate_count);
}

void listing_add(const struct checklist *checklist, struct buf *buf)
{
    printable_add(buf, checklist->title == NULL ? "(no title)" : checklist->title);
    listing_word(buf, "\n", checklist->subtitle);
    buf_text(buf, "\nsha256 ");
    buf_hex(buf, checklist->sha256, HASH_BYTES);
    buf_text(buf, "\n");
    for (size_t i = 0, node = 0; i < checklist->section_count; i++) {
        listing_section(checklist, i, buf);
        listing_nodes(checklist, i, &node, buf);
        if (i == 0 || node == checklist->node_count || checklist->sections[0].level > 0 ||
            checklist->nodes[node].section > 0)
            continue;
        listing_section(checklist, 0, buf); /* the document's own nodes go on */
        listing_nodes(checklist, 0, &node, buf);
    }
    listing_counts(checklist, buf);
    for (size_t i = 0; i < checklist->warnings.count; i++) {
        buf_printf(buf, "warning: line %u: ", checklist->warnings.remarks[i].line);
        printable_add(buf, checklist->warnings.remarks[i].text);
        buf_text(buf, "\n");
    }
}
