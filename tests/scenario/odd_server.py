#!/usr/bin/env python3
"""A server that is no ledger, or one behind something odd: odd_server.py PORT-FILE ANSWER...

Answers each POST with the next ANSWER, the last one again and again: STATUS, STATUS:RETRY-AFTER, `html` (200, no receipt),
`cut` (the connection closed without an answer), `half` (closed in the midst of an answer's head), `ok` (201 and a receipt, or an array of them)."""
import http.server
import json
import pathlib
import sys

answers = sys.argv[2:]
receipt = {"seq": 1, "stream": "web-1", "stream_pos": 0, "leaf": "00", "verdict": "accepted", "flags": [], "reason": None}


class Odd(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == "cut":
            self.close_connection = True
            return
        if answer == "half":
            self.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Le")
            self.close_connection = True
            return
        said = b"<html>Welcome to the guests' network</html>" if answer == "html" else b""
        if answer == "ok":
            batch = self.headers["Content-Type"].startswith("application/cloudevents-batch")
            said = json.dumps([receipt for _ in json.loads(body)] if batch else receipt).encode()
        status, _, retry = {"ok": "201", "html": "200"}.get(answer, answer).partition(":")
        self.send_response(int(status))
        if retry:
            self.send_header("Retry-After", retry)
        if status == "302":
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
port_file = pathlib.Path(sys.argv[1])
port_file.with_suffix(".new").write_text(str(server.server_address[1]))
port_file.with_suffix(".new").rename(port_file)
server.serve_forever()
