/* ready - what a gate needs, and whether it has it (RULES.md "ready").
 * Private to the files of the reducer.  Cost: O(1) for a node, O(nodes) for a gate.
 */
#ifndef REPLAY_READY_H
#define REPLAY_READY_H

#include "replay/act.h"

/**
 * ready_last_gate(checklist): The last gate, or CHECKLIST_NONE.
 * ready_twin_gate(checklist, gate): Its (first) twin, or CHECKLIST_NONE.  Cost: O(nodes).
 * ready_needs(deployment, gate, node): Whether ${gate} needs this item, status or approval; those
 * that count as met in any case (deployment_met) are among them.
 * ready_concerns(deployment, gate, node): Whether it needs it, or it is a field or choice in what
 * it needs, or an earlier gate: what must not be undone between a basis and its decision.
 * ready_behind_open(deployment, node): Whether a gate that is open needs ${node}.
 * ready_counts(deployment, gate): Whether it is open, by a signature that is not suspect.
 */
size_t ready_last_gate(const struct checklist *checklist);
size_t ready_twin_gate(const struct checklist *checklist, size_t gate);
bool ready_needs(const struct deployment *deployment, size_t gate, size_t node);
bool ready_concerns(const struct deployment *deployment, size_t gate, size_t node);
bool ready_behind_open(const struct deployment *deployment, size_t node);
bool ready_counts(const struct deployment *deployment, size_t gate);

/**
 * ready_gate_of_approval(deployment, approval): Its gate: of a sign-off the last, else the first
 * that needs it; CHECKLIST_NONE if no gate does.
 *
 * ready_gate_of_act(deployment, act): The gate whose needs must stand for an approval or a
 * decision; of another decision than a gate's there is none.
 */
size_t ready_gate_of_approval(const struct deployment *deployment, size_t approval);
size_t ready_gate_of_act(const struct deployment *deployment, const struct act *act);

/**
 * ready_missing(deployment, gate, pos, buf): Append what the gate lacked after the entry at ${pos},
 * or lacks now (NEEDS_NOW, needs.h), one "node: what" per line.  Returns the number.  What was met
 * at
 * ${pos}, but not without a break until now, is among it.
 */
size_t ready_missing(const struct deployment *deployment, size_t gate, uint64_t pos,
                     struct buf *buf);

/**
 * ready_blind(deployment, approval, buf): The number of items and statuses that the approval's gate
 * needs and that stand before it in the document, its own ancestors aside, and that are not met;
 * their ids are appended, separated by blanks.
 */
unsigned ready_blind(const struct deployment *deployment, size_t approval, struct buf *buf);

/**
 * ready_emergency(deployment): Whether the emergency lane is open.
 * ready_excused(deployment, node, pos): Whether the emergency lane, if it was open at ${pos}
 * already, lets it be missing: an approval, or an item that one is nested in.
 * ready_retroactive(deployment, act): Whether it is an approval that an emergency's gate had gone
 * without, given in time.
 */
bool ready_emergency(const struct deployment *deployment);
bool ready_excused(const struct deployment *deployment, size_t node, uint64_t pos);
bool ready_retroactive(const struct deployment *deployment, const struct act *act);

#endif
