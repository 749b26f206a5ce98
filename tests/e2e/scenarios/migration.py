"""People of another system: JSON lines with every hash, kill -9 in between, and the export of a Keycloak realm"""

import base64
import hashlib
import hmac
import json
import os
import signal
import sqlite3
import struct
import subprocess
import time
import urllib.parse
from pathlib import Path

import httpx2 as httpx

from support import vault
from support.forms import FormBrowser
from support.oauth import REDIRECT, Application
from support.postgres import sql
from support.tessera import Person, Server
from support.wait import until
from support.world import World

DATA = Path(__file__).parents[2] / "data"
MANY = 6_000
SALT = bytes(range(16))


def run(world: World) -> None:
    server = world.serve()
    _hashes(world, server)
    _broken(world, server)
    _killed(world, server)
    _keycloak(world, server)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def pbkdf2(algorithm: str, password: str) -> str:
    return f"$pbkdf2-{algorithm}$i=10000${b64(SALT)}${b64(hashlib.pbkdf2_hmac(algorithm, password.encode(), SALT, 10_000))}"


def hashes() -> dict[str, tuple[str, str]]:
    """Name -> password, hash. What Python cannot compute comes from the schemes' own documents."""
    scrypt = hashlib.scrypt(b"correct horse scrypt", salt=SALT, n=2**14, r=8, p=1, dklen=32, maxmem=2**26)
    django = hashlib.pbkdf2_hmac("sha256", b"correct horse django", b"saltsaltsalt", 10_000)
    return {
        "bcrypt": ("correct horse bcrypt", "$2b$10$abcdefghijklmnopqrstuuF.mXhhbqGukxxyBAx9TGEtfYzP6OOIS"),
        "scrypt": ("correct horse scrypt", f"$scrypt$ln=14,r=8,p=1${b64(SALT)}${b64(scrypt)}"),
        "sha1": ("correct horse sha1", pbkdf2("sha1", "correct horse sha1")),
        "sha256": ("correct horse sha256", pbkdf2("sha256", "correct horse sha256")),
        "sha512": ("correct horse sha512", pbkdf2("sha512", "correct horse sha512")),
        "django": ("correct horse django", f"pbkdf2_sha256$10000$saltsaltsalt${base64.b64encode(django).decode()}"),
        "argon2i": ("differentpassword", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$FK6NoBr+qHAMI1jc73xTWNkCEoK9iGY6RWL1n7dNIu4"),
        "argon2id": ("differentpassword", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"),
    }


def query(server: Server, statement: str) -> list[str]:
    if server.database_url.startswith("sqlite:"):
        with sqlite3.connect(server.database_url.removeprefix("sqlite:")) as database:
            return [str(row[0]) for row in database.execute(statement)]
    return sql(server.database_url, statement).split("\n")


def stored(server: Server, username: str) -> str:
    return query(server, f"SELECT password_hash FROM users WHERE username = '{username}'")[0].strip()


def lines(people: list[dict]) -> str:
    return "".join(json.dumps(person) + "\n" for person in people)


def described(name: str, password_hash: str) -> dict:
    return {"username": name, "email": f"{name}@example.com", "email_verified": True, "password_hash": password_hash, "profile": {"name": name}}


def _hashes(world: World, server: Server) -> None:
    all_of_them = hashes()
    file = server.home / "people.jsonl"
    file.write_text(lines([described(name, password_hash) for name, (_, password_hash) in all_of_them.items()]))
    with world.step("people come with a hash of each kind, and a dry run writes nothing"):
        assert server.cli("user", "import", "--dry-run", str(file)).startswith(f"Could import {len(all_of_them)}, 0 there")
        assert server.cli("user", "import", str(file)).startswith(f"Imported {len(all_of_them)}, 0 there")
        assert server.cli("user", "import", str(file)).startswith(f"Imported 0, {len(all_of_them)} there")

    application = Application(server)
    for name, (password, password_hash) in all_of_them.items():
        with world.check(f"{name}: a wrong password is refused, the old one signs in, and its hash is Argon2id from then on"):
            vault.remember(password_hash)
            browser = FormBrowser()
            refused = browser.sign_in_at(f"{server.issuer}/sign-in", Person(name, password + "x", f"{name}@example.com"))
            assert refused.status_code in (401, 422), refused.status_code
            assert not stored(server, name).startswith("$argon2id$v=19$m=19456")
            application.sign_in(FormBrowser(), Person(name, password, f"{name}@example.com"))
            assert stored(server, name).startswith("$argon2id$v=19$m=19456,t=2,p=1$"), stored(server, name)[:30]
            application.sign_in(FormBrowser(), Person(name, password, f"{name}@example.com"))


def _broken(world: World, server: Server) -> None:
    with world.check("a broken line is told by its number, without its hash, and nobody else is touched"):
        weak = "$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"
        text = lines([described("good", hashes()["sha256"][1]), described("weak", weak)]) + "no json\n" + lines([described("bid\u202ei", weak) | {"email": "nope"}])
        file = server.home / "broken.jsonl"
        file.write_text(text)
        done = server.run("user", "import", str(file))
        assert done.returncode == 1, done
        for told in ("line 2: password_hash: is too weak", "line 3: is no JSON", "line 4: username: ", "line 4: email: "):
            assert told in done.stderr, done.stderr
        assert done.stdout.startswith("Nothing was imported: 3 of 4 lines are refused."), done
        assert "OAcXxm9k" not in done.stderr + done.stdout
        assert query(server, "SELECT COUNT(*) FROM users WHERE username IN ('good', 'weak')")[0].strip() == "0"
        done = server.run("user", "import", "--skip-broken", "--accept-weak-hashes", "-", stdin=text)
        assert done.stdout.startswith("Imported 2, 0 there already, 2 refused"), done
        application = Application(server)
        application.sign_in(FormBrowser(), Person("weak", "U*U*U", "weak@example.com"))
        assert stored(server, "weak").startswith("$argon2id$")


def _killed(world: World, server: Server) -> None:
    password_hash = hashes()["sha512"][1]
    file = server.home / "many.jsonl"
    file.write_text(lines([described(f"many{number}", password_hash) for number in range(MANY)]))
    count = "SELECT COUNT(*) FROM users WHERE username LIKE 'many%'"

    def there() -> int:
        return int(query(server, count)[0])

    with world.step(f"an import of {MANY} is killed in the middle, three times, and ends with everybody there once"):
        kills = 0
        for part in (1, 3, 5):
            process = subprocess.Popen(
                [server.binary, "user", "import", str(file)], cwd=server.home, env=server.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            while process.poll() is None and there() < part * MANY // 8:
                time.sleep(0.01)
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
            process.wait(timeout=20)
            assert there() % 500 == 0, "a batch is whole or not there"
        assert kills > 0 and there() < MANY, f"{kills} kills, {there()} there"
        before = there()
        assert server.cli("user", "import", str(file)).startswith(f"Imported {MANY - before}, {before} there already, 0 refused")
        assert there() == MANY
        server.cli("audit", "verify")


def totp(seed: bytes) -> str:
    """RFC 6238."""
    mac = hmac.new(seed, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def _keycloak(world: World, server: Server) -> None:
    files = [str(DATA / "keycloak-realm.json"), str(DATA / "keycloak-users-0.json")]
    with world.step("a realm is imported; what is not carried over is told; again, it is there already"):
        dry = server.run("import", "keycloak", "--dry-run", *files)
        assert "Could import 2 roles, 2 groups, 4 clients and 6 people" in dry.stdout, dry
        done = server.run("import", "keycloak", *files)
        assert "Imported 2 roles, 2 groups, 4 clients and 6 people; 0 people there already, 2 refused" in done.stdout, done
        assert "user gina: password_hash: is too weak" in done.stderr, done.stderr
        for told in ("client shop: redirect URI https://shop.example/*", "user carla: webauthn", "user fritz: not imported", "role auditor: a role of this name is here", "role Chief Editor: held by 1"):
            assert told in done.stdout, done.stdout
        for secret in ("zA3kQ9", "5oRjBq", "C4TWUs", "in clear\n"):
            assert secret not in done.stdout + done.stderr, secret
        again = server.run("import", "keycloak", *files)
        assert "Imported 0 roles, 0 groups, 0 clients and 0 people; 6 people there already, 2 refused" in again.stdout, again

    with world.check("what they were there they are here: by their group, and nobody by a name that means something here"):
        roles = {role["name"]: role for role in json.loads(server.cli("role", "list", "--json"))}
        assert roles["editor"]["inherits"] == ["reviewer"] and not roles["editor"]["permissions"], roles["editor"]
        holders = {name: [holder["holder"] for holder in json.loads(server.cli("role", "holders", name, "--json"))] for name in ("editor", "auditor")}
        anna = "user:5f0c9a1e-0000-4000-8000-000000000001"
        groups = [f"group:{group['id']}" for group in json.loads(server.cli("group", "list", "--json")) if group["name"].startswith("Staff")]
        assert sorted(holders["editor"]) == sorted([anna, *groups]) and len(groups) == 2, holders
        assert not holders["auditor"], holders

    with world.check("its people sign in with their old passwords, under their old sub"):
        for name, subject in (("anna", 1), ("bert", 2), ("dora", 4)):
            person = Person(name, f"{name}'s old password", f"{name}@example.com")
            tokens = Application(server).sign_in(FormBrowser(), person)
            claims = json.loads(base64.urlsafe_b64decode(tokens["id_token"].split(".")[1] + "=="))
            assert claims["sub"] == f"5f0c9a1e-0000-4000-8000-{subject:012}", claims
            assert stored(server, name).startswith("$argon2id$v=19$m=19456")

    with world.check("who had an authenticator app is asked for its code, and the old app has it"):
        browser = FormBrowser()
        answer = browser.sign_in_at(f"{server.issuer}/sign-in", Person("carla", "differentpassword", "carla@example.com"))
        assert answer.is_redirect, answer.text
        page = browser.page(browser.http.get(urllib.parse.urljoin(server.issuer, answer.headers["location"]), follow_redirects=True))
        form = page.form_with("code")
        assert form, page.text
        button = next(iter(form.buttons))
        answer = browser.submit(page, form, button, code=totp(b"5oRjBqAa2vG8gVnTDbLf"))
        assert answer.is_redirect, f"{answer.status_code} {answer.text[:400]}"

    with world.check("who had to choose a new password, and who is disabled, does not get in"):
        refused = FormBrowser().sign_in_at(f"{server.issuer}/sign-in", Person("emil", "emil's old password", "emil@example.com"))
        assert not refused.is_redirect

    with world.check("an application goes on with the id and the secret that it has"):
        endpoint = server.metadata()["token_endpoint"]
        def grant(secret: str) -> str:
            answer = httpx.post(endpoint, data={"grant_type": "authorization_code", "code": "none", "redirect_uri": REDIRECT}, auth=("shop", secret))
            return answer.json()["error"]

        secret = "zA3kQ9mW7bN1xC5vL8pR2tY6uE4oI0sD"
        vault.remember(secret)
        until("it is known", lambda: grant(secret) == "invalid_grant", seconds=2)
        assert grant(secret + "x") == "invalid_client"
