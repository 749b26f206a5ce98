"""An application registers itself through openid-client (npm), signs a person in, and leaves again"""

import json

from support import vault
from support.node import run_node
from support.wait import free_port
from support.world import World


def run(world: World) -> None:
    server = world.serve(REGISTRATION__MODE="token")
    person = vars(server.create_person("ada"))

    with world.step("an initial access token is made on the command line, and told once"):
        made = json.loads(server.cli("client", "registration-token", "create", "--uses", "1", "--expires-in", "1h", "--json"))
        vault.remember(made["token"])
        listed = server.cli("client", "registration-token", "list")
        assert made["id"] in listed and made["token"] not in listed, listed

    run_node(world, "registration.mjs", server, person=person, token=made["token"], port=free_port())

    with world.check("its use was counted; a revoked one is gone"):
        [listed] = json.loads(server.cli("client", "registration-token", "list", "--json"))
        assert (listed["used"], listed["uses"]) == (1, 1), listed
        server.cli("client", "registration-token", "revoke", made["id"])
        assert json.loads(server.cli("client", "registration-token", "list", "--json")) == []
        assert server.run("client", "registration-token", "revoke", made["id"]).returncode == 1
