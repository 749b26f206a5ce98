"""The way of a login, and the administration, with the keyboard alone: focus always in sight, in order, never caught"""

from scenarios.prompts import application
from support.node import run_node
from support.wait import free_port
from support.world import World

ENGINES = ("sqlite",)


def run(world: World) -> None:
    mail_port = free_port()
    server = world.serve(SIGN_UP__MODE="open", MAIL__URL=f"smtp://127.0.0.1:{mail_port}", MAIL__FROM="Tessera <id@example.com>")
    people = {name: vars(server.create_person(name)) for name in ("ada", "grace")}
    people["root"] = vars(server.create_person("root", "--admin"))
    run_node(world, "keyboard.mjs", server, client=application(server, "Aurora Notes"), people=people, mailPort=mail_port)
