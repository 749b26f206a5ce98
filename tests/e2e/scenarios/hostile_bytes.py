"""Bytes that no client would send, on real sockets: refused or cut off, never a 5xx, and the server lives on"""

import json
import random
import re
import select
import socket
import time

from support.oauth import Application, Machine, verified
from support.tessera import Server
from support.wait import until
from support.world import World

# What is read here is read before any database is asked.
ENGINES = ("sqlite",)

MEGABYTE = 1 << 20
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
PAGES = ("/authorize", "/sign-in", "/consent", "/sign-out", "/sign-up", "/forgot-password")


def run(world: World) -> None:
    # One second instead of thirty for a whole request; how long a head may take is no setting.
    server = world.serve(SERVER__REQUEST_TIMEOUT="1s", DATABASE__ACQUIRE_TIMEOUT="1s")
    machine = Machine(server)
    slow = {
        "says nothing": (_connect(server), b""),
        "says a few bytes": (_connect(server, b"GET /"), b""),
        "sends its headers without end": (_connect(server, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: a"), b"a"),
    }
    started = time.monotonic()

    for name, request, expected in [*_heads(), *_bodies(), *_methods(), *_framing()]:
        with world.check(f"{name}: {' or '.join(str(status or 'cut off') for status in expected) or 'cut off or 4xx'}"):
            status, text = _exchange(server, request)
            assert status in expected if expected else status is None or 400 <= status < 500, f"{status} {text[:300]}"
            assert server.running

    with world.check("a JSON error where machines call, an HTML page where people do"):
        for path, kind in [("/token", "application/json"), ("/sign-in", "text/html")]:
            _, text = _exchange(server, _post(path, b"", length=MEGABYTE))
            assert re.search(rf"(?im)^content-type: {kind}", text), text[:400]

    with world.check("500 connections of seeded noise: none is answered with a 5xx"):
        noise = random.Random(6749)
        for number in range(500):
            status, text = _exchange(server, _noise(noise), wait=0.05)
            assert status is None or status < 500, f"{number}: {status} {text[:200]}"

    with world.check("a body that never comes to its end is cut off with 408 after server.request_timeout"):
        began = time.monotonic()
        status, text = _exchange(server, _post("/token", b"grant_type=", length=1000), wait=5)
        assert status == 408, f"{status} {text[:300]}"
        assert 0.9 < time.monotonic() - began < 4

    for name, (connection, more) in slow.items():
        with world.check(f"a client that {name} is cut off after 15 s"):
            until("the connection ends", lambda c=connection, m=more: _ended(c, m), seconds=25, every=0.25)
            assert 10 < time.monotonic() - started

    with world.check("after all of this: no panic, and a token is issued"):
        assert "panicked" not in server.log.read_text(errors="replace")
        verified(machine.access_token(), server)
        application = Application(server)
        assert application.post("token", grant_type="authorization_code", code="x").status_code == 400


# What is sent: name, bytes, the statuses that may come back (none: 4xx or no answer at all)


def _heads():
    yield "a path of 1 MB", b"GET /" + b"a" * MEGABYTE + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", (414, 431)
    yield "a query of 1 MB", b"GET /authorize?state=" + b"a" * MEGABYTE + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", (414, 431)
    for name in ("Authorization", "Cookie", "X-Anything"):
        yield f"1 MB of {name}", _get("/userinfo", f"{name}: {'a' * MEGABYTE}\r\n"), (431,)
    yield "10000 headers", _get("/healthz", "".join(f"X-{n}: a\r\n" for n in range(10_000))), (431,)
    yield "a header of just under the limit", _get("/userinfo", f"Authorization: Bearer {'a' * 8000}\r\n"), (401,)
    for name, value in [("Authorization", b"Basic \xff\xfe"), ("Authorization", b"Basic /////w=="), ("Authorization", b"Bearer \xc3\x28")]:
        yield f"{name}: {value!r} at /token", _post("/token", b"grant_type=client_credentials", name.encode() + b": " + value + b"\r\n"), (400, 401)
        yield f"{name}: {value!r} at /userinfo", _get("/userinfo", name.encode() + b": " + value + b"\r\n"), (400, 401)
    yield "a cookie that is not UTF-8", _get("/sign-out", b"Cookie: tessera=\xff\xfe; tessera-csrf=\x80\r\n"), (200, 303, 400)
    yield "a path that is not UTF-8", b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", (400, 404)
    yield "a query that is not UTF-8", _get("/authorize?client_id=%ff%fe&state=%c3%28"), (400,)
    for path in ("/../../etc/passwd", "/assets/../../Cargo.toml", "/assets/%2e%2e/%2e%2e/Cargo.toml", "/%00", "//", "/assets/%00", "/assets/..%2f..%2fCargo.toml"):
        yield f"GET {path}", _get(path), (400, 404)


def _bodies():
    big = b"a=" + b"x" * MEGABYTE
    for path in ("/token", "/introspect", "/revoke", "/userinfo", *PAGES):
        yield f"1 MB announced for {path}", _post(path, b"", length=MEGABYTE), (413,)
        # The connection may be reset under who still sends, and the answer with it.
        yield f"1 MB for {path}", _post(path, big), (413, None)
    yield "1 MB in chunks", _chunked("/token", big), (413, None)
    yield "1 MB of JSON", _post("/token", b'"' + b"x" * MEGABYTE + b'"', kind="application/json"), (400, 413, 415, None)
    for body in (b"grant_type=\xff\xfe", b"grant_type=%ff%fe", b"grant_type=%", b"%zz=%zz", b"\x00=\x00", b"=", b"&&&", b"\xef\xbb\xbfgrant_type=a"):
        yield f"{body!r} for /token", _post("/token", body), (400, 401)
    for body in (b"username=\xff&password=\xfe", b"username=%ff", b"csrf=%00"):
        yield f"{body!r} for /sign-in", _post("/sign-in", body), (400, 403)
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencodedx", "", "\xff"):
        for path in ("/token", "/introspect", "/revoke", "/sign-in", "/consent"):
            yield f"Content-Type {kind!r} for {path}", _post(path, b"grant_type=client_credentials", kind=kind), (400, 403, 415)
    yield "one parameter 30000 times", _post("/token", b"a=1&" * 15_000), (400, 401)


def _methods():
    routes = {
        "/token": "POST", "/introspect": "POST", "/revoke": "POST", "/userinfo": "GET,HEAD,POST", "/jwks": "GET,HEAD",
        "/.well-known/openid-configuration": "GET,HEAD", "/authorize": "GET,HEAD,POST", "/sign-in": "GET,HEAD,POST", "/healthz": "GET,HEAD",
    }  # fmt: skip
    for path, allowed in routes.items():
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW", *({"GET", "POST"} - set(allowed.split(",")))):
            yield f"{method} {path}", f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode(), (405,)
    yield "CONNECT", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", (400, 404, 405)
    yield "a method of 1 MB", b"A" * MEGABYTE + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n", (400, 405, 414, 431)


def _framing():
    """RFC 9112 §6.3, §11.2: what two servers might read as two different requests (request smuggling)."""
    post = "POST /token HTTP/1.1\r\nHost: localhost\r\n" + FORM
    for name, rest in {
        "two lengths that differ": "Content-Length: 3\r\nContent-Length: 30\r\n\r\na=b",
        "a negative length": "Content-Length: -1\r\n\r\n",
        "a length of words": "Content-Length: three\r\n\r\na=b",
        "a length with a sign": "Content-Length: +3\r\n\r\na=b",
        "a length beyond any": "Content-Length: 99999999999999999999999\r\n\r\na=b",
        "an unknown transfer coding": "Transfer-Encoding: gzip\r\n\r\na=b",
        "a transfer coding that is not the last": "Transfer-Encoding: chunked, gzip\r\n\r\na=b",
        "a chunk without a size": "Transfer-Encoding: chunked\r\n\r\nzz\r\na=b\r\n0\r\n\r\n",
        "a chunk of more than any": "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\na=b\r\n0\r\n\r\n",
        "a space before the colon": "Content-Length : 3\r\n\r\na=b",
        "a folded header": "X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        "a NUL in a header": "X-Nul: a\x00b\r\nContent-Length: 0\r\n\r\n",
        "a bare CR in a header": "X-Cr: a\rb\r\nContent-Length: 0\r\n\r\n",
    }.items():
        yield name, (post + rest).encode("latin-1"), ()
    for name, request in {
        "a version to come": b"GET / HTTP/3.7\r\nHost: localhost\r\n\r\n",
        "no version": b"GET /\r\n\r\n",
        "no request": b"\r\n\r\n\r\n\r\n",
        "a TLS handshake": bytes.fromhex("16030100c8010000c40303") + b"\x00" * 200,
        "HTTP/2, then noise": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 4096,
        "another protocol": b"EHLO mail.example\r\nMAIL FROM:<a@mail.example>\r\n",
    }.items():
        yield name, request, ()


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def _get(path: str, headers: str | bytes = "") -> bytes:
    return _bytes(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n") + _bytes(headers) + b"Connection: close\r\n\r\n"


def _post(path: str, body: bytes, headers: str | bytes = "", kind: str = "application/x-www-form-urlencoded", length: int | None = None) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body) if length is None else length}\r\nConnection: close\r\n"
    return _bytes(head) + _bytes(headers) + b"\r\n" + body


def _chunked(path: str, body: bytes) -> bytes:
    pieces = [body[at : at + 4096] for at in range(0, len(body), 4096)]
    chunks = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return _bytes(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n") + chunks + b"0\r\n\r\n"


def _noise(source: random.Random) -> bytes:
    """A good request with a few bytes of it replaced, removed or repeated."""
    sane = [_get("/authorize?client_id=a&state=b"), _post("/token", b"grant_type=client_credentials&client_id=a"), _get("/userinfo", "Authorization: Bearer a\r\n")]
    request = bytearray(source.choice(sane))
    for _ in range(source.randint(1, 6)):
        at = source.randrange(len(request))
        match source.randrange(3):
            case 0:
                request[at] = source.randrange(256)
            case 1:
                del request[at]
            case 2:
                request[at:at] = bytes([source.randrange(256)]) * source.randint(1, 64)
    return bytes(request)


# Sockets


def _connect(server: Server, first: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    connection.sendall(first)
    return connection


def _ended(connection: socket.socket, more: bytes) -> bool:
    """Whether the server has closed the connection; says a little more if it has not."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        if readable and not connection.recv(4096):
            return True
        connection.sendall(more)
    except ConnectionError:
        return True
    return False


def _exchange(server: Server, request: bytes, wait: float = 3) -> tuple[int | None, str]:
    """The status and the text of the first answer; None if there is none. Answers that come early are read early."""
    answer, deadline = b"", None
    with _connect(server) as connection:
        connection.setblocking(False)
        while True:
            deadline = deadline or (None if request else time.monotonic() + wait)
            left = 10 if deadline is None else max(0, deadline - time.monotonic())
            readable, writable, _ = select.select([connection], [connection] if request else [], [], left)
            if not readable and not writable:
                break
            try:
                if readable:
                    if not (piece := connection.recv(65536)):
                        break
                    answer += piece
                    if _complete(answer):
                        break
                elif writable:
                    request = request[connection.send(request[:65536]) :]
            except ConnectionError:
                break
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    return (int(found[1]) if found else None), answer.decode(errors="replace")


def _complete(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: (\d+)", head)
    return bool(end) and length is not None and len(body) >= int(length[1])
