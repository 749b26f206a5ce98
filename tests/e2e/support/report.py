"""Named steps, counted. A step either holds or says why not."""

import contextlib
import json
import sys
import time
import traceback
from pathlib import Path


class ScenarioStopped(Exception):
    """A step failed that everything after it needs."""


class Report:
    """The results of one run: `engine > scenario > step`, printed as they come."""

    def __init__(self, engine: str):
        self.engine = engine
        self.scenario = ""
        self.rows: list[dict] = []

    @contextlib.contextmanager
    def step(self, name: str):
        """What follows in the scenario needs this step: a failure ends the scenario."""
        started = time.monotonic()
        try:
            yield
        except ScenarioStopped:
            raise
        except Exception as error:
            self.record(name, False, time.monotonic() - started, explain(error))
            raise ScenarioStopped from error
        self.record(name, True, time.monotonic() - started)

    @contextlib.contextmanager
    def check(self, name: str):
        """Nothing else needs this step: a failure is counted, and the scenario goes on."""
        with contextlib.suppress(ScenarioStopped), self.step(name):
            yield

    def record(self, name: str, ok: bool, seconds: float = 0.0, detail: str = "") -> None:
        self.rows.append({"scenario": self.scenario, "step": name, "ok": ok, "seconds": round(seconds, 3), "detail": detail})
        print(f"  {'ok  ' if ok else 'FAIL'} {self.engine} > {self.scenario} > {name} ({seconds:.1f} s)")
        if detail and not ok:
            print("       " + detail.rstrip().replace("\n", "\n       "))
        sys.stdout.flush()

    def count(self, ok: bool) -> int:
        return sum(row["ok"] == ok for row in self.rows)

    def save(self, path: Path) -> None:
        document = {"engine": self.engine, "passed": self.count(True), "failed": self.count(False), "steps": self.rows}
        path.write_text(json.dumps(document, indent=1) + "\n")


def explain(error: BaseException) -> str:
    """The message, then the lines of the tests (not of the libraries) that led to it."""
    here = str(Path(__file__).resolve().parents[1])
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(here) and "/.venv/" not in f.filename]
    places = [f"at {Path(f.filename).name}:{f.lineno} {f.line}" for f in frames if not f.filename.endswith("report.py")]
    return "\n".join([f"{type(error).__name__}: {error}", *places])
