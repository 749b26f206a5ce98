"""An administrator tries applications: a web application with a secret, a single-page application, a machine; and what is refused"""

from support.node import run_node
from support.world import World

# What a page looks like does not depend on the database; tests/admin runs on both.
ENGINES = ("sqlite",)


def run(world: World) -> None:
    server = world.serve()
    root = vars(server.create_person("root", "--admin"))
    clients = {
        "web": server.create_client(
            client_name="Aurora Notes", redirect_uris=["https://aurora.example/callback"], scope="openid profile email offline_access",
            grant_types=["authorization_code", "refresh_token"], userinfo_signed_response_alg="ES256",
        ),
        "spa": server.create_client(
            client_name="Aurora in the browser", redirect_uris=["https://spa.example/"], scope="openid email",
            token_endpoint_auth_method="none", access_token_format="opaque",
        ),
        "machine": server.create_client(
            client_name="Nightly robot", grant_types=["client_credentials"], response_types=[], scope="rows",
            token_endpoint_auth_method="client_secret_post",
        ),
    }  # fmt: skip
    run_node(world, "try_it.mjs", server, person=root, clients=clients)
