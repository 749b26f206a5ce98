"""A shop that pays: when the payment service wants to be surer, it sends the person back to Tessera to prove more.

ISSUER, ORIGIN, PORT, SERVICE (the payment service's address) and CLIENT (what `tessera client create` printed, as a file) come from
the environment.

    pip install httpx2 starlette uvicorn Authlib
    ISSUER=http://localhost:8080 SERVICE=http://127.0.0.1:9000 ORIGIN=http://127.0.0.1:9001 PORT=9001 CLIENT=shop.json python shop.py
"""

import html
import json
import os
import secrets
from urllib.parse import parse_qsl
from urllib.request import parse_http_list, parse_keqv_list

import httpx2 as httpx
import uvicorn
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

ISSUER, ORIGIN, SERVICE = os.environ["ISSUER"], os.environ["ORIGIN"], os.environ["SERVICE"]
AUDIENCE = os.environ.get("AUDIENCE", "https://payments.example")
with open(os.environ["CLIENT"]) as file:
    registered = json.load(file)
metadata = httpx.get(f"{ISSUER}/.well-known/openid-configuration").raise_for_status().json()
visitors: dict[str, dict] = {}  # by cookie: the access token, what waits to be paid, and what to say next

SHOP = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Shop</title>
<h1>Shop</h1><p id="said" role="status">{said}</p>
<form method="post" action="/pay"><label>To <input id="to" name="to" value="bakery"></label>
<label>Cents <input id="cents" name="cents" type="number" min="1" value="500"></label> <button id="pay">Pay</button></form>"""


def client() -> AsyncOAuth2Client:
    return AsyncOAuth2Client(
        registered["client_id"], registered["client_secret"], redirect_uri=f"{ORIGIN}/callback",
        scope="openid payments", code_challenge_method="S256",
    )  # fmt: skip


def visitor(request: Request) -> dict:
    return visitors.get(request.cookies.get("shop", ""), {})


def say(me: dict, sentence: str) -> RedirectResponse:
    """Redirected, so that a reload never pays again."""
    me["said"] = sentence
    return RedirectResponse("/", 303)


async def home(request: Request):
    cookie = request.cookies.get("shop")
    if cookie not in visitors:
        visitors[cookie := secrets.token_urlsafe(16)] = {}
    response = HTMLResponse(SHOP.format(said=html.escape(visitors[cookie].pop("said", "What would you like to pay?"))))
    response.set_cookie("shop", cookie, httponly=True, samesite="lax")
    return response


def login(me: dict, **more: str) -> RedirectResponse:
    """To Tessera; `more` says how sure it has to be."""
    me["verifier"] = secrets.token_urlsafe(48)
    url, me["state"] = client().create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=me["verifier"], resource=AUDIENCE, **more
    )
    return RedirectResponse(url, 303)


def surer(challenge: dict) -> dict[str, str]:
    """A service's challenge (RFC 9470 section 3) as parameters of a request."""
    more = {}
    if "acr_values" in challenge:
        # Essential, not a wish like `acr_values`: a token without it would be refused again (section 5).
        acr = {"essential": True, "values": challenge["acr_values"].split()}
        more["claims"] = json.dumps({"id_token": {"acr": acr}})
    if "max_age" in challenge:
        more["max_age"] = challenge["max_age"]
    return more


async def pay(request: Request):
    """From the form. The cookie is SameSite=Lax: no other site can send it along with a POST."""
    me = visitor(request)
    form = dict(parse_qsl((await request.body()).decode()))
    if not form.get("cents", "").isdecimal() or not form.get("to"):
        return say(me, "How much, and to whom?")
    me["payment"], me["asked"] = {"to": form["to"], "cents": int(form["cents"])}, set()
    return await go_on(me) if "token" in me else login(me)


async def go_on(me: dict):
    """Pays what waits. Each reason to send the person to Tessera is good for one time: nobody goes round in circles."""
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{SERVICE}/payments", json=me["payment"], headers={"authorization": f"Bearer {me['token']}"})
    if answer.status_code == 201:
        return say(me, "Paid {cents} cents to {to}.".format(**me.pop("payment")))
    challenge = parse_keqv_list(parse_http_list(answer.headers.get("www-authenticate", "").partition(" ")[2]))
    error = challenge.get("error", str(answer.status_code))
    # A token that has run out is invalid too: a new one is to be had without a word.
    if error in ("insufficient_user_authentication", "invalid_token") and error not in me["asked"]:
        me["asked"].add(error)
        return login(me, **surer(challenge))
    return say(me, f"Not paid: {error}.")


async def callback(request: Request):
    me, answer = visitor(request), request.query_params
    # RFC 9207, and RFC 6749 section 10.12: an answer of this server, to the request of this browser.
    expected = me.pop("state", None)
    if not expected or answer.get("iss") != metadata["issuer"] or answer.get("state") != expected:
        return say(me, "That was not the answer to our request.")
    if answer.get("error") == "unmet_authentication_requirements":
        return say(me, "Not paid: for this amount you need a passkey. Set one up in your account, and pay again.")
    if "error" in answer:
        return say(me, f"Not paid: {answer['error']}.")
    try:
        token = await client().fetch_token(
            metadata["token_endpoint"], code=answer["code"], code_verifier=me.pop("verifier"), resource=AUDIENCE
        )
    except OAuthError as error:
        return say(me, f"Not paid: {error.error}.")
    me["token"] = token["access_token"]
    return await go_on(me)


app = Starlette(routes=[Route("/", home), Route("/pay", pay, methods=["POST"]), Route("/callback", callback)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
