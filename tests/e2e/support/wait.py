"""Waiting for a fact, with a deadline, instead of sleeping for a while."""

import random
import socket
import time


def until(what: str, probe, seconds: float = 10.0, every: float = 0.02):
    """The first truthy answer of `probe`; an AssertionError naming `what` when none comes in time.

    An exception in `probe` counts as "not yet", and the last one is named at the deadline."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            last = None
            if answer := probe():
                return answer
        except Exception as error:  # noqa: BLE001 - whatever it is, it may pass
            last = error
        time.sleep(every)
    raise AssertionError(f"not within {seconds:g} s: {what}" + (f" (last: {last!r})" if last else ""))


def free_port() -> int:
    """A loopback port that nobody listens on, below the range that outgoing connections draw from."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
