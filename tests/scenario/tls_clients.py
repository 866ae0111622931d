#!/usr/bin/env python3
"""Clients over TLS that curl cannot be.
Usage: tls_clients.py protocol PORT CA        versions, ALPN, resumption
       tls_clients.py hold PORT CA            a connection goes on after the file `go` could be read
       tls_clients.py lose PORT CA NAME       the same with NAME.pem and NAME.key, which then holds no more"""
import http.client
import socket
import ssl
import sys
import warnings


def context(ca, version=None, alpn=None, name=None):
    made = ssl.create_default_context(cafile=ca)
    made.set_ciphers("DEFAULT:@SECLEVEL=0")
    warnings.simplefilter("ignore", DeprecationWarning)
    if version:
        made.minimum_version = made.maximum_version = version
    if alpn:
        made.set_alpn_protocols(alpn)
    if name:
        made.load_cert_chain(name + ".pem", name + ".key")
    return made


def ask(sock, path="/healthz"):
    """The status of one request on a connection that is kept."""
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    response = http.client.HTTPResponse(sock)
    response.begin()
    response.read()
    return response.status


def connect(port, made, session=None):
    return made.wrap_socket(socket.create_connection(("127.0.0.1", port), 30), server_hostname="127.0.0.1",
                            session=session)


def refused(port, made):
    try:
        with connect(port, made):
            return False
    except (ssl.SSLError, ConnectionError):
        return True


def protocol(port, ca):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        made = context(ca, version, ["http/1.1"])
        with connect(port, made) as sock:
            assert ask(sock) == 200 and ask(sock) == 200
            assert sock.selected_alpn_protocol() == "http/1.1", sock.selected_alpn_protocol()
            assert "GCM" in sock.cipher()[0] or "CHACHA20" in sock.cipher()[0], sock.cipher()
            session = sock.session
        with connect(port, made, session) as sock:
            assert sock.session_reused, f"{version}: the session was not resumed"
            assert ask(sock) == 200
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        assert refused(port, context(ca, version)), f"{version} is spoken"
    weak = context(ca, ssl.TLSVersion.TLSv1_2)
    weak.set_ciphers("AES256-SHA256:AES128-GCM-SHA256:@SECLEVEL=0")
    assert refused(port, weak), "a cipher without forward secrecy is taken"
    assert refused(port, context(ca, alpn=["h2"])), "a client of HTTP/2 alone is let in"
    with connect(port, context(ca, alpn=["h2", "http/1.1"])) as sock:
        assert sock.selected_alpn_protocol() == "http/1.1" and ask(sock) == 200
    with socket.create_connection(("127.0.0.1", port), 30) as sock:  # plain HTTP
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert not sock.recv(4096).startswith(b"HTTP")


def hold(port, ca, name=None):
    with connect(port, context(ca, name=name)) as sock:
        assert ask(sock, "/v1/events" if name else "/healthz") == 200
        print("held", flush=True)
        with open("go") as go:
            go.read()
        status = ask(sock, "/v1/events" if name else "/healthz")
        assert status == (401 if name else 200), status


{"protocol": protocol, "hold": hold, "lose": hold}[sys.argv[1]](int(sys.argv[2]), *sys.argv[3:])
