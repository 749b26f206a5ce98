"""A person signs out of everything: by the application, in frames, behind the scenes, and pages notice"""

from support.node import run_node
from support.wait import free_port
from support.world import World


def run(world: World) -> None:
    server = world.serve()
    person = server.create_person("ada")
    # One signs ID tokens with each algorithm; the second knows people by a name of its own.
    clients = [_client(server, "Notes", "RS256", "public"), _client(server, "Ledger", "ES256", "pairwise")]
    run_node(world, "logout.mjs", server, person=vars(person), clients=clients)


def _client(server, name: str, algorithm: str, subject_type: str) -> dict:
    # The same site as the provider: over plain http no browser sends a cookie to a frame of another site.
    origin = f"http://localhost:{free_port()}"
    registration = {
        "client_name": name,
        "redirect_uris": [f"{origin}/callback"],
        "post_logout_redirect_uris": [f"{origin}/goodbye"],
        "frontchannel_logout_uri": f"{origin}/frontchannel?keep=this",
        "frontchannel_logout_session_required": True,
        "backchannel_logout_uri": f"{origin}/backchannel",
        "backchannel_logout_session_required": True,
        "scope": "openid profile email",
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": algorithm,
        "subject_type": subject_type,
    }
    if subject_type == "pairwise":
        # Loopback is nobody's: a sector must be named. What an operator registers is not fetched.
        registration["sector_identifier_uri"] = "https://ledger.example/sector.json"
    return registration | server.create_client(**registration)
