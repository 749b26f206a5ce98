#!/usr/bin/env python3
"""Runs the end-to-end scenarios against the built binary, on SQLite and on PostgreSQL.

    make e2e                                        everything
    tests/e2e/run.py authlib                        one scenario, both engines
    tests/e2e/run.py --engine sqlite authlib cli    some, on one engine
    tests/e2e/run.py --list

Results and every log stay in target/e2e/ENGINE/SCENARIO/."""

import argparse
import importlib
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = HERE / ".venv" / "bin" / "python"
if Path(sys.prefix) != PYTHON.parents[1]:
    if not PYTHON.exists():
        sys.exit("The Python packages of the tests are missing: run `make setup`.")
    os.execv(PYTHON, [str(PYTHON), *sys.argv])

from support import postgres, vault  # noqa: E402
from support.report import Report, ScenarioStopped, explain  # noqa: E402
from support.world import OUTPUT, World, binary  # noqa: E402

# From the everyday to the violent. A module's ENGINES says where it makes sense; silent: on both.
SCENARIOS = [
    "newcomer", "browser", "prompts", "keyboard", "without_scripts", "hybrid", "registration", "encrypted", "authlib", "authlib_web", "passkeys", "payments", "codes", "sent_codes", "account", "administration", "administrators", "try_it", "recovery", "logout", "mod_auth_openidc", "fastapi_service", "resource_server",
    "pages",
    "command_line", "migration", "operators", "declared", "rotation_under_load", "database_outage", "full_disk", "api", "hostile_bytes", "tls",
    "kill_loop",
]  # fmt: skip
ENGINES = ("sqlite", "postgres")


def run_scenario(report: Report, name: str, postgres_url: str | None) -> None:
    module = importlib.import_module(f"scenarios.{name}")
    if report.engine not in getattr(module, "ENGINES", ENGINES):
        return
    report.scenario = name
    print(f"\n{report.engine} > {name}: {module.__doc__.splitlines()[0]}", flush=True)
    world = World(report, name, binary(), postgres_url)
    try:
        module.run(world)
    except ScenarioStopped:
        pass  # the step that failed is in the report
    except Exception as error:  # noqa: BLE001 - one scenario's trouble is not the next one's
        report.record("between steps", False, detail=explain(error))
    finally:
        world.close()


def no_secret_in_any_log(report: Report) -> None:
    report.scenario = "secrets"
    logs = sorted((OUTPUT / report.engine).rglob("*.log"))
    with report.check(f"no secret that the tests saw is in any of {len(logs)} logs"):
        found = vault.leaks(logs)
        assert not found, "\n".join(found)


def run_engine(engine: str, names: list[str], postgres_url: str | None) -> Report:
    (OUTPUT / engine).mkdir(parents=True, exist_ok=True)
    secrets_file = OUTPUT / engine / "secrets.jsonl"
    secrets_file.write_text("")
    os.environ["E2E_SECRETS"] = str(secrets_file)
    vault.forget()
    report = Report(engine)
    for name in names:
        run_scenario(report, name, postgres_url)
    print()
    no_secret_in_any_log(report)
    report.save(OUTPUT / engine / "results.json")
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="*", choices=[*SCENARIOS, []], metavar="SCENARIO", help="which ones (default: all)")
    parser.add_argument("--engine", action="append", choices=ENGINES, help="which database (default: both)")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    arguments = parser.parse_args()
    if arguments.list:
        for name in SCENARIOS:
            print(f"{name:22}{importlib.import_module(f'scenarios.{name}').__doc__.splitlines()[0]}")
        return 0

    names = arguments.scenario or SCENARIOS
    started = time.monotonic()
    reports = []
    for engine in arguments.engine or ENGINES:
        postgres_url = os.environ.get("TESSERA_TEST_POSTGRES_URL")
        if engine == "postgres" and not postgres_url:
            with postgres.cluster() as cluster:
                reports.append(run_engine(engine, names, cluster.url()))
        else:
            reports.append(run_engine(engine, names, postgres_url))

    for report in reports:
        for row in report.rows:
            if not row["ok"]:
                print(f"FAILED {report.engine} > {row['scenario']} > {row['step']}")
    failed = sum(report.count(False) for report in reports)
    print(f"e2e took {time.monotonic() - started:.0f} s")
    print(f"e2e: {sum(report.count(True) for report in reports)} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
