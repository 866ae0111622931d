#!/usr/bin/env python3
"""A producer and consumer of its own make (pika), for the scenarios.

usage: rabbit.py PORT publish [--user NAME PASSWORD] [--exchange X] [--times N] < messages
       rabbit.py PORT drain QUEUE            prints each message of a queue, one JSON object a line
       rabbit.py PORT depth QUEUE            how many messages wait in it
       rabbit.py PORT declare QUEUE [EXCHANGE KEY]
       rabbit.py PORT delete QUEUE | delete-exchange EXCHANGE
Messages are one JSON object a line: body (text) or base64, and what else: key, media, encoding, headers, claim (user-id),
expiration, depth (of headers nested in headers).  Each is published persistent and confirmed.
"""
import base64
import json
import sys

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


if __name__ == "__main__":
    {"publish": publish, "drain": drain, "depth": depth, "declare": declare, "delete": delete}[sys.argv[2]](
        int(sys.argv[1]), sys.argv[3:])
