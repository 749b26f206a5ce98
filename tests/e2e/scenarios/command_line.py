"""The command line beside a running server: clients, keys, audit, backup and restore"""

import contextlib
import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from support import vault
from support.forms import FormBrowser
from support.load import Connection, Crowd
from support.oauth import Application, Machine, verified
from support.tessera import Server
from support.wait import until
from support.world import World


def run(world: World) -> None:
    server = world.serve()
    _clients(world, server)
    _people(world, server)
    _keys(world, server)
    _audit(world, server)
    _backup(world, server)


def _clients(world: World, server: Server) -> None:
    with world.step("a client made on the command line works within a second"):
        machine = Machine(server)
        until("it gets a token", machine.access_token, seconds=1)
        verified(machine.access_token(), server)

    with world.check("its metadata is replaced as a whole, and a wrong document changes nothing"):
        wrong = server.run("client", "update", machine.id, "--file", "-", stdin=json.dumps({"redirect_uris": ["no"]}))
        assert wrong.returncode != 0 and "redirect" in wrong.stderr, wrong
        other = {"client_name": "Renamed", "grant_types": ["client_credentials"], "scope": "a b"}
        said = json.loads(server.cli("client", "update", machine.id, "--file", "-", stdin=json.dumps(other)))
        assert said["client_name"] == "Renamed" and "client_secret" not in said, said
        until("it is known by its new scope", lambda: machine.token(grant_type="client_credentials")["scope"] == "a b", seconds=2)
        assert server.run("client", "update", "nobody", "--file", "-", stdin=json.dumps(other)).returncode != 0

    with world.check("it is listed and shown, and its secret is never told again"):
        for printed in (server.cli("client", "list"), server.cli("client", "show", machine.id)):
            assert machine.id in printed and machine.secret not in printed, printed

    with world.check("a rotated secret works beside the old one"):
        answer = json.loads(server.cli("client", "rotate-secret", machine.id, "--json"))
        vault.remember_fields(answer)
        assert answer["client_secret"] != machine.secret
        until("the new secret works", machine.with_secret(answer["client_secret"]).access_token, seconds=1)
        machine.access_token()

    with world.check("deleting it stops it within a second"):
        server.cli("client", "delete", machine.id)

        def refused():
            answer = machine.post("token", grant_type="client_credentials")
            return (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

        until("401 invalid_client", refused, seconds=1)

    with world.check("metadata that is wrong is refused in words, with a status"):
        done = server.run("client", "create", "--file", "-", stdin=json.dumps({"redirect_uris": ["https://app.example/#fragment"]}))
        assert done.returncode != 0 and "fragment" in done.stderr, done


def _people(world: World, server: Server) -> None:
    with world.check("a person made on the command line can sign in at once; the name is taken once"):
        person = server.create_person("ada")
        Application(server).sign_in(FormBrowser(), person)
        done = server.run("user", "create", "--username", "ada", "--email", "other@example.com", "--password-stdin", stdin="A long enough passphrase\n")
        assert done.returncode != 0 and done.stderr.strip(), done

    with world.check("a way back is opened for who has a second factor to lose; the link asks for the password"):
        done = server.run("user", "recover", "ada")
        assert done.returncode != 0 and "no second factor" in done.stderr, done
        server.cli("user", "token", "add", "ada", "--hotp", "--seed-file", "-", "--name", "Lost", stdin="3132333435363738393031323334353637383930")
        link = server.cli("user", "recover", "ada").strip()
        assert link.startswith(f"{server.issuer}/recover?token="), link
        browser = FormBrowser()
        assert browser.page(browser.http.get(link)).form_with("password", "go_on"), link


def _keys(world: World, server: Server) -> None:
    with world.check("the keys are listed: one signs per algorithm, and no private part is told"):
        listed = server.signing_keys()
        assert sorted(key["alg"] for key in listed if key["state"] == "active") == ["ECDH-ES", "ES256", "RS256", "RSA-OAEP-256"], listed
        assert {key["alg"] for key in listed if key["use"] == "sig"} == {"ES256", "RS256"}, listed
        assert {key["kid"] for key in listed if key["use"] == "sig"} == server.published_kids()
        assert not any(secret in key for key in listed for secret in ("d", "p", "q", "private")), listed


def _backup(world: World, server: Server) -> None:
    application, person, browser = Application(server), server.create_person("grace"), FormBrowser()
    tokens = application.sign_in(browser, person)
    backup = world.temporary / "tessera.backup"

    with world.step("a backup is taken while people sign in and machines fetch tokens"):
        taken_under = _busy(server, application, person, lambda: server.cli("backup", str(backup)))
        assert backup.stat().st_size > 0
        assert taken_under > 0, "nothing happened meanwhile"

    server.stop()
    targets = {"a database of the same engine": world.engine}
    if world.postgres_url:
        targets["a database of the other engine"] = "postgres" if world.engine == "sqlite" else "sqlite"
    for title, engine in targets.items():
        with world.step(f"restored into {title}, everything from before is there"):
            elsewhere = _restored(world, server, backup, engine)
            refreshed = application.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
            assert application.userinfo(refreshed["access_token"]).json()["preferred_username"] == person.username
            assert application.userinfo(tokens["access_token"]).status_code == 200
            application.sign_in(FormBrowser(), person)
        with world.check(f"the audit trail holds in {title}, and a second restore over it is refused"):
            elsewhere.cli("audit", "verify")
            assert elsewhere.run("restore", str(backup)).returncode != 0
        elsewhere.stop()

    with world.step("the original goes on"):
        server.start()


def _busy(server: Server, application: Application, person: object, work: Callable[[], object]) -> int:
    """Does the work while others write; how many answers they got meanwhile."""
    machine, stop, answers = Machine(server), threading.Event(), []

    def fetch() -> None:
        connection = Connection(machine)
        while not stop.is_set():
            status, _ = connection.token(grant_type="client_credentials")
            assert status == 200, status
            answers.append(status)

    def sign_in() -> None:
        while not stop.is_set():
            application.sign_in(FormBrowser(), person)
            answers.append(200)

    crowd = Crowd()
    for each in (fetch, fetch, sign_in):
        crowd.send(each)
    try:
        until("there is load", lambda: len(answers) > 20, seconds=30)
        before = len(answers)
        work()
        meanwhile = len(answers) - before
    finally:
        stop.set()
    crowd.join()
    return meanwhile


def _restored(world: World, original: Server, backup: Path, engine: str) -> Server:
    """A running server of the same issuer, on another database, made from the backup alone."""
    name = f"restored-{engine}"
    server = world.prepare(name, world.new_database(name, engine))
    # The master key is kept apart from the backup, and moves apart.
    shutil.copytree(original.keys, server.keys)
    server.port, server.issuer = original.port, original.issuer
    server.cli("restore", str(backup))
    return server.start()


def _audit(world: World, server: Server) -> None:
    with world.step("audit verify holds while the server runs"):
        server.cli("audit", "verify")

    if world.engine != "sqlite":
        return
    server.stop()
    for what, statement in {
        "a changed event": "UPDATE audit_event SET body = replace(body, '\"', '\"x') WHERE seq = 2",
        "a missing event": "DELETE FROM audit_event WHERE seq = 2",
        "two events exchanged": "UPDATE audit_event SET body = (SELECT b.body FROM audit_event b WHERE b.seq = 5 - audit_event.seq) WHERE seq IN (2, 3)",
    }.items():
        with world.check(f"audit verify finds {what}"):
            copy = world.prepare(what.replace(" ", "-"))
            shutil.copytree(server.home, copy.home, dirs_exist_ok=True)
            with contextlib.closing(sqlite3.connect(copy.home / "tessera.db")) as database, database:
                assert database.execute(statement).rowcount > 0
            done = copy.run("audit", "verify")
            assert done.returncode != 0, done.stdout
    server.start()
