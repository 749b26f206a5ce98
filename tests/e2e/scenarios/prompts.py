"""Every prompt of an authorization request, and every page on its way, in Chromium"""

from support.node import run_node
from support.wait import free_port, until
from support.world import World

# What a page looks like does not depend on the database.
ENGINES = ("sqlite",)


def run(world: World) -> None:
    mail_port = free_port()
    server = world.serve(SIGN_UP__MODE="open", MAIL__URL=f"smtp://127.0.0.1:{mail_port}", MAIL__FROM="Tessera <id@example.com>")
    set_up = until("the one-time link is printed", server.set_up_link, seconds=5)
    people = {name: vars(server.create_person(name)) for name in ("ada", "grace", "mina", "otto")}
    client = application(server, "Aurora Notes")

    run_node(world, "letters.mjs", server, client=client, person=people["mina"], setUp=set_up, mailPort=mail_port)
    run_node(world, "prompts.mjs", server, client=client, people=people)


def application(server, name: str, **metadata) -> dict:
    """A confidential application with a web server of its own at its redirect URI."""
    # The same site as the provider: over plain http no browser sends a cookie to a frame of another site.
    origin = f"http://localhost:{free_port()}"
    registration = {
        "client_name": name,
        "redirect_uris": [f"{origin}/callback"],
        "post_logout_redirect_uris": [f"{origin}/goodbye"],
        "frontchannel_logout_uri": f"{origin}/frontchannel",
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email address phone offline_access",
        "token_endpoint_auth_method": "client_secret_basic",
    }  # fmt: skip
    registration |= metadata
    return registration | server.create_client(**registration)
