"""rules.py PROGRAM LEDGER TOKEN CHECKLIST: plays rules_cases.py; says on standard error what is not as it
should be."""
import hashlib
import json
import sys

import rules_cases
import rules_misuse
from rules_drive import Drive

RULES = """wrong-stream unknown-deployment unknown-checklist unknown-node wrong-kind bad-value unsigned not-authorized
key-revoked deployment-closed rolled-back not-rolling-back phase-closed criterion-open children-open contradicted late
separation-of-duties bad-basis stale-basis gate-not-ready superseded not-closable""".split()
# `counter` takes a security key, and has a scenario with those.
FLAGS = """late early outside-window clock-skew spooled waived emergency retroactive blind unmeasured
judgement other-command no-touch new-key key-by-admin after-close replayed""".split()


def said_by(drive, rules, flags):
    """The report of the year lists each refusal and each flag, and what the revoked keys mean."""
    drive.run("report", drive.ledger, "--year", "2026", "--format", "json", "--unverified")
    with open("report.json") as file:
        report = json.load(file)
    rules_misuse.revoked(drive, report)
    kinds = {row["kind"] for row in report["exceptions"]}
    wanted = {f"refusal:{rule}" for rule in rules} | {f"flag:{flag}" for flag in flags}
    return [f"the report has no {kind}" for kind in sorted(wanted - kinds)]


def main():
    program, ledger, token, checklist = sys.argv[1:]
    drive = Drive(program, ledger, token, list(rules_cases.cases()))
    with open(checklist, "rb") as file:
        drive.checklist = hashlib.sha256(file.read()).hexdigest()
    drive.play()
    drive.unchanged()
    drive.failures += said_by(drive, RULES, FLAGS)
    rules_misuse.misused(drive)
    drive.failures += [f"no case was refused by {rule}" for rule in RULES if rule not in drive.seen_rules]
    drive.failures += [f"no case was flagged {flag}" for flag in FLAGS if flag not in drive.seen_flags]
    drive.end()


main()
