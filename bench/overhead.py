"""What `nianbao run` on the sample costs beside an empty Prefect flow plus importing Great Expectations.

Both run in this environment, one after the other, each in a process of its own, alternating; the reference uses the
same way of starting a server as a run does, so that the ratio shows our own work and nothing else. A second
reference is what a script without any care would do: Prefect's built-in ephemeral server.

    .venv/bin/python bench/overhead.py [ROUNDS]
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

OWN_SERVER = """
import sys
from pathlib import Path
from flows.server import prefect_server, prepare
home = Path(sys.argv[1])
prepare(home, verbose=False)
with prefect_server(home) as ready:
    import great_expectations
    from prefect import flow
    @flow
    def empty(): pass
    ready()
    empty()
"""
EPHEMERAL = """
import os, sys
os.environ["PREFECT_HOME"] = sys.argv[1]
import great_expectations
from prefect import flow
@flow
def empty(): pass
empty()
"""
QUIET = {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


def cost(command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command, its children included."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **QUIET}, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{command}\n{done.stdout}\n{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    python = sys.executable
    nianbao = str(Path(python).with_name("nianbao"))
    with tempfile.TemporaryDirectory() as folder:
        warm = {name: f"{folder}/{name}" for name in ("own", "ephemeral", "run")}
        cases = {
            "empty flow, own server, + GX": lambda: [python, "-c", OWN_SERVER, warm["own"]],
            "empty flow, ephemeral, + GX": lambda: [python, "-c", EPHEMERAL, warm["ephemeral"]],
            "nianbao run, sample": lambda: [nianbao, "run", "--home", fresh(warm["run"])],
        }
        for command in cases.values():
            cost(command())  # Prefect's database is made once a home, by whoever starts it first
        times = {name: [cost(command()) for _ in range(rounds)] for name, command in cases.items()}
    wall = {name: median(pair[0] for pair in pairs) for name, pairs in times.items()}
    cpu = {name: median(pair[1] for pair in pairs) for name, pairs in times.items()}
    reference = next(iter(cases))
    print(f"{'':32}{'wall s':>8}{'ratio':>8}{'cpu s':>8}{'ratio':>8}")
    for name in cases:
        ratios = wall[name] / wall[reference], cpu[name] / cpu[reference]
        print(f"{name:32}{wall[name]:8.2f}{ratios[0]:8.2f}{cpu[name]:8.2f}{ratios[1]:8.2f}")


def fresh(home: str) -> str:
    """Empty a home but for Prefect's own database, so that the run has its whole work to do."""
    import shutil

    for path in Path(home).glob("*"):
        if path.name != "prefect":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return home


if __name__ == "__main__":
    main()
