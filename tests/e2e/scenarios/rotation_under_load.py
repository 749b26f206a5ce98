"""Keys rotate while machines hammer the token endpoint: no request fails, every token verifies"""

import threading
from collections import Counter

import httpx2 as httpx
import jwt

from support.load import Connection, Crowd
from support.oauth import Machine
from support.wait import until
from support.world import World

CONNECTIONS = 8
ROTATIONS = 4


def run(world: World) -> None:
    server = world.serve()
    machines = {algorithm: Machine(server, access_token_signed_response_alg=algorithm) for algorithm in ("ES256", "RS256")}
    answers: list[tuple[int, str]] = []
    stop = threading.Event()

    def hammer(machine: Machine) -> None:
        connection = Connection(machine)
        while not stop.is_set():
            status, answer = connection.token(grant_type="client_credentials")
            answers.append((status, answer.get("access_token") or answer.get("error", "")))

    with world.step(f"{ROTATIONS} rotations of each algorithm under load from {CONNECTIONS} connections"):
        crowd = Crowd()
        for number in range(CONNECTIONS):
            crowd.send(hammer, list(machines.values())[number % 2])
        try:
            for number in range(ROTATIONS):
                for algorithm in machines:
                    # By turns with and without a key that is already published.
                    if number % 2:
                        server.cli("key", "rotate", "--alg", algorithm)
                    server.cli("key", "rotate", "--alg", algorithm, "--now")
                    _until_more(answers, 40)
        finally:
            stop.set()
        crowd.join()

    with world.check("no request failed"):
        failures = Counter(answer for answer in answers if answer[0] != 200)
        assert not failures, f"{sum(failures.values())} of {len(answers)}: {failures.most_common(3)}"

    with world.check("every token verifies with the JWKS as it is now, and the new keys did sign"):
        keys = jwt.PyJWKSet.from_dict(httpx.get(server.metadata()["jwks_uri"]).raise_for_status().json())
        signed_by = Counter()
        for token in {token for status, token in answers if status == 200}:
            kid = jwt.get_unverified_header(token)["kid"]
            jwt.decode(token, keys[kid], algorithms=["RS256", "ES256"], issuer=server.issuer, audience=server.issuer)
            signed_by[kid] += 1
        assert len(signed_by) > ROTATIONS, f"only {len(signed_by)} keys signed {len(answers)} tokens"


def _until_more(answers: list, count: int) -> None:
    enough = len(answers) + count
    until(f"{count} more answers", lambda: len(answers) >= enough, seconds=20)
