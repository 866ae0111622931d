"""A compiled checklist (`checklist show --json`) as the rules look at it; beside rules.py."""
import re

MINUTE = 60_000_000
FAR = float("inf")
VALUES = ("field", "choice")
WORD = re.compile(r"[^\W_]+")


def words(text):
    return set(WORD.findall(text.lower()))


def unit_of(text):
    return (text or "").strip().lower()


class Node:
    def __init__(self, json, order):
        get = json.get
        self.id, self.kind, self.section, self.order = json["id"], json["kind"], json["section"], order
        self.label, self.line = get("label", ""), get("line", 0)
        window = get("window")
        self.window = (window["from_min"], window["to_min"]) if window else None
        self.role, self.authority, self.unit = get("role"), get("authority"), get("unit")
        self.options, self.marks = [], {}
        for option in get("options", []):
            label = option["label"] if isinstance(option, dict) else option
            self.options.append(label)
            self.marks[label] = option.get("mark") if isinstance(option, dict) else None
        self.expectation, self.command = get("expectation"), get("command")
        self.threshold = get("threshold")
        self.optional, self.rollback = get("optional", False), get("rollback", False)
        self.signature = get("signature", False)
        self.guarded_by, self.twin_of, self.parent = get("guarded_by"), get("twin_of"), get("parent")
        self.rollback_decision = False
        self.ancestors, self.nested, self.judges = set(), [], []

    def start(self):
        return self.window[0] if self.window else None


class Gate:
    """What one gate needs: nodes by id, in the document's order."""

    def __init__(self, node, place):
        self.node, self.place = node, place
        self.time = node.window[1] if node.window else FAR
        self.own, self.needed, self.values, self.approvals = [], [], [], []
        self.approval_items = set()


class Checklist:
    def __init__(self, json, markdown):
        self.sha256 = json["sha256"]
        self.lines = markdown.split("\n")
        self.nodes = {n["id"]: Node(n, i) for i, n in enumerate(json["nodes"])}
        self.list = list(self.nodes.values())
        self.sections = {s["id"]: s for s in json["sections"]}
        self._nest()
        self._find_rollback()
        gates = [n for n in self.list if n.kind == "decision" and n.authority]
        gates.sort(key=lambda n: (n.window[1] if n.window else FAR, n.order))
        self.gates = [Gate(n, i) for i, n in enumerate(gates)]
        self.gate_of_node = {g.node.id: g for g in self.gates}
        self.gate_sections = {g.node.section for g in self.gates}
        for gate in self.gates:
            self._needs(gate)
            gate.rests_on |= {g.node.id for g in self.gates[:gate.place]}
        self._belong()
        self._measure()
        windows = [n.window[1] for n in self.list if n.window]
        windows += [s["window"]["to_min"] for s in json["sections"] if s.get("window")]
        self.last_window = max(windows, default=None)

    def _nest(self):
        for node in self.list:
            parent = node.parent
            while parent is not None:
                node.ancestors.add(parent)
                self.nodes[parent].nested.append(node)
                parent = self.nodes[parent].parent

    def _find_rollback(self):
        """The sections whose heading, or whose ##'s, has the word rollback; the decision in one."""
        self.rollback_sections = set()
        for name, section in self.sections.items():
            above = self.sections.get(name.split(".")[0], section)
            if "rollback" in words(section["title"]) | words(above["title"]):
                self.rollback_sections.add(name)
        self.rollback_decision = self.rollback_status = None
        for node in self.list:
            if node.section not in self.rollback_sections:
                continue
            if node.kind == "decision" and not node.authority and not node.twin_of:
                node.rollback_decision = True
                self.rollback_decision = self.rollback_decision or node
            elif node.kind == "status":
                self.rollback_status = self.rollback_status or node

    def _needs(self, gate):
        limit = 0 if gate.time < 0 else gate.time
        twin = next((n for n in self.list if n.twin_of == gate.node.id), None)
        for node in self.list:
            if node.section == gate.node.section and node.kind == "item":
                gate.own.append(node)
                continue
            if node.section == gate.node.section and node.kind in VALUES:
                gate.values.append(node)
                continue
            if not node.window or not node.window[0] < gate.time:
                continue
            if node.kind == "approval" and not node.signature:
                gate.approvals.append(node)
                gate.approval_items |= {a for a in node.ancestors if self.nodes[a].kind == "item"}
            after = twin and node.section == twin.section and node.order > twin.order
            if after or node.window[1] > limit:
                continue
            if node.kind in ("item", "status"):
                gate.needed.append(node)
            elif node.kind in VALUES:
                gate.values.append(node)
        gate.all = sorted(gate.own + gate.needed, key=lambda n: n.order)
        gate.ids = {n.id for n in gate.all} | {n.id for n in gate.approvals}
        earlier = {g.node.id for g in self.gates[:gate.place]}
        gate.rests_on = gate.ids | earlier | {n.id for n in gate.values}

    def _belong(self):
        """The gate of each approval: the first that needs it; the last one's are the sign-offs."""
        self.gate_of_approval = {}
        for node in self.list:
            if node.kind == "approval":
                needing = [g for g in self.gates if node in g.approvals]
                if node.signature:
                    needing = self.gates[-1:]
                self.gate_of_approval[node.id] = needing[0] if needing else None

    def _measure(self):
        """For each field the items whose threshold it judges."""
        for item in self.list:
            if not item.threshold:
                continue
            item.line_words = words(self.lines[item.line - 1])
            fields = [n for n in self.list if n.kind == "field"]
            nested = [f for f in fields if item.id in f.ancestors]
            fit = [f for f in fields if self.fits(item, f.label, f.unit)]
            near = [f for f in fit if f.section == item.section]
            top = item.section.split(".")[0]
            far = [f for f in fit if f.section.split(".")[0] == top]
            for field in fields:
                if field in nested or field in (near or far):
                    field.judges.append(item)

    @staticmethod
    def fits(item, label, unit):
        """Whether a label or metric of this unit measures the item's threshold, place aside."""
        if unit_of(unit) != unit_of(item.threshold.get("unit")):
            return False
        label = re.sub(r"\bat\s+\d+(\.\d+)?\s*%", " ", label, flags=re.I)
        named = words(label)
        return bool(named) and named <= item.line_words

    @staticmethod
    def holds(item, number):
        op, bound = item.threshold["op"], item.threshold["value"]
        return {"<": number < bound, "<=": number <= bound, ">": number > bound,
                ">=": number >= bound, "=": number == bound}[op]
