"""A Starlette application with Authlib: log in, refresh, log out here (RP-initiated) and elsewhere (back-channel)"""

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import httpx2 as httpx
import jwt

from support.forms import FormBrowser
from support.oauth import make_key
from support.wait import free_port, until
from support.world import World

APPLICATION = Path(__file__).resolve().parents[1] / "support" / "authlib_application.py"


def run(world: World) -> None:
    server = world.serve()
    person = server.create_person("ada")
    port = free_port()
    # Another site than the provider's: the two share no cookie.
    origin = f"http://127.0.0.1:{port}"
    client = server.create_client(
        client_name="Starlette with Authlib",
        redirect_uris=[f"{origin}/callback"],
        post_logout_redirect_uris=[f"{origin}/goodbye"],
        backchannel_logout_uri=f"{origin}/backchannel",
        backchannel_logout_session_required=True,
        grant_types=["authorization_code", "refresh_token"],
        scope="openid profile email offline_access",
    )
    _start(world, server, client, origin, port)
    browser = FormBrowser()

    with world.step("a person logs in; Authlib accepts the ID token"):
        first = _login(browser, origin, person, ["sign-in", "consent"])
        assert _user(browser, origin)["sid"]

    with world.step("Authlib refreshes: every token is new, userinfo the same person"):
        fresh = browser.http.get(f"{origin}/refresh", follow_redirects=True).raise_for_status().json()
        assert all(fresh[name] != first[name] for name in ("access_token", "refresh_token", "id_token"))
        profile = browser.http.get(f"{origin}/profile").json()
        assert (profile["sub"], profile["email"]) == (_user(browser, origin)["sub"], person.email), profile

    with world.step("RP-initiated logout with id_token_hint: no question, and Authlib finds its state again"):
        left = browser.http.get(f"{origin}/logout")
        assert "id_token_hint=" in left.headers["location"], left.headers
        end = browser.http.get(left.headers["location"])
        assert end.is_redirect and end.headers["location"].startswith(f"{origin}/goodbye?"), (end.status_code, end.text[:300])
        assert browser.http.get(end.headers["location"]).json() == {"goodbye": True}
        assert _user(browser, origin) is None and _signed_out(browser, server)

    with world.step("back-channel logout: signed out at Tessera, the application knows, by a logout token that joserfc accepts"):
        _login(browser, origin, person, ["sign-in"])
        other = FormBrowser()
        _login(other, origin, person, ["sign-in"])
        page = browser.page(browser.http.get(f"{server.issuer}/sign-out"))
        browser.submit(page, page.form_with("logout"), "logout")
        until("the application has no session any more", lambda: _user(browser, origin) is None)
        assert _user(other, origin), "the session of another browser ended with it"

    with world.check("a logout token that somebody else wrote ends nothing"):
        forged = _forged(server, client, _user(other, origin)["sid"])
        answer = httpx.post(f"{origin}/backchannel", data={"logout_token": forged})
        assert answer.status_code == 400 and _user(other, origin), answer.text


def _forged(server, client: dict, sid: str) -> str:
    """Right in everything but whose key signed it."""
    private, _ = make_key("RS256", "forged")
    now = int(time.time())
    claims = {
        "iss": server.issuer, "aud": client["client_id"], "iat": now, "exp": now + 120, "jti": secrets.token_urlsafe(8), "sid": sid,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }  # fmt: skip
    kid = next(key["kid"] for key in server.signing_keys() if key["alg"] == "RS256")
    return jwt.encode(claims, private, algorithm="RS256", headers={"kid": kid, "typ": "logout+jwt"})


def _login(browser: FormBrowser, origin: str, person, pages: list[str]) -> dict:
    journey = browser.authorize(f"{origin}/login", f"{origin}/callback", person)
    assert journey.pages == pages, journey.pages
    return browser.http.get(journey.callback, follow_redirects=True).raise_for_status().json()


def _user(browser: FormBrowser, origin: str) -> dict | None:
    return browser.http.get(f"{origin}/").json()


def _signed_out(browser: FormBrowser, server) -> bool:
    page = browser.page(browser.http.get(f"{server.issuer}/account", follow_redirects=True))
    return page.form_with("username", "password", "login") is not None


def _start(world: World, server, client: dict, origin: str, port: int) -> None:
    environment = {"ISSUER": server.issuer, "ORIGIN": origin, "PORT": str(port), "CLIENT_ID": client["client_id"], "CLIENT_SECRET": client["client_secret"]}
    with open(world.logs / "application.log", "wb") as log:
        process = subprocess.Popen([sys.executable, APPLICATION], env=os.environ | environment, stdout=log, stderr=log)
    world.at_end.callback(process.wait)
    world.at_end.callback(process.kill)
    with world.step("the application starts"):
        until("it answers", lambda: httpx.get(f"{origin}/").status_code == 401)
