"""What a scenario is given: an engine, a folder, servers that end with it."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from support.postgres import create_database
from support.report import Report
from support.tessera import Server

ROOT = Path(__file__).resolve().parents[3]
OUTPUT = ROOT / "target" / "e2e"


class World:
    """Lives as long as one scenario on one engine."""

    def __init__(self, report: Report, scenario: str, binary: Path, postgres_url: str | None):
        self.report, self.scenario, self.binary = report, scenario, binary
        self.engine = report.engine
        self.postgres_url = postgres_url
        # Short, and away from the repository: no configuration file of a developer is found here.
        self.temporary = Path(tempfile.mkdtemp(prefix="tessera-e2e-"))
        self.logs = OUTPUT / self.engine / scenario
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        self.servers: list[Server] = []
        self.at_end = contextlib.ExitStack()
        self.at_end.callback(shutil.rmtree, self.temporary, ignore_errors=True)

    @property
    def step(self):
        return self.report.step

    @property
    def check(self):
        return self.report.check

    def new_database(self, name: str, engine: str | None = None) -> str:
        if (engine or self.engine) == "postgres":
            return create_database(self.postgres_url)
        return f"sqlite:{self.temporary / name / 'tessera.db'}"

    def prepare(self, name: str = "tessera", database_url: str | None = None, bare: bool = False, **settings: str) -> Server:
        """A server that is not started yet. `settings` are like `LOG__FORMAT="human"`."""
        home = self.temporary / name
        server = Server(self.binary, home, database_url or self.new_database(name), self.logs / f"{name}.log", settings, bare)
        self.servers.append(server)
        self.at_end.callback(_end_for_certain, server)
        return server

    def serve(self, name: str = "tessera", **settings: str) -> Server:
        """A running server on an empty database."""
        return self.prepare(name, **settings).start()

    def close(self) -> None:
        """Every server that still runs must end well when asked to; then everything temporary goes."""
        with self.at_end:
            for server in self.servers:
                if server.running:
                    with self.check(f"{server.log.stem} stops gracefully on SIGTERM"):
                        server.stop()


def _end_for_certain(server: Server) -> None:
    if server.running:
        server.kill()


def binary() -> Path:
    path = Path(os.environ.get("TESSERA_BIN") or Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "debug" / "tessera")
    if not path.exists():
        raise SystemExit(f"{path} does not exist: run `cargo build` first, or set TESSERA_BIN")
    return path.resolve()
