"""Introspection and revocation as resource servers see them, at once and after a restart"""

import json

import httpx2 as httpx
import jwt

from support.forms import FormBrowser
from support.oauth import Application, Machine, verified
from support.tessera import Server
from support.world import World

NOTES, MAIL = "https://notes.example", "https://mail.example"
PHOTOS, DIARY = "https://photos.example", "https://diary.example"


def run(world: World) -> None:
    server = world.serve()
    person = server.create_person("ada")
    browser = FormBrowser()
    application = Application(server, scope="openid offline_access notes", resources=[NOTES, MAIL])
    opaque = Application(server, scope="openid offline_access notes", resources=[NOTES], access_token_format="opaque")
    notes = Machine(server, client_name="The notes service", resource_identifiers=[NOTES])
    mail = Machine(server, client_name="The mail service", resource_identifiers=[MAIL])

    with world.step("a person signs in for the notes service, through both applications"):
        tokens = application.sign_in(browser, person, resource=NOTES)
        opaque_tokens = opaque.sign_in(browser, resource=NOTES)

    with world.check("the service that a token is meant for learns whose it is, and what it allows"):
        seen = notes.introspect(tokens["access_token"])
        assert seen["active"] is True and seen["client_id"] == application.id and seen["iss"] == server.issuer, seen
        assert "notes" in seen["scope"].split() and seen["exp"] > seen["iat"] and seen["sub"], seen
        assert NOTES in ([seen["aud"]] if isinstance(seen["aud"], str) else seen["aud"]), seen

    with world.check("an opaque token says nothing by itself, and the same at introspection"):
        assert "." not in opaque_tokens["access_token"]
        assert notes.introspect(opaque_tokens["access_token"])["active"] is True

    with world.check("another service learns nothing but that it is not active"):
        assert mail.introspect(tokens["access_token"]) == {"active": False}
        assert mail.introspect(opaque_tokens["access_token"]) == {"active": False}

    with world.check("nobody in particular may not ask at all (RFC 7662 section 2.1)"):
        response = httpx.post(application.endpoints["introspection_endpoint"], data={"token": tokens["access_token"]})
        assert response.status_code in (400, 401) and response.json()["error"] == "invalid_client", f"{response.status_code} {response.text}"

    with world.check("rubbish is not active, and no error"):
        assert notes.introspect("rubbish") == {"active": False}

    with world.check("another client cannot revoke a token that is not its own"):
        mail.post("revocation", token=tokens["refresh_token"])
        assert notes.introspect(tokens["access_token"])["active"] is True

    with world.step("revoking an access token ends it at once (RFC 7009)"):
        second = application.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert application.post("revocation", token=second["access_token"]).status_code == 200
        assert notes.introspect(second["access_token"]) == {"active": False}

    with world.step("revoking a refresh token ends its whole family at once"):
        third = application.token(grant_type="refresh_token", refresh_token=second["refresh_token"])
        response = application.post("revocation", token=third["refresh_token"], token_type_hint="refresh_token")
        assert response.status_code == 200, response.text
        _is_over(application, notes, third)

    with world.check("revoking the opaque token ends it at once"):
        assert opaque.post("revocation", token=opaque_tokens["access_token"]).status_code == 200
        assert notes.introspect(opaque_tokens["access_token"]) == {"active": False}

    with world.step("a replayed code revokes what its first use gave (RFC 6749 section 4.1.2)"):
        code = application.code(browser)
        from_code = application.token(**code)
        assert application.userinfo(from_code["access_token"]).status_code == 200
        again = application.post("token", **code)
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant"), again.text
        assert application.introspect(from_code["access_token"]) == {"active": False}
        assert application.userinfo(from_code["access_token"]).status_code == 401

    _described(world, server, browser)

    with world.step("a restart forgets no revocation"):
        server.stop()
        server.start()
        _is_over(application, notes, third)
        assert application.userinfo(from_code["access_token"]).status_code == 401


def _described(world: World, server: Server, browser: FormBrowser) -> None:
    described = {
        PHOTOS: {"name": "Photos", "scopes": {"photos": "See your photos"}, "access_token_lifetime": 120, "access_token_signed_response_alg": "ES256"},
        DIARY: {"name": "Diary", "scopes": {"diary": "Read your diary"}, "access_token_signed_response_alg": "RS256"},
    }
    with world.step("an operator describes two resource servers beside the running server"):
        for identifier, rest in described.items():
            server.cli("resource", "create", "--file", "-", stdin=json.dumps({"identifier": identifier} | rest))
        assert {known["identifier"] for known in json.loads(server.cli("resource", "list", "--json"))} == {PHOTOS, DIARY}
    application = Application(server, scope="openid offline_access photos diary", resources=[PHOTOS, DIARY])

    for resource, scope, algorithm, seconds in [(PHOTOS, "photos", "ES256", 120), (DIARY, "diary", "RS256", 600)]:
        with world.check(f"a token for {resource} has its scope, its algorithm and its life, by the JWKS alone"):
            tokens = application.sign_in(browser, resource=resource)
            claims = verified(tokens["access_token"], server, audience=resource)
            assert (claims["scope"], claims["exp"] - claims["iat"]) == (scope, seconds), claims
            assert jwt.get_unverified_header(tokens["access_token"])["alg"] == algorithm
            assert (tokens["scope"], tokens["expires_in"]) == (scope, seconds), tokens

    with world.check("one token for both is refused: no algorithm would do (RFC 8707 section 2)"):
        machine = Machine(server, scope="photos diary", resources=[PHOTOS, DIARY])
        response = machine.post("token", grant_type="client_credentials")
        assert (response.status_code, response.json()["error"]) == (400, "invalid_target"), response.text
        assert verified(machine.access_token(resource=DIARY), server, audience=DIARY)["scope"] == "diary"


def _is_over(application: Application, notes: Machine, tokens: dict) -> None:
    assert notes.introspect(tokens["access_token"]) == {"active": False}
    response = application.post("token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant"), response.text
