"""Cost: what a command and every process below it spend, those that outlive their parents included."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from country import EVERY, Meter, cpu, is_server, pss

_SUBREAPER = 36
"""``PR_SET_CHILD_SUBREAPER``: a process whose parent ends becomes ours, so that its CPU time is told to us."""


ENV = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
ENV |= {"DO_NOT_TRACK": "1", "COLUMNS": "200"}
"""What a command is given: without compiled modules every process would compile all of ours anew."""


class Cost(NamedTuple):
    """Seconds of wall and CPU time and the most memory (PSS) in MB; when each line was told, and what was said.

    ``ended`` is the time of day, ``server`` the CPU seconds of Prefect's server so far as they were seen.
    """

    wall: float
    cpu: float
    memory: float
    marks: tuple[tuple[str, float], ...]
    said: str
    ended: float
    server: float

    def between(self, begin: str, end: str) -> float:
        """Seconds from the first line that starts with ``begin`` to the first that starts with ``end``."""
        at = {line.split(" ")[0]: moment for line, moment in reversed(self.marks)}
        return at[end] - at[begin]


class Memory(Meter):
    """The most memory, and the CPU time of Prefect's server."""

    server = 0.0

    def run(self) -> None:
        while not self._ended.wait(EVERY):
            family = self._family()
            self.most = max(self.most, sum(map(pss, family)) / 1000)
            self.server = max([self.server, *(cpu(process) for process in family if is_server(process))])


def measured(command: Sequence[str], until: str = "\0", killed_after: float = 0.0) -> Cost:
    """Run a command to its end, or until it writes a line on standard error that starts with ``until``.

    Then it is killed with SIGKILL, after ``killed_after`` further seconds.
    """
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    before, began = _cpu(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENV)
    meter = Memory(process.pid)
    meter.start()
    said: list[str] = []
    assert process.stdout
    assert process.stderr
    reading = threading.Thread(target=lambda: said.append(process.stdout.read()))  # type: ignore[union-attr]
    reading.start()
    marks = []
    stopped = False
    for line in process.stderr:
        marks.append((line.rstrip("\n"), time.perf_counter() - began))
        if line.startswith(until):
            time.sleep(killed_after)
            process.send_signal(signal.SIGKILL)
            stopped = True
            break
    process.wait()
    wall, ended = time.perf_counter() - began, time.time()
    meter.stop()
    _reap()
    reading.join()
    if process.returncode not in {0, 1} and not stopped:
        raise SystemExit(f"{' '.join(command)}\n" + "\n".join(line for line, _ in marks) + "".join(said))
    return Cost(wall, _cpu() - before, meter.most, tuple(marks), "".join(said), ended, meter.server)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap() -> None:
    """Wait for the processes that the command left: a server, a fork server, workers; all end with it."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def middle(costs: Sequence[Cost]) -> tuple[float, float, float]:
    """The medians of wall, CPU and memory."""
    return median(cost.wall for cost in costs), median(cost.cpu for cost in costs), median(c.memory for c in costs)
