#!/usr/bin/env python3
"""Requests that should not be, for 14-http-hostile.sh (Python standard library alone).

http_hostile.py URL TOKEN    send each and look at what is answered; others are served all the while, and of the events
                             in them only those that were promised are in the ledger"""
import http.client
import json
import pathlib
import re
import socket
import sys
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "crash"))
import load  # noqa: E402

URL, TOKEN = sys.argv[1:]
WHERE = urllib.parse.urlsplit(URL)
EVENT_TYPE = "application/cloudevents+json"
BASE = f"Host: x\r\nAuthorization: Bearer {TOKEN}\r\n".encode()
STRUCTURED = b"Content-Type: " + EVENT_TYPE.encode() + b"\r\n"
CE = b"ce-specversion: 1.0\r\nce-source: /hostile\r\nce-type: t\r\n"
faults = []
taken = set()


def event(name, more=""):
    return f'{{"specversion":"1.0","id":"{name}","source":"/hostile","type":"t"{more}}}'.encode()


def connect():
    return socket.create_connection((WHERE.hostname, WHERE.port), timeout=60)


def converse(data):
    """Everything that is answered, also to what could not be sent to its end."""
    connection = connect()
    answer = b""
    try:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    try:
        while chunk := connection.recv(65536):
            answer += chunk
    except OSError:
        pass
    connection.close()
    return answer


def statuses(answer):
    return [int(status) for status in re.findall(rb"(?:^|[\r\n}])HTTP/1\.[01] (\d{3}) ", answer) if status != b"100"]


def problem(answer):
    at = answer.find(b"\r\n\r\n")
    try:
        return json.loads(answer[at:])
    except ValueError:
        return {}


def case(name, data, status, words=""):
    """One request gets one answer, which says why; after an error the connection is not used further."""
    answer = converse(data)
    found = statuses(answer)
    if found != [status]:
        faults.append(f"{name}: {found}, not [{status}]: {answer[-300:]!r}")
    elif status >= 400 and b"HEAD " not in data[:5]:
        said = problem(answer)
        if said.get("status") != status or words not in said.get("detail", ""):
            faults.append(f"{name}: it says {answer[-300:]!r}, not '{words}'")
    if status == 201:
        taken.add(name)


def post(name, body=None, head=STRUCTURED, length=True):
    body = event(name) if body is None else body
    counted = b"Content-Length: %d\r\n" % len(body) if length else b""
    return b"POST /v1/events HTTP/1.1\r\n" + BASE + head + counted + b"Connection: close\r\n\r\n" + body


def chunked(name, body, head=b"Transfer-Encoding: chunked\r\n"):
    return post(name, body, STRUCTURED + head, length=False)


def binary(name, more=b"", body=b"", identity=None):
    head = CE + (b"ce-id: " + name.encode() + b"\r\n" if identity is None else identity) + more
    return post(name, body, head)


def smuggled(name):
    return post(f"smuggled-{name}")


def bad_json():
    deep = '{"a":' * 40 + "1" + "}" * 40
    cases = {
        "utf8-stray": b"\xff", "utf8-overlong": b"\xc0\xaf", "utf8-surrogate": b"\xed\xa0\x80", "utf8-cut": b"\xe2\x82",
        "utf8-beyond": b"\xf4\x90\x80\x80",
    }
    for name, text in cases.items():
        case(name, post(name, event(name, ',"data":"') [:-1] + text + b'"}'), 400, "I-JSON")
    texts = {
        "nul": r',"data":"\u0000"', "surrogate": r',"data":"\ud800"', "twice": ',"data":1,"data":2',
        "id-twice": ',"id":"other"', "id-twice-escaped": r',"\u0069d":"other"', "twice-deep": ',"data":[{"a":{"b":1,"b":2}}]',
        "deep-objects": f',"data":{deep}', "deep-arrays": ',"data":' + "[" * 33 + "]" * 33,
        "bomb": ',"data":' + "[" * 200000, "bomb-objects": ',"data":' + '{"a":' * 100000,
        "integer": ',"data":9007199254740993', "cut": ',"data":[1', "comma": ",", "nan": ',"data":NaN',
    }
    for name, text in texts.items():
        case(name, post(name, event(name, text)), 400, "I-JSON")
    case("bom", post("bom", b"\xef\xbb\xbf" + event("bom")), 400, "byte order mark")
    case("blank", post("blank", b" " + event("blank") + b"\r\n"), 201)
    case("two", post("two", event("two") + event("two-2")), 400, "I-JSON")
    case("empty", post("empty", b""), 400, "nothing")
    case("array", post("array", b"[]"), 422, "no JSON object")
    case("control", post("control", event("control", r',"subject":"\u0001"')), 422, "'subject'")
    case("attribute", post("attribute", event("attribute", ',"a_b":1')), 422, "'a_b'")
    case("depth-31", post("depth-31", event("depth-31", ',"data":' + "[" * 31 + "]" * 31)), 201)
    case("oversize", post("oversize", event("oversize", ',"data":"' + "x" * 1100000 + '"')), 413, "over 1048576")
    case("oversize-body", post("oversize-body", b" " * 8388609), 413, "a batch 8388608")
    case("oversize-said", b"POST /v1/events HTTP/1.1\r\n" + BASE + STRUCTURED +
         b"Expect: 100-continue\r\nContent-Length: 8388609\r\n\r\n" + b" " * 8388609, 413, "a batch 8388608")


