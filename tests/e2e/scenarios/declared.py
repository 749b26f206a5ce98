"""Configuration from a file: exported, compared, applied beside a running server, and drift that CI is told of"""

import json
import secrets

import httpx2 as httpx

from support import vault
from support.oauth import Machine
from support.tessera import Server
from support.wait import until
from support.world import World

DIFFERS = 3


def run(world: World) -> None:
    server = world.serve()
    Machine(server, client_name="Made by hand")
    server.cli("organisation", "create", "acme", "--title", "Acme, Inc.")
    server.cli("group", "create", "Staff")
    state = server.home / "state.toml"

    with world.step("what is exported is as the server is, and applying it changes nothing"):
        text = server.cli("export")
        state.write_text(text)
        assert "TESSERA_SECRET_" in text and "client_secret = {" in text, text
        _ends(server.run("plan", str(state), "--prune"), 0, "Nothing to do.")
        before = server.cli("audit", "list", "--json")
        _ends(server.run("apply", str(state), "--prune"), 0, "Nothing to do.")
        assert server.cli("audit", "list", "--json") == before

    with world.check("the same in JSON"):
        as_json = server.home / "state.json"
        as_json.write_text(server.cli("export", "--format", "json"))
        assert json.loads(as_json.read_text())["version"] == 1
        _ends(server.run("plan", str(as_json), "--prune"), 0, "Nothing to do.")

    secret = secrets.token_hex(32)
    vault.remember(secret)
    secret_file = server.home / "job.secret"
    secret_file.write_text(secret + "\n")
    api = f"{server.issuer}/api/v1"
    state.write_text(text.replace("roles = []\n\n", "\n", 1) + _additions(secret_file, api))

    with world.step("a difference is shown member by member, with an exit code of its own, and changes nothing"):
        planned = server.run("plan", str(state))
        _ends(planned, DIFFERS, "+ client \"job\"")
        assert "2 to add, 0 to change, 0 to remove." in planned.stdout and "\x1b" not in planned.stdout, planned.stdout
        assert secret not in planned.stdout + planned.stderr
        digest = json.loads(server.run("plan", "--json", str(state)).stdout)["digest"]
        assert json.loads(server.run("plan", "--json", str(state)).stdout)["digest"] == digest

    with world.check("without a terminal and without --yes nothing is applied, nor with the digest of another plan"):
        assert server.run("apply", str(state)).returncode == 2
        assert server.run("apply", str(state), "--yes", "--digest", "0" * 64).returncode == 1
        _ends(server.run("plan", str(state)), DIFFERS)

    with world.step("applied, the running server knows the new client without a restart, and it administers by its role"):
        _ends(server.run("apply", str(state), "--yes", "--digest", digest), 0, "Done.")
        _ends(server.run("plan", str(state)), 0, "Nothing to do.")
        token = until("the running server knows the client", lambda: _token(server, secret, api))
        call = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=20)
        seen = call.get(f"{api}/clients/job")
        assert seen.status_code == 200 and seen.json()["metadata"]["client_name"] == "A <job>", seen.text

    with world.step("what somebody changes by the API is drift"):
        client = call.get(f"{api}/clients/job")
        metadata = client.json()["metadata"] | {"client_name": "Another"}
        changed = call.put(f"{api}/clients/job", json=metadata, headers={"If-Match": client.headers["etag"]})
        assert changed.status_code == 200, changed.text
        drift = server.run("plan", str(state))
        _ends(drift, DIFFERS, 'client_name: "Another" -> "A <job>"')
        _ends(server.run("apply", str(state), "--yes"), 0, "Done.")
        _ends(server.run("plan", str(state)), 0, "Nothing to do.")

    with world.check("a secret that becomes another works beside the old one"):
        newer = secrets.token_hex(32)
        vault.remember(newer)
        secret_file.write_text(newer)
        _ends(server.run("plan", str(state)), DIFFERS, '(another secret)')
        _ends(server.run("apply", str(state), "--yes"), 0)
        until("the newer secret works", lambda: _token(server, newer, api))
        assert _token(server, secret, api)

    with world.check("a file that is half right is told of whole, and changes nothing"):
        wrong = state.read_text() + '\n[[clients]]\nclient_id = "b\\u202Ed"\nredirect_uri = ["https://a.example/"]\nby_stranger = true\n'
        (server.home / "wrong.toml").write_text(wrong)
        refused = server.run("apply", str(server.home / "wrong.toml"), "--yes")
        _ends(refused, 1)
        for part in ("line ", "client_id: must be", "did you mean redirect_uris?", "unknown member by_stranger", "\\u{202e}"):
            assert part in refused.stderr, refused.stderr
        assert "\u202e" not in refused.stderr
        _ends(server.run("plan", str(state)), 0, "Nothing to do.")

    with world.check("with --prune goes what the file does not list"):
        state.write_text("version = 1\ngroups = []\n")
        _ends(server.run("plan", str(state)), 0, 'Note: group "Staff": is not in the file, and stays')
        _ends(server.run("plan", "--prune", str(state)), DIFFERS, '- group "Staff"')
        _ends(server.run("apply", "--prune", "--yes", str(state)), 0, "Done.")
        assert json.loads(server.cli("group", "list", "--json")) == []

    with world.check("the audit log holds, and says that the operator did it"):
        server.cli("audit", "verify")
        assert "client.created" in server.cli("audit", "list")


def _additions(secret_file, api: str) -> str:
    return f"""
[[roles]]
name = "gardener"
permissions = ["clients:read", "clients:write"]

[[clients]]
client_id = "job"
client_name = "A <job>"
client_secret = {{ file = {json.dumps(str(secret_file))} }}
grant_types = ["client_credentials"]
scope = "clients:read clients:write"
resources = [{json.dumps(api)}]
roles = [{{ role = "gardener" }}]
"""


def _token(server: Server, secret: str, api: str) -> str | None:
    form = {"grant_type": "client_credentials", "scope": "clients:read clients:write", "resource": api}
    answer = httpx.post(server.metadata()["token_endpoint"], data=form, auth=("job", secret))
    vault.remember_response(answer)
    return answer.json().get("access_token")


def _ends(done, code: int, said: str = "") -> None:
    assert done.returncode == code and said in done.stdout, (code, done.returncode, done.stdout, done.stderr)
