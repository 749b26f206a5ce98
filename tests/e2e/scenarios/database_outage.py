"""PostgreSQL dies and comes back: 503 with Retry-After meanwhile, and recovery without a restart"""

import httpx2 as httpx

from support import postgres
from support.forms import FormBrowser
from support.oauth import Application, Machine
from support.wait import until
from support.world import World

ENGINES = ("postgres",)


def run(world: World) -> None:
    # A cluster of its own: the other scenarios' one stays up.
    cluster = world.at_end.enter_context(postgres.cluster())
    server = world.prepare(database_url=postgres.create_database(cluster.url()), DATABASE__ACQUIRE_TIMEOUT="2s").start()
    person, browser = server.create_person("ada"), FormBrowser()
    application, machine = Application(server), Machine(server)
    tokens = application.sign_in(browser, person)
    code = application.code(browser)
    url, _ = application.authorization()

    with world.step("the database dies: /readyz says 503, /healthz still 200"):
        cluster.stop("immediate")
        until("/readyz answers 503", lambda: server.readiness() == 503, seconds=15)
        assert httpx.get(f"{server.issuer}/healthz").status_code == 200

    for what, send in {
        "client credentials": lambda: machine.post("token", grant_type="client_credentials"),
        "a code": lambda: application.post("token", **code),
        "a refresh": lambda: application.post("token", grant_type="refresh_token", refresh_token=tokens["refresh_token"]),
        "introspection": lambda: application.post("introspection", token=tokens["access_token"]),
        "the authorization endpoint": lambda: browser.http.get(url),
    }.items():
        with world.check(f"meanwhile: {what} answers 503 with Retry-After, and tells nothing of the inside"):
            response = send()
            assert response.status_code == 503, f"{response.status_code} {response.text[:300]}"
            assert int(response.headers["retry-after"]) > 0
            for word in ("sqlx", "postgres", "connection refused", "pool"):
                assert word not in response.text.lower(), response.text

    with world.check("meanwhile: the keys are still published"):
        assert server.published_kids()

    with world.step("the database comes back: ready again without a restart"):
        cluster.start()
        until("/readyz answers 200", lambda: server.readiness() == 200, seconds=20)

    with world.step("what was refused meanwhile works now: nothing was half-written"):
        machine.access_token()
        application.token(**code)
        application.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        application.sign_in(FormBrowser(), person)

    with world.check("audit verify holds"):
        server.cli("audit", "verify")

    with world.check("changes from the command line are noticed again"):
        other = Machine(server)
        until("the new client works", other.access_token, seconds=3)
