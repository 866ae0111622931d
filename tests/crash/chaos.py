#!/usr/bin/env python3
"""Events over HTTP and RabbitMQ at once while everything is killed and cut: each is in the ledger exactly once.

chaos.py PROGRAM BROKER [OPTION]...     (chaos.sh prepares BROKER and tells the options)

Each event is sent at least twice, and again until each sending is acknowledged: by posts of one and of many, by
`countersign push --spool`, by publishers with confirms, and signed ones both ways.  Meanwhile the ledger and the broker
get SIGKILL, connections are cut, by the broker and by a proxy in the midst of frames.  At the end the entries, read back from tiles, must be the
events, each once, with its bytes, principal and the place that its receipts say; `verify` must say ok, also against checkpoints fetched on
the way, of which no two may differ for a size; and custody must agree with the entries, and have counted no fewer messages than were
acknowledged and no more than were sent, by each way.  Exit 1 at the first failure, whose ledger is left in place."""
import argparse
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

import broker as brokers
import load
import senders
import stored
import wire
from kill import Daemon, Failure, run

STALL_SECONDS = 180  # nothing was acknowledged for so long: something hangs
POLL_SECONDS = 0.005
NOTES_MAX = 40  # checkpoints that `verify` is given
KINDS = {"post": 0.2, "batch": 0.3, "push": 0.1, "signed": 0.05, "amqp": 0.35}  # parts of the events
PRINCIPALS = {"post": "load", "batch": "load", "push": "spool", "signed": "signer", "amqp": "amqp:ci"}
KILLS, BROKER_KILLS, CUTS = 2, 1, 5  # a round


def options():
    parser = argparse.ArgumentParser(prog="chaos.sh")
    parser.add_argument("program")
    parser.add_argument("broker")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--events", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--state", type=pathlib.Path)
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (10 if chosen.long else 1)
    chosen.events = chosen.events or (10000 if chosen.long else 5000)
    return chosen


