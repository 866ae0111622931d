#!/usr/bin/env python3
"""A producer and consumer of its own make (pika), for the scenarios.

usage: rabbit.py PORT publish [--user NAME PASSWORD] [--exchange X] [--times N] < messages
       rabbit.py PORT drain QUEUE            prints each message of a queue, one JSON object a line
       rabbit.py PORT depth QUEUE            how many messages wait in it
       rabbit.py PORT declare QUEUE [EXCHANGE KEY]
       rabbit.py PORT delete QUEUE
       rabbit.py PORT proxy PORT-FILE OPEN   writes the port on which it leads to the broker; what clients send gets through
                                             while there is a file OPEN, and afterwards not, but what the broker sends does
Messages are one JSON object a line: body (text) or base64, and what else: key, media, encoding, headers, claim (user-id),
expiration, depth (of headers nested in headers).  Each is published persistent and confirmed.
"""
import base64
import json
import os
import socket
import sys
import threading

import pika


def connect(port, name="guest", password="guest"):
    return pika.BlockingConnection(pika.ConnectionParameters(
        "127.0.0.1", port, credentials=pika.PlainCredentials(name, password), heartbeat=60,
        connection_attempts=5, retry_delay=0.2))


def nested(depth):
    table = {}
    for _ in range(depth):
        table = {"h": table}
    return table


def publish(port, arguments):
    user, exchange, times = ("guest", "guest"), "countersign", 1
    while arguments:
        option = arguments.pop(0)
        if option == "--user":
            user = (arguments.pop(0), arguments.pop(0))
        elif option == "--exchange":
            exchange = arguments.pop(0)
        elif option == "--times":
            times = int(arguments.pop(0))
    connection = connect(port, *user)
    channel = connection.channel()
    channel.confirm_delivery()
    for line in sys.stdin:
        message = json.loads(line)
        body = base64.b64decode(message["base64"]) if "base64" in message else message.get("body", "").encode()
        headers = dict(message.get("headers", {}))
        if "depth" in message:
            sys.setrecursionlimit(message["depth"] * 10 + 1000)
            headers["deep"] = nested(message["depth"])
        properties = pika.BasicProperties(
            content_type=message.get("media"), content_encoding=message.get("encoding"), headers=headers or None,
            user_id=message.get("claim"), expiration=message.get("expiration"), delivery_mode=2)
        for _ in range(times):
            channel.basic_publish(exchange, message.get("key", "test"), body, properties, mandatory=True)
    connection.close()


def drain(port, arguments):
    connection = connect(port)
    channel = connection.channel()
    while True:
        method, properties, body = channel.basic_get(arguments[0], auto_ack=True)
        if method is None:
            break
        print(json.dumps({"key": method.routing_key, "media": properties.content_type, "user": properties.user_id,
                          "expiration": properties.expiration, "headers": properties.headers,
                          "id": properties.message_id, "body": body.decode(errors="replace")}, default=str))
    connection.close()


def depth(port, arguments):
    connection = connect(port)
    print(connection.channel().queue_declare(arguments[0], passive=True).method.message_count)
    connection.close()


def declare(port, arguments):
    connection = connect(port)
    channel = connection.channel()
    channel.queue_declare(arguments[0], durable=True)
    if len(arguments) > 1:
        channel.exchange_declare(arguments[1], "topic", durable=True)
        channel.queue_bind(arguments[0], arguments[1], arguments[2])
    connection.close()


def delete(port, arguments):
    connection = connect(port)
    connection.channel().queue_delete(arguments[0])
    connection.close()


def carry(source, sink, gate):
    try:
        while data := source.recv(65536):
            if gate is None or os.path.exists(gate):
                sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def proxy(port, arguments):
    listener = socket.create_server(("127.0.0.1", 0))
    with open(arguments[0] + ".new", "w", encoding="ascii") as file:
        file.write(str(listener.getsockname()[1]))
    os.rename(arguments[0] + ".new", arguments[0])
    while True:
        client, _ = listener.accept()
        broker = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=carry, args=(client, broker, arguments[1]), daemon=True).start()
        threading.Thread(target=carry, args=(broker, client, None), daemon=True).start()


if __name__ == "__main__":
    {"publish": publish, "drain": drain, "depth": depth, "declare": declare, "delete": delete, "proxy": proxy}[sys.argv[2]](
        int(sys.argv[1]), sys.argv[3:])
