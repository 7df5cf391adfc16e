"""What starting and scheduling cost: `.venv/bin/python bench/startup.py [ROUNDS]`.

Each beside a reference in the same run: `nianbao status` and `nianbao --help` beside an empty Python, the service
(server ready, deployment registered) beside `prefect server start` alone, and how long until a missed run has begun.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx

from flows import journal
from flows.home import Home
from flows.schedule import Schedule, path_of
from flows.server import QUIET, answers

NIANBAO = str(Path(sys.executable).with_name("nianbao"))
ENVIRONMENT = {**{name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}, **QUIET}


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wall(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False)
    return time.perf_counter() - began


def until(true: object) -> float:
    began = time.perf_counter()
    while not true():  # type: ignore[operator]
        time.sleep(0.02)
    return time.perf_counter() - began


def server(home: Path) -> float:
    """Seconds until a bare Prefect server answers."""
    at = port()
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(at)]
    environment = {**ENVIRONMENT, "PREFECT_HOME": str(home / "prefect")}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = until(lambda: answers(f"http://127.0.0.1:{at}/api"))
    process.terminate()
    process.wait()
    return seconds


def service(home: Path) -> tuple[float, float]:
    """Seconds until the service serves, and from there until a run that is due has begun."""
    at, begun = port(), len(journal.past(Home(home)))
    schedule = Schedule.load(Home(home))
    assert schedule
    early = datetime.now(UTC) - timedelta(days=400)
    path_of(Home(home)).write_text(schedule.model_copy(update={"registered": early}).model_dump_json(), "utf-8")
    (home / "runs.jsonl").unlink(missing_ok=True)
    begun = 0
    process = subprocess.Popen(
        [NIANBAO, "serve", "--home", str(home), "--port", str(at)], env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    )
    began = time.perf_counter()
    assert process.stderr
    next(line for line in process.stderr if "下次运行" in line)
    ready = time.perf_counter() - began
    until(lambda: len(journal.past(Home(home))) > begun)
    first = time.perf_counter() - began - ready
    httpx.get(f"http://127.0.0.1:{at}/api/health", trust_env=False)
    process.terminate()
    process.communicate()
    return ready, first


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        subprocess.run([NIANBAO, "schedule", "--home", folder], env=ENVIRONMENT, capture_output=True, check=True)
        server(home)  # makes Prefect's database
        found: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, command in {
                "python -c pass": [sys.executable, "-c", "pass"],
                "nianbao --help": [NIANBAO, "--help"],
                "nianbao status": [NIANBAO, "status", "--home", folder],
            }.items():
                found.setdefault(name, []).append(wall(command))
            found.setdefault("prefect server answers", []).append(server(home))
            ready, first = service(home)
            found.setdefault("nianbao serve serves", []).append(ready)
            found.setdefault("a missed run has begun", []).append(first)
    for name, seconds in found.items():
        print(f"{name:28}{median(seconds):8.2f} s")
    print(json.dumps({name: round(median(seconds), 3) for name, seconds in found.items()}))


if __name__ == "__main__":
    main()