def batches():
    """One that is bad, and nothing of the batch is taken."""
    kind = b"Content-Type: application/cloudevents-batch+json\r\n"

    def batch(*events):
        return post("batch", b"[" + b",".join(events) + b"]", kind)

    good = event("in-batch")
    deep = event("deep", ',"data":' + "[" * 200000)
    for name, bad in {"utf8": b'{"specversion":"\xff"}', "deep": deep, "deeper": deep[:-1] + b"]" * 200000 + b"}",
                      "twice": event("twice", ',"id":"a"'), "cut": b'{"id":"', "escape": b'{"id":"\\"}', "nul": event("nul") + b"\0"}.items():
        case(f"batch-{name}", batch(good, bad), 400)
    case("batch-nested", batch(good, b"[" + good + b"]"), 422, "1")
    case("batch-bomb", post("batch", b"[" * 1000000, kind), 422)
    case("batch-commas", post("batch", b"[" + b"," * 1000000, kind), 400)
    case("batch-many", batch(*[b"{}"] * 8193), 422, "0")
    case("batch-dangling", post("batch", b"[" + good + b",]", kind), 400)
    case("batch-two", post("batch", b"[" + good + b"][]", kind), 400)
    case("batch-big", batch(good, event("big", ',"data":"' + "x" * 1100000 + '"')), 413, "1")


