"""openid-client (npm) decrypts ID tokens and userinfo, and sends encrypted requests"""

from support.node import run_node
from support.wait import free_port
from support.world import World

# How the application's keys are used, and how it says who it is.
CLIENTS = [
    ("RSA-OAEP-256", "A256GCM", "client_secret_basic"),
    ("ECDH-ES", "A128CBC-HS256", "private_key_jwt"),
    ("ECDH-ES+A256KW", "A256CBC-HS512", "private_key_jwt"),
]


def run(world: World) -> None:
    server = world.serve(REGISTRATION__MODE="open")
    person = vars(server.create_person("ada"))
    clients = [{"alg": alg, "enc": enc, "method": method, "port": free_port()} for alg, enc, method in CLIENTS]
    run_node(world, "encrypted.mjs", server, person=person, clients=clients)
