"""Producers that send each message twice or more, until each sending is acknowledged, whatever happens meanwhile."""
import base64
import collections
import ctypes
import hashlib
import http.client
import json
import multiprocessing
import os
import random
import shutil
import struct
import subprocess
import threading
import time
import urllib.parse

import pika

EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
ENVELOPE = "application/vnd.dsse.envelope.v1+json"
WINDOW = 200  # messages that a publisher has not confirmed yet
PAUSE_SECONDS = 0.02  # before what failed is tried again


def event(name, stream, seed):
    """An event, always the same for a name and a seed."""
    chance = random.Random(f"{seed}/{name}")
    size = chance.choice([0, 20, 100, 100, 300, 300, 900, 4000])
    pad = base64.b64encode(chance.randbytes(size)).decode()
    return (f'{{"specversion": "1.0","id":"{name}", "source":"/chaos","type":"com.example.chaos",'
            f'"deployment":"{stream}","data":{{"pad":"{pad}","word":"h\u00e9\\u006co","n":{chance.randrange(10**6)}.50}}}}').encode()


def doubled(things, chance):
    """Each of them twice, close to each other: pair by pair, or a stretch in another order."""
    result = []
    for at in range(0, len(things), 40):
        part = [thing for thing in things[at:at + 40] for _ in range(2)]
        if chance.random() < 0.5:
            chance.shuffle(part)
        result += part
    return result


class Signer:
    """An SSH key of Ed25519, and envelopes signed by it (libsodium)."""

    def __init__(self, seed):
        self.sodium = ctypes.CDLL("libsodium.so.23")
        public, self.secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        self.sodium.crypto_sign_seed_keypair(public, self.secret, hashlib.sha256(seed.encode()).digest())
        wire = b"".join(struct.pack(">I", len(part)) + part for part in (b"ssh-ed25519", public.raw[:32]))
        self.line = f"ssh-ed25519 {base64.b64encode(wire).decode()} chaos\n"
        self.keyid = "SHA256:" + base64.b64encode(hashlib.sha256(wire).digest()).decode().rstrip("=")

    def envelope(self, payload):
        signed = f"DSSEv1 {len(EVENT)} {EVENT} {len(payload)} ".encode() + payload
        signature = ctypes.create_string_buffer(64)
        self.sodium.crypto_sign_detached(signature, None, signed, ctypes.c_ulonglong(len(signed)), self.secret)
        return json.dumps({"payloadType": EVENT, "payload": base64.b64encode(payload).decode(), "signatures": [
            {"keyid": self.keyid, "sig": base64.b64encode(signature.raw).decode()}]}).encode()


class Tally:
    """What all producers of a round have reached."""

    def __init__(self):
        self.progress = multiprocessing.Value("q", 0)  # sendings that were acknowledged
        self.published = multiprocessing.Value("q", 0)  # those of them over AMQP
        self.lock = threading.Lock()
        self.receipts = []  # (id, receipt)
        self.http = 0  # events that were acknowledged over HTTP
        self.wrong = []

    def took(self, count):
        with self.progress.get_lock():
            self.progress.value += count

    def fail(self, text):
        with self.lock:
            self.wrong.append(text)