def heads():
    """Header injection: whatever stands in a head, no other request, header or attribute comes out of it."""
    get = b"GET /checkpoint HTTP/1.1\r\nHost: x\r\n"
    case("nul-value", binary("nul-value", b"ce-subject: a\0b\r\n"), 400, "control character")
    case("nul-name", binary("nul-name", b"ce-sub\0ject: a\r\n"), 400, "no name of a header")
    case("nul-line", get + b"\0\r\nX: y\r\n\r\n", 400)
    case("nul-path", b"GET /checkpoint\0 HTTP/1.1\r\nHost: x\r\n\r\n", 404)
    case("cr-value", binary("cr-value", b"ce-subject: a\rce-deployment: b\r\n"), 400)
    case("cr-folded", binary("cr-folded", b"ce-subject: a\r b\r\n"), 400)
    case("escape", binary("escape", b"ce-subject: a\x1b[2J\r\n"), 400, "control character")
    case("blank-name", binary("blank-name", b"ce-subject : a\r\n"), 400, "no name of a header")
    case("blank-first", b"GET /checkpoint HTTP/1.1\r\n Host: x\r\n\r\n", 400)
    case("no-colon", get + b"nothing\r\n\r\n", 400)
    case("no-name", get + b": x\r\n\r\n", 400, "no name of a header")
    case("no-host", b"GET /checkpoint HTTP/1.1\r\n\r\n", 400, "Host")
    case("two-hosts", get + b"Host: y\r\n\r\n", 400, "Host")
    case("two-tokens", post("two-tokens", None, STRUCTURED + b"Authorization: Bearer x\r\n"), 400, "Authorization")
    case("two-types", post("two-types", None, STRUCTURED + b"content-type: text/plain\r\n"), 400, "Content-Type")
    case("gzip", post("gzip", None, STRUCTURED + b"Content-Encoding: gzip\r\n"), 415, "Content-Encoding")
    case("long-head", get + b"X: " + b"y" * 20000 + b"\r\n\r\n", 400)
    case("long-line", b"GET /" + b"y" * 100000, 400)
    case("many-headers", get + b"".join(b"X%d: y\r\n" % i for i in range(5000)) + b"\r\n", 400)
    for version in (b"0.9", b"1.-1", b"-1.1", b"2.0", b"1.1x"):
        case(f"version {version!r}", b"GET /checkpoint HTTP/" + version + b"\r\nHost: x\r\n\r\n", 400)
    case("version 1.9", b"GET /checkpoint HTTP/1.9\r\nHost: x\r\nConnection: close\r\n\r\n", 200)
    for text in (b"\x00" * 100, b"GARBAGE\r\n\r\n", b"GET\r\n\r\n", b"GET  /checkpoint HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET /checkpoint HTTP/2.0\r\nHost: x\r\n\r\n", b"GET /checkpoint HTTP/x\r\nHost: x\r\n\r\n",
                 b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /%zz\x7f HTTP/1.1\r\nHost: x\r\n\r\n"):
        answer = converse(text)
        if statuses(answer) not in ([400], [404], []) or (not statuses(answer) and b"\r\n" in text):
            faults.append(f"{text[:40]!r}: {answer[:100]!r}")


def framing():
    """Where two could disagree on where a body ends, nothing behind it is taken for a request."""
    body = event("framing")
    length = b"Content-Length: %d\r\n" % len(body)
    heads_of = {
        "both": length + b"Transfer-Encoding: chunked\r\n", "two-lengths": length + b"Content-Length: 3\r\n",
        "coded": b"Transfer-Encoding: gzip, chunked\r\n", "tab-coded": b"Transfer-Encoding:\tchunked\r\n",
        "folded": b"Transfer-Encoding:\r\n chunked\r\n", "identity": b"Transfer-Encoding: identity\r\n",
        "plus": b"Content-Length: +3\r\n", "minus": b"Content-Length: -3\r\n", "list": b"Content-Length: 3, 3\r\n",
        "hex": b"Content-Length: 0x3\r\n", "huge": b"Content-Length: 99999999999999999999\r\n",
        "blank": b"Content-Length : 3\r\n", "none": b"Content-Length:\r\n",
    }
    for name, head in heads_of.items():
        for rest in (b"0\r\n\r\n", b"abc", body):
            data = b"POST /v1/events HTTP/1.1\r\n" + BASE + STRUCTURED + head + b"\r\n" + rest + smuggled(name)
            found = statuses(converse(data))
            if found != [400] and (name != "huge" or found not in ([], [413])):
                faults.append(f"framing {name} {rest[:5]!r}: {found}, not [400]")
    for method in (b"HEAD", b"TRACE"):
        data = method + b" /v1/events HTTP/1.1\r\n" + BASE + b"Content-Length: 3\r\n\r\nabc" + smuggled(method.decode())
        found = statuses(converse(data))
        if found != [400]:
            faults.append(f"{method!r} with a body: {found}, not [400]")


def chunks():
    body = event("chunk-good")
    cut = [b"%x\r\n%c\r\n" % (1, byte) for byte in body]
    case("chunk-good", chunked("chunk-good", b"".join(cut) + b"0\r\n\r\n"), 201)
    body = event("chunk-more")
    case("chunk-more", chunked("chunk-more", b"%X ; a=b\r\n%s\r\n0;c\r\nX-Trailer: y\r\n\r\n" % (len(body), body)), 201)
    for size in (b"x", b"-1", b"+5", b"0x5", b"5 5", b"", b"\0", b";a", b" 5", b"5\0", b"g"):
        rest = b"\r\n" if size == b"" else b"hello\r\n0\r\n\r\n"
        if size != b"":
            case(f"chunk-size {size!r}", chunked("bad", size + b"\r\n" + rest + smuggled("chunk")), 400, "chunks")
    case("chunk-short", chunked("bad", b"3\r\nhello\r\n0\r\n\r\n"), 400, "chunks")
    case("chunk-endless-size", chunked("bad", b"1" * 100000), 400, "chunks")
    case("chunk-endless-extension", chunked("bad", b"5;" + b"a" * 100000), 400, "chunks")
    case("chunk-huge", chunked("bad", b"7fffffffffffffff\r\nabc"), 413, "a batch 8388608")
    case("chunk-overflow", chunked("bad", b"ffffffffffffffffffff\r\nabc"), 413, "a batch 8388608")
    case("chunk-many", chunked("bad", (b"100000\r\n" + b" " * 0x100000 + b"\r\n") * 8 + b"1\r\n \r\n"), 413, "a batch 8388608")
    case("chunk-trailers", chunked("bad", b"0\r\n" + b"X: y\r\n" * 5000 + b"\r\n"), 413)


def methods():
    for path, allowed in (("/v1/events", "GET, HEAD, POST"), ("/checkpoint", "GET, HEAD"), ("/v1/events/0", "GET, HEAD")):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "MKCOL", "BREW", "get", "POST"):
            if method in allowed:
                continue
            data = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            answer = converse(data)
            if statuses(answer) != [405] or b"\r\nAllow: GET, HEAD" not in answer:
                faults.append(f"{method} {path}: {answer[:200]!r}")
    found = statuses(converse(b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"))
    if found not in ([400], [405]):
        faults.append(f"CONNECT: {found}")


def binary_mode():
    case("b-good", binary("b-good", b"Content-Type: a/json\r\nCE-Subject: %22x%22\r\n", b"[1]"), 201)
    case("b-avro", binary("b", b"Content-Type: application/cloudevents+avro\r\n", b"[1]"), 415, "Content-Type")
    case("b-none", post("b", b"{}", b"Content-Type: application/json\r\n"), 415, "Content-Type")
    case("b-twice", binary("b", b"Ce-Id: other\r\n"), 400, "'id' comes twice")
    case("b-missing", binary("b", identity=b""), 422, "'id' is missing")
    case("b-empty", binary("b", identity=b"ce-id:\r\n"), 422, "'id'")
    case("b-name", binary("b", b"ce-a_b: c\r\n"), 422, "'a_b'")
    case("b-data", binary("b", b"ce-data: c\r\n"), 422, "'data'")
    case("b-type", binary("b", b"ce-datacontenttype: a/b\r\n"), 422, "'datacontenttype'")
    case("b-newline", binary("b", b"ce-subject: a%0d%0aSet-Cookie: x\r\n"), 422, "'subject'")
    case("b-nul", binary("b", b"ce-subject: a%00b\r\n"), 400, "I-JSON")
    case("b-percent", binary("b", b"ce-subject: 100%\r\n"), 400, "two hex digits")
    case("b-overlong", binary("b", b"ce-subject: %C0%A0\r\n"), 400, "not UTF-8")
    case("b-latin1", binary("b", b"ce-subject: \xe9\r\n"), 400, "not UTF-8")
    case("b-version", post("b", b"", CE.replace(b"1.0", b"0.3") + b"ce-id: b\r\n"), 422, "specversion")
    case("b-out", binary("b", b"Content-Type: a/json\r\n", b'1,"deployment":"other"'), 400, "not one JSON value")
    case("b-json", binary("b", b"Content-Type: a/json\r\n", b"{'a':1}"), 400, "I-JSON")
    case("b-deep", binary("b", b"Content-Type: a/json\r\n", b"[" * 32 + b"]" * 32), 400, "32 levels")
    case("b-big", binary("b", b"", b"x" * 800000), 413, "800000")
    case("b-differs", binary("b", b"ce-deployment: d-1\r\n").replace(b"/v1/events ", b"/v1/events?deployment=d-2 "), 422,
         "the request says")


def unfinished():
    """Connections that never get to their end."""
    held = []
    for data in (b"", b"G", b"GET / HTTP/1.1\r\n", post("bad")[:-5], b"POST /v1/events HTTP/1.1\r\nX: " + b"y" * 16000,
                 chunked("bad", b"5\r\nab"), chunked("bad", b"5"), chunked("bad", b"100000\r\n" + b" " * 1000000)):
        for _ in range(5):
            connection = connect()
            connection.sendall(data)
            held.append(connection)
    return held


def polite(done):
    """A client that keeps one connection, and is served all the while."""
    client = http.client.HTTPConnection(WHERE.hostname, WHERE.port, timeout=60)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": EVENT_TYPE}
    number = 0
    while number == 0 or not done.is_set():
        client.request("POST", "/v1/events", event(f"polite-{number}"), headers)
        answer = client.getresponse()
        said = answer.read()
        if answer.status != 201 or answer.will_close:
            faults.append(f"a good request among bad ones: {answer.status} {said!r}")
            return
        taken.add(f"polite-{number}")
        number += 1


def in_ledger():
    records = load.stored(URL, TOKEN)
    return {record["event"]["id"] for record in records if record["event"]["source"] == "/hostile"}


held = unfinished()
over = threading.Event()
client = threading.Thread(target=polite, args=[over])
client.start()
for test in (bad_json, batches, heads, framing, chunks, methods, binary_mode):
    test()
over.set()
client.join()
for connection in held:
    connection.close()
if (found := in_ledger()) != taken:
    faults.append(f"in the ledger, though refused: {found - taken}; not there, though promised: {taken - found}")
if faults:
    sys.exit("\n".join(faults))
