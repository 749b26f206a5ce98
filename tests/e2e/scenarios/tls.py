"""TLS ended by Tessera itself: an https issuer, `__Host-` cookies, HSTS, and nothing for who speaks plain HTTP"""

import datetime
import ipaddress
import os
import select
import socket
import ssl
import time
from pathlib import Path

import httpx2 as httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support.forms import FormBrowser
from support.oauth import Application, Machine, verified
from support.tessera import Server
from support.wait import until
from support.world import World

# TLS is in front of every database alike.
ENGINES = ("sqlite",)


def run(world: World) -> None:
    certificate, key = _self_made(world.temporary)
    _mistakes(world, certificate, key)
    # What every client of this scenario trusts.
    os.environ["SSL_CERT_FILE"] = str(certificate)
    world.at_end.callback(os.environ.pop, "SSL_CERT_FILE")
    server = world.prepare(SERVER__TLS__CERTIFICATE=str(certificate), SERVER__TLS__KEY=str(key))
    server.issuer = f"https://localhost:{server.port}"
    with world.step("it starts with a certificate, a key and an https issuer, and is ready"):
        server.start()

    silent = socket.create_connection(("localhost", server.port))
    began = time.monotonic()
    _metadata(world, server)
    _people(world, server)
    _handshakes(world, server, certificate)

    with world.check("`tessera health` reaches it"):
        done = server.run("health")
        assert done.returncode == 0, done.stderr
    with world.check("who never finishes the handshake is cut off after 15 s"):
        until("the connection ends", lambda: select.select([silent], [], [], 0)[0] and not silent.recv(1), seconds=25, every=0.25)
        assert time.monotonic() - began > 10


def _mistakes(world: World, certificate: Path, key: Path) -> None:
    for what, settings in {
        "a certificate without its key": {"SERVER__TLS__CERTIFICATE": str(certificate)},
        "a key that is not there": {"SERVER__TLS__CERTIFICATE": str(certificate), "SERVER__TLS__KEY": str(key) + ".missing"},
        "a certificate in the place of the key": {"SERVER__TLS__CERTIFICATE": str(certificate), "SERVER__TLS__KEY": str(certificate)},
    }.items():
        with world.check(f"{what} is refused at the start, in words"):
            done = world.prepare(what.replace(" ", "-"), **settings).run("serve")
            assert done.returncode != 0 and "server.tls." in done.stderr, done


def _metadata(world: World, server: Server) -> None:
    with world.step("discovery over https: every URL is https and of the issuer"):
        document = server.metadata()
        assert document["issuer"] == server.issuer
        endpoints = {name: url for name, url in document.items() if name.endswith(("_endpoint", "_uri"))}
        assert len(endpoints) > 5
        assert all(url.startswith(server.issuer + "/") for url in endpoints.values()), endpoints

    with world.check("a machine gets a token that verifies, and its `iss` is https"):
        claims = verified(Machine(server).access_token(), server)
        assert claims["iss"] == server.issuer

    with world.check("RFC 6797 §7.1: every answer carries Strict-Transport-Security, refusals too"):
        for path in ("/sign-in", "/jwks", "/token", "/nowhere", "/assets/nothing.css"):
            answer = httpx.get(server.issuer + path)
            assert int(answer.headers["strict-transport-security"].split("max-age=")[1].split(";")[0]) >= 31536000, path


def _people(world: World, server: Server) -> None:
    person, browser, application = server.create_person("ada"), FormBrowser(), Application(server)
    set_cookies: list[str] = []
    browser.http.event_hooks["response"].append(lambda answer: set_cookies.extend(answer.headers.get_list("set-cookie")))

    with world.step("a person signs in over https"):
        tokens = application.sign_in(browser, person)
        assert application.userinfo(tokens["access_token"]).json()["preferred_username"] == person.username

    with world.check("every cookie is `__Host-`, Secure, of Path=/ and without a Domain; all but the session state HttpOnly and SameSite=Lax"):
        names = {cookie.split("=")[0] for cookie in set_cookies}
        assert {"__Host-tessera", "__Host-tessera-csrf", "__Host-tessera-browser"} <= names, names
        for cookie in set_cookies:
            name, *attributes = [part.strip().lower() for part in cookie.split(";")]
            assert name.startswith("__host-"), cookie
            wanted = {"secure", "httponly", "path=/", "samesite=lax"}
            if name.startswith("__host-tessera-session-state="):
                # Scripts in frames of other sites compare it (Session Management §3.2); it opens nothing.
                wanted = {"secure", "path=/", "samesite=none"}
            assert wanted <= set(attributes), cookie.split("=")[0] + str(attributes)
            assert not any(attribute.startswith("domain") for attribute in attributes), attributes

    with world.check("a cookie without the prefix, which a neighbour or plain http could set, is no session"):
        session = browser.http.cookies.get("__Host-tessera")
        assert session
        with httpx.Client() as client:
            kept = client.get(f"{server.issuer}/account", headers={"cookie": f"__Host-tessera={session}", "accept": "text/html"})
            tossed = client.get(f"{server.issuer}/account", headers={"cookie": f"tessera={session}", "accept": "text/html"})
        assert kept.status_code == 200 and person.username in kept.text
        assert tossed.is_redirect and person.username not in tossed.text, tossed.status_code


def _handshakes(world: World, server: Server, certificate: Path) -> None:
    def shake(**limits) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(certificate))
        context.set_alpn_protocols(limits.pop("alpn", ["h2", "http/1.1"]))
        for name, value in limits.items():
            setattr(context, name, value)
        return context.wrap_socket(socket.create_connection(("localhost", server.port), timeout=10), server_hostname="localhost")

    with world.check("TLS 1.3 and 1.2, HTTP/2 and HTTP/1.1 are spoken"):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for protocol in ("h2", "http/1.1"):
                with shake(minimum_version=version, maximum_version=version, alpn=[protocol]) as connection:
                    assert connection.selected_alpn_protocol() == protocol

    with world.check("RFC 8996: TLS 1.1 is refused"):
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.wrap_socket(socket.create_connection(("localhost", server.port), timeout=10), server_hostname="localhost").close()
            raise AssertionError("TLS 1.1 was accepted")
        except ssl.SSLError as error:
            # The server's own word, not a client that would not even ask.
            assert "ALERT" in str(error), error

    with world.check("plain HTTP on the port of TLS brings nothing, and the server lives on"):
        with socket.create_connection(("localhost", server.port), timeout=10) as plain:
            plain.sendall(b"GET /jwks HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b""
            try:
                while piece := plain.recv(4096):
                    answer += piece
            except ConnectionError:
                pass
        assert not answer.startswith(b"HTTP") and b"keys" not in answer, answer
        assert server.readiness() == 200


def _self_made(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost and its key, as files."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(private, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return certificate_file, key_file
