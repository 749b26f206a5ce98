"""Chromium sets up an authenticator app and signs in with its codes, a recovery code and a hardware token"""

from support.node import run_node
from support.world import World

SEED = "3132333435363738393031323334353637383930"


def run(world: World) -> None:
    server = world.serve()
    people = {name: vars(server.create_person(name)) for name in ("ada", "grace", "hedy")}
    server.cli("user", "token", "add", "hedy", "--hotp", "--seed-file", "-", "--name", "Token 4711", stdin=SEED)
    required = world.serve("required", ASSURANCE__SECOND_FACTOR="required")
    late = vars(required.create_person("mary"))
    run_node(world, "codes.mjs", server, people=people, seed=SEED, required=required.issuer, late=late)
