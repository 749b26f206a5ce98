"""The disk is full: 503 with Retry-After and no half-made token, and recovery without a restart"""

import contextlib
import os
import resource
import sqlite3
import subprocess

import httpx2 as httpx

from support.forms import FormBrowser
from support.load import Connection, Crowd
from support.oauth import Application, Machine
from support.tessera import Server
from support.wait import until
from support.world import World

# PostgreSQL's disk is PostgreSQL's: what Tessera sees of it is in `database_outage`.
ENGINES = ("sqlite",)


def run(world: World) -> None:
    _fill(world, Limit(world.prepare("limited")))
    if os.geteuid() == 0:
        with contextlib.suppress(subprocess.CalledProcessError):  # a container may be root and still not mount
            _fill(world, SmallDisk(world))


class Limit:
    """No write of the process may reach beyond so many bytes of any file, its log's included (setrlimit(2): EFBIG)."""

    name = "a limit on every file"

    def __init__(self, server: Server):
        self.server = server

    def fill(self) -> None:
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def make_room(self) -> None:
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class SmallDisk:
    """A file system of 8 MB that something else fills up (ENOSPC). Needs root."""

    name = "a small file system"

    def __init__(self, world: World):
        home = world.temporary / "small"
        home.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", home], check=True, capture_output=True)
        world.at_end.callback(subprocess.run, ["umount", home])
        self.server = world.prepare("small")
        self._ballast = home / "ballast"

    def fill(self) -> None:
        with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as ballast:
            while ballast.write(b"\0" * 4096):
                pass

    def make_room(self) -> None:
        self._ballast.unlink()


def _fill(world: World, disk: Limit | SmallDisk) -> None:
    server = disk.server.start()
    person, browser = server.create_person("ada"), FormBrowser()
    application, machine = Application(server), Machine(server)
    tokens = application.sign_in(browser, person)
    code = application.code(browser)
    url, _ = application.authorization()
    stranger = FormBrowser()
    form = stranger.page(stranger.http.get(url, follow_redirects=True))
    pid, recorded = server.process.pid, _recorded(server)

    with world.step(f"{disk.name} is reached: soon a token is not answered"):
        disk.fill()
        answered = 0
        # What is allocated already may still be written.
        while machine.post("token", grant_type="client_credentials").status_code == 200:
            answered += 1
            assert answered < 5000

    for what, send in {
        "client credentials": lambda: machine.post("token", grant_type="client_credentials"),
        "a code": lambda: application.post("token", **code),
        "a refresh": lambda: application.post("token", grant_type="refresh_token", refresh_token=tokens["refresh_token"]),
        "a revocation": lambda: application.post("revocation", token=tokens["refresh_token"]),
    }.items():
        with world.check(f"meanwhile: {what} answers 503 with Retry-After and an OAuth error, and tells nothing of the inside"):
            _put_off(send())

    with world.check("meanwhile: a crowd of requests is put off, all of them, and none hangs"):
        crowd, statuses = Crowd(), []
        for _ in range(8):
            crowd.send(_ask, application, tokens["refresh_token"], statuses)
        crowd.join()
        assert statuses and set(statuses) == {503}, statuses

    for what, send in {
        "a sign-in": lambda: stranger.submit(form, form.forms[0], "login", username=person.username, password=person.password),
        "a code for a person who is signed in": lambda: browser.http.get(url),
    }.items():
        with world.check(f"meanwhile: {what} is a page that says 503 with Retry-After"):
            answer = send()
            assert answer.status_code == 503, f"{answer.status_code} {answer.text[:300]}"
            assert answer.headers["content-type"].startswith("text/html"), answer.text[:300]
            assert int(answer.headers["retry-after"]) > 0

    with world.check("meanwhile: what needs no write still works"):
        assert httpx.get(f"{server.issuer}/healthz").status_code == 200
        assert server.published_kids()
        assert application.userinfo(tokens["access_token"]).status_code == 200
        assert browser.http.get(f"{server.issuer}/account").status_code == 200

    with world.step("there is room again: the same process recovers"):
        disk.make_room()
        until("a token is answered", machine.access_token, seconds=10)
        until("/readyz answers 200", lambda: server.readiness() == 200, seconds=10)
        assert server.running and server.process.pid == pid

    with world.check("every token that was answered is on record, and none that was not"):
        assert _recorded(server) == recorded + answered + 1

    with world.step("what was put off works now: nothing was spent, nothing was revoked"):
        application.token(**code)
        application.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        application.sign_in(FormBrowser(), person)

    with world.check("audit verify holds, and so does the database"):
        server.cli("audit", "verify")
        with contextlib.closing(_database(server)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _put_off(response: httpx.Response) -> None:
    assert response.status_code == 503, f"{response.status_code} {response.text[:300]}"
    assert int(response.headers["retry-after"]) > 0
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["error"] == "temporarily_unavailable", response.text
    for word in ("sqlite", "sqlx", "disk", "database", "i/o"):
        assert word not in response.text.lower(), response.text


def _ask(application: Application, refresh_token: str, statuses: list[int]) -> None:
    connection = Connection(application)
    for _ in range(5):
        statuses.append(connection.token(grant_type="refresh_token", refresh_token=refresh_token)[0])
    connection.close()


def _database(server: Server) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{server.home / 'tessera.db'}?mode=ro", uri=True)


def _recorded(server: Server) -> int:
    """How many tokens the audit trail knows of."""
    with contextlib.closing(_database(server)) as database:
        return database.execute("SELECT count(*) FROM audit_event WHERE kind = 'token.issued'").fetchone()[0]
