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
    second = server.create_person("maximiliane-von-und-zu-hohenlohe-oehringen")
    third = server.create_person("bo")
    port, picture_port = free_port(), free_port()
    callback = f"http://127.0.0.1:{port}/callback"
    client = server.create_client(
        client_name="A photograph album with a rather long name",
        redirect_uris=[callback],
        client_uri="https://album.example/",
        initiate_login_uri="https://album.example/login",
        post_logout_redirect_uris=[f"http://127.0.0.1:{port}/"],
        policy_uri="https://album.example/privacy",
        tos_uri="https://album.example/terms",
        scope="openid profile email offline_access",
    )
    pictured, unpictured, waiting = (
        server.create_client(
            client_name=name, redirect_uris=[callback], logo_uri=f"http://127.0.0.1:{picture_port}/{logo}", scope="openid profile",
        )
        for name, logo in (("Aurora Notes", "logo.png"), ("Without a picture", "missing.png"), ("Waiting for a picture", "never.png"))
    )  # fmt: skip
    wrong = {"response_type": "code", "client_id": "nobody", "redirect_uri": "https://album.example/"}
    links = {
        "home": server.issuer + "/",
        "error": server.metadata()["authorization_endpoint"] + "?" + urllib.parse.urlencode(wrong),
        "not-found": server.issuer + "/no-such-page",
        "plain-sign-in": server.issuer + "/sign-in",
    }
    others = {"pictured": pictured, "unpictured": unpictured, "waiting": waiting, "picturePort": picture_port, "second": vars(second), "third": vars(third)}
    run_node(world, "pages.mjs", server, person=vars(person), client=client, links=links, **others)
