"""A web application that pays: when the payment service wants to be surer, it sends the person back to prove more.

ISSUER, ORIGIN, PORT, CLIENT_ID, CLIENT_SECRET and SERVICE (the payment service's address) come from the environment.

    pip install httpx2 starlette uvicorn 'Authlib'
"""

import os
import secrets
from urllib.parse import urlencode
from urllib.request import parse_http_list, parse_keqv_list

import httpx2 as httpx
import uvicorn
from authlib.integrations.httpx_client import AsyncOAuth2Client
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

ISSUER, ORIGIN, SERVICE = os.environ["ISSUER"], os.environ["ORIGIN"], os.environ["SERVICE"]
AUDIENCE = os.environ.get("AUDIENCE", "https://payments.example")
metadata = httpx.get(f"{ISSUER}/.well-known/openid-configuration").json()
people: dict[str, dict] = {}  # by cookie: the access token, and what waits to be paid


def client() -> AsyncOAuth2Client:
    return AsyncOAuth2Client(
        os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"], redirect_uri=f"{ORIGIN}/callback",
        scope="openid payments", code_challenge_method="S256",
    )  # fmt: skip


def login(cookie: str, **more: str) -> RedirectResponse:
    """To Tessera; `acr_values` and `max_age` say how sure it has to be (RFC 9470 section 4)."""
    me = people.setdefault(cookie, {})
    me["verifier"] = secrets.token_urlsafe(48)
    url, me["state"] = client().create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=me["verifier"], resource=AUDIENCE, **more
    )
    response = RedirectResponse(url, 303)
    response.set_cookie("shop", cookie, httponly=True, samesite="lax")
    return response


async def pay(request: Request):
    """`/pay?to=...&cents=...`"""
    cookie = request.cookies.get("shop") or secrets.token_urlsafe(16)
    me = people.setdefault(cookie, {})
    me["payment"] = {"to": request.query_params["to"], "cents": int(request.query_params["cents"])}
    if "token" not in me:
        return login(cookie)
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{SERVICE}/payments", json=me["payment"], headers={"authorization": f"Bearer {me['token']}"})
    challenge = parse_keqv_list(parse_http_list(answer.headers.get("www-authenticate", "").partition(" ")[2]))
    if challenge.get("error") == "insufficient_user_authentication":
        if me.pop("stepped_up", False):
            return JSONResponse({"refused": "still not sure enough"}, 403)
        me["stepped_up"] = True
        return login(cookie, **{name: challenge[name] for name in ("acr_values", "max_age") if name in challenge})
    me.pop("stepped_up", None)
    return JSONResponse(answer.json() if answer.status_code == 201 else {"refused": answer.status_code}, answer.status_code)


async def callback(request: Request):
    me = people[request.cookies["shop"]]
    if "error" in request.query_params:
        me.pop("stepped_up", None)
        return JSONResponse({"refused": request.query_params["error"]}, 403)
    if request.query_params["iss"] != metadata["issuer"] or request.query_params["state"] != me.pop("state"):
        return JSONResponse({"refused": "not the answer to our request"}, 400)
    token = await client().fetch_token(
        metadata["token_endpoint"], code=request.query_params["code"], code_verifier=me.pop("verifier"), resource=AUDIENCE
    )
    me["token"] = token["access_token"]
    # On with what waited.
    return RedirectResponse(f"/pay?{urlencode(me['payment'])}", 303)


app = Starlette(routes=[Route("/pay", pay), Route("/callback", callback)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
