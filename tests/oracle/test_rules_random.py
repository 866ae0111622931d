#!/usr/bin/env python3
"""Random sequences of events: the reducer and the oracle give the same verdicts, flags and states.

Usage: test_rules_random.py [--sequences N] [--first N] [--seed S] [--jobs J] [--only NUMBER]
Of some sequences the registry is folded first and each deployment by itself, entries of different
deployments change places, and all are looked at somewhere in the middle: nothing may change by it.
A sequence that differs is printed by its number; --only judges it alone and prints it as judge.c
takes it.  With COUNTERSIGN_LONG there are 100,000, which --first can part into pieces.
COUNTERSIGN_JUDGE names another build of judge.c: many sequences take less time by that of `debug`.
"""
import argparse
import collections
import itertools
import multiprocessing
import os
import random
import sys
import time

import rules_world
from rules_sequences import Walk
from rules_world import HERE, SHARED, compiled, differences, state_differences, state_of

SHOWN = 10


def checklists():
    """[small ones], [large ones]"""
    small = [compiled(p) for p in sorted((HERE / "checklists").glob("*.md"))]
    large = [compiled(rules_world.ROOT / "replay/checklists/blue-green.md")]
    seed = SHARED / "seed/PRODUCTION_DEPLOYMENT_CHECKLIST.md"
    if seed.exists():
        large.append(compiled(seed))
    return small, large


def walk_of(seed, number, kinds):
    small, large = kinds
    return Walk(f"{seed}/{number}", large if number % 100 == 99 else small)


def judge_one(judge, walk, number):
    world = walk.world
    cut = (number * 7919) % len(world.rows)
    line = world.line(cut, again=number % 4 == 0)
    answer = judge.ask(line)
    found = differences(world, answer)
    if len(world.deployments) > 1 and not found:
        found = differences_of_order(world, number, judge, answer)
    return line, found


def differences_of_order(world, number, judge, answer):
    """Entries of different deployments change places, and nothing else does."""
    order = reordered(world, random.Random(number))
    other = judge.ask(world.line(rows=[world.rows[i] for i in order]))
    states = {name: state_of(d) for name, d in world.deployments.items()}
    found = []
    for name, theirs in other["states"].items():
        found += state_differences(name + ", reordered,", states[name], theirs)
    for seq, i in enumerate(order):
        if other["verdicts"][seq][:3] != answer["verdicts"][i][:3]:
            found.append(f"reordered, entry {i} is judged {other['verdicts'][seq]}, not "
                         f"{answer['verdicts'][i]}")
    return found


def reordered(world, source, at_once=False):
    """Places in another order: each stream's, and that against the ledger's, stay as they are.

    ${at_once}: only entries of one moment change places.
    """
    since = {e["data"].get("since") for e in world.events if isinstance(e["data"], dict)}
    order = list(range(len(world.rows)))
    for _ in range(4 * len(order)):
        i = source.randrange(len(order) - 1)
        one, two = world.rows[order[i]], world.rows[order[i + 1]]
        streams = {one[0], two[0]}
        if at_once and one[2] != two[2]:
            continue
        if len(streams) == 2 and "ledger" not in streams and not {i, i + 1} & since:
            order[i], order[i + 1] = order[i + 1], order[i]
    return order


def work(job):
    """Judge each ${step}th sequence: (count, events, verdicts, [difference])."""
    first, end, step, seed = job
    kinds, judge = checklists(), rules_world.Judge()
    events, verdicts, found = 0, collections.Counter(), []
    for number in range(first, end, step):
        walk = walk_of(seed, number, kinds)
        events += len(walk.world.rows)
        for rule, flags, _ in walk.world.verdicts:
            verdicts[rule or "accepted"] += 1
            verdicts.update("+" + f for f in flags)
        for deployment in walk.world.deployments.values():
            if deployment.outcome:
                verdicts["=" + deployment.outcome] += 1
            verdicts.update(":" + c.id.split(":")[0] for c in deployment.criteria)
        _, differs = judge_one(judge, walk, number)
        if differs:
            found.append((number, differs))
    judge.close()
    return events, verdicts, found


def only(seed, number):
    kinds, judge = checklists(), rules_world.Judge()
    line, differs = judge_one(judge, walk_of(seed, number, kinds), number)
    print(line)
    print("\n".join(differs) or "no difference")
    return 1 if differs else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sequences", type=int,
                        default=100000 if "COUNTERSIGN_LONG" in os.environ else 1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    if options.only is not None:
        return only(options.seed, options.only)
    began = time.monotonic()
    jobs = [(options.first + i, options.first + options.sequences, options.jobs, options.seed)
            for i in range(options.jobs)]
    with multiprocessing.Pool(options.jobs) as pool:
        results = pool.map(work, jobs)
    events, verdicts = sum(r[0] for r in results), sum((r[1] for r in results), collections.Counter())
    found = sorted(itertools.chain(*(r[2] for r in results)), key=lambda f: f[0])
    for number, differs in found[:SHOWN]:
        print(f"sequence {number}:\n    " + "\n    ".join(differs[:6]))
    print(", ".join(f"{n} {name}" for name, n in sorted(verdicts.items())))
    print(f"{options.sequences} sequences, {events} events, {len(found)} differ, "
          f"{time.monotonic() - began:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
