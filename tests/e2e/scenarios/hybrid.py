"""openid-client (npm) in the hybrid flow: code and ID token through the browser, by fragment and by form_post"""

from scenarios.prompts import application
from support.node import run_node
from support.world import World


def run(world: World) -> None:
    server = world.serve(PROTOCOL__FRONT_CHANNEL_TOKENS="true")
    person = vars(server.create_person("ada"))
    both = {"response_types": ["code", "code id_token"], "grant_types": ["authorization_code", "implicit", "refresh_token"]}
    clients = {f"{algorithm}": application(server, f"Hybrid with {algorithm}", id_token_signed_response_alg=algorithm, **both) for algorithm in ("RS256", "ES256")}
    run_node(world, "hybrid.mjs", server, person=person, clients=clients, plain=application(server, "Codes alone"))
