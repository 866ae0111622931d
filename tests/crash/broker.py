"""The broker of tests/scenario/rabbit.sh, which has prepared its directory: started, killed and asked."""
import os
import pathlib
import signal
import subprocess
import time

import pika

START_SECONDS = 120


class Broker:
    def __init__(self, home):
        self.home = pathlib.Path(home)
        port, self.node, self.cookie = (self.home / "node").read_text().split()
        self.port = int(port)
        self.environment = dict(line.split("=", 1) for line in (self.home / "environment").read_text().splitlines())
        self.process = self.answer = None

    def start(self):
        """Start it, and wait until it takes connections."""
        with open(self.home / "out", "wb") as out:
            self.process = subprocess.Popen(["/usr/lib/rabbitmq/bin/rabbitmq-server"], stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=out, env=dict(os.environ, **self.environment))
        end = time.monotonic() + START_SECONDS
        while b"completed with" not in (self.home / "out").read_bytes():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the broker did not start: {(self.home / 'out').read_text()[-2000:]}")
            time.sleep(0.05)
        self.elect()

    def elect(self):
        """Have each queue elect its leader.  In RabbitMQ 3.10 a quorum queue that is asked for something before it has one
        sometimes never gets one, and then neither takes nor gives messages until somebody does this."""
        leaderless = ("[1 || Q <- rabbit_amqqueue:list(), {Name, _} = Id <- [amqqueue:get_pid(Q)], "
                      "ra_leaderboard:lookup_leader(Name) == undefined, ra:trigger_election(Id) == ok]")
        while not (self.call(f"[] = {leaderless}")):
            time.sleep(0.05)

    def settle(self):
        """Have it sync which queues there are, once they are declared: RabbitMQ 3.10 does so only now and then, and forgets
        a quorum queue with all that it has confirmed where it is killed before."""
        while not self.call("[] = [T || T <- dets:all(), dets:sync(T) /= ok]"):
            time.sleep(0.05)

    def kill(self):
        """SIGKILL of beam: what it has not synced is lost."""
        pid = self.home / "pid"
        os.kill(int(pid.read_text()), signal.SIGKILL)
        pid.unlink()
        self.process.wait()
        self.process = None

    def call(self, expression):
        """Evaluate Erlang in it; whether that went well.  What it said is in ${answer}."""
        done = subprocess.run(["erl_call", "-sname", self.node, "-c", self.cookie, "-e"], input=expression + ".\n",
                              capture_output=True, text=True, check=False)
        self.answer = done.stdout + done.stderr
        return done.stdout.startswith("{ok,")

    def add_user(self, name, password):
        user = f'<<"{name}">>'
        return self.call(f'ok = rabbit_auth_backend_internal:add_user({user}, <<"{password}">>, <<"test">>), '
                         f'rabbit_auth_backend_internal:set_permissions({user}, <<"/">>, <<".*">>, <<".*">>, <<".*">>, <<"test">>)')

    def cut(self):
        """Close all connections, as `rabbitmqctl close_all_connections` does; whether there were any."""
        return self.call("case rabbit_networking:connections() of [_|_] = All -> "
                         '[rabbit_networking:close_connection(C, "cut") || C <- All] end')

    def depth(self, queue):
        """How many messages wait in a queue, or None where it cannot say."""
        try:
            connection = pika.BlockingConnection(pika.ConnectionParameters(
                "127.0.0.1", self.port, credentials=pika.PlainCredentials("ci", "hunter2")))
            try:
                return connection.channel().queue_declare(queue, passive=True).method.message_count
            finally:
                if connection.is_open:
                    connection.close()
        except (pika.exceptions.AMQPError, OSError):
            return None
