"""One Tessera process with a folder, a database and a port of its own, and its command line."""

import json
import os
import re
import secrets
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

from support import vault
from support.wait import free_port, until


@dataclass
class Person:
    username: str
    password: str
    email: str


@dataclass
class Server:
    """Configured by the environment alone; everything it prints goes to `log`."""

    binary: Path
    home: Path
    database_url: str
    log: Path
    settings: dict[str, str] = field(default_factory=dict)
    bare: bool = False  # told nothing but where to listen, as by somebody who has just found the binary
    process: subprocess.Popen | None = None

    def __post_init__(self):
        self.home.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.issuer = f"http://localhost:{self.port}"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    def environment(self) -> dict[str, str]:
        where = {"SERVER__ISSUER": self.issuer, "SERVER__LISTEN": f"127.0.0.1:{self.port}"}
        rest = {
            # A listener of its own: a free port too, or two servers would meet.
            "SERVER__METRICS_LISTEN": f"127.0.0.1:{free_port()}",
            "DATABASE__URL": self.database_url,
            "KEYS__DIRECTORY": str(self.keys),
            "OUTBOUND__ALLOW_PRIVATE_NETWORKS": "true",
            "LOG__FORMAT": "json",
            "LOG__FILTER": "info,tessera=debug",  # talkative: the secrets are looked for in what is said here
        }
        own = where if self.bare else where | rest | self.settings
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TESSERA_")}
        return inherited | {f"TESSERA__{name}": value for name, value in own.items()}

    # The process

    def start(self, *arguments: str, ready: bool = True) -> "Server":
        """`tessera serve`, until /readyz says yes."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binary, *(arguments or ("serve",))],
                cwd=self.home, env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                # Python ignores SIGXFSZ and would undo that for the child; ignored, a limit on a file's size is an error like a full disk.
                restore_signals=False,
            )  # fmt: skip
        if ready:
            until(f"{self.issuer}/readyz answers 200", self.is_ready, seconds=20)
        return self

    def is_ready(self) -> bool:
        if self.process.poll() is not None:
            tail = self.log.read_text(errors="replace")[-1500:]
            raise RuntimeError(f"tessera ended with {self.process.returncode}: {tail}")
        return self.readiness() == 200

    def readiness(self) -> int:
        return httpx.get(f"{self.issuer}/readyz", timeout=10).status_code

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Asks it to end, and expects it to finish what it accepted and say 0."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=40)
        assert code == 0, f"SIGTERM: exit status {code}, expected 0"

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(timeout=10)

    # The command line, beside the running server

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [self.binary, *arguments], cwd=self.home, env=self.environment(), input=stdin or "", capture_output=True, text=True, timeout=60
        )
        with self.log.with_name("cli.log").open("a") as log:
            log.write(f"$ tessera {' '.join(arguments[:2])}\n{done.stderr}")
        return done

    def cli(self, *arguments: str, stdin: str | None = None) -> str:
        """What the command printed; it must succeed."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, f"tessera {' '.join(arguments)}: status {done.returncode}\n{done.stderr}{done.stdout}"
        return done.stdout

    def create_person(self, username: str, *options: str) -> Person:
        person = Person(username, secrets.token_urlsafe(15), f"{username}@example.com")
        vault.remember(person.password)
        name = username.capitalize() + " Example"
        self.cli(
            "user", "create", "--username", person.username, "--email", person.email, "--name", name, *options, "--password-stdin",
            stdin=person.password + "\n",
        )  # fmt: skip
        return person

    def create_client(self, **metadata) -> dict:
        """RFC 7591 metadata in, the registration response out."""
        client = json.loads(self.cli("client", "create", "--file", "-", stdin=json.dumps(metadata)))
        vault.remember_fields(client)
        return client

    def signing_keys(self) -> list[dict]:
        return json.loads(self.cli("key", "list", "--json"))

    # What it says about itself

    def set_up_link(self) -> str | None:
        """The one-time link to the first administrator, once it is printed."""
        found = re.search(re.escape(self.issuer) + r"/setup[^\s\"]+", self.log.read_text(errors="replace"))
        return found and re.sub(r"\x1b\[[0-9;]*m", "", found[0])

    def metadata(self) -> dict:
        return httpx.get(f"{self.issuer}/.well-known/openid-configuration").raise_for_status().json()

    def published_kids(self) -> set[str]:
        """Of the keys that sign; those to encrypt to come and go without notice."""
        keys = httpx.get(self.metadata()["jwks_uri"]).raise_for_status().json()["keys"]
        return {key["kid"] for key in keys if key["use"] == "sig"}
