"""A payment service: small amounts pass, above a limit it wants a passkey from the last five minutes (RFC 9470).

It knows nothing of Tessera but the issuer. ISSUER, AUDIENCE and PORT come from the environment, and so may FRESH.

    pip install fastapi uvicorn 'PyJWT[crypto]'
    ISSUER=http://localhost:8080 AUDIENCE=https://payments.example PORT=9000 python service.py
"""

import json
import os
import time
import urllib.request
from typing import Annotated

import jwt
import uvicorn
from fastapi import Body, Depends, FastAPI, Header, HTTPException

ISSUER, AUDIENCE = os.environ["ISSUER"], os.environ["AUDIENCE"]
LIMIT = 100_00  # cents
STRONG = ["phr", "phrh", "aal3"]  # phishing-resistant: any of them will do
FRESH = int(os.environ.get("FRESH", "300"))  # seconds

with urllib.request.urlopen(f"{ISSUER}/.well-known/openid-configuration") as answer:
    keys = jwt.PyJWKClient(json.load(answer)["jwks_uri"])
app = FastAPI()
payments: list[dict] = []


def refuse(status: int, error: str = "", description: str = "", **more: str) -> HTTPException:
    """RFC 6750 section 3, and RFC 9470 section 3 for `acr_values` and `max_age`."""
    parameters = ({"error": error, "error_description": description} if error else {}) | more
    challenge = ", ".join(f'{name}="{value}"' for name, value in parameters.items())
    return HTTPException(status, error or None, {"WWW-Authenticate": f"Bearer {challenge}".strip()})


def caller(authorization: Annotated[str, Header()] = "") -> dict:
    """The claims of an access token for this service (RFC 9068 section 4)."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise refuse(401)  # who brings none is told no error (RFC 6750 section 3.1)
    try:
        if jwt.get_unverified_header(token).get("typ", "").lower() not in ("at+jwt", "application/at+jwt"):
            raise jwt.InvalidTokenError("an ID token, perhaps")
        required = ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]
        key = keys.get_signing_key_from_jwt(token)
        return jwt.decode(token, key, ["RS256", "ES256"], {"require": required}, issuer=ISSUER, audience=AUDIENCE)
    except jwt.PyJWTError as error:
        raise refuse(401, "invalid_token", "no access token for this service") from error


@app.post("/payments", status_code=201)
def pay(claims: Annotated[dict, Depends(caller)], to: Annotated[str, Body()], cents: Annotated[int, Body(gt=0)]) -> dict:
    if "payments" not in claims.get("scope", "").split():
        raise refuse(403, "insufficient_scope", "payments are not in the scope", scope="payments")
    # Both of one token, and both of the same proofs: Tessera's auth_time is when all that acr rests on was there.
    sure = claims.get("acr") in STRONG and time.time() - claims.get("auth_time", 0) <= FRESH
    if cents > LIMIT and not sure:
        raise refuse(401, "insufficient_user_authentication", "above the limit a recent passkey is needed", acr_values=" ".join(STRONG), max_age=str(FRESH))
    # Kept with it: how sure we were, should anybody ever ask.
    payment = {"from": claims["sub"], "to": to, "cents": cents, "acr": claims.get("acr"), "auth_time": claims.get("auth_time")}
    payments.append(payment)
    print(json.dumps(payment), flush=True)
    return payment


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
