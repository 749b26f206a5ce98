"""A PostgreSQL cluster of our own: temporary folder, free loopback port, nothing of the system's touched."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from support.wait import free_port


class Cluster:
    """Durable as in production (fsync stays on); trust on loopback, since it lives for one test run."""

    def __init__(self):
        # PostgreSQL refuses to run as root: then it runs as the user that its package made.
        self._user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        self.folder = Path(tempfile.mkdtemp(prefix="tessera-postgres-"))
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        if self._user:
            shutil.chown(self.folder, "postgres", "postgres")
        self.port = free_port()
        self._run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=400"
        self._run("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "60", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", "60", "stop")

    def remove(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def _run(self, program: str, *arguments) -> None:
        command = [tool(program), *map(str, arguments)]
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **self._user)
            if done.returncode != 0:
                output.seek(0)
                raise RuntimeError(f"{program} failed: {output.read()}{self.log.read_text() if self.log.exists() else ''}")


@contextlib.contextmanager
def cluster():
    """A running cluster, gone at the end."""
    it = Cluster()
    try:
        it.start()
        yield it
    finally:
        it.remove()


def create_database(admin_url: str) -> str:
    """A new, empty database beside the one that `admin_url` names: its URL."""
    name = f"e2e_{uuid.uuid4().hex}"
    sql(admin_url, f"CREATE DATABASE {name}")
    return admin_url.rsplit("/", 1)[0] + "/" + name


def sql(url: str, statement: str) -> str:
    command = [tool("psql"), "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout


def tool(name: str) -> str:
    """Debian keeps the server's programs out of PATH, in a folder per version: the newest wins."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if found := (str(debian[-1]) if debian else shutil.which(name)):
        return found
    raise RuntimeError(f"{name} was not found: install PostgreSQL (make setup says how)")
