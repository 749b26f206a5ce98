"""A FastAPI service verifies tokens with PyJWKClient, shows callers their own rows, and survives rotations"""

import base64
import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx2 as httpx
import jwt

from support.forms import FormBrowser
from support.oauth import Application, Machine
from support.tessera import Server
from support.wait import free_port, until
from support.world import World

SERVICE = Path(__file__).resolve().parents[1] / "support" / "notes_service.py"
NOTES = "https://notes.example"
ELSEWHERE = "https://elsewhere.example"


def run(world: World) -> None:
    server = world.serve()
    with world.step("the service starts, knowing the issuer and its own name"):
        # As on a calendar: the next keys are published long before they sign.
        server.cli("key", "rotate")
        notes = Notes(server, world)

    application = Application(server, scope="openid offline_access notes", resources=[NOTES, ELSEWHERE], access_token_signed_response_alg="ES256")
    ada, grace = server.create_person("ada"), server.create_person("grace")
    with world.step("two people sign in for the service"):
        browsers = {"ada": FormBrowser(), "grace": FormBrowser()}
        adas = application.sign_in(browsers["ada"], ada, resource=NOTES)
        graces = application.sign_in(browsers["grace"], grace, resource=NOTES)

    with world.step("each writes, and each reads their own rows alone"):
        notes.write(adas["access_token"], "the analytical engine")
        notes.write(graces["access_token"], "a moth in the relay")
        assert notes.read(adas["access_token"]) == ["the analytical engine"]
        assert notes.read(graces["access_token"]) == ["a moth in the relay"]

    machine = Machine(server, scope="notes.count audit", resources=[NOTES], access_token_signed_response_alg="RS256")
    with world.check("a machine's token is judged by its scope: it counts, and reads nobody's notes"):
        token = machine.access_token(scope="notes.count", resource=NOTES)
        assert notes.get("/count", token).json() == 2
        assert notes.get("/notes", token).status_code == 403
        assert notes.get("/count", machine.access_token(scope="audit", resource=NOTES)).status_code == 403
        assert notes.get("/count", adas["access_token"]).status_code == 403

    for what, token in _forgeries(application, browsers["ada"], adas).items():
        with world.check(f"refused with 401: {what}"):
            assert notes.get("/notes", token).status_code == 401

    _rotations(world, server, notes, application, machine, adas)


def _forgeries(application: Application, browser: FormBrowser, tokens: dict) -> dict[str, str]:
    header, payload, signature = tokens["access_token"].split(".")
    claims = json.loads(_decode(payload))
    elsewhere = application.sign_in(browser, resource=ELSEWHERE)["access_token"]
    return {
        "no token": "",
        "a changed subject": ".".join([header, _encode(claims | {"sub": "grace"}), signature]),
        "alg none": ".".join([_encode({"alg": "none", "typ": "at+jwt"}), payload, ""]),
        "signed with the public key as an HMAC secret": jwt.encode(claims, "public" * 8, headers=json.loads(_decode(header)) | {"alg": "HS256"}),
        "a token for another resource": elsewhere,
        "an ID token": tokens["id_token"],
        "a refresh token": tokens["refresh_token"],
    }


def _rotations(world: World, server: Server, notes: "Notes", application: Application, machine: Machine, adas: dict) -> None:
    def count_token() -> str:
        return machine.access_token(scope="notes.count", resource=NOTES)

    with world.step("a scheduled rotation in the middle breaks nothing: the cached set knows the new keys already"):
        old, before = count_token(), server.published_kids()
        server.cli("key", "rotate", "--now")
        until("people's tokens are signed with the new key", lambda: _kid(_refresh(application, adas)) != _kid(adas["first"]), seconds=5)
        until("machines' tokens are signed with the new key", lambda: _kid(count_token()) != _kid(old), seconds=5)
        assert notes.read(adas["first"]) == ["the analytical engine"], "the token from before the rotation"
        assert notes.read(adas["access_token"]) == ["the analytical engine"], "the token from after it"
        assert notes.get("/count", old).status_code == notes.get("/count", count_token()).status_code == 200
        assert before <= server.published_kids(), "a key that signed a living token is gone"
        assert notes.fetches() == 1, f"the set was fetched {notes.fetches()} times"

    # Keys that nobody was told of: PyJWT would wait for 30 s before it asks again, and the test would too.
    with Notes.started(server, world, "eager-service", COOLDOWN="0") as eager:
        with world.check("a rotation out of the blue: a verifier that asks at an unknown kid goes on"):
            assert eager.get("/count", count_token()).status_code == 200
            old = count_token()
            server.cli("key", "rotate", "--alg", "RS256", "--now")
            until("the new key signs", lambda: _kid(count_token()) != _kid(old), seconds=5)
            assert eager.get("/count", count_token()).status_code == eager.get("/count", old).status_code == 200
            assert eager.fetches() == 2, f"the set was fetched {eager.fetches()} times"

        with world.check("an emergency rotation takes the revoked key away, and everybody else's tokens live on"):
            stolen = count_token()
            server.cli("key", "rotate", "--now", "--revoke", _kid(stolen))
            until("the revoked key is gone", lambda: _kid(stolen) not in server.published_kids(), seconds=5)
            assert eager.get("/count", count_token()).status_code == 200
            assert eager.read(adas["access_token"]) == []
            assert eager.get("/count", stolen).status_code == 401


def _refresh(application: Application, tokens: dict) -> str:
    """Refreshes in place; `first` stays the access token from before."""
    tokens.setdefault("first", tokens["access_token"])
    tokens.update(application.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))
    return tokens["access_token"]


def _kid(token: str) -> str:
    return jwt.get_unverified_header(token)["kid"]


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encode(document: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


class Notes:
    """The service, seen from outside; it ends with its world, or with `started`."""

    def __init__(self, server: Server, world: World, name: str = "service", **settings: str):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = os.environ | {"ISSUER": server.issuer, "AUDIENCE": NOTES, "JWKS_URI": server.metadata()["jwks_uri"], "PORT": str(port)} | settings
        with (world.logs / f"{name}.log").open("wb") as log:
            self.process = subprocess.Popen([sys.executable, SERVICE], env=environment, stdout=log, stderr=log)
        world.at_end.callback(self.end)
        until(f"{name} answers", lambda: self.fetches() == 0, seconds=20)

    @classmethod
    @contextlib.contextmanager
    def started(cls, *arguments, **settings):
        notes = cls(*arguments, **settings)
        try:
            yield notes
        finally:
            notes.end()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

    def get(self, path: str, token: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=_bearer(token), timeout=20)

    def read(self, token: str) -> list[str]:
        return self.get("/notes", token).raise_for_status().json()

    def write(self, token: str, text: str) -> None:
        httpx.post(self.url + "/notes", json={"text": text}, headers=_bearer(token), timeout=20).raise_for_status()

    def fetches(self) -> int:
        return httpx.get(self.url + "/fetches", timeout=20).json()
