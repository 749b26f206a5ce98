"""The worked example of docs/step-up.md as it stands there: a shop, a payment service, and a passkey for large amounts"""

import json
import os
import re
import subprocess
import sys
import time

import httpx2 as httpx

from support.forms import FormBrowser
from support.node import run_node
from support.oauth import Application, verified
from support.tessera import Server
from support.wait import free_port, until
from support.world import ROOT, World

# What it shows does not depend on the database; tests/oauth/step_up.rs runs on both.
ENGINES = ("sqlite",)
EXAMPLE = ROOT / "examples" / "payments"
AUDIENCE = "https://payments.example"
# Long enough for a passkey and a payment on a busy machine, short enough to wait for.
FRESH = 6


def run(world: World) -> None:
    server = world.serve()
    service, shop = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    with world.step("registered with the page's own commands, and started"):
        registered = world.temporary / "shop.json"
        registered.write_text(json.dumps(_registered(server, shop)))
        start(world, "service", service, ISSUER=server.issuer, AUDIENCE=AUDIENCE, FRESH=str(FRESH))
        start(world, "shop", shop, ISSUER=server.issuer, SERVICE=service, ORIGIN=shop, CLIENT=str(registered))

    _challenge(world, server, service)
    person, other = server.create_person("ada"), server.create_person("bo")
    began = int(time.time())
    run_node(world, "payments.mjs", server, shop=shop, fresh=FRESH, person=vars(person), other=vars(other))

    with world.check("the service's book: what each payment rests on"):
        book = [json.loads(line) for line in (world.logs / "service.log").read_text().splitlines() if line.startswith("{")]
        # The last one was not asked to prove anything more: its token says the strongest that there is.
        paid = [(payment["cents"], payment["acr"]) for payment in book]
        assert paid == [(99, "aal1"), (500, "aal1"), (25000, "phr"), (25001, "phr"), (25002, "phr"), (25003, "phr"), (30000, "aal3")], paid
        times = [payment["auth_time"] for payment in book[1:6]]
        assert times == sorted(times) and times[0] >= began, times
        # Each large one has its own passkey: the one before was too old.
        assert all(later - earlier >= FRESH for earlier, later in zip(times[1:], times[2:])), times


def _registered(server: Server, shop: str) -> dict:
    """The documents of the page's shell commands, with the port that is free here."""
    page = (ROOT / "docs" / "step-up.md").read_text().replace("http://127.0.0.1:9001", shop)
    resource, client = re.findall(r"<<'JSON'\n(.*?)\nJSON", page, re.DOTALL)
    server.cli("resource", "create", "--file", "-", stdin=resource)
    return server.create_client(**json.loads(client))


def start(world: World, name: str, url: str, **environment: str) -> None:
    """One of the two programs; it ends with the world."""
    environment["PORT"] = url.rpartition(":")[2]
    with (world.logs / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, EXAMPLE / f"{name}.py"], env=os.environ | environment, stdout=log, stderr=log)
    world.at_end.callback(process.wait, timeout=20)
    world.at_end.callback(process.terminate)
    until(f"the {name} answers", lambda: httpx.get(url).status_code < 500, seconds=20)


def _challenge(world: World, server: Server, service: str) -> None:
    """The service alone, with the tokens of somebody who has only a password."""
    application = Application(server, scope="openid payments", resources=[AUDIENCE])
    browser = FormBrowser()
    token = application.sign_in(browser, server.create_person("grace"), resource=AUDIENCE)["access_token"]

    def pay(bearer: str, cents: int) -> httpx.Response:
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        return httpx.post(f"{service}/payments", json={"to": "bakery", "cents": cents}, headers=headers, timeout=20)

    with world.step("RFC 9470 section 3: a small amount passes, a large one is answered with what is wanted"):
        assert pay(token, 99).status_code == 201
        refused = pay(token, 25000)
        challenge = refused.headers["www-authenticate"]
        assert refused.status_code == 401 and challenge.startswith('Bearer error="insufficient_user_authentication"'), challenge
        assert 'acr_values="phr phrh aal3"' in challenge and f'max_age="{FRESH}"' in challenge, challenge

    with world.check("RFC 9470 section 6.1: the token says acr and auth_time"):
        claims = verified(token, server, audience=AUDIENCE)
        assert claims["acr"] == "aal1" and abs(claims["auth_time"] - time.time()) < 60, claims

    with world.check("no token, an ID token, a token for somebody else, and one without the scope"):
        assert pay("", 99).headers["www-authenticate"] == "Bearer"
        others = application.sign_in(browser, scope="openid")
        for wrong in (others["id_token"], others["access_token"], "nonsense"):
            answer = pay(wrong, 99)
            assert answer.status_code == 401 and "invalid_token" in answer.headers["www-authenticate"], answer.headers
        narrow = application.sign_in(browser, scope="openid", resource=AUDIENCE)["access_token"]
        answer = pay(narrow, 99)
        assert answer.status_code == 403 and "insufficient_scope" in answer.headers["www-authenticate"], answer.headers
