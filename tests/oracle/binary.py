"""Binary mode (ledger/FORMAT.md) once more: a message's headers and body as one structured event; and its vectors."""
import base64
import hashlib
import json
import re

FIRST = ["specversion", "id", "source", "type"]


class Refused(Exception):
    pass


def expect(holds, what):
    if not holds:
        raise Refused(what)


def value_of(data):
    quoted = re.fullmatch(rb'"((?:[^"\\]|\\.)*)"', data, re.DOTALL)
    if quoted:
        data = re.sub(rb"\\(.)", rb"\1", quoted[1], flags=re.DOTALL)
    expect(re.fullmatch(rb"(?:[^%]|%[0-9a-fA-F]{2})*", data, re.DOTALL), "an escape is broken")
    data = re.sub(rb"%(..)", lambda escape: bytes([int(escape[1], 16)]), data)
    try:
        return data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise Refused("not UTF-8") from error


def quote(text):
    return '"' + re.sub(r'[\x00-\x1f"\\]', lambda c: "\\" + c[0] if c[0] in '"\\' else f"\\u{ord(c[0]):04x}", text) + '"'


def says_json(media):
    kind, *parameters = [part.strip(" \t").lower() for part in media.split(";")]
    charsets = [p for p in parameters if p.startswith("charset=")]
    return re.fullmatch(r"[^/]*/([^/]*\+)?json", kind) and all(c in ("charset=utf-8", 'charset="utf-8"') for c in charsets)


def data_of(media, body):
    if not body:
        return ""
    if not media or not says_json(media):
        return ',"data_base64":"' + base64.b64encode(body).decode() + '"'
    try:
        json.loads(body.decode("utf-8", "strict"))
    except ValueError as error:
        raise Refused("no JSON") from error
    return ',"data":' + body.decode()


def event(headers, media, body):
    """headers: [(name behind `ce-`, value as bytes)]"""
    attributes = {} if media is None else {"datacontenttype": media}
    for name, value in headers:
        name = name.lower()
        expect(re.fullmatch("[a-z0-9]+", name) and name not in ("data", "datacontenttype"), f"the name {name}")
        expect(name not in attributes, f"{name} twice")
        attributes[name] = value_of(value)
    expect(all(attributes.get(name) for name in FIRST) and attributes["specversion"] == "1.0", "what is mandatory")
    expect(not any(re.search("[\x00-\x1f\x7f-\x9f]", text) for text in attributes.values()), "a control character")
    order = FIRST + sorted(set(attributes) - set(FIRST))
    return "{" + ",".join(f'"{name}":{quote(attributes[name])}' for name in order) + data_of(media, body) + "}"


# Vectors

GOOD = [("specversion", b"1.0"), ("id", b"e-1"), ("source", b"/s"), ("type", b"org.example.t")]
VALUES = [b"plain", b"", b'"a b"', b'"a\\"b\\\\c\\d"', b'say "hi"', b'"a" and "b"', b'"open', b'"open\\"', b'"', b"%22%5c",
          b"Euro%20%E2%82%AC%20%f0%9F%98%80", "ä€".encode(), b"%2541", b"a+b/c?d=e&f", b'"%41\\%42"', b"\\", b"{}[],:"]
MEDIA = [None, "application/json", "Text/JSON; charset=UTF-8", "a/b+json", 'a/json ; charset="utf-8"', "text/plain",
         "application/json; charset=utf-16", "application/jsonl", "json", "a/x-json", "application/octet-stream", 'a/b; c="d\\e"']
BODIES = [b"", b"{}", b' {"a" : [1.50, "x,}\\"", null]}\r\n', b'"text"', b"0", "\"ä\"".encode()]
BAD = [(b"%", "a lone %"), (b"100%", "a % at the end"), (b"%4", "a short escape"), (b"%zz", "no hex"), (b"%C0%A0", "overlong"),
       (b"\xff", "not UTF-8"), (b"%ED%A0%80", "a surrogate"), (b"%00", "U+0000"), (b"%0d%0a", "a line break"), (b"\x1b", "escape"),
       (b"%C2%85", "U+0085"), (b"%7f", "U+007F")]


def case(headers, media, body):
    return {"attributes": [{"name": name, "value": value.hex()} for name, value in headers], "media": media, "body": body.hex()}


def cases():
    for value in VALUES:
        yield GOOD + [("x", value)], None, b""
    for media in MEDIA:
        for body in BODIES:
            yield GOOD, media, body
    yield GOOD, None, bytes(range(256))
    names, plain = ["time2", "a", "B", "aB1", "subject", "Z9", "0", "datab", "datacontenttypes", "ids"], VALUES[:1] + VALUES[2:]
    for turn in range(40):  # in any order, in any case
        headers = GOOD + [(name, plain[(turn + i) % len(plain)]) for i, name in enumerate(names) if (turn + i) % 3]
        headers.sort(key=lambda header: hashlib.sha256(b"%d %s" % (turn, header[0].encode())).digest())
        cased = [([str.lower, str.upper, str.title][(turn + i) % 3](name), value) for i, (name, value) in enumerate(headers)]
        yield cased, MEDIA[turn % len(MEDIA)], BODIES[turn % len(BODIES)]


def refused():
    for value, what in BAD:
        yield what, GOOD + [("x", value)], None, b""
    for i, (name, _) in enumerate(GOOD):
        yield f"no {name}", GOOD[:i] + GOOD[i + 1:], None, b""
        yield f"{name} twice", GOOD + [(name.upper(), b"1.0")], None, b""
        yield f"{name} empty", [(n, b"" if n == name else v) for n, v in GOOD], None, b""
    for name in ("", "a_b", "a-b", "data", "Data", "datacontenttype", "ä", "id "):
        yield f"the name '{name}'", GOOD + [(name, b"x")], None, b""
    for body in (b"{", b"hello", b"1,2", b'1,"x":"y"', b"{}}", b'"\xff"', b" ", b"1 2"):
        yield f"the body {body!r}", GOOD, "application/json", body


def vectors():
    return {"cases": [case(*message) | {"event": event(*message)} for message in cases()],
            "refused": [{"what": what} | case(*message) for what, *message in refused()]}
