"""The few requests that a scenario makes by hand, where no client library is under test."""

import base64
import copy
import hashlib
import secrets
import urllib.parse

import httpx2 as httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from support import vault
from support.forms import FormBrowser
from support.tessera import Person, Server

REDIRECT = "http://localhost:9/callback"  # never opened: FormBrowser stops in front of it


def make_key(algorithm: str, kid: str) -> tuple[str, dict]:
    """A private key as PEM, and its public JWK Set."""
    if algorithm == "ES256":
        private = ec.generate_private_key(ec.SECP256R1())
        public = jwt.algorithms.ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    else:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        public.pop("key_ops", None)
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode(), {"keys": [public | {"kid": kid, "alg": algorithm, "use": "sig"}]}


class Application:
    """A confidential web application (client_secret_basic, PKCE) at one server."""

    def __init__(self, server: Server, **metadata):
        registration = {
            "client_name": "An application",
            "redirect_uris": [REDIRECT],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email offline_access",
        }
        self.server = server
        self.registered = server.create_client(**registration | metadata)
        self.redirect_uri = (metadata.get("redirect_uris") or [REDIRECT])[0]
        self.id, self.secret = self.registered["client_id"], self.registered.get("client_secret")
        self.endpoints = server.metadata()
        self.http = self._http()

    def _http(self) -> httpx.Client:
        return httpx.Client(timeout=20, event_hooks=vault.HOOKS, auth=(self.id, self.secret) if self.secret else None)

    def with_secret(self, secret: str) -> "Application":
        """The same application, another secret."""
        twin = copy.copy(self)
        twin.secret = secret
        twin.http = twin._http()
        return twin

    def authorization(self, **parameters: str) -> tuple[str, str]:
        """A URL for the browser, and the PKCE verifier that belongs to it."""
        verifier = secrets.token_urlsafe(48)
        vault.remember(verifier)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": self.id, "redirect_uri": self.redirect_uri,
            "scope": self.registered["scope"], "state": secrets.token_urlsafe(12), "nonce": secrets.token_urlsafe(12),
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        return self.endpoints["authorization_endpoint"] + "?" + urllib.parse.urlencode(query | parameters), verifier

    def code(self, browser: FormBrowser, person: Person | None = None, **parameters: str) -> dict[str, str]:
        """A code as the token endpoint wants it: `{grant_type, code, redirect_uri, code_verifier}`."""
        url, verifier = self.authorization(**parameters)
        answer = browser.authorize(url, self.redirect_uri, person).answer
        assert "code" in answer, f"no code: {answer}"
        return {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": self.redirect_uri, "code_verifier": verifier}

    def post(self, endpoint: str, **form: str) -> httpx.Response:
        return self.http.post(self.endpoints[f"{endpoint}_endpoint"], data=form)

    def token(self, **form: str) -> dict:
        response = self.post("token", **form)
        assert response.status_code == 200, f"token endpoint: {response.status_code} {response.text}"
        return response.json()

    def sign_in(self, browser: FormBrowser, person: Person | None = None, **parameters: str) -> dict:
        """The whole way, to the token response."""
        resource = {"resource": parameters["resource"]} if "resource" in parameters else {}
        return self.token(**self.code(browser, person, **parameters), **resource)

    def introspect(self, token: str) -> dict:
        return self.post("introspection", token=token).raise_for_status().json()

    def userinfo(self, access_token: str) -> httpx.Response:
        return httpx.get(self.endpoints["userinfo_endpoint"], headers={"authorization": f"Bearer {access_token}"}, timeout=20)


class Machine(Application):
    """A client of the client credentials grant."""

    def __init__(self, server: Server, **metadata):
        super().__init__(server, **{"client_name": "A machine", "redirect_uris": [], "grant_types": ["client_credentials"], "scope": "reports"} | metadata)

    def access_token(self, **form: str) -> str:
        return self.token(grant_type="client_credentials", **form)["access_token"]


def verified(token: str, server: Server, **expected) -> dict:
    """An access token's claims, after a verification with nothing but the JWKS."""
    kid = jwt.get_unverified_header(token)["kid"]
    keys = jwt.PyJWKSet.from_dict(httpx.get(server.metadata()["jwks_uri"]).raise_for_status().json())
    return jwt.decode(token, keys[kid], algorithms=["RS256", "ES256"], issuer=server.issuer, **{"audience": server.issuer} | expected)
