"""Chromium confirms a telephone, signs in with codes by text message, and by a link that came by mail"""

import secrets

from support import vault
from support.node import run_node
from support.wait import free_port
from support.world import World


def run(world: World) -> None:
    mail_port, gateway_port, port = free_port(), free_port(), free_port()
    secret = secrets.token_hex(32)
    vault.remember(secret)
    server = world.serve(
        CODES__SMS="true",
        CODES__MAGIC_LINK="true",
        MAIL__URL=f"smtp://127.0.0.1:{mail_port}",
        MAIL__FROM="Tessera <id@example.com>",
        SMS__URL=f"http://127.0.0.1:{gateway_port}/texts",
        SMS__SECRET=secret,
        SMS__ALLOW_PRIVATE_NETWORKS="true",
        # What is allowed to the endpoint of text messages is allowed to nobody else.
        OUTBOUND__ALLOW_PRIVATE_NETWORKS="false",
    )
    people = {name: vars(server.create_person(name)) for name in ("ada", "grace", "hedy")}
    callback = f"http://127.0.0.1:{port}/callback"
    client = server.create_client(client_name="Album", redirect_uris=[callback], scope="openid profile email phone")
    run_node(world, "sent_codes.mjs", server, people=people, client=client, mailPort=mail_port, gateway={"port": gateway_port, "secret": secret})

    refused = server.run("config", "check")
    with world.check("config check takes this configuration, and refuses text messages without an endpoint"):
        assert refused.returncode == 0, refused.stderr
        server.settings["SMS__URL"] = ""
        refused = server.run("config", "check")
        assert refused.returncode != 0 and "codes.sms" in refused.stderr + refused.stdout, refused.stderr + refused.stdout
        assert secret not in refused.stderr + refused.stdout
