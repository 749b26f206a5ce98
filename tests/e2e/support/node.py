"""Runs a program of browser/ and takes its steps into the report."""

import json
import os
import subprocess
from pathlib import Path

from support.report import ScenarioStopped
from support.tessera import Server
from support.world import World

PROGRAMS = Path(__file__).resolve().parents[1] / "browser"


def run_node(world: World, program: str, server: Server, **given) -> None:
    """`given` reaches the program as `input`; what it says on standard output is one JSON object a step."""
    given |= {
        "issuer": server.issuer,
        "tessera": {"binary": str(server.binary), "cwd": str(server.home), "env": server.environment()},
        "logs": str(world.logs),
    }
    process = subprocess.Popen(
        ["node", PROGRAMS / program], env=os.environ | {"E2E_INPUT": json.dumps(given)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    world.at_end.callback(process.kill)
    stopped = False
    for line in process.stdout:
        try:
            step = json.loads(line)
        except ValueError:
            print("       " + line.rstrip())
            continue
        world.report.record(step["step"], step["ok"], step["seconds"], step.get("detail", ""))
        stopped |= not step["ok"] and step["needed"]
    if process.wait(timeout=60) != 0 and not stopped:
        world.report.record(f"{program} runs to its end", False, detail=f"exit status {process.returncode}")
        stopped = True
    if stopped:
        raise ScenarioStopped
