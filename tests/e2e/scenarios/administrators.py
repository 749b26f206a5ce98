"""Administrators at their limits: lists longer than a page, one organisation, a role taken away, a proof too old"""

import json
import secrets

from support import vault
from support.node import run_node
from support.tessera import Server
from support.world import World

# What is compared here page by page, tests/admin and tests/api compare on both.
ENGINES = ("sqlite",)


def run(world: World) -> None:
    server = world.serve()
    people = {"root": vars(server.create_person("root", "--admin")), "mira": vars(server.create_person("mira"))}
    server.cli("role", "grant", "client-manager", "--user", "mira")
    ours = organisation(server, people, "acme", "Acme Works", "Acme Shop", ["tess", "otis"])
    theirs = organisation(server, people, "globex", "Globex", "Globex Portal", ["zoe"])
    server.cli("role", "grant", "super-administrator", "--user", "tess", "--organisation", "acme")
    many = crowd(server)
    given = {"people": people, "many": many, "ours": ours, "theirs": theirs, "kid": server.signing_keys()[0]["kid"]}
    run_node(world, "administrators.mjs", server, **given)

    # The shortest time that may be configured.
    impatient = world.serve("impatient", ASSURANCE__RECENT="10s")
    people = {"root": vars(impatient.create_person("root", "--admin")), "ada": vars(impatient.create_person("ada"))}
    client = impatient.create_client(client_name="Aurora Notes", redirect_uris=["https://aurora.example/callback"])
    run_node(world, "administration/asked_again.mjs", impatient, people=people, client=client["client_id"], ada=id_of(impatient, "ada"))


def id_of(server: Server, username: str) -> str:
    return json.loads(server.cli("user", "show", username, "--json"))["id"]


def organisation(server: Server, people: dict, name: str, title: str, application: str, members: list[str]) -> dict:
    """With people and an application of its own; the ids of it, of the last one and of the application."""
    server.cli("organisation", "create", name, "--title", title)
    for member in members:
        people[member] = vars(server.create_person(member))
        server.cli("organisation", "move", "--user", member, "--to", name)
    client = server.create_client(client_name=application, redirect_uris=[f"https://{name}.example/callback"])["client_id"]
    server.cli("organisation", "move", "--client", client, "--to", name)
    all_of_them = json.loads(server.cli("organisation", "list", "--json"))
    organisation_id = next(one["id"] for one in all_of_them if one["name"] == name)
    return {"organisation": organisation_id, "client": client, "user": id_of(server, members[-1])}


def crowd(server: Server) -> dict:
    """More than fit on a page, and those among them whom a search finds."""
    smiths = [{"username": f"smith-{n:03}", "email": f"smith-{n:03}@example.org", "enabled": n % 4 != 0} for n in range(140)]
    others = [{"username": f"jones-{n:03}", "email": f"jones-{n:03}@example.org"} for n in range(20)]
    server.cli("user", "import", "-", stdin="\n".join(json.dumps(line) for line in smiths + others))
    ids = {user["username"]: user["id"] for user in json.loads(server.cli("user", "list", "--json"))}
    robots = [f"robot-{n:03}" for n in range(70)]
    secret = server.home / "robot.secret"
    secret.write_text(secrets.token_hex(32))
    vault.remember(secret.read_text())
    machine = {"client_secret": {"file": str(secret)}, "grant_types": ["client_credentials"], "scope": "rows"}
    albums = [{"client_id": f"album-{n:03}", "client_name": f"Album {n}", "redirect_uris": [f"https://album{n}.example/"]} for n in range(15)]
    # One that is called like them and is none: the kind leaves it out.
    albums.append({"client_id": "robot-shop", "client_name": "Robot shop", "redirect_uris": ["https://robots.example/"]})
    clients = [{"client_id": name, "client_name": name.capitalize()} | machine for name in robots]
    clients += [album | {"token_endpoint_auth_method": "none"} for album in albums]
    declared = server.home / "clients.json"
    declared.write_text(json.dumps({"version": 1, "clients": clients}))
    server.cli("apply", str(declared), "--yes")
    return {
        "everybody": len(ids), "applications": len(json.loads(server.cli("client", "list", "--json"))), "robots": robots,
        "smiths": [ids[one["username"]] for one in smiths if one["enabled"]],
        "disabled": [ids[one["username"]] for one in smiths if not one["enabled"]],
    }  # fmt: skip
