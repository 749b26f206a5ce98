"""Every page seen by axe-core, and photographed on a phone and a desktop, in light and dark"""

import urllib.parse

from support.node import run_node
from support.wait import free_port
from support.world import World

# What a page looks like does not depend on the database.
ENGINES = ("sqlite",)


def run(world: World) -> None:
    server = world.serve(SIGN_UP__MODE="open")
    person = server.create_person("ada")
    port = free_port()
    client = server.create_client(
        client_name="A photograph album with a rather long name",
        redirect_uris=[f"http://127.0.0.1:{port}/callback"],
        post_logout_redirect_uris=[f"http://127.0.0.1:{port}/"],
        policy_uri="https://album.example/privacy",
        tos_uri="https://album.example/terms",
        scope="openid profile email offline_access",
    )
    wrong = {"response_type": "code", "client_id": "nobody", "redirect_uri": "https://album.example/"}
    links = {
        "home": server.issuer + "/",
        "error": server.metadata()["authorization_endpoint"] + "?" + urllib.parse.urlencode(wrong),
        "not-found": server.issuer + "/no-such-page",
        "plain-sign-in": server.issuer + "/sign-in",
    }
    run_node(world, "pages.mjs", server, person=vars(person), client=client, links=links)
