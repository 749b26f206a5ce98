"""An operator's mistakes: the wrong folder, a lost key, a port in use, a configuration that cannot serve"""

import os
import secrets
import shutil
import stat
import subprocess
from pathlib import Path

from support import vault
from support.tessera import Server
from support.world import World


def run(world: World) -> None:
    _wrong_folder(world)
    server = world.serve()
    _listening(world, server)
    _quiet_end(world, server)
    _restore(world, server)
    _one_private_file(world, server)
    _configuration(world)


def _wrong_folder(world: World) -> None:
    nowhere = world.prepare("nowhere")
    person = ("--username", "ada", "--email", "ada@example.com", "--password-stdin")
    commands = [
        ("client", "list"), ("client", "show", "c"), ("client", "create", "--file", "-"), ("key", "list"), ("key", "rotate"),
        ("audit", "verify"), ("backup", "all.jsonl"), ("user", "create", *person),
    ]  # fmt: skip
    with world.check("a command in a folder without a Tessera says so and makes nothing"):
        for command in commands:
            done = nowhere.run(*command, stdin='{"grant_types": ["client_credentials"]}')
            assert done.returncode == 2 and "there is no Tessera here" in done.stderr, (command, done)
            assert "tessera serve" in done.stderr and "--config" in done.stderr, done
            assert not list(nowhere.home.iterdir()), (command, list(nowhere.home.iterdir()))
    with world.check("`migrate` may make one, and then commands work"):
        nowhere.cli("migrate")
        nowhere.cli("client", "list")
    with world.check("a lost master key is not replaced, neither by a command nor by the server"):
        shutil.rmtree(nowhere.keys)
        for command in (("client", "list"), ("serve",)):
            done = nowhere.run(*command)
            assert done.returncode == 2 and "there is no master key" in done.stderr, done
        assert not nowhere.keys.exists()


def _listening(world: World, server: Server) -> None:
    with world.check("an address in use is named, with the key that changes it"):
        done = server.run("serve")
        assert done.returncode == 1, done
        assert f"127.0.0.1:{server.port} is in use" in done.stderr and "server.listen" in done.stderr, done
    with world.check("who changes only server.listen finds Tessera there"):
        other = world.prepare("moved")
        environment = other.environment()
        del environment["TESSERA__SERVER__ISSUER"]
        other.environment = lambda: environment
        other.start()
        assert other.metadata()["issuer"] == f"http://localhost:{other.port}"
        assert f"http://localhost:{other.port}\n" in other.log.read_text()
        other.stop()


def _quiet_end(world: World, server: Server) -> None:
    with world.check("a reader that hangs up, as `head -1` does, ends a command without a word"):
        for command in (("client", "list"), ("key", "list", "--json"), ("config", "print")):
            reader, writer = os.pipe()
            os.close(reader)
            done = subprocess.run(
                [server.binary, *command], cwd=server.home, env=server.environment(), stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60
            )
            os.close(writer)
            assert done.returncode == 0 and not done.stderr, done


def _restore(world: World, server: Server) -> None:
    backup = world.temporary / "all.jsonl"
    with world.step("a backup is readable by its owner alone, also in the place of one that was not"):
        backup.write_text("older")
        backup.chmod(0o644)
        server.cli("backup", str(backup))
        assert _mode(backup) == 0o600, oct(_mode(backup))
    elsewhere = world.prepare("elsewhere")
    with world.check("a restore without the master key says so and makes nothing"):
        done = elsewhere.run("restore", str(backup))
        assert done.returncode == 2 and "there is no master key" in done.stderr and "backup" in done.stderr, done
        assert not list(elsewhere.home.iterdir()), list(elsewhere.home.iterdir())
    with world.check("a restore with another master key says so and makes nothing"):
        elsewhere.keys.mkdir()
        key = secrets.token_bytes(32).hex()[:43]
        vault.remember(key)
        (elsewhere.keys / "master.key").write_text(key[:42] + "A")
        done = elsewhere.run("restore", str(backup))
        assert done.returncode == 1 and "another master key" in done.stderr, done
        assert [path.name for path in elsewhere.home.iterdir()] == ["keys"], list(elsewhere.home.iterdir())
        done = elsewhere.run("client", "list")
        assert "there is no Tessera here" in done.stderr, done
    with world.check("with the right one it brings the same signing keys and makes none"):
        shutil.copy(server.keys / "master.key", elsewhere.keys / "master.key")
        elsewhere.cli("restore", str(backup))
        assert elsewhere.signing_keys() == server.signing_keys()


def _one_private_file(world: World, server: Server) -> None:
    if world.engine != "sqlite":
        return
    with world.check("the database and the files beside it are the owner's alone"):
        files = sorted(server.home.glob("tessera.db*"))
        assert len(files) == 3 and {_mode(file) for file in files} == {0o600}, [(file.name, oct(_mode(file))) for file in files]
    with world.check("stopped, the database is one file with everything in it"):
        listed = server.signing_keys()
        server.stop()
        assert [file.name for file in server.home.glob("tessera.db*")] == ["tessera.db"], list(server.home.iterdir())
        assert server.signing_keys() == listed
        assert [file.name for file in server.home.glob("tessera.db*")] == ["tessera.db"], "a command leaves it so"


def _configuration(world: World) -> None:
    junk = world.temporary / "junk.pem"
    junk.write_text("nothing of use")
    loopback = {"SIGN_UP__MODE": "open"}
    public = loopback | {"SERVER__ISSUER": "https://id.example.com"}
    tls = {"SERVER__ISSUER": "https://localhost:8443", "SERVER__TLS__CERTIFICATE": str(junk), "SERVER__TLS__KEY": str(junk)}
    with world.check("`config check` finds what `serve` would fail on"):
        for name, settings in {
            "keys.master_key_file": {"KEYS__MASTER_KEY_FILE": "/nowhere/key"},
            "server.tls.certificate": tls,
            "mail.url": {"MAIL__URL": "smtp:/mail", "MAIL__FROM": "id@example.com"},
            "outbound.ca_file": {"OUTBOUND__CA_FILE": str(junk)},
            "sign_up.mode": public,
        }.items():
            checked = world.prepare(f"checked-{name}", **settings)
            for command in (("config", "check"), ("serve",)):
                done = checked.run(*command)
                assert done.returncode in (1, 2) and name in done.stderr, (name, done)
            assert checked.run("config", "check").returncode == 2
    with world.check("and warns of letters that go to the log"):
        done = world.prepare("warned", **loopback).run("config", "check")
        assert done.returncode == 0 and "warning: sign_up.mode" in done.stderr and "is good" in done.stdout, done
    with world.check("`config print` tells where each key comes from, and no secret"):
        printed = world.prepare("printed", MAIL__URL="smtps://robot:hunter2@mail.example.com", MAIL__FROM="id@example.com").cli("config", "print")
        keys = [line for line in printed.splitlines() if " = " in line]
        assert keys and all(" # default" in line or " # environment TESSERA__" in line for line in keys), printed
        assert "hunter2" not in printed


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
