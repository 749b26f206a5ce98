"""kill -9, 50 times, in the middle of redemptions and refreshes: nothing spent twice, nothing answered lost"""

import http.client
import random
import threading
import time
from dataclasses import dataclass

from support.forms import FormBrowser
from support.load import Connection, Crowd
from support.oauth import Application
from support.tessera import Server
from support.world import World

# PostgreSQL has its own log against crashes of Tessera; on SQLite, Tessera is the database.
ENGINES = ("sqlite",)
ROUNDS = 50
CODES = 6  # per round
CHAINS = 4  # refresh tokens that live through all rounds
AUDIT_EVERY = 10
NETWORK = (OSError, http.client.HTTPException)


@dataclass
class Chain:
    """A refresh token's line: `latest` is the last one that an answer brought."""

    latest: str
    refreshes: int = 0


@dataclass
class Code:
    """A code, and what it was answered.

    Sent twice at once, it shows that it is spent once; but the second redemption may revoke what the first one
    gave. Sent once, it shows that what it gave outlives the crash."""

    form: dict[str, str]
    twice: bool
    successes: int = 0
    refresh_token: str | None = None


def run(world: World) -> None:
    server = world.serve()
    loop = Loop(server, Application(server))
    with world.step("a person signs in; the refresh tokens that shall live through everything"):
        loop.begin()

    with world.step(f"{ROUNDS} times kill -9 and a new start, each code spent at most once, each answered refresh token good"):
        for number in range(ROUNDS):
            loop.round()
            if (number + 1) % AUDIT_EVERY == 0:
                server.cli("audit", "verify")

    print(f"       {loop.redeemed} codes answered and {loop.lost} not, {sum(chain.refreshes for chain in loop.chains)} refreshes, {loop.cut} answers cut off")
    with world.check("it was close: kills did cut answers off, and others came through"):
        assert loop.cut > 0 and loop.redeemed > 0 and all(chain.refreshes > ROUNDS // 2 for chain in loop.chains)

    with world.check("audit verify holds at the end"):
        server.cli("audit", "verify")


class Loop:
    def __init__(self, server: Server, application: Application):
        self.server, self.application = server, application
        self.browser = FormBrowser()
        self.chains: list[Chain] = []
        self.redeemed = self.lost = self.cut = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        person = self.server.create_person("ada")
        self.application.sign_in(self.browser, person)
        self.chains = [Chain(self.application.sign_in(self.browser)["refresh_token"]) for _ in range(CHAINS)]

    def round(self) -> None:
        codes = [Code(self.application.code(self.browser), twice=number % 2 == 0) for number in range(CODES)]
        crowd = Crowd()
        for code in codes:
            for _ in range(1 + code.twice):
                crowd.send(self._until_dead, self._redeem, code)
        for chain in self.chains:
            crowd.send(self._until_dead, self._refresh_for_ever, chain)
        time.sleep(random.uniform(0.001, 0.06))  # the moment of the kill is what varies
        self.server.kill()
        crowd.join()
        self.server.start()
        self._judge(codes)

    def _judge(self, codes: list[Code]) -> None:
        connection = Connection(self.application)
        for chain in self.chains:
            # Also where the answer to the last refresh was cut off: then this is its retry.
            self._refresh(connection, chain)
        for code in codes:
            if code.refresh_token and not code.twice:
                status, answer = connection.token(grant_type="refresh_token", refresh_token=code.refresh_token)
                assert status == 200, f"a refresh token that was answered is unknown: {status} {answer}"
            # One replay tells whether the code was spent, one more that it is spent now.
            self.lost += not code.successes
            for _ in range(2):
                self._redeem(connection, code)
            assert code.successes <= 1, f"a code was spent {code.successes} times"
        connection.close()

    # What the clients do

    def _until_dead(self, work, subject) -> None:
        """Runs until it is done, or the server is gone."""
        connection = Connection(self.application)
        try:
            work(connection, subject)
        except NETWORK:
            with self._lock:
                self.cut += 1
        finally:
            connection.close()

    def _redeem(self, connection: Connection, code: Code) -> None:
        status, answer = connection.token(**code.form)
        with self._lock:
            if status == 200:
                code.successes += 1
                self.redeemed += 1
                code.refresh_token = answer["refresh_token"]
            else:
                assert (status, answer["error"]) == (400, "invalid_grant"), f"{status} {answer}"

    def _refresh_for_ever(self, connection: Connection, chain: Chain) -> None:
        while True:
            self._refresh(connection, chain)

    def _refresh(self, connection: Connection, chain: Chain) -> None:
        status, answer = connection.token(grant_type="refresh_token", refresh_token=chain.latest)
        assert status == 200, f"the last refresh token that was answered does not work: {status} {answer}"
        chain.latest = answer["refresh_token"]
        chain.refreshes += 1
