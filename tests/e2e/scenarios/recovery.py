"""Every second factor is lost: asked for by mail, stopped, locked, and opened by an operator's link"""

from support.node import run_node
from support.wait import free_port
from support.world import World

# What a page looks like does not depend on the database; tests/pages runs on both.
ENGINES = ("sqlite",)


def run(world: World) -> None:
    mail_port = free_port()
    mail = {"MAIL__URL": f"smtp://127.0.0.1:{mail_port}", "MAIL__FROM": "Tessera <id@example.com>"}
    server = world.serve(RECOVERY__PROOF="email", **mail)
    people = {name: vars(server.create_person(name)) for name in ("ada", "grace", "hedy", "noor")}
    run_node(world, "recovery.mjs", server, people=people, mailPort=mail_port)
