"""A person signs out of everything: by the application, in frames, behind the scenes, and pages notice"""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.node import run_node
from support.wait import free_port
from support.world import World


def run(world: World) -> None:
    server = world.serve()
    person = server.create_person("ada")
    # One signs ID tokens with each algorithm; the second knows people by a name of its own.
    clients = [_client(server, "Notes", "RS256", "public"), _client(server, "Ledger", "ES256", "pairwise")]
    run_node(world, "logout.mjs", server, person=vars(person), clients=clients)


def _client(server, name: str, algorithm: str, subject_type: str) -> dict:
    # The same site as the provider: over plain http no browser sends a cookie to a frame of another site.
    origin = f"http://localhost:{free_port()}"
    registration = {
        "client_name": name,
        "redirect_uris": [f"{origin}/callback"],
        "post_logout_redirect_uris": [f"{origin}/goodbye"],
        "frontchannel_logout_uri": f"{origin}/frontchannel?keep=this",
        "frontchannel_logout_session_required": True,
        "backchannel_logout_uri": f"{origin}/backchannel",
        "backchannel_logout_session_required": True,
        "scope": "openid profile email",
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": algorithm,
        "subject_type": subject_type,
    }
    if subject_type != "pairwise":
        return registration | server.create_client(**registration)
    # Loopback is nobody's: a sector must be named, and must name the client.
    with _sector(registration["redirect_uris"]) as uri:
        registration["sector_identifier_uri"] = uri
        return registration | server.create_client(**registration)


@contextmanager
def _sector(redirect_uris: list[str]):
    """The document of a sector, for as long as it is asked for."""

    class Document(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(redirect_uris).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_) -> None:
            pass

    document = ThreadingHTTPServer(("127.0.0.1", 0), Document)
    threading.Thread(target=document.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{document.server_address[1]}/sector.json"
    finally:
        document.shutdown()
        document.server_close()
