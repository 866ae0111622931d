"""Clients that load a daemon and remember what it acknowledged (Python standard library alone)."""
import http.client
import json
import threading
import time
import urllib.parse

EVENT_TYPE = "application/cloudevents+json"


def event(name, deployment, size=0):
    """One foreign CloudEvent as bytes; `size` pads its data."""
    return json.dumps({"specversion": "1.0", "id": name, "source": "/load", "type": "com.example.load",
                       "deployment": deployment, "data": {"pad": "x" * size}}).encode()


class Client:
    """One connection, kept alive."""

    def __init__(self, url, token):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=30)
        self.headers = {"Content-Type": EVENT_TYPE, "Authorization": f"Bearer {token}"}

    def post(self, body):
        """Post an event; (status, answer), or OSError or HTTPException if the daemon is gone."""
        self.connection.request("POST", "/v1/events", body, self.headers)
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def get(self, path):
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def close(self):
        self.connection.close()


class Load:
    """So many clients, each posting one event after the other until the daemon is gone or stop()."""

    def __init__(self, url, token, prefix, clients):
        self.url, self.token, self.prefix = url, token, prefix
        self.receipts = {}  # id > receipt of each acknowledged event
        self.other = []  # answers that are neither 201 nor 200, as (status, answer)
        self.lock = threading.Lock()
        self.first = threading.Event()  # set once one event was acknowledged
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(clients)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        client = Client(self.url, self.token)
        count = 0
        try:
            while not self.stopping.is_set():
                name = f"{self.prefix}-{number}-{count}"
                status, answer = client.post(event(name, f"load-{number % 3}", count * 37 % 600))
                count += 1
                with self.lock:
                    if status in (200, 201):
                        self.receipts[name] = answer
                        self.first.set()
                    else:
                        self.other.append((status, answer))
        except (OSError, http.client.HTTPException):
            pass  # the daemon is gone: what was not answered was not acknowledged
        finally:
            client.close()

    def join(self):
        for thread in self.threads:
            thread.join()

    def stop(self):
        self.stopping.set()
        self.join()


class Watch:
    """Asks for the checkpoint again and again until the daemon is gone; join() gives those that differ."""

    def __init__(self, url, every_seconds=0.001):
        self.url, self.every_seconds, self.notes = url, every_seconds, []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.url).netloc, timeout=30)
        try:
            while True:
                connection.request("GET", "/checkpoint")
                response = connection.getresponse()
                note = response.read().decode()
                if response.status == 200 and (not self.notes or note != self.notes[-1]):
                    self.notes.append(note)
                time.sleep(self.every_seconds)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    def join(self):
        self.thread.join()
        return self.notes


def stored(url, token, after=None):
    """All records after a seq, by paging."""
    client = Client(url, token)
    records = []
    while True:
        path = "/v1/events?limit=1000" + (f"&after={after}" if after is not None else "")
        status, page = client.get(path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {page}")
        records += page["events"]
        after = page["next"]
        if after is None:
            client.close()
            return records


def check(receipts, records):
    """What is wrong: acknowledged events that are not stored as their receipts say, or twice."""
    wrong = []
    by_id = {}
    for record in records:
        name = record["event"]["id"]
        if name in by_id:
            wrong.append(f"{name} is there twice: {by_id[name]['seq']} and {record['seq']}")
        by_id[name] = record
    for name, receipt in receipts.items():
        record = by_id.get(name)
        if record is None:
            wrong.append(f"{name} was acknowledged as {receipt['seq']} and is not there")
            continue
        for member in ("seq", "stream", "stream_pos", "leaf"):
            if record[member] != receipt[member]:
                wrong.append(f"{name}: {member} is {record[member]}, acknowledged was {receipt[member]}")
    return wrong