class Chaos:
    def __init__(self, chosen):
        self.program = chosen.program
        self.work = chosen.state or pathlib.Path(tempfile.mkdtemp(prefix="countersign-chaos-"))
        self.ledger = self.work / "ledger"
        self.done = {"seed": chosen.seed, "rounds": [], "notes": {}, "kills": 0, "broker_kills": 0, "cuts": 0, "push_kills": 0,
                     "sent": {"http": 0, "amqp": 0}, "acknowledged": {"http": 0, "amqp": 0}}
        if self.ledger.exists():
            self.done = json.loads((self.work / "state").read_text())
        elif self.done["seed"] is None:
            self.done["seed"] = random.SystemRandom().randrange(2**32)
        self.seed = self.done["seed"]
        self.signer = senders.Signer(f"{self.seed}")
        if not self.ledger.exists():
            self.make_ledger()
        self.tokens = json.loads((self.work / "tokens").read_text())
        self.daemon = self.watch = self.tally = self.restarts = None
        self.broker = brokers.Broker(chosen.broker)
        self.wires = {"http": wire.Wire(1, "posts")}

    def make_ledger(self):
        self.work.mkdir(exist_ok=True)
        key = self.work / "admin"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)])
        run([self.program, "init", str(self.ledger), "--admin", f"root={key}.pub"])
        (self.work / "signer.pub").write_text(self.signer.line)
        run([self.program, "key", "enroll", str(self.ledger), "signer", str(self.work / "signer.pub"), "--key", str(key)])
        tokens = {name: run([self.program, "token", "issue", str(self.ledger), "--principal", name, "--scope", "write,read",
                             "--key", str(key)]) for name in ("load", "spool")}
        (self.work / "tokens").write_text(json.dumps(tokens))
        (self.work / "password").write_text("hunter2\n")
        (self.work / "password").chmod(0o600)

    # what is started, and what is done to it

    def start_broker(self):
        self.broker.start()
        if not self.broker.add_user("ci", "hunter2"):
            raise Failure(f"the broker takes no user: {self.broker.answer}")
        self.wires["consume"] = wire.Wire(self.broker.port, "deliveries")
        self.wires["publish"] = wire.Wire(self.broker.port, None)

    def start_ledger(self):
        self.daemon = Daemon(self.program, self.ledger, "--scrub-rate", "0",
                             "--amqp", f"amqp://ci@127.0.0.1:{self.wires['consume'].port}",
                             "--amqp-password-file", str(self.work / "password"))

    def lead_to_ledger(self):
        url = self.daemon.url()
        self.wires["http"].lead(int(url.rsplit(":", 1)[1]))
        self.watch = load.Watch(url, 0.02)

    def saw(self, note):
        """A checkpoint that was shown, or stands outside the environment."""
        _, size, root = note.split("\n")[:3]
        if self.done["notes"].setdefault(size, note).split("\n")[2] != root:
            raise Failure(f"two roots were signed for size {size}")

    def see_notes(self):
        for note in self.watch.join():
            self.saw(note)
        self.saw((self.ledger / "checkpoint").read_text())

    def kill_ledger(self, chance):
        self.daemon.kill()
        self.see_notes()
        self.done["kills"] += 1
        self.start_ledger()
        while chance.random() < 0.25:  # while it starts, too
            time.sleep(chance.uniform(0, 0.05))
            self.daemon.kill()
            self.done["kills"] += 1
            self.start_ledger()
        self.lead_to_ledger()

    def cut(self, chance):
        """Cut some connections; where there are none, others, or wait until there are."""
        while True:
            which = chance.choice(["http", "consume", "publish", "broker"])
            if self.broker.cut() if which == "broker" else self.wires[which].cut(chance.random()):
                self.done["cuts"] += 1
                return
            self.pause()

    def pause(self):
        """Look whether all is well, and let time pass."""
        if self.tally.wrong:
            raise Failure("; ".join(self.tally.wrong[:3]))
        if self.daemon.process.poll() is not None:
            raise Failure(f"the ledger ended by itself: exit {self.daemon.process.returncode}")
        time.sleep(POLL_SECONDS)

    def reach(self, count):
        """Wait until so many sendings are acknowledged."""
        last, since = -1, time.monotonic()
        while self.tally.progress.value < count:
            self.pause()
            now = self.tally.progress.value
            if now != last:
                last, since = now, time.monotonic()
            if time.monotonic() - since > STALL_SECONDS:
                raise Failure(f"{last} sendings acknowledged, and no more for {STALL_SECONDS} s")

    def restart_broker(self, moments):
        """Kill the broker and start it again on its data at each of the moments."""
        try:
            for moment in moments:
                while self.tally.published.value < moment and not self.tally.wrong:
                    time.sleep(POLL_SECONDS)
                if self.tally.wrong:
                    return
                self.broker.kill()
                self.done["broker_kills"] += 1
                self.broker.start()
        except (Failure, OSError, RuntimeError) as failure:
            self.tally.fail(f"{failure}")

    # a round

    def events(self, number, count):
        """Of a round, by kind: [(name, event)]."""
        result = {}
        for kind, part in KINDS.items():
            names = [f"{kind}-{number}-{i}" for i in range(int(count * part))]
            stream = f"chaos-{kind}" if kind == "push" else f"chaos-{kind}-%d"
            result[kind] = [(name, senders.event(name, stream if kind == "push" else stream % (i % 5), self.seed))
                            for i, name in enumerate(names)]
        return result

    def start_senders(self, number, events):
        """Threads and processes that send them, and how many sendings over AMQP and in all that makes."""
        seed, url = f"{self.seed}/{number}", f"http://127.0.0.1:{self.wires['http'].port}"
        posts = [(senders.EVENT, data, [name]) for name, data in events["post"]]
        signed = [(senders.ENVELOPE, self.signer.envelope(data), [name]) for name, data in events["signed"]]
        batches, chance, at = [], random.Random(f"{seed}/batches"), 0
        while at < len(events["batch"]):
            part = events["batch"][at:at + chance.choice([1, 10, 50, 200])]
            at += len(part)
            batches.append((senders.BATCH, b"[" + b",\n".join(data for _, data in part) + b"]", [name for name, _ in part]))
        published = [(senders.EVENT, data) for _, data in events["amqp"]] + [request[:2] for request in signed]
        chance.shuffle(published)
        publishers = [senders.Publisher(self.tally, self.wires["publish"].port, published[part::2], f"{seed}/publish{part}")
                      for part in range(2)]
        requests = [posts[0::3], posts[1::3], posts[2::3] + signed, batches[0::2], batches[1::2]]
        threads = [senders.Poster(self.tally, url, self.tokens["load"], part, f"{seed}/{i}") for i, part in enumerate(requests)]
        spool = str(self.work / "spool")
        command = [self.program, "push", url, "--spool", spool, "--unmarked"]
        pusher = senders.Pusher(self.tally, command, self.tokens["spool"], [data for _, data in events["push"]], f"{seed}/push")
        for thread in [*threads, pusher]:
            thread.start()
        over_http = sum(len(names) for part in requests for _, _, names in part) + len(events["push"])
        return publishers, threads, pusher, 2 * len(published), 2 * (len(published) + over_http)

    def round(self, number, count):
        self.tally = senders.Tally()
        events = self.events(number, count)
        while self.broker.depth("countersign.ingest") is None:  # the ledger declares it
            self.pause()
        self.broker.settle()
        publishers, threads, pusher, published, total = self.start_senders(number, events)
        chance = random.Random(f"{self.seed}/{number}/chaos")
        self.restarts = threading.Thread(target=self.restart_broker, args=(
            sorted(chance.randrange(published * 9 // 10) for _ in range(BROKER_KILLS)),))
        self.restarts.start()
        acts = [self.kill_ledger] * KILLS + [self.cut] * CUTS
        chance.shuffle(acts)
        moments = sorted(chance.randrange(total * 9 // 10) for _ in acts)
        for act, moment in zip(acts, moments, strict=True):
            self.reach(moment)
            act(chance)
        self.reach(total)
        for sender in [*publishers, *threads, pusher, self.restarts]:
            sender.join()
        self.pause()
        self.done["push_kills"] += pusher.kills
        self.drain()
        self.done["acknowledged"]["http"] += self.tally.http + 2 * len(events["push"])
        self.done["acknowledged"]["amqp"] += self.tally.published.value
        self.done["rounds"].append(count)
        return self.tally.receipts

    def drain(self):
        """Wait until the ledger has acked everything, and end it as people do."""
        while True:
            unacked = None
            while unacked != b"0" or self.broker.depth("countersign.ingest") != 0:
                self.pause()
                client = load.Client(self.daemon.url(), self.tokens["load"])
                client.connection.request("GET", "/metrics", headers=client.headers)
                lines = client.connection.getresponse().read().split(b"\n")
                unacked = next(line for line in lines if line.startswith(b"countersign_amqp_unacked ")).split()[1]
                client.close()
            self.stop_ledger()
            if self.broker.depth("countersign.ingest") == 0:
                return
            self.start_ledger()
            self.lead_to_ledger()

    def stop_ledger(self):
        self.daemon.process.send_signal(signal.SIGTERM)
        if self.daemon.process.wait() != 0:
            raise Failure(f"the ledger, asked to end: exit {self.daemon.process.returncode}")
        self.see_notes()

    # what must hold

    def check_entries(self, receipts):
        """Every event is there once; gives how many entries there are."""
        tiles = self.work / "tiles"
        shutil.rmtree(tiles, ignore_errors=True)
        said = json.loads(run([self.program, "export", str(self.ledger), "--tiles", str(tiles), "--events", "--json"]))
        wanted = {name: data for number, count in enumerate(self.done["rounds"])
                  for kind in self.events(number, count).values() for name, data in kind}
        places, pushed = {}, []
        for seq, leaf, stream, principal, data in stored.entries(tiles, said["size"]):
            if stream == "ledger":
                continue
            name = json.loads(data)["id"]
            if name in places:
                raise Failure(f"{name} is there twice: {places[name][0]} and {seq}")
            if wanted.get(name) != data:
                raise Failure(f"entry {seq}, {name}, is not what was sent: {data[:300]}")
            kind = name.split("-")[0]
            if principal != PRINCIPALS[kind]:
                raise Failure(f"entry {seq}, {name}, is of {principal}")
            places[name] = (seq, leaf)
            if kind == "push":
                pushed.append(name)
        missing = [name for name in wanted if name not in places]
        if missing:
            raise Failure(f"{len(missing)} confirmed events are not there: {missing[:5]}")
        if pushed != [name for name in wanted if name.startswith("push-")]:
            raise Failure("what was pushed is in another order")
        for name, receipt in receipts:
            if places[name] != (receipt["seq"], receipt["leaf"]):
                raise Failure(f"{name} was acknowledged as {receipt}, and is {places[name]}")
        shutil.rmtree(tiles)
        return len(places)

    def check_custody(self, entries):
        said = json.loads(run([self.program, "custody", str(self.ledger), "--json"]))
        entries += sum(row["appended"] for row in said["counts"] if row["way"] == "cli")  # keys and tokens
        if said["agrees"] is not True or said["differences"]:
            raise Failure(f"custody does not agree: {said}")
        if said["entries"] != entries or said["totals"]["appended"] != entries:
            raise Failure(f"custody: {entries} entries were brought, and it says {said}")
        for outcome in ("conflicted", "quarantined", "refused-auth", "dead-lettered"):
            if said["totals"][outcome] != 0:
                raise Failure(f"custody: {outcome}: {said['totals']}")
        for way in ("http", "amqp"):
            rows = [row for row in said["counts"] if row["way"] == way]
            taken = sum(row["appended"] + row["duplicate"] for row in rows)
            counted = sum(value for row in rows for value in row.values() if isinstance(value, int))
            acknowledged, sent = self.done["acknowledged"][way], self.done["sent"][way]
            if not acknowledged <= taken <= counted <= sent:
                raise Failure(f"custody, {way}: acknowledged {acknowledged}, taken {taken}, counted {counted}, sent {sent}")
            print(f"{way}: acknowledged {acknowledged} <= taken {taken} <= counted {counted} <= sent {sent}")

    def verify(self):
        notes = list(self.done["notes"].values())
        shown = random.Random(self.seed).sample(notes, min(NOTES_MAX, len(notes)))
        shown.append(max(notes, key=lambda note: int(note.split("\n")[1])))
        arguments = [self.program, "verify", str(self.ledger), "--json"]
        for i, note in enumerate(shown):
            path = self.work / f"note{i}"
            path.write_text(note)
            arguments += ["--against", str(path)]
        said = json.loads(run(arguments))
        if said["ok"] is not True:
            raise Failure(f"verify says {said}")

    def run(self, rounds, count):
        receipts = []
        self.start_broker()
        first = len(self.done["rounds"])
        for number in range(first, first + rounds):
            self.start_ledger()
            self.lead_to_ledger()
            receipts += self.round(number, count)
            if rounds > 1:
                print(f"round {number + 1}: {sum(self.done['rounds'])} events, {self.kills()}", flush=True)
        for way, through in (("http", "http"), ("amqp", "consume")):
            self.done["sent"][way] += self.wires[through].count()
        (self.work / "state").write_text(json.dumps(self.done))
        entries = self.check_entries(receipts)
        self.verify()
        self.check_custody(entries)
        print(f"{entries} events, each once; {self.kills()}; {len(self.done['notes'])} checkpoints seen, no false root")

    def kills(self):
        done = self.done
        return (f"{done['kills']} kills of the ledger, {done['broker_kills']} of the broker, {done['push_kills']} of push, "
                f"{done['cuts']} cuts")

    def close(self):
        if self.restarts is not None:
            self.restarts.join()
        if self.daemon is not None and self.daemon.process.poll() is None:
            self.daemon.kill()
        if self.broker.process is not None:
            self.broker.kill()
        for each in self.wires.values():
            each.close()


def ended(number, _frame):
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    raise Failure(f"ended by signal {number}")


def main():
    chosen = options()
    signal.signal(signal.SIGTERM, ended)
    chaos = Chaos(chosen)
    print(f"seed {chaos.seed}", flush=True)
    try:
        chaos.run(chosen.rounds, chosen.events)
    except (Failure, OSError, RuntimeError, ValueError) as failure:
        print(f"{failure}\nthe ledger is {chaos.ledger}, the seed {chaos.seed}", flush=True)
        if chaos.tally is not None:
            chaos.tally.fail("stopped")
        shutil.copytree(pathlib.Path(chosen.broker) / "log", chaos.work / "broker-log", dirs_exist_ok=True)
        return 1
    finally:
        chaos.close()
    if chosen.state is None:
        shutil.rmtree(chaos.work)
    return 0


if __name__ == "__main__":
    os.environ.pop("COUNTERSIGN_KEY", None)
    os.environ.pop("COUNTERSIGN_TOKEN", None)
    sys.exit(main())
