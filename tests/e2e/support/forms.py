"""A browser without JavaScript, in a page of Python: cookies, redirects, and forms filled by the ids of their controls."""

import urllib.parse
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx2 as httpx

from support import vault
from support.tessera import Person


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # id -> name, of every control
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)  # id -> name and value


class Page(HTMLParser):
    """The forms of one HTML page, and its text."""

    VOID_TEXT = {"script", "style"}

    def __init__(self, url: str, html: str):
        super().__init__()
        self.url, self.forms, self.text = url, [], ""
        self._form: Form | None = None
        self._skip = 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        at = {name: value or "" for name, value in attributes}
        self._skip += tag in self.VOID_TEXT
        if tag == "form":
            self._form = Form(urllib.parse.urljoin(self.url, at.get("action") or self.url), at.get("method", "get").upper())
            self.forms.append(self._form)
        elif self._form is not None and tag in ("input", "button", "select", "textarea"):
            self._control(tag, at)

    def handle_endtag(self, tag):
        self._skip -= tag in self.VOID_TEXT
        if tag == "form":
            self._form = None

    def handle_data(self, data):
        if not self._skip:
            self.text += data

    def _control(self, tag: str, at: dict[str, str]) -> None:
        kind, name = at.get("type", "submit" if tag == "button" else "text"), at.get("name", "")
        identity = at.get("id", "")
        if kind in ("submit", "image"):
            self._form.buttons[identity] = (name, at.get("value", ""))
            return
        self._form.names[identity] = name
        unticked = kind in ("checkbox", "radio") and "checked" not in at
        if name and not unticked and "disabled" not in at:
            self._form.fields[name] = at.get("value", "on" if kind == "checkbox" else "")

    def form_with(self, *ids: str) -> Form | None:
        return next((form for form in self.forms if all(i in form.names or i in form.buttons for i in ids)), None)


@dataclass
class Journey:
    """How an authorization request went: the pages on the way, and what the client got in the end."""

    pages: list[str]
    answer: dict[str, str]
    callback: str


class FormBrowser:
    """One person's browser, with its cookies."""

    def __init__(self):
        self.http = httpx.Client(timeout=20, event_hooks=vault.HOOKS, headers={"user-agent": "tessera-e2e", "accept": "text/html"})

    def authorize(self, url: str, redirect_uri: str, person: Person | None = None, allow: bool = True) -> Journey:
        """Follows an authorization request until the client is called back. Signs in and answers where asked."""
        pages = []
        response = self.http.get(url)
        for _ in range(12):
            if response.is_redirect:
                target = urllib.parse.urljoin(str(response.url), response.headers["location"])
                if target.startswith(redirect_uri):
                    return Journey(pages, dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query)), target)
                response = self.http.get(target)
                continue
            page = self.page(response)
            if form := page.form_with("username", "password", "login"):
                assert person, f"asked to sign in at {page.url}"
                pages.append("sign-in")
                assert pages.count("sign-in") == 1, f"the sign-in was refused: {' '.join(page.text.split())}"
                response = self.submit(page, form, "login", username=person.username, password=person.password)
            elif form := page.form_with("allow", "deny"):
                pages.append("consent")
                response = self.submit(page, form, "allow" if allow else "deny")
            elif form := next((form for form in page.forms if form.action.startswith(redirect_uri)), None):
                vault.remember_fields(form.fields)
                return Journey(pages, form.fields, form.action)
            else:
                raise AssertionError(f"{response.status_code} {page.url}: no form to go on with: {' '.join(page.text.split())[:400]}")
        raise AssertionError(f"the pages go round in circles: {pages}")

    def sign_in_at(self, url: str, person: Person) -> httpx.Response:
        page = self.page(self.http.get(url, follow_redirects=True))
        form = page.form_with("username", "password", "login")
        assert form, f"no sign-in form at {page.url}"
        return self.submit(page, form, "login", username=person.username, password=person.password)

    def page(self, response: httpx.Response) -> Page:
        assert response.headers.get("content-type", "").startswith("text/html"), f"{response.status_code} {response.url}: not a page: {response.text[:400]}"
        return Page(str(response.url), response.text)

    def submit(self, page: Page, form: Form, button: str, **by_id: str) -> httpx.Response:
        name, value = form.buttons[button]
        data = form.fields | {form.names[identity]: text for identity, text in by_id.items()} | ({name: value} if name else {})
        origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(page.url))
        if form.method == "GET":
            return self.http.get(form.action, params=data)
        return self.http.post(form.action, data=data, headers={"origin": origin, "referer": page.url, "sec-fetch-site": "same-origin"})
