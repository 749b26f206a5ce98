"""The account page with everything in it, its pages and its letters: used, seen by axe-core, and photographed"""

from scenarios.prompts import application
from support.node import run_node
from support.wait import free_port
from support.world import World

# What a page looks like does not depend on the database; tests/pages runs on both.
ENGINES = ("sqlite",)


def run(world: World) -> None:
    mail_port = free_port()
    mail = {"MAIL__URL": f"smtp://127.0.0.1:{mail_port}", "MAIL__FROM": "Tessera <id@example.com>"}
    server = world.serve(CODES__EMAIL="true", REGISTRATION__MODE="open", **mail)
    people = {name: vars(server.create_person(name)) for name in ("ada", "grace", "hedy")}
    client = application(server, "Aurora Notes", initiate_login_uri="https://aurora.example/login")
    run_node(world, "account.mjs", server, people=people, client=client, mailPort=mail_port)
