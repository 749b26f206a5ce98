"""Chromium signs in through openid-client (npm) as the relying party"""

from support.node import run_node
from support.oauth import make_key
from support.wait import free_port
from support.world import World

# Client authentication, and the algorithm of the client's ID tokens.
CLIENTS = [("client_secret_basic", "RS256"), ("private_key_jwt", "ES256"), ("none", "RS256")]


def run(world: World) -> None:
    server = world.serve()
    people = {name: vars(server.create_person(name)) for name in ("ada", "grace")}
    clients = {f"{method} and {algorithm}": _client(server, method, algorithm) for method, algorithm in CLIENTS}
    run_node(world, "sign_in.mjs", server, people=people, clients=clients)


def _client(server, method: str, algorithm: str) -> dict:
    port = free_port()
    registration = {
        "client_name": f"Application with {method}",
        "redirect_uris": [f"http://127.0.0.1:{port}/callback"],
        "post_logout_redirect_uris": [f"http://127.0.0.1:{port}/"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email offline_access",
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": algorithm,
    }
    private = {}
    if method == "private_key_jwt":
        private["private_key"], registration["jwks"] = make_key(algorithm, kid="rp")
    # What registration answers wins: it may have changed a value, and then the test should notice.
    return registration | server.create_client(**registration) | private