class Poster(threading.Thread):
    """Posts (media, body, names) one after the other, twice each, again until it is answered."""

    def __init__(self, tally, url, token, requests, seed):
        super().__init__()
        self.tally, self.netloc, self.token = tally, urllib.parse.urlsplit(url).netloc, token
        self.requests = doubled(requests, random.Random(seed))
        self.connection = None

    def post(self, media, body):
        """(status, answer), or None if the connection broke."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.netloc, timeout=60)
        headers = {"Content-Type": media}
        if media != ENVELOPE:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            self.connection.request("POST", "/v1/events", body, headers)
            response = self.connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.connection.close()
            self.connection = None
            return None

    def run(self):
        for media, body, names in self.requests:
            while not self.tally.wrong:
                answer = self.post(media, body)
                if answer is not None and answer[0] in (200, 201):
                    receipts = answer[1] if media == BATCH else [answer[1]]
                    with self.tally.lock:
                        self.tally.http += len(names)
                        self.tally.receipts += zip(names, receipts, strict=True)
                    self.tally.took(len(names))
                    break
                if answer is not None and answer[0] not in (429, 503, 507):
                    self.tally.fail(f"answered {answer}")
                time.sleep(PAUSE_SECONDS)
        if self.connection is not None:
            self.connection.close()


class Pusher(threading.Thread):
    """Hands lines to `countersign push --spool`, each stretch of them twice, some pushes killed; then drains the spool."""

    def __init__(self, tally, command, token, lines, seed):
        super().__init__()
        self.tally, self.command, self.lines = tally, command, lines
        self.environment = dict(os.environ, COUNTERSIGN_TOKEN=token)
        self.chance = random.Random(seed)
        self.kills = 0

    def push(self, *options, data=b"", kill=False):
        """Its exit code, or None if it was killed."""
        with subprocess.Popen([*self.command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment) as process:
            if kill:
                timer = threading.Timer(self.chance.uniform(0, 0.05), process.kill)
                timer.start()
            out, err = process.communicate(data)
            if kill:
                timer.cancel()
        if process.returncode == -9:
            self.kills += 1
            return None
        if process.returncode not in (0, 3):
            self.tally.fail(f"push: exit {process.returncode}: {out.decode()[-500:]}{err.decode()[-500:]}")
        return process.returncode

    def run(self):
        stretches, at = [], 0
        while at < len(self.lines):
            count = self.chance.choice([1, 20, 100, 300])
            stretches += [self.lines[at:at + count]] * 2
            at += count
        for lines in stretches:
            code = None
            while code != 0 and not self.tally.wrong:
                code = self.push("--wait", self.chance.choice(["0", "1"]), data=b"".join(line + b"\n" for line in lines),
                                 kill=self.chance.random() < 0.2)
            self.tally.took(len(lines))
        code = None
        while code != 0 and not self.tally.wrong:
            code = self.push("--drain", "--wait", "5")
        spool = self.command[self.command.index("--spool") + 1]
        if os.path.exists(os.path.join(spool, "refused")):
            self.tally.fail(f"push: refused: {open(os.path.join(spool, 'refused'), encoding='utf-8').read()[:1000]}")
        elif not self.tally.wrong:
            shutil.rmtree(spool)


class Publisher:
    """A process that publishes (media, body) to the broker, twice each, until each is confirmed."""

    def __init__(self, tally, port, messages, seed):
        self.tally = tally
        context = multiprocessing.get_context("fork")
        self.says, theirs = context.Pipe(False)
        self.process = context.Process(target=self.run, args=(port, messages, seed, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def run(self, port, messages, seed, says):
        self.todo = collections.deque(doubled(messages, random.Random(seed)))
        self.unconfirmed, self.tag, self.channel, self.wrong = {}, 0, None, None
        while (self.todo or self.unconfirmed) and self.wrong is None:
            parameters = pika.ConnectionParameters("127.0.0.1", port, heartbeat=30, connection_attempts=1,
                                                   credentials=pika.PlainCredentials("ci", "hunter2"))
            self.connection = pika.SelectConnection(parameters, self.opened, self.ended, self.ended)
            self.connection.ioloop.start()
            self.todo.extendleft(reversed(self.unconfirmed.values()))
            self.unconfirmed, self.tag, self.channel = {}, 0, None
            time.sleep(PAUSE_SECONDS)
        says.send(self.wrong)

    def ended(self, connection, _reason):
        connection.ioloop.stop()

    def opened(self, connection):
        connection.channel(on_open_callback=self.ready)

    def ready(self, channel):
        self.channel = channel
        channel.add_on_return_callback(self.returned)
        channel.add_on_close_callback(lambda _channel, _reason: self.connection.is_open and self.connection.close())
        channel.confirm_delivery(self.confirmed, lambda _frame: self.fill())

    def returned(self, _channel, method, _properties, _body):
        self.wrong = f"the broker returned a message: {method.reply_text}"

    def fill(self):
        while self.todo and len(self.unconfirmed) < WINDOW and self.channel.is_open:
            media, body = message = self.todo.popleft()
            self.tag += 1
            self.unconfirmed[self.tag] = message
            self.channel.basic_publish("countersign", "chaos", body, mandatory=True, properties=pika.BasicProperties(
                content_type=media, user_id="ci", delivery_mode=2))

    def confirmed(self, frame):
        tags = [frame.method.delivery_tag]
        if frame.method.multiple:
            tags = [tag for tag in self.unconfirmed if tag <= tags[0]]
        for tag in tags:
            message = self.unconfirmed.pop(tag)
            if isinstance(frame.method, pika.spec.Basic.Nack):
                self.todo.append(message)
                continue
            for value in (self.tally.progress, self.tally.published):
                with value.get_lock():
                    value.value += 1
        if self.todo and self.wrong is None:
            self.fill()
        elif not self.unconfirmed or self.wrong is not None:
            self.connection.close()

    def join(self):
        """Wait until it is done."""
        try:
            wrong = self.says.recv()
        except EOFError:
            wrong = "a publisher ended"
        if wrong is not None:
            self.tally.fail(wrong)
        self.process.join()
