"""A resource server as its authors would write it: FastAPI, PyJWT, and nothing of Tessera's but its JWKS.

People keep notes and see their own; a machine with the scope `notes.count` sees how many there are.
Started by scenarios/fastapi_service.py with ISSUER, AUDIENCE, JWKS_URI and PORT in the environment, and COOLDOWN where
the seconds between two fetches are not PyJWT's own."""

import os
from typing import Annotated

import jwt
import uvicorn
from fastapi import Body, Depends, FastAPI, Header, HTTPException

ISSUER, AUDIENCE = os.environ["ISSUER"], os.environ["AUDIENCE"]


class CountingJWKClient(jwt.PyJWKClient):
    """As it comes (300 s cache; at an unknown kid it fetches again, but not sooner than 30 s after the last time),
    and it counts its fetches for the test."""

    fetches = 0

    def fetch_data(self):
        self.fetches += 1
        return super().fetch_data()


keys = CountingJWKClient(os.environ["JWKS_URI"], cooldown_duration=float(os.environ.get("COOLDOWN", 30)))
notes: list[dict] = []
app = FastAPI()


def claims(authorization: Annotated[str, Header()] = "") -> dict:
    """Who calls: RFC 9068 §4, step by step."""
    scheme, _, token = authorization.partition(" ")
    refused = HTTPException(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    if scheme.lower() != "bearer":
        raise refused
    try:
        if jwt.get_unverified_header(token).get("typ", "").lower() not in ("at+jwt", "application/at+jwt"):
            raise refused
        return jwt.decode(
            token, keys.get_signing_key_from_jwt(token), algorithms=["RS256", "ES256"], issuer=ISSUER, audience=AUDIENCE,
            options={"require": ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]},
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError) as error:
        raise refused from error


Caller = Annotated[dict, Depends(claims)]


def demand(caller: dict, scope: str) -> None:
    if scope not in caller.get("scope", "").split():
        raise HTTPException(403, headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'})


@app.get("/notes")
def read(caller: Caller) -> list[str]:
    demand(caller, "notes")
    return [note["text"] for note in notes if note["owner"] == caller["sub"]]


@app.post("/notes", status_code=201)
def write(caller: Caller, text: Annotated[str, Body(embed=True)]) -> None:
    demand(caller, "notes")
    notes.append({"owner": caller["sub"], "text": text})


@app.get("/count")
def count(caller: Caller) -> int:
    demand(caller, "notes.count")
    return len(notes)


@app.get("/fetches")
def fetches() -> int:
    return keys.fetches


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="info")
