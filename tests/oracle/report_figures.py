"""The figures of a report, counted again by their printed formulas: thresholds, delivery, trend by
month, lateness by phase, failures and their repair; beside report_count.py.
"""
from report_count import MINUTE, quotient, row, time
from rules_forms import instant
from rules_world import DAY, HOUR

OUTCOMES = ("successful", "rolled-back", "failed", "abandoned")


def median(values):
    """The middle one; of an even number the mean of the two, cut to a whole number."""
    values, n = sorted(values), len(values)
    if not values:
        return None
    return values[n // 2] if n % 2 else (values[n // 2 - 1] + values[n // 2]) // 2


def part(of, by, places=2):
    return quotient(100 * of, by, places) if by else None


def in_units(us, unit, places=2):
    return None if us is None else quotient(us, unit, places)


def thresholds(metrics):
    groups = {}
    for cells in metrics:
        name = tuple(cells.get(k) for k in ("item_label", "op", "bound", "bound_unit"))
        groups.setdefault(name, []).append(cells)
    rows = []
    for (label, op, bound, unit), cells in groups.items():
        values = sorted(c["value"] for c in cells)
        within = sum(c["holds"] for c in cells)
        rows.append(row(item=label, op=op, bound=bound, unit=unit,
                        deployments=len({c["deployment"] for c in cells}), measured=len(cells),
                        within=within, outside=len(cells) - within, least=values[0],
                        median=values[(len(values) - 1) // 2], most=values[-1]))
    return sorted(rows, key=lambda r: (-r["outside"], -r["measured"], r["item"]))


class Figures:
    def __init__(self, count):
        self.count = count
        self.opened = [d for d in count.deployments if d.counted]
        self.closed = [d for d in self.opened if d.closed]
        self.timed = [(d, r) for d in count.deployments for r in d.state.records
                      if r.timed is not None and r.accepted and count.within(r)]
        self.failures = self.find_failures()
        self.waits = self.find_waits()

    def of(self, deployments, *outcomes):
        return sum(d.state.outcome in outcomes for d in deployments if d.closed)

    # What the figures are of.

    def find_waits(self):
        """(the month of the opening, how long) of each gate that was opened."""
        return [(r.time[:7], r.us - r.ready) for d in self.count.deployments for r in d.state.records
                if self.count.within(r) and r.opened_gate and r.ready is not None]

    def find_failures(self):
        """(kind, deployment, issue, began, restored, by), those that began in the period."""
        found = []
        for deployment in self.count.deployments:
            found += self.rollback(deployment) + self.issues(deployment) + self.failed(deployment)
        return sorted((f for f in found if self.count.start <= f[3] < self.count.end),
                      key=lambda f: f[3])

    def rollback(self, deployment):
        if deployment.rollback is None:
            return []
        good = deployment.rolled.us if deployment.rolled and deployment.state.rollback_good else None
        return [("rollback", deployment.name, None, deployment.rollback.us, good, None)]

    def issues(self, deployment):
        found, state = [], deployment.state
        for record in state.find("issue.opened"):
            if record.data["severity"] == 1:
                began = instant(record.data.get("started")) or record.us
                ends = [r.us for r in state.find("issue.resolved") if r.seq > record.seq and
                        r.data["issue"] == record.data["issue"]]
                found.append(("issue", deployment.name, record.data["issue"], began,
                              ends[0] if ends else None, None))
        return found

    def failed(self, deployment):
        if deployment.closed is None or deployment.state.outcome != "failed":
            return []
        repairs = [d for d in self.count.all if d.closed and d.state.outcome == "successful" and
                   deployment.name in d.data.get("repairs", []) and
                   d.closed.us >= deployment.closed.us]
        first = min(repairs, key=lambda d: d.closed.seq, default=None)
        return [("failed", deployment.name, None, deployment.closed.us,
                 first and first.closed.us, first and first.name)]

    @staticmethod
    def lead_us(deployment):
        end = deployment.clock
        if end is None and deployment.closed and deployment.state.outcome == "successful":
            end = deployment.closed
        if end is None or deployment.change_us is None:
            return None
        return end.us - deployment.change_us

    # Sheets.

    def restores(self):
        return [row(kind=kind, deployment=name, issue=issue, began=time(began), restored=time(end),
                    restored_by=by, hours=in_units(end and end - began, HOUR))
                for kind, name, issue, began, end, by in self.failures]

    def lead(self, deployments):
        known = [t for t in map(self.lead_us, deployments) if t is not None]
        return in_units(median(known), HOUR), len(known)

    def failure(self, deployments):
        bad = self.of(deployments, "rolled-back", "failed")
        ended = bad + self.of(deployments, "successful")
        return part(bad, ended), ended

    def restored(self, failures):
        known = [end - began for _, _, _, began, end, _ in failures if end is not None]
        return in_units(median(known), HOUR), len(known)

    def delivery(self):
        opened, weeks = len(self.opened), self.count.as_of - self.count.start
        good = self.of(self.opened, "successful")
        acts = [r for _, r in self.timed]
        late = sum(r.late_us > 0 for r in acts)
        waits = [w for _, w in self.waits]
        gates = len(self.count.waiting())
        lead, leads = self.lead(self.opened)
        failure, ended = self.failure(self.opened)
        restore, restored = self.restored(self.failures)
        emergencies = sum(d.emergency for d in self.opened)
        some = opened if weeks > 0 else 0
        rows = [("frequency", quotient(good * 7 * DAY, weeks, 2) if some else None, "a week", some,
                 opened),
                ("lead_time", lead, "hours", leads, opened),
                ("change_failure_rate", failure, "%", ended, opened),
                ("time_to_restore", restore, "hours", restored, len(self.failures)),
                ("gate_waiting", in_units(median(waits), MINUTE), "minutes", len(waits), gates),
                ("late_acts", part(late, len(acts)), "%", len(acts), len(acts)),
                ("emergency_share", part(emergencies, opened), "%", opened, opened)]
        return [row(figure=name, value=value, unit=unit, computable=n, of=m)
                for name, value, unit, n, m in rows]

    def months(self):
        year, month = map(int, time(self.count.start)[:7].split("-"))
        while f"{year:04}-{month:02}" <= time(self.count.end - 1)[:7]:
            yield f"{year:04}-{month:02}"
            year, month = year + month // 12, month % 12 + 1

    def trend(self):
        return [self.month(m) for m in self.months()]

    def month(self, month):
        opened = [d for d in self.opened if d.opened.time[:7] == month]
        counts = [self.of(opened, outcome) for outcome in OUTCOMES]
        acts = [r for _, r in self.timed if r.time[:7] == month]
        failures = [f for f in self.failures if time(f[3])[:7] == month]
        waits = [w for m, w in self.waits if m == month]
        return row(month=month, opened=len(opened), successful=counts[0], rolled_back=counts[1],
                   failed=counts[2], abandoned=counts[3], not_closed=len(opened) - sum(counts),
                   emergencies=sum(d.emergency for d in opened), lead_time_h=self.lead(opened)[0],
                   change_failure_pct=self.failure(opened)[0], restore_h=self.restored(failures)[0],
                   waiting_min=in_units(median(waits), MINUTE), timed_acts=len(acts),
                   late_acts=sum(r.late_us > 0 for r in acts))

    def lateness(self):
        phases = {}
        for deployment, record in self.timed:
            sections = deployment.state.checklist.sections
            top = sections.get(record.timed.section.split(".")[0])
            phases.setdefault(top["title"], []).append((deployment.name, record.late_us))
        rows = []
        for title, acts in phases.items():
            late = sorted(us for _, us in acts if us > 0)
            rows.append(row(phase=title, deployments=len({n for n, _ in acts}), acts=len(acts),
                            late=len(late), late_pct=part(len(late), len(acts), 1),
                            median_late_min=in_units(median(late), MINUTE, 1),
                            most_late_min=in_units(max(late, default=None), MINUTE, 1)))
        return rows
