"""A web application as its authors would write it: Starlette, Authlib, and joserfc for the logout tokens.

People log in, the application refreshes, and people log out here or anywhere else (OpenID Connect RP-Initiated and
Back-Channel Logout). Started by scenarios/authlib_web.py with ISSUER, ORIGIN, PORT, CLIENT_ID and CLIENT_SECRET in the environment."""

import os
import secrets
import urllib.parse

import uvicorn
from authlib.integrations.starlette_client import OAuth
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

ISSUER, ORIGIN = os.environ["ISSUER"], os.environ["ORIGIN"]
CLIENT_ID = os.environ["CLIENT_ID"]
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"

oauth = OAuth()
oauth.register(
    "tessera",
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_id=CLIENT_ID,
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email offline_access", "code_challenge_method": "S256"},
)
sessions: dict[str, dict] = {}
used: set[str] = set()  # logout tokens, by jti


class Sessions:
    """In memory, found by a random cookie."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        name = Request(scope).cookies.get("application") or secrets.token_urlsafe(16)
        scope["session"] = sessions.setdefault(name, {})

        async def with_cookie(message):
            if message["type"] == "http.response.start":
                message["headers"].append((b"set-cookie", f"application={name}; Path=/; HttpOnly; SameSite=Lax".encode()))
            await send(message)

        await self.app(scope, receive, with_cookie)


async def home(request: Request):
    user = request.session.get("user")
    return JSONResponse(user, status_code=200 if user else 401)


async def login(request: Request):
    return await oauth.tessera.authorize_redirect(request, f"{ORIGIN}/callback")


async def callback(request: Request):
    # Authlib checks state, iss, the ID token's signature, nonce, aud, at_hash.
    token = await oauth.tessera.authorize_access_token(request)
    request.session.update(token=token, user=dict(token["userinfo"]))
    return RedirectResponse("/tokens")


async def tokens(request: Request):
    return JSONResponse(request.session["token"])


async def refresh(request: Request):
    token = await oauth.tessera.fetch_access_token(grant_type="refresh_token", refresh_token=request.session["token"]["refresh_token"])
    request.session["token"] = token
    request.session["profile"] = dict(await oauth.tessera.userinfo(token=token))
    return RedirectResponse("/tokens")


async def profile(request: Request):
    return JSONResponse(request.session["profile"])


async def logout(request: Request):
    id_token = request.session["token"]["id_token"]
    del request.session["user"]
    return await oauth.tessera.logout_redirect(request, f"{ORIGIN}/goodbye", id_token_hint=id_token)


async def goodbye(request: Request):
    await oauth.tessera.validate_logout_response(request)
    return JSONResponse({"goodbye": True})


async def backchannel(request: Request):
    """Back-Channel Logout 1.0, sections 2.6 to 2.8, step by step."""
    token = urllib.parse.parse_qs((await request.body()).decode())["logout_token"][0]
    keys = KeySet.import_key_set(await oauth.tessera.fetch_jwk_set())
    try:
        decoded = jwt.decode(token, keys, algorithms=["RS256"])
        registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER}, aud={"essential": True, "value": CLIENT_ID},
            iat={"essential": True}, exp={"essential": True}, jti={"essential": True}, sid={"essential": True},
        )  # fmt: skip
        registry.validate(decoded.claims)
        claims = decoded.claims
        assert decoded.header["typ"] == "logout+jwt" and claims["events"] == {LOGOUT: {}} and "nonce" not in claims, decoded
        assert claims["jti"] not in used, "used before"
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, nobody is logged out
        return JSONResponse({"error": "invalid_request", "error_description": repr(error)}, status_code=400)
    used.add(claims["jti"])
    for session in sessions.values():
        if session.get("user", {}).get("sid") == claims["sid"]:
            del session["user"]
    return Response(headers={"cache-control": "no-store"})


paths = {"/": home, "/login": login, "/callback": callback, "/tokens": tokens, "/refresh": refresh, "/profile": profile, "/logout": logout, "/goodbye": goodbye}
app = Starlette(routes=[*(Route(path, page) for path, page in paths.items()), Route("/backchannel", backchannel, methods=["POST"])])
app.add_middleware(Sessions)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
