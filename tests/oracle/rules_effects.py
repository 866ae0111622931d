"""What an accepted act changes in the state; beside rules.py."""
from rules_ledger import NEVER, role_of
from rules_state import Assignment, Mark, NodeState, put


def take(deployment, act):
    mark = Mark(act, act.key)
    effect = EFFECTS.get(act.name)
    if effect:
        effect(deployment, act, mark)
    if act.node is not None:
        deployment.update(act.node, act.entry.pos)
        if deployment.guarded(act.node) and deployment.is_work(act):
            deployment.guarded_work += 1


def opened(deployment, act, mark):
    data = act.data
    deployment.opening = data
    deployment.checklist = act.checklist
    deployment.t0, deployment.window = act.t0, act.window
    deployment.lead = data.get("lead") or act.entry.principal
    deployment.authors = set(data.get("authors", []))
    deployment.artifacts = data.get("artifacts", [])
    deployment.nodes = {n.id: NodeState() for n in act.checklist.list}
    for role, people in data.get("roles", {}).items():
        for person in people:
            deployment.assignments.append(Assignment(role, person, mark, NEVER))
    if data.get("emergency"):
        declared(deployment, act, mark)


def rescheduled(deployment, act, mark):
    if act.t0 is not None:
        move_t0(deployment, act)
    if act.window is not None:
        deployment.window = act.window


def move_t0(deployment, act):
    if deployment.t0 is not None and deployment.t0 != act.t0:
        deployment.undone.append((act.entry.pos, None))
    deployment.t0 = act.t0


def clock(deployment, act, mark):
    move_t0(deployment, act)
    deployment.clock = True


def assigned(deployment, act, mark):
    until = NEVER if act.until is None else act.until
    deployment.assignments = [a for a in deployment.assignments
                              if not (a.open and a.is_of(act.principal, act.role))]
    deployment.assignments.append(Assignment(act.role, act.principal, mark, until))


def unassigned(deployment, act, mark):
    for assignment in deployment.assignments:
        if assignment.open and assignment.is_of(act.principal, act.role):
            assignment.open = False
    for node in deployment.checklist.list:
        if node.kind == "approval" and role_of(node.role) == role_of(act.role):
            givers = deployment.nodes[node.id].givers
            if any(m.principal == act.principal for m in givers):
                deployment.undone.append((act.entry.pos, node))


def declared(deployment, act, mark):
    deployment.emergency = mark
    put(deployment.emergency_history, act.entry.pos, True)


def checked(deployment, act, mark):
    state, pos = deployment.nodes[act.node.id], act.entry.pos
    if act.result == "fail":
        state.waived = None
        deployment.arise("item:" + act.node.id, act.node, act.node.section, pos)
    state.result, state.mark = act.result, mark
    if act.result == "pass" or act.result == "na" and \
            act.node.section not in deployment.checklist.gate_sections:
        deployment.resolve("item:" + act.node.id, pos)
        deployment.resolve("signature:" + act.node.id, pos)


def redo(deployment, node, pos):
    """What was met is recorded again."""
    if deployment.nodes[node.id].met[-1][1]:
        deployment.undone.append((pos, node))


def reopened(deployment, act, mark):
    state, pos = deployment.nodes[act.node.id], act.entry.pos
    state.result = state.waived = state.mark = None
    if behind_open_gate(deployment, act.node):
        deployment.arise("item:" + act.node.id, act.node, act.node.section, pos)


def behind_open_gate(deployment, node):
    return any(deployment.open(g.node.id) and node.id in g.ids for g in deployment.checklist.gates)


def waived(deployment, act, mark):
    deployment.nodes[act.node.id].waived = mark
    for kind in ("threshold", "status", "item", "command", "signature"):
        deployment.resolve(f"{kind}:{act.node.id}", act.entry.pos)


def recorded(deployment, act, mark):
    state = deployment.nodes[act.node.id]
    if state.value is not None:
        deployment.undone.append((act.entry.pos, act.node))
    state.value, state.number, state.mark = act.value, act.number, mark
    if act.number is not None:
        for item in act.node.judges:
            deployment.judge_value(item, act.number, act.node.section, act.entry.pos)


def sampled(deployment, act, mark):
    deployment.judge_sample(act)


def finished_command(deployment, act, mark):
    good = act.data["exit"] == 0 and act.data.get("matched", True)
    deployment.nodes[act.node.id].command_good = good
    if good:
        deployment.resolve("command:" + act.node.id, act.entry.pos)
    else:
        deployment.arise("command:" + act.node.id, act.node, act.node.section, act.entry.pos)


