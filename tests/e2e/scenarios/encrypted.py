"""openid-client (npm) decrypts ID tokens and userinfo, and sends encrypted requests"""

from support.node import run_node
from support.wait import free_port
from support.world import World

# How the application's keys are used.
CLIENTS = [("RSA-OAEP-256", "A256GCM"), ("ECDH-ES", "A128CBC-HS256"), ("ECDH-ES+A256KW", "A256CBC-HS512")]


def run(world: World) -> None:
    server = world.serve(REGISTRATION__MODE="open")
    person = vars(server.create_person("ada"))
    clients = [{"alg": alg, "enc": enc, "port": free_port()} for alg, enc in CLIENTS]
    run_node(world, "encrypted.mjs", server, person=person, clients=clients)
