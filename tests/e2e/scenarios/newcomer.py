"""An empty folder, no configuration: the printed link makes the administrator in the browser"""

import secrets
import stat

from support.node import run_node
from support.wait import until
from support.world import World

# No configuration means SQLite.
ENGINES = ("sqlite",)


def run(world: World) -> None:
    server = world.prepare(bare=True)
    with world.step("it starts without a word of configuration and is ready"):
        server.start(ready=False)
        until("ready", server.is_ready, seconds=20, every=0.005)

    with world.step("it says in plain words where it listens, where its data is, and how to begin"):
        link = until("the one-time link is printed", server.set_up_link, seconds=5)
        printed = server.log.read_text()
        assert server.issuer in printed and "data" in printed, printed

    with world.check("its data and keys are in the folder, the master key readable by its owner alone"):
        assert (server.home / "data" / "tessera.db").exists(), sorted(server.home.rglob("*"))
        mode = stat.S_IMODE((server.home / "keys" / "master.key").stat().st_mode)
        assert mode == 0o600, oct(mode)

    person = {"username": "founder", "email": "founder@example.com", "password": secrets.token_urlsafe(15)}
    run_node(world, "newcomer.mjs", server, link=link, person=person)

    with world.check("the second start prints no link any more"):
        server.stop()
        before = len(server.log.read_text())
        server.start()
        assert "/setup" not in server.log.read_text()[before:]