def status(deployment, act, mark):
    set_status(deployment, act.node, act.value, mark)


def set_status(deployment, node, value, mark):
    state, pos = deployment.nodes[node.id], mark.pos
    redo(deployment, node, pos)
    state.value, state.mark = value, mark
    sign = node.marks.get(value)
    if sign == "✗":
        state.waived = None
        deployment.arise("status:" + node.id, node, node.section, pos)
    elif sign == "✓" or deployment.noted(state):
        good_status(deployment, node, pos)
    deployment.update(node, pos)


def good_status(deployment, node, pos):
    deployment.resolve("status:" + node.id, pos)
    deployment.resolve("signature:" + node.id, pos)


def note(deployment, act, mark):
    if act.node is None:
        return
    state = deployment.nodes[act.node.id]
    state.notes.append(mark)
    if act.node.kind == "status" and deployment.met_now(act.node):
        good_status(deployment, act.node, act.entry.pos)


def given(deployment, act, mark):
    state = deployment.nodes[act.node.id]
    state.givers = [m for m in state.givers if m.principal != mark.principal] + [mark]
    state.mark = mark
    if deployment.met_now(act.node):
        deployment.resolve("approval:" + act.node.id, act.entry.pos)
        deployment.resolve("signature:" + act.node.id, act.entry.pos)


def rejected(deployment, act, mark):
    take_back(deployment, act, [])


def withdrawn(deployment, act, mark):
    givers = deployment.nodes[act.node.id].givers
    own = [m for m in givers if m.principal == act.entry.principal]
    take_back(deployment, act, [m for m in givers if m not in own] if own else [])


def take_back(deployment, act, left):
    pos = act.entry.pos
    if deployment.nodes[act.node.id].givers:
        deployment.undone.append((pos, act.node))
    deployment.nodes[act.node.id].givers = left
    if behind_open_gate(deployment, act.node):
        deployment.arise("approval:" + act.node.id, act.node, act.node.section, pos)


def decided(deployment, act, mark):
    state, pos = deployment.nodes[act.node.id], act.entry.pos
    gate = act.node.id in deployment.checklist.gate_of_node
    if gate and act.stop and deployment.open(act.node.id):
        deployment.undone.append((pos, act.node))
    state.value, state.mark = act.value, mark
    if gate and act.proceeds:
        state.opened_once = True
        deployment.resolve("signature:" + act.node.id, pos)
        if deployment.in_emergency() and deployment.emergency_go is None:
            deployment.emergency_go = mark
    if act.node.rollback_decision:
        if act.stop:
            open_rollback(deployment, mark)
        else:
            for name in act.data.get("criteria", []):
                deployment.resolve(name, pos)


def open_rollback(deployment, mark):
    if deployment.rollback is None:
        deployment.rollback = mark.pos
    node = deployment.checklist.rollback_decision
    if node is not None:
        state = deployment.nodes[node.id]
        state.value, state.mark = node.options[1], mark
        deployment.update(node, mark.pos)


def rollback(deployment, act, mark):
    open_rollback(deployment, mark)


def finished(deployment, act, mark):
    node = deployment.checklist.rollback_status
    deployment.finished, deployment.rollback_status = True, act.value
    good = act.value == "successful"
    if node is not None:
        set_status(deployment, node, act.value, mark)
        good = node.marks.get(act.value) == "✓"
    deployment.rollback_good = good


def issue_opened(deployment, act, mark):
    name = act.data["issue"]
    deployment.open_issues[name] = deployment.issues[name] = act.data["severity"]
    if act.data["severity"] == 1:
        deployment.arise("issue:" + name, None, None, act.entry.pos)


def issue_resolved(deployment, act, mark):
    name = act.data["issue"]
    deployment.open_issues.pop(name, None)
    deployment.resolve("issue:" + name, act.entry.pos)


def closed(deployment, act, mark):
    deployment.closed, deployment.outcome = True, act.value


EFFECTS = {
    "deployment.opened": opened, "deployment.rescheduled": rescheduled, "clock.started": clock,
    "role.assigned": assigned, "role.unassigned": unassigned, "emergency.declared": declared,
    "item.checked": checked, "item.reopened": reopened, "item.waived": waived,
    "field.recorded": recorded, "metric.sampled": sampled, "command.finished": finished_command,
    "status.declared": status, "note.added": note, "approval.given": given,
    "approval.rejected": rejected, "approval.withdrawn": withdrawn, "decision.made": decided,
    "rollback.started": rollback, "rollback.finished": finished, "issue.opened": issue_opened,
    "issue.resolved": issue_resolved, "deployment.closed": closed,
}
