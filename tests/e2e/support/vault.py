"""Every secret that a test saw, kept in one file, to be looked for in the logs at the end.

One JSON string a line; the Node programs (`browser/vault.mjs`) append to the same file."""

import json
import os
import threading
import urllib.parse
from pathlib import Path

# Members of forms and of JSON answers that must never reach a log.
SECRET_FIELDS = {
    "password", "client_secret", "code", "code_verifier", "access_token", "refresh_token", "id_token", "token",
    "client_assertion", "registration_access_token",
}
SHORTEST = 8  # a shorter value would be found by chance

_lock = threading.Lock()
_seen: set[str] = set()


def forget() -> None:
    """A new run, a new file."""
    _seen.clear()


def remember(*values: str | None) -> None:
    with _lock, open(os.environ["E2E_SECRETS"], "a") as file:
        for value in values:
            if value and len(value) >= SHORTEST and value not in _seen:
                _seen.add(value)
                file.write(json.dumps(value) + "\n")


def remember_fields(fields: dict) -> None:
    remember(*(value for name, value in fields.items() if name in SECRET_FIELDS and isinstance(value, str)))


def remember_form(body: str) -> None:
    remember_fields(dict(urllib.parse.parse_qsl(body)))


def remember_request(request) -> None:
    """An httpx request hook."""
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/x-www-form-urlencoded"):
        remember_form(request.content.decode())


def remember_response(response) -> None:
    """An httpx response hook: tokens in JSON, the code in a redirect, every cookie."""
    for cookie in response.headers.get_list("set-cookie"):
        remember(cookie.split(";")[0].partition("=")[2])
    if location := response.headers.get("location"):
        remember_form(urllib.parse.urlsplit(location).query)
    if response.headers.get("content-type", "").startswith("application/json"):
        response.read()
        try:
            document = response.json()
        except ValueError:
            return
        if isinstance(document, dict):
            remember_fields(document)


HOOKS = {"request": [remember_request], "response": [remember_response]}


def leaks(logs: list[Path]) -> list[str]:
    """Where a log holds a secret: `file:line`, and the beginning of the secret only."""
    ends: dict[str, set[str]] = {}  # by its last characters: JWTs all begin alike
    for line in Path(os.environ["E2E_SECRETS"]).read_text().splitlines():
        secret = json.loads(line)
        for form in (secret, urllib.parse.quote(secret, safe="")):
            ends.setdefault(form[-SHORTEST:], set()).add(form)
    found = []
    for log in logs:
        text = log.read_text(errors="replace")
        # One pass over the log, however many secrets there are.
        for end in range(SHORTEST, len(text) + 1):
            for secret in ends.get(text[end - SHORTEST : end], ()):
                if text.endswith(secret, 0, end):
                    found.append(f"{log}:{text.count(chr(10), 0, end) + 1} holds the secret that begins {secret[:6]!r}")
    return found
