"""The administration API under schemathesis: whatever is sent, it answers as its OpenAPI document says"""

import json
import subprocess
import sys
from pathlib import Path

import httpx2 as httpx

from support import vault
from support.tessera import Server
from support.world import World

CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "missing_required_header", "unsupported_method",
]  # fmt: skip
# Each makes a key of 2048 bits.
LEFT_OUT = ["rotateKey"]


def run(world: World) -> None:
    server = world.serve()
    api = f"{server.issuer}/api/v1"
    document = httpx.get(f"{api}/openapi.json").raise_for_status().json()
    scopes = document["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["scopes"]

    with world.step("a machine gets a token for the administration with the scopes that its role allows"):
        token = _machine(server, api, scopes)

    with world.step("schemathesis finds nothing where nothing is there"):
        _fuzz(world, api, token, "nothing", {}, LEFT_OUT)

    with world.step("schemathesis finds nothing where it changes what is there"):
        # The first one may have been told to remove itself.
        token = _machine(server, api, scopes)
        call = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=20)
        client = call.post(f"{api}/clients", json={"redirect_uris": ["https://a.example/"]}).raise_for_status().json()
        user = call.post(f"{api}/users", json={"username": "ada", "email": "ada@example.com"}).raise_for_status().json()
        group = call.post(f"{api}/groups", json={"name": "Staff"}).raise_for_status().json()
        there = {"client_id": client["client_id"], "user_id": user["id"], "group_id": group["id"], "name": "clerk", "If-Match": "*"}
        call.post(f"{api}/roles", json={"name": "clerk"}).raise_for_status()
        removals = [operation["operationId"] for item in document["paths"].values() for method, operation in item.items() if method == "delete"]
        _fuzz(world, api, token, "something", there, LEFT_OUT + removals)

    with world.check("it is still there, and the audit log holds"):
        token = _machine(server, api, scopes)
        assert httpx.get(f"{api}/users", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert json.loads(server.cli("audit", "verify", "--json"))


def _fuzz(world: World, api: str, token: str, name: str, parameters: dict[str, str], left_out: list[str]) -> None:
    report, config = world.logs / f"schemathesis-{name}.txt", world.temporary / f"{name}.toml"
    # RFC 6585 section 3: 428 where If-Match is missing.
    lines = ["[checks.missing_required_header]", "expected-statuses = [400, 401, 403, 404, 415, 422, 428]", "[parameters]"]
    config.write_text("\n".join(lines + [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in parameters.items()]) + "\n")
    command = [
        Path(sys.executable).with_name("schemathesis"), "--config-file", config, "run", f"{api}/openapi.json", "--url", api, "--no-color",
        "--header", f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--seed", "1",
        "--max-examples", "12", "--request-timeout", "20", "--generation-database", "none", "--suppress-health-check", "all",
        *[part for name in left_out for part in ("--exclude-operation-id", name)],
    ]  # fmt: skip
    done = subprocess.run(command, cwd=world.temporary, capture_output=True, text=True, timeout=500)
    said = (done.stdout + done.stderr).replace(token, "TOKEN")
    report.write_text(said)
    assert done.returncode == 0, f"{report}: {said[-3000:]}"


def _machine(server: Server, api: str, scopes: dict[str, str]) -> str:
    """The token of a new machine that may do everything."""
    machine = server.create_client(client_name="Fuzzer", grant_types=["client_credentials"], scope=" ".join(scopes), resources=[api])
    endpoint, proof = server.metadata()["token_endpoint"], (machine["client_id"], machine["client_secret"])
    before = _token(endpoint, proof)
    assert before["scope"] == "", before
    server.cli("role", "grant", "super-administrator", "--client", machine["client_id"])
    token = _token(endpoint, proof)
    assert set(token["scope"].split()) == set(scopes), token
    return token["access_token"]


def _token(endpoint: str, proof: tuple[str, str]) -> dict:
    token = httpx.post(endpoint, auth=proof, data={"grant_type": "client_credentials"}).raise_for_status().json()
    vault.remember(token["access_token"])
    return {"scope": "", **token}
