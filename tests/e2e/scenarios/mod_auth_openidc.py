"""Apache's mod_auth_openidc in front of a page: log in, refresh, log out at both ends"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import httpx2 as httpx

from support import vault
from support.forms import FormBrowser
from support.wait import free_port, until
from support.world import World

MODULES = Path("/usr/lib/apache2/modules")

CONFIGURATION = """
ServerRoot "{root}"
ServerName localhost
Listen 127.0.0.1:{port}
{user}
PidFile "{root}/apache.pid"
Mutex file:{root} default
ErrorLog "{log}"
LogLevel warn
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
StartServers 1
DocumentRoot "{root}/pages"

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI {site}/notes/callback
OIDCCryptoPassphrase {passphrase}
OIDCScope "openid profile email offline_access"
OIDCPKCEMethod S256
OIDCSessionType server-cache
OIDCRemoteUserClaim preferred_username
OIDCInfoHook access_token id_token userinfo refresh_token session
<Location /notes>
    AuthType openid-connect
    Require valid-user
</Location>
"""


def run(world: World) -> None:
    server = world.serve()
    person = server.create_person("ada")
    port = free_port()
    site = f"http://localhost:{port}"
    client = server.create_client(
        client_name="Notes behind Apache",
        redirect_uris=[f"{site}/notes/callback"],
        post_logout_redirect_uris=[f"{site}/goodbye.html"],
        backchannel_logout_uri=f"{site}/notes/callback?logout=backchannel",
        backchannel_logout_session_required=True,
        grant_types=["authorization_code", "refresh_token"],
        scope="openid profile email offline_access",
    )
    with _apache(world, server, client, site, port):
        browser = FormBrowser()
        callback = f"{site}/notes/callback"

        with world.step("a page that Apache guards is shown after the sign-in"):
            journey = browser.authorize(f"{site}/notes/index.html", callback, person)
            assert journey.pages == ["sign-in", "consent"], journey.pages
            page = browser.http.get(journey.callback, follow_redirects=True)
            assert page.status_code == 200 and "the notes" in page.text, (page.status_code, page.text[:200])

        with world.step("Apache knows who it is, by ID token and userinfo"):
            info = _info(browser, callback)
            assert info["userinfo"]["preferred_username"] == person.username, info["userinfo"]
            assert info["id_token"]["sub"] == info["userinfo"]["sub"] and info["id_token"]["sid"], info["id_token"]

        with world.step("it refreshes, and the tokens are new"):
            answer = browser.http.get(callback, params={"refresh": f"{site}/notes/index.html", "access_token": info["access_token"]})
            assert answer.is_redirect and "error_code" not in answer.headers["location"], answer.headers.get("location")
            fresh = _info(browser, callback)
            assert fresh["access_token"] != info["access_token"]
            assert fresh["refresh_token"] != info["refresh_token"]

        with world.step("signing out at Tessera ends the session in Apache: back-channel logout"):
            page = browser.page(browser.http.get(f"{server.issuer}/sign-out"))
            browser.submit(page, page.form_with("logout"), "logout")
            until("Apache asks for a sign-in", lambda: browser.http.get(f"{site}/notes/index.html").is_redirect, seconds=15)

        with world.step("signing out at Apache signs out here, and comes back: RP-initiated logout"):
            journey = browser.authorize(f"{site}/notes/index.html", callback, person)
            assert journey.pages == ["sign-in"], journey.pages
            browser.http.get(journey.callback, follow_redirects=True)
            left = browser.http.get(callback, params={"logout": f"{site}/goodbye.html"})
            assert left.is_redirect and left.headers["location"].startswith(server.issuer), left.headers.get("location")
            end = browser.http.get(left.headers["location"], follow_redirects=True)
            assert "goodbye" in end.text or f"{site}/goodbye.html" in end.text, (end.status_code, str(end.url), end.text[:300])
            page = browser.page(browser.http.get(f"{server.issuer}/sign-in", follow_redirects=True))
            assert page.form_with("username", "password", "login"), "still signed in"


def _info(browser: FormBrowser, callback: str) -> dict:
    answer = browser.http.get(callback, params={"info": "json"})
    assert answer.status_code == 200, (answer.status_code, answer.text[:200])
    info = answer.json()
    vault.remember(info["access_token"])
    vault.remember(info["refresh_token"])
    return info


@contextlib.contextmanager
def _apache(world: World, server, client, site: str, port: int):
    root = Path(tempfile.mkdtemp(prefix="tessera-apache-"))
    try:
        # Apache gives up root and must still read and write here.
        root.chmod(0o777)
        (root / "pages" / "notes").mkdir(parents=True)
        (root / "pages" / "notes" / "index.html").write_text("<p>the notes</p>")
        (root / "pages" / "goodbye.html").write_text("<p>goodbye</p>")
        passphrase = os.urandom(16).hex()
        vault.remember(passphrase)
        configuration = root / "httpd.conf"
        configuration.write_text(
            CONFIGURATION.format(
                root=root, port=port, site=site, issuer=server.issuer, modules=MODULES, passphrase=passphrase,
                log=world.logs / "apache.log", client_id=client["client_id"], client_secret=client["client_secret"],
                user="User www-data\nGroup www-data" if os.geteuid() == 0 else "",
            )  # fmt: skip
        )
        configuration.chmod(0o600)
        apache = shutil.which("apache2", path=os.environ["PATH"] + ":/usr/sbin")
        assert apache, "Apache is missing: run `make setup`"
        child = subprocess.Popen([apache, "-f", str(configuration), "-DFOREGROUND"])
        try:
            with world.step("Apache starts"):
                until("it answers", lambda: httpx.get(f"{site}/goodbye.html").status_code == 200)
            yield
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
    finally:
        shutil.rmtree(root, ignore_errors=True)
