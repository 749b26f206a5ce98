"""Passkeys in Chromium: set up, signed in with, as a second factor, stepped up to, refused, removed"""

from support.node import run_node
from support.wait import free_port
from support.world import World


def run(world: World) -> None:
    server = world.serve()
    callback = f"http://127.0.0.1:{free_port()}/callback"
    client = server.create_client(client_name="Album", redirect_uris=[callback], scope="openid profile email")
    person, second = server.create_person("ada"), server.create_person("bo")
    run_node(world, "passkeys.mjs", server, person=vars(person), second=vars(second), client=client)
