"""Requests from several threads at once, each over its own kept-alive connection."""

import base64
import http.client
import json
import threading
import urllib.parse

from support import vault
from support.oauth import Application


class Connection:
    """One application's kept-alive connection to the token endpoint. An error of the network is not hidden."""

    def __init__(self, application: Application):
        endpoint = urllib.parse.urlsplit(application.endpoints["token_endpoint"])
        self._http = http.client.HTTPConnection(endpoint.hostname, endpoint.port, timeout=20)
        self._path = endpoint.path
        basic = base64.b64encode(f"{application.id}:{application.secret}".encode()).decode()
        self._headers = {"content-type": "application/x-www-form-urlencoded", "authorization": f"Basic {basic}"}

    def token(self, **form: str) -> tuple[int, dict]:
        body = urllib.parse.urlencode(form)
        vault.remember_form(body)
        self._http.request("POST", self._path, body, self._headers)
        response = self._http.getresponse()
        text = response.read()
        try:
            document = json.loads(text)
        except ValueError:
            document = {"error": text.decode(errors="replace")[:200]}
        vault.remember_fields(document)
        return response.status, document

    def close(self) -> None:
        self._http.close()


class Crowd:
    """Threads that end together; the first exception of any of them is raised by `join`."""

    def __init__(self):
        self._threads: list[threading.Thread] = []
        self._error: BaseException | None = None

    def send(self, work, *arguments) -> None:
        def guarded():
            try:
                work(*arguments)
            except BaseException as error:  # noqa: BLE001 - raised again by join
                self._error = self._error or error

        thread = threading.Thread(target=guarded, daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self, seconds: float = 60) -> None:
        for thread in self._threads:
            thread.join(seconds)
            assert not thread.is_alive(), "a client still waits for its answer"
        if self._error:
            raise self._error
