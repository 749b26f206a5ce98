"""The administration's pages by those who may use them: everything, a part of it, or only to look; seen by axe-core, and photographed"""

import secrets

from scenarios.prompts import application
from support import vault
from support.node import run_node
from support.wait import free_port
from support.world import World

# What a page looks like does not depend on the database; tests/pages and tests/api run on both.
ENGINES = ("sqlite",)
BUILT_IN = {"mira": "client-manager", "ugo": "user-manager", "aldo": "auditor"}


def run(world: World) -> None:
    mail_port = free_port()
    key = secrets.token_urlsafe(32)
    vault.remember(key)
    # One proof for the whole walk, however slow the machine: `administrators` sees one that grows too old.
    server = world.serve(ASSURANCE__RECENT="1h", SMS__SECRET=key, MAIL__URL=f"smtp://127.0.0.1:{mail_port}", MAIL__FROM="Tessera <id@example.com>")
    people = {"root": vars(server.create_person("root", "--admin"))} | {name: vars(server.create_person(name)) for name in ("ada", "lin")}
    for name, role in BUILT_IN.items():
        people[name] = vars(server.create_person(name))
        server.cli("role", "grant", role, "--user", name)
    # Something to mend: tokens in the front channel, PKCE left out, the secret in the body.
    weak = server.create_client(
        client_name="Old Portal", redirect_uris=["https://portal.example/callback"], require_pkce=False,
        token_endpoint_auth_method="client_secret_post", grant_types=["authorization_code", "implicit"],
        response_types=["code", "id_token token"],
    )  # fmt: skip
    client = application(server, "Aurora Notes of Lin")
    given = {"people": people, "weak": weak["client_id"], "client": client, "key": key, "mailPort": mail_port}
    run_node(world, "administration.mjs", server, **given)
