#!/usr/bin/env python3
"""Follows /v1/stream by many clients that read nothing, until the daemon has cut some of them off.

usage: deaf.py URL READ_TOKEN CLIENTS AFTER
"""
import re
import socket
import sys
import time
import urllib.parse
import urllib.request

url, token, clients, after = sys.argv[1:5]
host = urllib.parse.urlparse(url)
head = f"Authorization: Bearer {token}\r\n"
deaf = []
for _ in range(int(clients)):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((host.hostname, host.port))
    client.sendall(f"GET /v1/stream?after={after} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
    deaf.append(client)
for _ in range(4000):
    request = urllib.request.Request(f"{url}/metrics", headers={"Authorization": f"Bearer {token}"})
    metrics = urllib.request.urlopen(request, timeout=30).read().decode()
    value = {name: int(re.search(rf"^countersign_{name} (\d+)$", metrics, re.M).group(1))
             for name in ("followers_unsent_bytes", "followers_cut_total")}
    if value["followers_unsent_bytes"] > 70 << 20:
        sys.exit(f"deaf: {value['followers_unsent_bytes']} bytes are on their way")
    if value["followers_cut_total"] > 0:
        break
    time.sleep(0.025)
else:
    sys.exit(f"deaf: nobody was cut off: {value}")
