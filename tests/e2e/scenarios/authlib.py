"""Authlib as the relying party, without a browser, with every client authentication method"""

import secrets

import httpx2 as httpx
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from support import vault
from support.forms import FormBrowser
from support.oauth import REDIRECT, make_key
from support.world import World

SCOPE = "openid profile email offline_access"
# Client authentication, and the algorithm of the client's ID tokens.
CLIENTS = [
    ("client_secret_basic", "RS256"),
    ("client_secret_post", "ES256"),
    ("client_secret_jwt", "RS256"),
    ("private_key_jwt", "ES256"),
]


def run(world: World) -> None:
    server = world.serve()
    metadata = server.metadata()
    for method, algorithm in CLIENTS:
        person = server.create_person(f"ada-{method.replace('_', '-')}")
        _journey(world, server, metadata, person, method, algorithm)


def _journey(world, server, metadata, person, method, algorithm) -> None:
    title = f"{method} and {algorithm}"
    client = _client(server, metadata, method, algorithm)
    browser = FormBrowser()

    with world.step(f"{title}: a person signs in and consents, the code becomes tokens"):
        nonce, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
        vault.remember(verifier)
        url, state = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
        journey = browser.authorize(url, REDIRECT, person)
        assert journey.pages == ["sign-in", "consent"], journey.pages
        assert journey.answer["iss"] == server.issuer, journey.answer
        token = client.fetch_token(metadata["token_endpoint"], authorization_response=journey.callback, state=state, code_verifier=verifier)
        assert token["token_type"].lower() == "bearer" and token["expires_in"] > 0, token.keys()

    with world.step(f"{title}: the ID token holds every promise"):
        claims = _id_token(client, server, metadata, token, algorithm, nonce)
        assert claims["sub"] and claims["aud"] in (client.client_id, [client.client_id]), claims

    with world.check(f"{title}: userinfo tells about the same person"):
        profile = client.get(metadata["userinfo_endpoint"]).raise_for_status().json()
        assert profile["sub"] == claims["sub"] and profile["email"] == person.email, profile
        assert profile["preferred_username"] == person.username, profile

    with world.check(f"{title}: a refresh gives a new refresh token and the same person"):
        first = token["refresh_token"]
        refreshed = client.refresh_token(metadata["token_endpoint"], refresh_token=first)
        assert refreshed["refresh_token"] != first, "the refresh token did not rotate"
        again = _id_token(client, server, metadata, refreshed, algorithm, nonce=None)
        assert (again["sub"], again["auth_time"]) == (claims["sub"], claims["auth_time"])
        assert "nonce" not in again

    with world.check(f"{title}: the second visit asks neither for the password nor for consent"):
        url, state = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, response_mode="form_post")
        journey = browser.authorize(url, REDIRECT)
        assert journey.pages == [], journey.pages
        assert journey.answer["state"] == state and "code" in journey.answer, journey.answer.keys()

    with world.check(f"{title}: the client may ask about and revoke its own token"):
        access_token = client.token["access_token"]
        assert client.introspect_token(metadata["introspection_endpoint"], access_token).json()["active"] is True
        assert client.revoke_token(metadata["revocation_endpoint"], access_token).status_code == 200
        assert client.introspect_token(metadata["introspection_endpoint"], access_token).json() == {"active": False}


def _client(server, metadata, method, algorithm) -> OAuth2Client:
    registration = {
        "client_name": f"Authlib with {method}",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": SCOPE,
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": algorithm,
    }
    if method == "private_key_jwt":
        pem, registration["jwks"] = make_key(algorithm, kid="authlib")
    registered = server.create_client(**registration)
    secret = registered.get("client_secret")
    if method == "client_secret_jwt":
        secret = OctKey.import_key(secret)
    if method == "private_key_jwt":
        secret = (ECKey if algorithm == "ES256" else RSAKey).import_key(pem)
    client = OAuth2Client(
        registered["client_id"], secret, token_endpoint_auth_method=method, revocation_endpoint_auth_method=method,
        scope=SCOPE, redirect_uri=REDIRECT, code_challenge_method="S256", timeout=20, event_hooks=vault.HOOKS,
    )  # fmt: skip
    if method == "private_key_jwt":
        client.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], headers={"kid": "authlib"}, alg=algorithm))
    if method == "client_secret_jwt":
        client.register_client_auth_method(ClientSecretJWT(metadata["token_endpoint"]))
    return client


def _id_token(client, server, metadata, token, algorithm, nonce) -> CodeIDToken:
    keys = KeySet.import_key_set(httpx.get(metadata["jwks_uri"]).raise_for_status().json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=[algorithm])
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        options={"iss": {"essential": True, "value": server.issuer}},
        params={"client_id": client.client_id, "access_token": token["access_token"], "nonce": nonce},
    )
    claims.validate(leeway=5)
    assert claims.header["kid"], claims.header
    return claims
